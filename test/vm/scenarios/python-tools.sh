#!/bin/bash
# Tools of one implementation with daemons of the other: Python's stafctl and stacctl with ours, ours with Python's.
# covers: F4
keep_python=1
. /job/lib.sh
[ -d /job/root ] || skip "compares ours with Python's"

our() { "/job/root/usr/bin/$1" -o json "${@:2}" | jq -S .; }
pythons() { # Python prints a Python literal
    { if is_python; then "$@"; else python_stas "$@"; fi; } |
        python3 -c 'import ast, json, sys; print(json.dumps(ast.literal_eval(sys.stdin.read())))' | jq -S .
}
same() { # same CTL VERB... - both print the same for the running daemon
    local a
    a=$(our "$@")
    grep -q nqn <<<"$a" || fail "$* has nothing: $a"
    expect "$*: Python's (-), ours (+)" "$(pythons "$@")" "$a"
    note "$*"
}
switches() { # switches CTL-COMMAND... - debug messages, on and off
    local d=staf
    [[ "$*" != *stacctl* ]] || d=stac
    "$@" tron >/dev/null
    expect "tron" "b true" "$(tron_of $d)"
    "$@" troff >/dev/null
    expect "troff" "b false" "$(tron_of $d)"
}
log_is_read() { stafctl adlp | grep -q sub2; }
all() {
    same stafctl ls
    same stafctl ls -d
    same stafctl adlp
    same stafctl dlp -t tcp -a 127.0.0.1 -s 8009
    same stacctl ls
    same stacctl ls -d
}

step "Python's daemons"
target 2
configure
start
await 60 "2 are live" -i 2 -I 2 -d 1
within 20 "Python has read the log" log_is_read
all
switches /job/root/usr/bin/stafctl
switches /job/root/usr/bin/stacctl
/job/root/usr/bin/stafctl status >/dev/null
/job/root/usr/bin/stacctl status >/dev/null
refuses "explain, which Python has not" /job/root/usr/bin/stacctl explain
grep -q org.nvmexpress.stas1 <<<"$said" || fail "explain does not say why: $said"

step "ours"
systemctl stop stacd stafd
keep_python=''
install_program
configure
start
await 20 "2 are live" -i 2 -I 2 -d 1
within 20 "the log is read" log_is_read
all
switches python_stas stafctl
switches python_stas stacctl
python_stas stafctl status >/dev/null
python_stas stacctl status >/dev/null

finish

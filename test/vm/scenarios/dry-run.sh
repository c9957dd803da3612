#!/bin/bash
# --dry-run prints what a daemon would do and why, and changes nothing: neither the kernel nor the state file.
# covers: §1.2
. /job/lib.sh

dry() { "$@" --dry-run 2>/job/stderr | sort >/job/stdout; }
says() { # says "WHAT" PATTERN... - one line for each, and no others
    local what=$1 p
    shift
    for p in "$@"; do grep -qE "$p" /job/stdout || fail "$what: no line '$p' in: $(cat /job/stdout)"; done
    expect "$what: lines" $# "$(wc -l </job/stdout)"
    note "$what"
}
state_file=/run/stacd/last-known-config.json
state() { cat $state_file; identities; }
remembered() { grep -o '"inode":' $state_file | wc -l; } # number of connections in the state file

one_identity # otherwise each start warns about the two
step "nothing runs, nothing is connected"
target 3
configure 'controller = transport=tcp;traddr=127.0.0.1;trsvcid=4999;nqn=nqn.2024-01.lab:mine'
dry stafd
says "stafd would connect its discovery controller" '^connect .*127\.0\.0\.1.*stafd\.conf:2'
dry stacd
says "stacd would connect what it was told itself" '^connect .*nqn\.2024-01\.lab:mine.*stacd\.conf:2'
grep -q 'stafd did not report' /job/stderr || fail "not said that stafd is silent: $(cat /job/stderr)"
expect "controllers" '' "$(devices)"

step "all is connected but what does not listen"
start
await 20 "3 I/O controllers are live" -d 1 -i 3
dry stacd
says "stacd would keep three" '^connect .*lab:mine' \
    "^keep nvme[0-9]+ .*$(nqn 1)\): " "^keep nvme[0-9]+ .*$(nqn 2)\): " "^keep nvme[0-9]+ .*$(nqn 3)\): "
expect "on standard error" '' "$(cat /job/stderr)"

step "a rule is written, and not yet in force"
within 15 "the state file knows of them" is 3 remembered
echo "exclude = nqn=$(nqn 2)" >>/etc/stas/stacd.conf
before=$(state)
dry stacd
says "stacd would disconnect one" '^connect .*lab:mine' "^keep .*$(nqn 1)\): " "^keep .*$(nqn 3)\): " \
    "^disconnect nvme[0-9]+ .*$(nqn 2)\): .*stacd\.conf:3"
expect "kernel and state file" "$before" "$(state)"

allowed_errors+=('nqn.2024-01.lab:mine')
finish

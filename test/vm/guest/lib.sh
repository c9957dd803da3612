# shellcheck shell=bash
# Sourced by every scenario in the guest. A scenario reads like a specification: named steps, awaited conditions with a
# time limit, expectations. Any unchecked command that fails makes the scenario fail.
#
#   step "WORDS"                      starts a step
#   expect "WHAT" EXPECTED GOT        equal, otherwise the scenario fails and prints both
#   within SECONDS "WHAT" COMMAND...  the command, repeated, succeeds within that time, see patience
#   await SECONDS "WHAT" CONDITION... conditions of nvme-until on the kernel's view, polled without forking
#   refuses "WHAT" COMMAND...         the command fails; its output is in $said
#   finish                            the common epilogue; a scenario that does not reach it fails
#   settled                           its first half, while the daemons are running
#
# With keep_python=1 set beforehand, Debian's nvme-stas stays installed.
set -eEuo pipefail
shopt -s inherit_errexit
. /job/target.sh

finished='' skipped='' said='' watcher=''
allowed_errors=() # patterns (extended regular expressions) of journal errors caused by the scenario
foreign=()        # foreign nvme devices: the daemons need not list them
declare -A kills=([stafd]=0 [stacd]=0) # how often the scenario itself has killed them

t_start=${EPOCHREALTIME/./}
stamp() { local us=$((${EPOCHREALTIME/./} - t_start)); printf '[%3d.%02d] ' $((us / 1000000)) $((us / 10000 % 100)); }
step() { stamp && echo "$*"; }
note() { stamp && echo "  $*"; }
fail() { stamp && echo "FAIL: $*"; exit 1; }
skip() { skipped=1; echo "skipped: $*"; exit 77; }

kernel=$(uname -r)
kernel_before() { # kernel_before MAJOR.MINOR
    [[ $kernel =~ ^([0-9]+)\.([0-9]+) ]]
    ((BASH_REMATCH[1] * 1000 + BASH_REMATCH[2] < ${1%.*} * 1000 + ${1#*.}))
}
needs_kernel() { ! kernel_before "$1" || skip "before Linux $1 $2"; } # needs_kernel VERSION "WHAT IS NOT THERE"

expect() {
    [ "$2" = "$3" ] && return 0
    if [ "$(wc -l <<<"$2$3")" -le 1 ]; then fail "$1: expected '$2', got '$3'"; fi
    stamp && echo "FAIL: $1: expected (-), got (+)"
    diff -U99 <(echo "$2") <(echo "$3") | tail -n +4 || :
    exit 1
}

exec {never}<><(:) # a pipe without a writer
until_true() { # until_true SECONDS COMMAND... - fails on timeout
    local start=${EPOCHREALTIME/./} end now pause
    end=$((start + ${1%.*} * 1000000))
    shift
    until "$@"; do
        now=${EPOCHREALTIME/./}
        [ "$now" -lt $end ] || return 1
        pause=$((now - start)) # polling must not become the load
        printf -v pause '0.%06d' $((pause < 50000 ? 50000 : pause > 200000 ? 200000 : pause))
        read -rt "$pause" -u "$never" || : # sleep without forking
        start=${EPOCHREALTIME/./}
    done
}

# Other machines and compilers use processor time too, so a deadline is three times what the scenario says. patience=1
# before one that is itself guaranteed, or that tells one cause from another.
patience=3
within() {
    local s=$(($1 * patience)) what=$2
    shift 2
    until_true "$s" "$@" >/dev/null 2>&1 || fail "not within $s s: $what"
    note "$what"
}

await() {
    local s=$(($1 * patience)) what=$2 o
    shift 2
    o=$(nvme-until -t "$s" "$@") || fail "not within $s s: $what"
    note "$what: after $(sed -n 's/^done=//p' <<<"$o") s"
}

stays() { # stays SECONDS "WHAT" COMMAND... - succeeds now and throughout
    local s=$1 what=$2
    shift 2
    ! until_true "$s" not "$@" >/dev/null 2>&1 || fail "did not last $s s: $what"
    note "$what, for $s s"
}
not() { ! "$@"; }
is() { # is VALUE COMMAND... - the command's output is VALUE, evaluated on each poll
    local value=$1
    shift
    [ "$("$@")" = "$value" ]
}

refuses() {
    local what=$1 rc=0
    shift
    said=$("$@" 2>&1) || rc=$?
    [ $rc -ne 0 ] || fail "$what: expected a failure, but '$*' succeeded${said:+: $said}"
    note "$what: refused (exit code $rc)"
}

as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }

# --- the kernel's view: nvme-ctrls prints
#     1 name  2 inode  3 type  4 state  5 nqn  6 traddr  7 trsvcid  8 cntlid  9 serial  10 hostnqn  11 transport

device_of() { nvme-ctrls | awk -F'\t' -v n="$1" '$5 == n {print $1; exit}'; }
devices() { nvme-ctrls | cut -f1; }                     # all names
identities() { nvme-ctrls | cut -f1,2,5,8,9 | sort; }   # changes with any reconnect by anyone
incarnations() { nvme-ctrls | cut -f1,2,5 | sort; }     # unchanged by the kernel's own reconnect
identity_of() { nvme-ctrls | awk -F'\t' -v OFS='\t' -v n="$1" '$1 == n {print $1, $2, $5, $8, $9}'; }
without() { # without I... - filters out identities of these subsystems from standard input
    local i args=()
    for i in "$@"; do args+=(-e "$(printf '\t%s\t' "$(nqn "$i")")"); done
    grep -vF "${args[@]}" || :
}
disk_of() { # disk_of NQN - the block device of its paths
    local s
    for s in /sys/class/nvme-subsystem/*; do
        [ "$(cat "$s/subsysnqn")" != "$1" ] || find "$s/" -maxdepth 1 -name 'nvme*n*' -printf '/dev/%f\n'
    done
}
owner_of() { cat "/run/nvme/registry/$1/owner" 2>/dev/null || :; } # from the registry; empty if unowned
no_duplicates() {
    local d
    d=$(nvme-ctrls | cut -f5,6,7,10,11 | sort | uniq -d)
    expect "controllers connected twice" '' "$d"
}
none_live() { ! nvme-ctrls | cut -f4 | grep -q live; }
is_live() { [ "$(cat "/sys/class/nvme/$1/state")" = live ]; }

watch_kernel() { # records every change of a controller's state from here on in watch.log
    unwatch
    nvme-ctrls -w >/job/watch.log &
    watcher=$!
}
unwatch() {
    [ "$watcher" ] || return 0
    kill "$watcher" 2>/dev/null || :
    wait "$watcher" 2>/dev/null || :
    watcher=''
}
untouched() { # untouched "WHEN" IDENTITIES - these are unchanged, and have been live at every poll since watch_kernel
    local when=$1 before=$2 now lost name inode
    unwatch
    now=$(identities)
    lost=$(comm -23 <(echo "$before") <(echo "$now"))
    expect "controllers lost or made anew ($when)" '' "$lost"
    while IFS=$'\t' read -r name inode _; do
        ! grep " $name $inode live " /job/watch.log || fail "$name was not live all the time ($when)"
    done <<<"$before"
    note "$(wc -l <<<"$before") controllers untouched ($when)"
}

# --- the daemons

one_identity() { # the host ID is the UUID in the host NQN; Debian generates another one, about which --check warns
    sed -n 's/.*:uuid://p' /etc/nvme/hostnqn >/etc/nvme/hostid
}

configure() { # configure [STACD-LINE]... - stafd gets one configured DC; the lines go into stacd's [Controllers]
    printf '[Controllers]\ncontroller = transport=tcp;traddr=127.0.0.1;trsvcid=8009\n' >/etc/stas/stafd.conf
    { echo '[Controllers]'; [ $# = 0 ] || printf '%s\n' "$@"; } >/etc/stas/stacd.conf
}

start() { # start [UNIT]... - both by default
    [ $# -gt 0 ] || set -- stafd stacd
    systemctl start "$@" || fail "systemctl start $* failed"
}

json() { # json [as_nobody] CTL VERB [ARG]... - the output of stafctl or stacctl as JSON
    if ! is_python; then "$@" -o json; else "$@" | python3 -c 'import ast, json, sys; print(json.dumps(ast.literal_eval(sys.stdin.read())))'; fi
}

listed() { # listed [as_nobody] CTL - device, NQN, transport, address and service (or -) of each connected controller
    json "$@" ls | jq -r '.[] | select(.device != "") | [.device, .subsysnqn, .transport, .traddr, .trsvcid] |
        map(if . == "" then "-" else . end) | @tsv' | connections
}
connections() { if kernel_before 5.14; then sort -u; else sort; fi; } # older: one for all interfaces
in_kernel() { # in_kernel io|discovery - the same fields from sysfs, without foreign controllers
    nvme-ctrls | awk -F'\t' -v OFS='\t' -v t="$1" -v f=" ${foreign[*]+"${foreign[*]}"} " \
        '$3 == t && !index(f, " " $1 " ") {print $1, $5, $11, $6, $7}' | sort
}
agrees() { [ "$(listed "$1")" = "$(in_kernel "$2")" ]; }
ls_agrees() { # the daemons list what sysfs shows; they may need a moment
    until_true 20 agrees stafctl discovery || expect "stafctl ls (+) and sysfs (-)" "$(in_kernel discovery)" "$(listed stafctl)"
    until_true 20 agrees stacctl io || expect "stacctl ls (+) and sysfs (-)" "$(in_kernel io)" "$(listed stacctl)"
}

bus() { # bus staf|stac INTERFACE-SUFFIX METHOD [ARG]... - calls a method, prints JSON
    busctl --json=short call "org.nvmexpress.$1" "/org/nvmexpress/$1" "org.nvmexpress.$1$2" "${@:3}"
}
tron_of() { busctl get-property "org.nvmexpress.$1" "/org/nvmexpress/$1" "org.nvmexpress.$1.debug" tron; }

reload() { # reload UNIT
    systemctl reload "$1" || fail "systemctl reload $1 failed"
}

kill_daemon() { # kill_daemon UNIT - SIGKILL, and wait until it has been restarted
    local pid
    pid=$(systemctl show -P MainPID "$1")
    systemctl kill -s KILL "$1"
    kills[$1]=$((kills[$1] + 1))
    within 60 "$1 killed and started again by systemd" new_main_pid "$1" "$pid"
}
kill_for_good() { # kill_for_good UNIT - SIGKILL without a restart by systemd
    local d=/run/systemd/system/$1.service.d
    mkdir -p "$d"
    printf '[Service]\nRestart=no\n' >"$d/lab.conf"
    systemctl daemon-reload
    systemctl kill -s KILL --kill-whom=main "$1" # like a crash; "all" may hit ExecStopPost too
    within 30 "$1 killed" has_no_process "$1"
    rm -r "$d"
    systemctl daemon-reload
}
# ExecStopPost= runs after the process has ended: until it has finished systemd may still restart the unit.
has_no_process() { [[ $(systemctl show -P ActiveState "$1") =~ ^(failed|inactive)$ ]]; }
new_main_pid() {
    local p
    p=$(systemctl show -P MainPID "$1")
    [ "$p" != 0 ] && [ "$p" != "$2" ] && systemctl -q is-active "$1"
}

# --- the end

journal() { journalctl --no-pager -o cat "$@"; }
times_said() { journal -u "$1" | grep -Ec -e "$2" || :; } # times_said UNIT PATTERN
has_said() { [ "$(times_said "$1" "$2")" -ge "${3:-1}" ]; } # has_said UNIT PATTERN [TIMES]

settled() {
    local u e pattern
    unwatch
    for u in stafd stacd; do
        expect "state of $u" active "$(systemctl is-active $u || :)"
        # systemd resets its own counter on each manual start
        expect "restarts of $u by systemd" "${kills[$u]}" "$(journal -u $u | grep -c 'Scheduled restart job' || :)"
    done
    no_duplicates
    ls_agrees
    e=$(journal -p err -u stafd -u stacd)
    for pattern in "${allowed_errors[@]+"${allowed_errors[@]}"}"; do e=$(grep -Ev -e "$pattern" <<<"$e" || :); done
    expect "errors in the journal" '' "$e"
    e=$(journalctl --no-pager -o json -p info _TRANSPORT=journal _COMM=stafd + _TRANSPORT=journal _COMM=stacd |
        grep -v '"MESSAGE_ID":' || :)
    expect "messages without an ID" '' "$e"
    e=$(journal -u stafd -u stacd | grep -E 'AddressSanitizer|LeakSanitizer|ThreadSanitizer|runtime error:' || :)
    expect "sanitizer reports" '' "$e"
    e=$(dmesg | grep -E 'BUG:|WARNING:|Call Trace|blocked for more than|segfault|general protection' || :)
    case $kernel in # its target warns about its own work queue at the first connect
        5.10.*) e=$(grep -Ev 'check_flush_dependency|Call Trace' <<<"$e" || :) ;;
    esac
    expect "complaints of the kernel" '' "$e"
}

finish() {
    step "epilogue: nothing leaked, daemons up, no error in the journal"
    settled
    systemctl stop stacd stafd
    nvme disconnect-all >/dev/null
    nvme-until -t 30 -I 0 -D 0 >/dev/null || fail "controllers left after stop and disconnect-all"
    stays 1 "nothing comes back after the stop" nvme-until -t 0.1 -I 0 -D 0
    expect "files left in /run/udev/rules.d" '' "$(ls /run/udev/rules.d 2>/dev/null || :)"
    finished=1
    step "passed"
}

at_exit() {
    local rc=$?
    trap - EXIT ERR
    set +eE
    unwatch
    [ ! "$skipped" ] || exit 77
    [ $rc = 0 ] && [ "$finished" ] && exit 0
    [ $rc = 0 ] && echo "FAIL: ended before its epilogue" && rc=1
    [ $rc = 143 ] && echo "FAIL: ended by its time limit"
    echo "--- kernel's view"
    nvme-ctrls | cut -f1-9 || :
    for u in stafd stacd; do
        echo "--- $u: $(systemctl show -P ActiveState -P SubState -P Result -P NRestarts $u | paste -sd' ')"
        journalctl --no-pager -o short-monotonic -u $u -n "${VM_JOURNAL_LINES:-40}" | sed 's/ lab / /'
    done
    echo "--- kernel log"
    dmesg | grep -E 'nvme|BUG|WARN|Call Trace|segfault' | grep -v 'nvmet: creating' | tail -n 25
    mkdir -p "$LAB_OUT"
    journalctl --no-pager -o short-monotonic >"$LAB_OUT/journal.txt"
    exit $rc
}
failed_command() { stamp && echo "FAIL: line $2 of $(basename "$3"): '$4' gave $1"; }
trap at_exit EXIT
trap 'failed_command $? "$LINENO" "${BASH_SOURCE[0]}" "$BASH_COMMAND"' ERR
trap 'exit 143' TERM

install_program() { # replaces Python's nvme-stas, which stays in /opt, by the tree under test (a DESTDIR)
    [ -d /job/root ] && [ ! "${keep_python-}" ] && [ ! -d /opt/python-stas ] || return 0
    local f
    mkdir -p /opt/python-stas/{lib,bin}
    mv /usr/lib/python3/dist-packages/staslib /opt/python-stas/lib/
    mv /usr/bin/sta{fctl,cctl,sadm} /usr/sbin/sta[fc]d /opt/python-stas/bin/
    dpkg -L nvme-stas | while read -r f; do [ ! -f "$f" ] || echo "$f"; done | xargs -d '\n' rm -f
    rm -rf /etc/stas
    cp -a --no-preserve=ownership /job/root/. /
    mkdir -p /etc/stas
    # systemd has not loaded its units yet, and a reload takes seconds
    busctl call org.freedesktop.DBus /org/freedesktop/DBus org.freedesktop.DBus ReloadConfig >/dev/null
}
is_python() { [ -e /usr/lib/python3/dist-packages/staslib ]; } # true if Python's nvme-stas is installed
python_stas() { PYTHONPATH=/opt/python-stas/lib "/opt/python-stas/bin/$1" "${@:2}"; } # runs a program of Python's
install_program

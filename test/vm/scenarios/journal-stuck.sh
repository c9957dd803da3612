#!/bin/bash
# The journal does not read: controllers are still connected and disconnected, the daemons stop and start, and later the
# journal has the messages or their number. Standard error without a reader does not block a daemon either.
# covers: §11.1
# vm: seconds 1200
. /job/lib.sh
n=32

pid_of() { systemctl show -P MainPID "$1"; }
stop_journal() { # journald is stopped, and its socket filled to the last message
    kill -STOP "$journald"
    python3 -c '
import socket
def fill():
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.setblocking(False)
    n = 0
    try:
        while True:
            s.sendto(b"MESSAGE=lab\n", "/run/systemd/journal/socket")
            n += 1
    except BlockingIOError:
        return n
while fill(): # each sender has a limit of its own
    pass'
}
ports=$nvmet/ports/1/subsystems subsystems=$nvmet/subsystems
remove="cd $ports && rm$(for ((i = 1; i <= n; i++)); do echo -n " $(nqn $i)"; done)"
make="ln -s -t $ports$(for ((i = 1; i <= n; i++)); do echo -n " $subsystems/$(nqn $i)"; done)"
is_done() { [ "$(json stacctl plan | jq length)" = 0 ] && agrees stacctl io; } # all connects over, devices read
round() { # all but one subsystem are removed and come back
    local o
    o=$(nvme-until -t 180 -x "$remove" -i 1 -I 1) || fail "not within 180 s: $n controllers are gone"
    gone=$(sed -n 's/^done=//p' <<<"$o")
    o=$(nvme-until -t 180 -x "$make" -i $((n + 1)) -I $((n + 1))) || fail "not within 180 s: $n controllers are live"
    live=$(sed -n 's/^done=//p' <<<"$o")
    until_true 60 is_done || fail "not within 60 s: stacd has seen that all are live"
}
rounds() { # rounds N
    local times=() i
    for ((i = 0; i < $1; i++)); do
        round
        times+=("$gone+$live")
    done
    note "$1 times gone and live again, seconds: ${times[*]}"
}
ends_by_itself() { # ends_by_itself UNIT - is not killed by systemd, after five seconds
    local t=${EPOCHREALTIME/./}
    systemctl stop "$1"
    note "$1 stopped after $(((${EPOCHREALTIME/./} - t) / 1000)) ms"
    expect "how $1 ended" success "$(systemctl show -P Result "$1")"
}

step "$((n + 1)) subsystems; journald is well"
target $((n + 1))
configure
start
await 180 "all are live" -d 1 -D 1 -i $((n + 1)) -I $((n + 1))
within 60 "stacd has nothing left to do" is_done
rounds 1
systemctl service-watchdogs no
journald=$(pid_of systemd-journald)

step "journald is stopped"
stop_journal
rounds 3
n_before=$((n + 1 + n * 4)) # the same message is logged five times, further ones are counted

step "messages beyond what may wait"
n_keys=15000
mkdir -p /etc/stas/stacd.conf.d
name=$(printf '%0200d' 0).conf
{ echo '[Global]'; seq -f 'nobody-knows-%.0f = 1' $n_keys; } >"/etc/stas/stacd.conf.d/$name"
kill -HUP "$(pid_of stacd)"
round
note "stacd: $(sed -n 's/^\(VmHWM\|VmRSS\):\s*/\1 /p' "/proc/$(pid_of stacd)/status" | paste -sd' ')"

step "journald goes on: it gets what happened, and how much is missing"
kill -CONT "$journald"
within 180 "stacd tells how much" has_said stacd '^[0-9]+ messages were not logged$'
n_lost=$(journal -u stacd | sed -n 's/^\([0-9]*\) messages were not logged$/\1/p')
n_logged=$(times_said stacd 'unknown key in \[Global\]')
note "$n_logged of $n_keys messages, and $n_lost are missing"
[ "$n_logged" -gt 0 ] && [ $((n_logged + n_lost)) -ge $n_keys ] || fail "$((n_keys - n_logged)) are missing"
expect "connects of before, logged" $n_before "$(journal -u stacd | sed '/unknown key/,$d' | grep -c '^Connected nvme')"
journal SUBSYSNQN="$(nqn 2)" TRADDR=127.0.0.1 PRIORITY=6 SYSLOG_IDENTIFIER=stacd --output-fields=NVME_DEVICE |
    grep -q '^nvme[0-9]' || fail "the journal has lost the fields of the messages"
rm "/etc/stas/stacd.conf.d/$name"
reload stacd

step "the daemons stop and start without the journal"
stop_journal
for u in stacd stafd; do
    reload $u # so that a message is queued
    ends_by_itself $u
done
start
round
kill -CONT "$journald"
ls_agrees

step "standard error that nobody reads"
systemctl stop stacd
mkfifo /run/errors
exec 8<>/run/errors
head -c 65536 /dev/zero >&8
stacd 2>&8 &
pid=$!
within 60 "it runs" bus stac .debug process_info
round
kill -TERM $pid
within 20 "it ends" not kill -0 $pid
wait $pid || fail "stacd gave $?"
start stacd
finish

#!/bin/bash
# More uevents than the daemons' sockets hold, and relevant ones are among those lost: five seconds later the daemons
# report the kernel's state.
# covers: E4
# vm: alone
. /job/lib.sh
flooded=/sys/class/mem/null/uevent

flood() { # flood N - this many uevents of an irrelevant device
    python3 - "$1" "$flooded" <<'END'
import os, sys
fd = os.open(sys.argv[2], os.O_WRONLY)
for _ in range(int(sys.argv[1])):
    os.write(fd, b'change')
END
}
to_both() { systemctl kill -s "$1" --kill-whom=main stafd stacd; }
overflows() { awk '$2 == 15 && $9 > 0' /proc/net/netlink | wc -l; } # sockets for uevents with dropped messages

step "four I/O controllers; nobody else listens to the kernel"
target 4 1
subsystem 9
port 2 127.0.0.1 8010
link 2 9
configure
start
await 20 "all are live" -d 1 -i 4 -I 4
systemctl stop systemd-udevd-control.socket systemd-udevd-kernel.socket systemd-udevd.service

step "the daemons do not come to read while 100,000 uevents arrive"
to_both STOP
flood 50000
nvme disconnect -d "$(device_of "$(nqn 1)")" >/dev/null
unlink 1 2
link 1 5
connect_by_hand "$(options "$(nqn 9)" 127.0.0.1 8010)"
foreign+=("$made")
flood 50000
expect "sockets that lost something" 2 "$(overflows)"
to_both CONT
t0=${EPOCHREALTIME/./}

step "five seconds later all is right"
right() {
    local live
    live=$(nvme-ctrls | awk -F'\t' '$3 == "io" && $4 == "live" {print $5}' | sort | tr '\n' ' ')
    [ "$live" = "$(for i in 1 3 4 5 9; do nqn $i; done | tr '\n' ' ')" ] && agrees stafctl discovery && agrees stacctl io
}
within 10 "1, 3, 4 and 5 are connected, 2 is not, 9 is left alone, and the lists say so" right
took=$(((${EPOCHREALTIME/./} - t0) / 1000))
note "after $took ms"
[ $took -le 5000 ] || fail "it took $took ms"
for d in stafd stacd; do
    has_said $d 'Kernel events were lost' || fail "$d did not notice"
done
systemctl start systemd-udevd.service

finish

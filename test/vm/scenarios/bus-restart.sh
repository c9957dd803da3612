#!/bin/bash
# D-Bus is restarted, and away for a while: both daemons keep running, all connections stay, and when it is back the
# daemons answer and stacd follows stafd.
# covers: §9.6
. /job/lib.sh

pids() { systemctl show -P MainPID stafd stacd | xargs; }
answer() { stafctl ls >/dev/null 2>&1 && stacctl ls >/dev/null 2>&1; }
same_as_before() { # same_as_before "WHEN"
    within 30 "both answer $1" answer
    expect "PIDs $1" "$before" "$(pids)"
    for u in stafd stacd; do expect "state of $u $1" active "$(systemctl is-active $u)"; done
}
follows() { # stacd sees the contents of stafd's log
    zone_in 3
    await 30 "what is new in the log is connected" -n "$(nqn 3)" -i 3 -I 3
    zone_out 3
    await 30 "and what is gone from it goes" -N "$(nqn 3)" -i 2 -I 2
}

step "1 discovery and 2 I/O controllers"
target 3
zone_out 3
configure
start
await 90 "they are live" -d 1 -D 1 -i 2 -I 2
ls_agrees
before=$(pids)
all=$(identities)
watch_kernel

step "D-Bus is restarted"
systemctl restart dbus
same_as_before "after the restart"
stays 3 "all connections are there" nvme-until -t 0.1 -d 1 -D 1 -i 2 -I 2
untouched "by the restart" "$all"
follows

step "D-Bus is killed three times"
for _ in 1 2 3; do
    systemctl kill -s KILL dbus
    within 20 "D-Bus is available again" busctl status
    same_as_before "after the kill"
done
follows

step "D-Bus is away while the log changes"
systemctl stop dbus.socket dbus.service 2>/dev/null
zone_in 3
stays 3 "nothing goes" nvme-until -t 0.1 -d 1 -D 1 -i 2 -I 2
systemctl start dbus.socket dbus.service
same_as_before "after it was away"
await 30 "what came meanwhile is connected" -n "$(nqn 3)" -i 3 -I 3
for u in stafd stacd; do has_said $u 'The connection to D-Bus is lost' 1 || fail "$u says nothing of it"; done

finish

#!/bin/bash
# Unknown is never treated as empty: a source that cannot be queried has not reported a removal. Each step changes the
# zoning while a source is silent: all connections stay; when it answers again the removed one is disconnected, and no
# other.
# covers: B2
. /job/lib.sh

# A daemon draws its conclusions within the quiet time of one second, or when a D-Bus call has timed out after ten:
# these intervals prove as much as a minute would.
brief=4 beyond_timeout=13

silent() { # silent I SECONDS "WHILE" - subsystem I is zoned out, and nothing happens
    zone_out "$1"
    all=$(io_identities)
    watch_kernel
    stays "$2" "11 I/O controllers are there $3" nvme-until -t 0.1 -i 11 -I 11
    untouched "$3" "$all"
    watch_kernel
}
truth() { # truth I SECONDS - known again; afterwards all 11 are back for the next step
    await "$2" "subsystem $1 is gone" -N "$(nqn "$1")" -I 10
    stays 2 "the other ten are there" nvme-until -t 0.1 -i 10 -I 10
    untouched "but for subsystem $1" "$(without "$1" <<<"$all")"
    zone_in "$1"
    await 15 "subsystem $1 is connected again" -n "$(nqn "$1")" -d 1 -i 11 -I 11
}
io_identities() { identities | grep -v "$DISCOVERY"; }
resolves_to() { # resolves_to [ADDRESS] - for the name of the 11th subsystem's portal
    sed -i '/storage\.lab/d' /etc/hosts
    [ $# = 0 ] || echo "$1 storage.lab" >>/etc/hosts
}

step "ten subsystems behind a discovery controller, one by a host name"
target 10
subsystem 11
port 2 127.0.0.1 8010
link 2 11
resolves_to 127.0.0.1
configure "controller = transport=tcp;traddr=storage.lab;trsvcid=8010;nqn=$(nqn 11)"
start
await 40 "11 are live" -d 1 -D 1 -i 11 -I 11
ls_agrees

step "stafd is stopped"
systemctl stop stafd
silent 1 $brief "while stafd is stopped"
start stafd
truth 1 15

step "stafd is killed, and stacd restarted while it is dead"
kill_for_good stafd
systemctl restart stacd
silent 2 $brief "while stafd is dead"
start stafd
truth 2 15

step "stafd hangs, for longer than it takes the calls of a restarted stacd to time out"
systemctl kill -s STOP stafd
systemctl restart stacd
silent 3 $beyond_timeout "while stafd hangs"
systemctl kill -s CONT stafd
truth 3 30

step "D-Bus hangs"
bus=$(systemctl show -P MainPID dbus)
kill -STOP "$bus"
silent 4 $brief "while D-Bus hangs"
kill -CONT "$bus"
truth 4 40

step "D-Bus is stopped; the daemons run on without"
systemctl stop dbus.socket dbus.service 2>/dev/null
silent 5 $brief "without D-Bus"
systemctl start dbus.socket dbus.service
for u in stafd stacd; do within 20 "$u is there again" has_said $u 'D-Bus is available again'; done
truth 5 30

step "the discovery controller cannot be reached when both daemons start"
systemctl stop stacd stafd
nvme disconnect -d "$(device_of $DISCOVERY)" >/dev/null
nft add table inet away
nft add chain inet away in '{ type filter hook input priority 0; }'
nft add rule inet away in 'tcp dport 8009 tcp flags & (syn | ack) == syn reject with tcp reset'
start
silent 6 $brief "while the discovery controller is away"
nft delete table inet away
truth 6 30

step "a host name does not resolve, neither at a reload nor at a start"
resolves_to
reload stacd
all=$(io_identities)
watch_kernel
stays 2 "11 I/O controllers are there after the reload" nvme-until -t 0.1 -i 11 -I 11
systemctl restart stacd
stays $brief "and after the restart" nvme-until -t 0.1 -i 11 -I 11
untouched "while the name does not resolve" "$all"

step "it resolves again; then its line is taken away"
watch_kernel
resolves_to 127.0.0.1
reload stacd
stays 3 "11 I/O controllers are there" nvme-until -t 0.1 -i 11 -I 11
expect "connections to subsystem 11" 1 "$(nvme-ctrls | cut -f5 | grep -cx "$(nqn 11)")"
configure
reload stacd
await 10 "subsystem 11 is gone" -N "$(nqn 11)" -I 10
untouched "but for subsystem 11" "$(without 11 <<<"$all")"

finish

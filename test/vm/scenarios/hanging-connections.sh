#!/bin/bash
# Connects and disconnects for which the kernel waits in vain: a disconnect that hangs delays no other one, and the
# daemons stop meanwhile. Both take as long as the kernel's timeout, which cannot be interrupted.
# covers: T15
. /job/lib.sh
. /job/peer.sh

timeout=20 # of the kernel, for a command to a target
stops() { # stops UNIT - at once and in order
    local begun took
    begun=$(awk '{print $1}' /proc/uptime)
    systemctl stop "$1"
    took=$(awk -v b="$begun" '{print $1 - b}' /proc/uptime)
    note "$1 is stopped: after $took s"
    expect "result of $1" success "$(systemctl show -P Result "$1")"
    awk -v t="$took" 'BEGIN {exit t >= 4}' || fail "the stop waited for the kernel"
}
line() { echo "controller = transport=tcp;traddr=$1;trsvcid=$2;nqn=$(nqn "$3")"; } # line ADDRESS SERVICE I
silence() { nft add rule ip lab in tcp dport 8010 drop; } # the port of subsystems 1 to 6
heard_connect() { [ "$(heard connect)" -gt 0 ]; }
hang() { [ "$(pgrep -fc '^/usr/sbin/stacd')" -gt "$1" ]; } # hang N - as many wait, each in a process of its own

step "six subsystems behind one port, one behind another"
load_modules
echo $timeout >/sys/module/nvme_core/parameters/admin_timeout
for i in {1..7}; do subsystem "$i"; done
port 1 127.0.0.1 8010
link 1 1 2 3 4 5 6
port 2 127.0.0.1 8020
link 2 7
{ echo '[Controllers]'; for i in {1..6}; do line 127.0.0.1 8010 "$i"; done; line 127.0.0.1 8020 7; } >/etc/stas/stacd.conf
peer
configure_global() { printf '[Controllers]\ncontroller = transport=tcp;traddr=%s;trsvcid=8009\n' "$PEER" >/etc/stas/stafd.conf; }
printf '[Controllers]\n' >/etc/stas/stafd.conf
start
await 30 "all are live" -i 7 -I 7

step "the port of the six falls silent and nobody wants any of the seven: the healthy one goes at once"
nft add table ip lab
nft add chain ip lab in '{ type filter hook input priority 0; }'
silence
printf '[Controllers]\n' >/etc/stas/stacd.conf
reload stacd
await 5 "subsystem 7 is gone" -N "$(nqn 7)"
expect "controllers of the silent port" 6 "$(devices | wc -l)"

step "stacd stops while six deletions hang, and starts again"
within 5 "they hang" hang 5
stops stacd
start stacd
ls_agrees
within $((timeout * 3)) "the kernel gives up: all are gone" nvme-until -t 0.1 -I 0

step "stafd stops while a connect hangs"
tell 'drop connect' >/dev/null
configure_global
reload stafd
within 10 "the connect is under way" heard_connect
stops stafd
tell 'pass connect' >/dev/null
start stafd
await $((timeout * 3)) "it connects once the kernel has given up" -d 1 -D 1
nft delete table ip lab
finish

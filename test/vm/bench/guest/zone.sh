#!/bin/bash
# zone.sh N LIMIT - a CDC (the peer) with N log entries removes one subsystem from the host's zone and adds it again:
# from its event to gone and to live, and the CPU time of both daemons. All but four entries lead nowhere and are
# excluded.
. /job/bench.sh
. /job/peer.sh
n=$1 limit=$2
entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=8010"; }
cpu() { systemctl show -P CPUUsageNSec stafd stacd | awk '/[0-9]/ {s += $1} END {printf "%.3f\n", s / 1e9}'; }
load_modules
for i in 1 2 3 4; do subsystem $i; done
port 1 127.0.0.1 8010
link 1 1 2 3 4
peer 'set dctype=cdc' "$(entry 1)" "$(entry 2)" "entry many $((n - 4)) subnqn=nqn.2024-01.lab:many# traddr=192.0.2.1" \
    "$(entry 3)" "$(entry 4)"
configure_peer '[Controllers]' 'exclude = transport=tcp;traddr=192.0.2.1'
start
o=$(nvme-until -t "$limit" -i 4 -d 1) || fail "not live within $limit s"
until_quiet 3 >/dev/null
change() { # change gone|live COMMAND CONDITION... - signalled by an event
    local what=$1 c0
    tell "$2" >/dev/null
    shift 2
    c0=$(cpu)
    o=$(nvme-until -t "$limit" -x "stas-peer --tell $peer_socket aen >/dev/null" "$@") || :
    say "zone_${what}_${n}_s" "$(done_or "$o" "$limit")"
    until_quiet 2 >/dev/null
    say "zone_${what}_cpu_${n}_s" "$(minus "$(cpu)" "$c0")"
}
for _ in 1 2 3; do
    change gone "entry remove $(nqn 3)" -N "$(nqn 3)"
    expect "controllers" 3 "$(nvme-ctrls | grep -c -P '\tio\t')"
    change live "$(entry 3)" -n "$(nqn 3)"
done
measured

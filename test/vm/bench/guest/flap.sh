#!/bin/bash
# flap.sh N LIMIT - N I/O controllers behind a link that is down for 20 seconds: from link up to all live, where the
# kernel reconnects them by itself, and where it has given them up. The floor: the kernel without a daemon; a loop of
# connects.
. /job/bench.sh
n=$1 limit=$2
link_down() { ip link set near0 down; }
link_down_until_lost() {
    link_down
    nvme-until -t 60 -I 0 >/dev/null || fail "the kernel has not given up"
}
down() { outage "$1" "$limit" "$2" 'ip link set near0 up' "${@:3}"; } # down KEY OFF CONDITION...

load_modules
ip netns add far
ip link add near0 type veth peer name far0 netns far
ip addr add 10.77.0.2/24 dev near0
ip -n far addr add 10.77.0.1/24 dev far0
ip link set near0 up
ip -n far link set far0 up
port 1 10.77.0.1 8009
all=()
for ((i = 1; i <= n; i++)); do subsystem "$i" && all+=("$nvmet/subsystems/$(nqn "$i")"); done
# nvmet listens in the namespace of the process that enables the port
nsenter --net=/run/netns/far ln -s "${all[@]}" "$nvmet/ports/1/subsystems/"

bare=("$(options "$DISCOVERY" 10.77.0.1 8009 keep_alive_tmo=5)")
for ((i = 1; i <= n; i++)); do bare+=("$(options "$(nqn "$i")" 10.77.0.1)"); done
connect_each "${bare[@]}"
down "floor_flap_${n}_s" link_down -d 1 -i "$n"
disconnect_each
o=$(nvme-until -t "$limit" -x "nvme-floor -n $n '$(options x 10.77.0.1 | sed 's/^nqn=[^,]*,//')' >/dev/null" -i "$n")
say "floor_flap_lost_${n}_s" "$(kv "done" "$o")"
disconnect_all

connect_all() { # connect_all [STACD-LINE]... - both daemons, until they are idle
    printf '%s\n' '[Global]' 'kato = 5' '[Controllers]' 'controller = transport=tcp;traddr=10.77.0.1;trsvcid=8009' >/etc/stas/stafd.conf
    printf '%s\n' '[Global]' "$@" >/etc/stas/stacd.conf
    cold_start "$n" "$limit"
    [ "$(kv "done" "$o")" != timeout ] || fail "not all live within $limit s"
    until_quiet 3 >/dev/null
}
connect_all
down "flap_${n}_s" link_down -d 1 -i "$n"
fresh
connect_all 'reconnect-delay = 2' 'ctrl-loss-tmo = 4'
down "flap_lost_${n}_s" link_down_until_lost -i "$n"
measured

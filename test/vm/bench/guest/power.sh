#!/bin/bash
# power.sh N LIMIT - N I/O controllers of a rack of 16 portals that is without power for 20 seconds: from its return to
# all live. The kernel reconnects them by itself; the floor is the same without a daemon.
. /job/bench.sh
. /job/rack.sh
n=$1 limit=$2
rack "$n"
away() { outage "$1" "$limit" power_off 'nft delete table inet rack' -d "$rack_portals" -i "$n"; }

bare=()
for ((i = 1; i <= rack_portals; i++)); do bare+=("$(options "$DISCOVERY" "127.0.1.$i" 8009 keep_alive_tmo=5)"); done
for ((i = 1; i <= n; i++)); do bare+=("$(options "$(nqn "$i")" "127.0.1.$(((i - 1) % rack_portals + 1))")"); done
connect_each "${bare[@]}"
away "floor_power_${n}_s"
disconnect_each

configure_rack
systemctl start --no-block stafd stacd
nvme-until -t "$limit" -d "$rack_portals" -i "$n" >/dev/null || fail "not all live within $limit s"
until_quiet 3 >/dev/null
away "power_${n}_s"
measured

#!/bin/bash
# dead.sh N LIMIT - N I/O controllers alone, then beside five portals that drop everything and five that accept and
# never answer
. /job/bench.sh
n=$1 limit=$2
target "$n"
warm_daemons
ip link add hole type dummy && ip addr add 198.51.100.254/24 dev hole && ip link set hole up
dead=()
for i in 1 2 3 4 5; do
    deaf-port 127.0.0.3 900$i &
    dead+=("controller = transport=tcp;traddr=198.51.100.$i;trsvcid=4420;nqn=$(nqn 1)"
        "controller = transport=tcp;traddr=127.0.0.3;trsvcid=900$i;nqn=$(nqn 1)")
done
configure
cold_start "$n" "$limit"
say "alone_${n}_s" "$(done_or "$o" "$limit")"
fresh
configure "${dead[@]}"
cold_start "$n" "$limit"
say "dead_${n}_s" "$(done_or "$o" "$limit")"
measured

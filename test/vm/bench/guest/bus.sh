#!/bin/bash
# bus.sh N LIMIT - longest duration of stacd's list_controllers(true) while it connects N I/O controllers, and at rest
. /job/bench.sh
n=$1 limit=$2
target "$n"
warm_daemons
configure
bus-poll -t 120 org.nvmexpress.stac /org/nvmexpress/stac org.nvmexpress.stac list_controllers >/job/poll &
poller=$!
cold_start "$n" "$limit"
say "bus_live_${n}_s" "$(done_or "$o" "$limit")"
kill -TERM $poller 2>/dev/null || :
wait $poller
o=$(cat /job/poll)
say "bus_longest_${n}_s" "$(kv longest "$o")"
for k in median calls errors bytes; do say "bus_${k}_$n" "$(kv $k "$o")"; done
expect "answers that were errors" 0 "$(kv errors "$o")"
until_quiet >/dev/null
bus-poll -t 120 org.nvmexpress.stac /org/nvmexpress/stac org.nvmexpress.stac list_controllers >/job/poll &
poller=$!
sleep 3 # some forty answers from ours, one or two from Python's
kill -TERM $poller
wait $poller
say "bus_rest_${n}_s" "$(kv median "$(cat /job/poll)")"
measured

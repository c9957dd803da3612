#!/bin/bash
# scale.sh N LIMIT - N I/O controllers: the floor, cold start until all live, its CPU time, memory, AEN to live and to
# gone, stop
. /job/bench.sh
n=$1 limit=$2
target "$n" 1
warm_daemons
measure_floor "$n"
configure
cold_start "$n" "$limit"
say "cold_${n}_s" "$(done_or "$o" "$limit")"
[ "$(kv "done" "$o")" != timeout ] || measured
o=$(until_quiet 3)
say "cpu_${n}_s" "$(cpu_of quiet "$o")"
say base_cpu_s "$base"
say "pss_${n}_kib" "$(pss stafd stacd)"
new=$(nqn $((n + 1)))
for _ in 1 2; do
    o=$(nvme-until -t 120 -l "$nvmet/subsystems/$new=$nvmet/ports/1/subsystems/$new" -n "$new" -b stacd=2) || :
    say "aen_live_${n}_s" "$(done_or "$o" 120)"
    o=$(nvme-until -t 120 -r "$nvmet/ports/1/subsystems/$new" -N "$new" -b stacd=2) || :
    say "aen_gone_${n}_s" "$(done_or "$o" 120)"
done
say "stop_${n}_s" "$(seconds systemctl stop stacd)"
measured

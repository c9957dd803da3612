#!/bin/bash
# floor.sh N - a bare C loop that writes N option strings to /dev/nvme-fabrics: no program can connect them sooner
. /job/bench.sh
n=$1
target "$n"
warm_kernel
TIMEFORMAT='%U %S'
{ time nvme-floor -n "$n" "$(transport)" >/job/floor.out; } 2>/job/floor.cpu
expect "failed connects" 0 "$(kv failed "$(cat /job/floor.out)")"
say "floor_${n}_s" "$(kv total "$(cat /job/floor.out)")"
say "floor_cpu_${n}_s" "$(awk '{print $1 + $2}' /job/floor.cpu)"
measured

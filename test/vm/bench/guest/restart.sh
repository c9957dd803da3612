#!/bin/bash
# restart.sh N LIMIT - systemctl restart stacd with N I/O controllers connected, until it is ready
. /job/bench.sh
n=$1 limit=$2
target "$n"
configure
cold_start "$n" "$limit"
[ "$(kv "done" "$o")" != timeout ] || fail "not all live within $limit s"
until_quiet 3 >/dev/null
before=$(identities)
repeats=3
for ((r = 1; r <= repeats; r++)); do
    o=$(nvme-until -u stacd -x "timeout $limit systemctl restart stacd")
    s=$(kv exec "$o")
    # slow ones need no repetition, and waiting for them takes too long
    [ "${s%.*}" -lt 10 ] || repeats=0
    [ "$(kv exec_rc "$o")" != 124 ] || s=">$limit"
    say "restart_${n}_s" "$s"
    say "restart_${n}_state" "$(systemctl is-active stacd || :)"
    [ $repeats = 0 ] || until_quiet 2 >/dev/null
done
say "restart_${n}_lost" "$(comm -23 <(echo "$before") <(identities) | wc -l)"
measured

#!/bin/bash
# 300 subsystems in one log, which is longer than what SPDK transfers at once, so that it is read in parts; 100 are
# deleted meanwhile.
# covers: T1
# vm: seconds 1500
. /job/lib.sh
. /job/spdk.sh
n=300
entries() { json stafctl adlp | jq '.[0]["log-pages"] | length'; }

step "$n subsystems"
load_modules
spdk
mapfile -t all < <(seq 1 $n)
rpc < <(subsystems "${all[@]}")
spdk_listens
configure
printf '[Global]\nnr-io-queues = 1\nqueue-size = 16\n' >>/etc/stas/stacd.conf
start
within 20 "the log has $n entries and its own" is $((n + 1)) entries
await 300 "$n I/O controllers are live" -d 1 -D 1 -i $n -I $n
ls_agrees

step "100 are deleted while the log is read, one after the other; the others are not touched"
others=$(identities | awk -F'\t' '{i = $3; sub(/.*:sub/, "", i)} i + 0 == 0 || i + 0 > 100')
watch_kernel
for ((i = 1; i <= 100; i++)); do echo "nvmf_delete_subsystem nqn=$(nqn $i)"; done | rpc
await 60 "the others are live" -d 1 -D 1 -i $((n - 100)) -I $((n - 100))
within 5 "the log has $((n - 100)) entries and its own" is $((n - 99)) entries
untouched "meanwhile" "$others"

step "one of these is made again"
rpc < <(subsystems 1 | grep -v bdev_null_create)
await 20 "it is live" -n "$(nqn 1)" -i $((n - 99)) -I $((n - 99))

finish

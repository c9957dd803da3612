#!/bin/bash
# The log page is followed: subsystems come and go, and a subsystem has an entry, and a path, for each listener.
# covers: A1 A2
. /job/lib.sh
. /job/spdk.sh

own_entry() { json stafctl adlp | jq -r --arg n "$DISCOVERY" '.[0]["log-pages"][] | select(.subnqn == $n) | [.traddr, .trsvcid, .eflags] | join(" ")'; }

step "three subsystems, and the discovery controller, which is in its own log"
load_modules
spdk
rpc < <(subsystems 1 2 3)
spdk_listens
configure
start
await 20 "1 discovery and 3 I/O controllers are live, and no other" -d 1 -D 1 -i 3 -I 3
ls_agrees
expect "its own entry, with EFLAGS DUPRETINFO and EPCSD" "127.0.0.1 8009 3" "$(own_entry)"
dc=/dev/$(device_of "$DISCOVERY")
refuses "a read behind the log's end" nvme get-log "$dc" --log-id=0x70 --log-len=1024 --lpo=65536
[[ $said == *"Invalid Field"* ]] || fail "another status: $said"

step "a fourth is made"
others=$(identities)
watch_kernel
rpc < <(subsystems 4)
await 10 "it is live" -n "$(nqn 4)" -i 4 -I 4
untouched "when there is a fourth" "$others"

step "the first has a second listener, the second another port"
others=$(identities)
watch_kernel
rpc <<<"nvmf_subsystem_add_listener $(listen_at "$(nqn 1)" 4420 127.0.0.2)
    nvmf_subsystem_add_listener $(listen_at "$(nqn 2)" 4421)"
within 20 "each is a path" have_paths 1@127.0.0.1:4420 1@127.0.0.2:4420 2@127.0.0.1:4420 2@127.0.0.1:4421 3@127.0.0.1:4420 4@127.0.0.1:4420
untouched "when there are more listeners" "$others"
ls_agrees

step "the first listeners of both are removed"
others=$(nvme-ctrls | awk -F'\t' '$6 == "127.0.0.2" || $7 != 4420 || $5 ~ /sub[34]$/' | cut -f1,2,5,8,9 | sort)
watch_kernel
rpc <<<"nvmf_subsystem_remove_listener $(listen_at "$(nqn 1)" 4420)
    nvmf_subsystem_remove_listener $(listen_at "$(nqn 2)" 4420)"
within 20 "the paths at the others remain" have_paths 1@127.0.0.2:4420 2@127.0.0.1:4421 3@127.0.0.1:4420 4@127.0.0.1:4420
await 10 "there is nothing else" -D 1 -I 4
untouched "meanwhile" "$others"

step "all subsystems are deleted but the discovery subsystem, which nvmet cannot do; then two are made again"
others=$(identities | grep "$DISCOVERY")
watch_kernel
for i in 1 2 3 4; do echo "nvmf_delete_subsystem nqn=$(nqn $i)"; echo "bdev_null_delete name=disk$i"; done | rpc
await 20 "only the discovery controller is left" -d 1 -D 1 -I 0
rpc < <(subsystems 2 5)
await 20 "the two are live" -n "$(nqn 2)" -n "$(nqn 5)" -i 2 -I 2
untouched "meanwhile" "$others"

finish

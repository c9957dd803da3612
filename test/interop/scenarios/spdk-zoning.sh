#!/bin/bash
# Zoning: SPDK breaks the connection of a host that it removes from a list, and keeps those of all hosts when it no longer
# allows any host; what is in use stays, all else goes.
# covers: B3
. /job/lib.sh
. /job/spdk.sh

host=$(cat /etc/nvme/hostnqn)
allows_any() { echo "nvmf_subsystem_allow_any_host nqn=$(nqn "$1") allow_any_host=$2"; }
entries() { json stafctl adlp | jq '.[0]["log-pages"] | length'; }

step "three subsystems, the second of which is for another host"
load_modules
spdk
rpc < <(disks=malloc subsystems 1 2 3; allows_any 2 false; echo "nvmf_subsystem_add_host nqn=$(nqn 2) host=nqn.2024-01.lab:other")
spdk_listens
configure
start
await 20 "the first and the third are live, and no other" -d 1 -D 1 -n "$(nqn 1)" -n "$(nqn 3)" -i 2 -I 2
expect "entries, with its own" 3 "$(entries)"

step "the second is for this host too"
others=$(identities)
watch_kernel
rpc nvmf_subsystem_add_host nqn="$(nqn 2)" host="$host"
await 10 "it is live" -n "$(nqn 2)" -i 3 -I 3
untouched "meanwhile" "$others"

step "it is not for this host any more, and SPDK breaks the connection"
watch_kernel
rpc nvmf_subsystem_remove_host nqn="$(nqn 2)" host="$host"
await 15 "it is gone" -N "$(nqn 2)" -i 2 -I 2
stays 3 "and does not come back" nvme-until -t 0.1 -i 2 -I 2
untouched "meanwhile" "$others"

step "the first, which is mounted, and the third are for no host any more, and SPDK keeps the connections"
disk=$(disk_of "$(nqn 1)")
mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=1 "$disk"
mkdir /job/mnt
mount "$disk" /job/mnt
echo here >/job/mnt/file
sync
others=$(identities | without 3)
watch_kernel
rpc < <(allows_any 1 false; allows_any 3 false)
await 10 "the third is gone" -N "$(nqn 3)" -i 1 -I 1
within 10 "the first is kept, as it is in use" has_said stacd "$(nqn 1)[^0-9].*no longer wanted, but kept"
stays 3 "it stays" nvme-until -t 0.1 -i 1 -I 1
untouched "meanwhile" "$others"
umount /job/mnt
await 10 "it is gone when it is released" -N "$(nqn 1)" -I 0

step "for all hosts again"
rpc < <(allows_any 1 true; allows_any 2 true; allows_any 3 true)
await 15 "three are live" -i 3 -I 3
disk=$(disk_of "$(nqn 1)")
until_true 30 [ -b "$disk" ]
mount -o ro "$disk" /job/mnt
expect "what was written" here "$(cat /job/mnt/file)"
umount /job/mnt

step "a configured controller that refuses this host"
rpc < <(allows_any 2 false)
await 10 "it is gone" -N "$(nqn 2)" -i 2 -I 2
others=$(identities)
watch_kernel
configure "controller = transport=tcp;traddr=127.0.0.1;trsvcid=4420;nqn=$(nqn 2)"
reload stacd
within 20 "stacd says that it is refused" has_said stacd "Failed to connect to .*$(nqn 2))"
rpc nvmf_subsystem_add_host nqn="$(nqn 2)" host="$host"
await 30 "it is live once it is allowed" -n "$(nqn 2)" -i 3 -I 3
untouched "meanwhile" "$others"

finish

#!/bin/bash
# Referrals: SPDK and the kernel's target refer to each other, and SPDK to itself.
# covers: C4
. /job/lib.sh
. /job/spdk.sh

to_nvmet='address.trtype=TCP address.adrfam=IPv4 address.traddr=127.0.0.1 address.trsvcid=8010'
dcs() { nvme-ctrls | awk -F'\t' '$3 == "discovery" && $4 == "live" {print $7}' | sort -n | paste -sd' '; }

referrals() { json stafctl adlp | jq '[.[]["log-pages"][] | select(.subtype == "referral")] | length'; }

step "SPDK has subsystem 1, nvmet subsystem 2; SPDK is configured"
load_modules
port 1 127.0.0.1 8010
subsystem 2
link 1 2
spdk
rpc < <(subsystems 1)
spdk_listens
configure
start
await 20 "SPDK and subsystem 1 are live, and no other" -d 1 -D 1 -n "$(nqn 1)" -i 1 -I 1

step "SPDK refers to nvmet"
others=$(identities)
watch_kernel
rpc <<<"nvmf_discovery_add_referral $to_nvmet"
await 15 "nvmet and subsystem 2 are live" -d 2 -D 2 -n "$(nqn 2)" -i 2 -I 2
within 5 "at its portal" is '8009 8010' dcs
untouched "meanwhile" "$others"

step "nvmet refers to SPDK, and SPDK to itself: nothing is connected twice"
others=$(identities)
watch_kernel
r=$nvmet/ports/1/referrals/spdk
mkdir "$r"
echo tcp >"$r/addr_trtype"
echo ipv4 >"$r/addr_adrfam"
echo 127.0.0.1 >"$r/addr_traddr"
echo 8009 >"$r/addr_trsvcid"
echo 1 >"$r/enable"
rpc <<<"nvmf_discovery_add_referral ${to_nvmet/8010/8009}"
within 10 "three entries refer" is 3 referrals
stays 3 "two discovery controllers" is '8009 8010' dcs
untouched "meanwhile" "$others"

step "SPDK refers to nvmet no more"
others=$(identities | without 2 | grep -v "^$(nvme-ctrls | awk -F'\t' '$7 == 8010 && $3 == "discovery" {print $1}')"$'\t')
watch_kernel
rpc <<<"nvmf_discovery_remove_referral $to_nvmet"
await 15 "nvmet and subsystem 2 are gone" -d 1 -D 1 -N "$(nqn 2)" -i 1 -I 1
within 5 "SPDK is left" is 8009 dcs
untouched "meanwhile" "$others"

finish

#!/bin/bash
# RDMA, with the kernel's software RoCE: its target is not probed. Controllers named by its discovery controller are
# connected, and follow zoning.
# covers: F3
. /job/lib.sh
. /job/transports.sh
modprobe -nq rdma_rxe || skip "this kernel is built without rdma_rxe"

step "an address that RDMA serves, a discovery controller there"
one_identity
load_modules
for m in rdma_rxe nvmet-rdma nvme-rdma; do modprobe $m; done
ip link add storage0 type dummy
ip addr add 10.77.0.1/24 dev storage0
ip link set storage0 up
rdma link add rxe0 type rxe netdev storage0
port 1 10.77.0.1 4420 ipv4 rdma
for i in 1 2 3; do subsystem $i; done
link 1 1 2
printf '[Controllers]\ncontroller = transport=rdma;traddr=10.77.0.1\n' >/etc/stas/stafd.conf
printf '[Controllers]\n' >/etc/stas/stacd.conf
for u in stafd stacd; do expect "faults of $u's configuration" '' "$($u --check 2>&1)"; done
start
await 30 "all are live, and no other" -d 1 -D 1 -i 2 -I 2
ls_agrees
named=("$DISCOVERY" "$(nqn 1)" "$(nqn 2)")
! kernel_before 5.16 || unset 'named[0]' # the target of older kernels does not list itself
expect "what the log names" "$(printf 'rdma %s 10.77.0.1 4420\n' "${named[@]}" | sort)" \
    "$(json stafctl adlp | jq -r '.[0]["log-pages"][] | [.trtype, .subnqn, .traddr, .trsvcid] | join(" ")' | sort)"

one_more_one_less
disconnected_by_others
restarted
finish

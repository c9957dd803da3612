#!/bin/bash
# A discovery controller over TCP names controllers that it cannot speak for: of the transports loop, which would be this
# host itself, of fc, and of rdma without an RDMA device, and a discovery controller as a subsystem. They are not
# connected, the reason is shown, and what is connected already remains.
# covers: T4
. /job/lib.sh
. /job/peer.sh
. /job/transports.sh
modprobe -nq nvme-loop || skip "this kernel is built without nvme-loop"

io() { nvme-ctrls | awk -F'\t' '$3 == "io" && $4 == "live" {print $11, $5}' | sort; }
is_marked() { stafctl adlp | grep -F "$1" | grep -Fq "$2"; } # is_marked NQN REASON
loop='it is of transport loop, which would be this host itself'
rdma='it is of transport rdma, and this host has no RDMA device'
fc='it is of transport fc, and its discovery controller is not'

step "two subsystems of this host by loop, the first of which is configured, and a third by tcp"
one_identity
load_modules
modprobe nvme-loop
port 1 first '' loop loop
port 2 127.0.0.1 8010
for i in 1 2 3; do subsystem $i; done
link 1 1 2
link 2 3
peer "entry add subnqn=$(nqn 1) trtype=loop adrfam=loop traddr=first" \
    "entry add subnqn=$(nqn 2) trtype=loop adrfam=loop traddr=first" \
    "entry add subnqn=nqn.2024-01.lab:fc trtype=fc adrfam=fc traddr=nn-0x20000090fa942779:pn-0x10000090fa942779" \
    "entry add subnqn=nqn.2024-01.lab:rdma trtype=rdma traddr=127.0.0.1 trsvcid=4420" \
    "entry add subnqn=$DISCOVERY traddr=127.0.0.1 trsvcid=8010" \
    "entry add subnqn=$(nqn 3) traddr=127.0.0.1 trsvcid=8010"
configure_peer '[Controllers]' "controller = transport=loop;traddr=first;nqn=$(nqn 1)"
start
await 20 "the first and the third are live, and no other" -d 1 -D 1 -n "$(nqn 1)" -n "$(nqn 3)" -i 2 -I 2
stays 3 "so it remains" is "$(printf 'loop %s\ntcp %s' "$(nqn 1)" "$(nqn 3)")" io

step "the reason is in the log's listing, in explain, and once in the journal"
is_marked "$(nqn 2)" "$loop" || fail "$(stafctl adlp)"
is_marked nqn.2024-01.lab:fc "$fc" || fail "$(stafctl adlp)"
is_marked nqn.2024-01.lab:rdma "$rdma" || fail "$(stafctl adlp)"
! grep -q '^nvme_rdma' /proc/modules || fail "nvme-rdma was loaded for it"
stacctl explain "$(nqn 2)" | grep -Fq "not used: $loop" || fail "$(stacctl explain "$(nqn 2)")"
expect "times said" 1 "$(times_said stacd "is not used: ")"

step "it is configured no more, and only the log names it still: it remains, also across a restart"
before=$(identities)
configure_peer
reload stacd
stays 3 "it remains" is "$before" identities
systemctl restart stacd
stays 3 "after the restart, too" is "$before" identities
ls_agrees

step "the log does not name it any more"
announce "entry remove $(nqn 1)"
await 10 "it is gone" -N "$(nqn 1)" -n "$(nqn 3)" -i 1 -I 1

finish

#!/bin/bash
# A discovery controller over TCP names controllers that it cannot speak for: of the transports loop, which would be this
# host itself, of fc, and of rdma without an RDMA device, and a discovery controller as a subsystem. They are not
# connected, the reason is shown, and what is connected already remains. An address that is a host name is resolved. A
# link-local one has the scope that the target has for it, and its interface has several names.
# covers: T4 T5 T6
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

step "host names: two of one host, one that does not exist, one that is none"
echo '127.0.0.1 storage.lab' >>/etc/hosts
for i in 4 5; do
    subsystem $i
    link 2 $i
done
announce "entry add subnqn=$(nqn 4) traddr=storage.lab trsvcid=8010" \
    "entry add subnqn=$(nqn 5) traddr=Storage.Lab trsvcid=8010" \
    "entry add subnqn=nqn.2024-01.lab:nowhere traddr=nowhere.lab trsvcid=8010" \
    "entry add subnqn=nqn.2024-01.lab:no-name traddr=storage.lab:8010 trsvcid=8010"
await 15 "the fourth and the fifth are live, and no other" -n "$(nqn 4)" -n "$(nqn 5)" -i 3 -I 3
expect "their addresses" 127.0.0.1 "$(nvme-ctrls | awk -F'\t' -v n="$(nqn 4)" '$5 == n {print $6}')"
within 10 "the one that does not exist is reported" has_said stacd 'nowhere.lab cannot be resolved'
expect "once" 1 "$(times_said stacd 'nowhere.lab cannot be resolved')"
stacctl explain nqn.2024-01.lab:nowhere | grep -Fq 'not used: its host name has not been resolved' || fail "$(stacctl explain nqn.2024-01.lab:nowhere)"
is_marked nqn.2024-01.lab:no-name 'its address is not an IP address' || fail "$(stafctl adlp)"
! is_marked "$(nqn 4)" 'not used' || fail "$(stafctl adlp)"
ls_agrees

step "a restart while the name does not resolve takes nothing away, and what leaves the log goes"
before=$(identities | grep -v "$(nqn 5)")
sed -i '/storage.lab/d' /etc/hosts
systemctl restart stacd
announce "entry remove $(nqn 5)"
await 15 "the fifth is gone" -N "$(nqn 5)" -i 2 -I 2
stays 3 "the others remain" is "$before" identities
echo '127.0.0.3 storage.lab' >>/etc/hosts
port 3 127.0.0.3 8010
link 3 4
reload stacd
moved() { [ "$(nvme-ctrls | awk -F'\t' -v n="$(nqn 4)" '$5 == n {print $6}')" = 127.0.0.3 ]; }
within 20 "the fourth is connected at the name's new address alone" moved

step "a discovery controller at a link-local address, by another name of its interface, that names its own scope"
ip netns add target
in_target() { nsenter --net=/run/netns/target "$@"; }
in_target ip link set lo up
ip link add storage0 type veth peer name eth7 netns target
sysctl -qw net.ipv6.conf.storage0.accept_dad=0
in_target sysctl -qw net.ipv6.conf.eth7.accept_dad=0
ip link set storage0 addrgenmode none
in_target ip link set eth7 addrgenmode none
ip link property add dev storage0 altname left-storage
ip address add fe80::1/64 dev storage0 nodad
in_target ip address add fe80::2/64 dev eth7 nodad
ip link set storage0 up
in_target ip link set eth7 up
subsystem 6
port 4 :: 4420 ipv6
in_target ln -s "$nvmet/subsystems/$(nqn 6)" "$nvmet/ports/4/subsystems/$(nqn 6)"
in_target stas-peer -l "[::]:8009" -s /run/left-peer.sock \
    -e "entry add subnqn=$(nqn 6) adrfam=ipv6 traddr=fe80::2%eth7 trsvcid=4420" >/job/left-peer.log 2>&1 &
within 10 "it listens" grep -q '^listening' /job/left-peer.log
index=$(cat /sys/class/net/storage0/ifindex)
for name in left-storage "$index" storage0; do
    printf 'controller = transport=tcp;traddr=fe80::2%%%s;trsvcid=8009\n' "$name" >>/etc/stas/stafd.conf
    reload stafd
    await 15 "live by $name" -d 2 -n "$(nqn 6)"
    [ "${six:=$(identities | grep "$(nqn 6)")}" = "$(identities | grep "$(nqn 6)")" ] || fail "it was connected anew by $name"
done
stays 3 "once by all names" nvme-until -t 0.1 -D 2 -I 3

step "configured by another name, while the link is down"
configure_peer
reload stafd
await 20 "it is gone" -N "$(nqn 6)" -d 1
ip link set storage0 down
printf '[Controllers]\ncontroller = transport=tcp;traddr=fe80::2;trsvcid=4420;nqn=%s;host-iface=left-storage\n' "$(nqn 6)" >/etc/stas/stacd.conf
reload stacd
waits() { [ "$(stacctl explain "$(nqn 6)" -o json | jq -r '.[0]["unanswered probes"] // 0')" -ge 5 ]; }
within 60 "it is probed in vain, for the fifth time" waits
ip link set storage0 up
ip address replace fe80::1/64 dev storage0 nodad
patience=1 await 5 "it is live, long before the next probe would have come" -n "$(nqn 6)"
configure_peer # the kernel shows the scope, the daemons do not
reload stacd
await 20 "it is gone" -N "$(nqn 6)"

finish

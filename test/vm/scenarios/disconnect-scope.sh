#!/bin/bash
# Which unwanted connections may be disconnected: disconnect-scope and disconnect-trtypes, for our own and foreign
# connections.
# covers: B1
. /job/lib.sh

scope() { # scope VALUE [TRTYPES] - a reload with this policy
    printf '[I/O controller connection management]\ndisconnect-scope = %s\ndisconnect-trtypes = %s\n' "$1" "${2:-tcp}" \
        >/etc/stas/stacd.conf
    reload stacd
}
no_longer_wanted() { # no_longer_wanted I - stacd knows the new zoning: what follows is its policy
    within 10 "stacd knows that subsystem $1 is not wanted" has_said stacd "$(nqn "$1")[^0-9].*no longer wanted"
}
foreign_connect() { # foreign_connect I - by a direct write to /dev/nvme-fabrics
    connect_by_hand "$(options "$(nqn "$1")" 127.0.0.1 8010)"
    is_live "$made" || fail "the foreign $made is not live"
}

step "subsystems 1 to 5 behind a discovery controller; 7, 8 and 9 behind ports that nobody told us about"
target 5
for i in 7 8 9; do subsystem $i; done
port 2 127.0.0.1 8010
link 2 7 8
mkdir $nvmet/ports/3
echo loop >$nvmet/ports/3/addr_trtype
modprobe nvme-loop 2>/dev/null || skip "this kernel has no nvme-loop"
link 3 9

step "others connect 8, over tcp, and 9, over loop, and another discovery controller"
foreign_connect 8
foreign+=("$made")
connect_by_hand "nqn=$(nqn 9),transport=loop,hostnqn=$(cat /etc/nvme/hostnqn),hostid=$(cat /etc/nvme/hostid)"
foreign+=("$made")
nvme connect -t tcp -a 127.0.0.1 -s 8010 -n $DISCOVERY -k 30 >/dev/null
foreign+=("$(device_of $DISCOVERY)")
configure
start
await 20 "subsystems 1 to 5 are live beside them" -d 2 -D 2 -i 7 -I 7
ls_agrees

step "only-stas-connections, the default: what is ours goes, by an unlink and by zoning, and nothing else"
rest=$(identities | without 1 2)
watch_kernel
unlink 1 1
zone_out 2
await 10 "subsystems 1 and 2 are gone" -N "$(nqn 1)" -N "$(nqn 2)" -I 5
foreign_connect 7
stays 3 "the audit of a new device leaves it" is_live "$made"
untouched "with only-stas-connections" "$rest"
nvme disconnect -d "$made" >/dev/null

step "no-disconnect: nothing goes"
scope no-disconnect
rest=$(identities)
watch_kernel
zone_out 3
no_longer_wanted 3
stays 3 "subsystem 3 is connected" nvme-until -t 0.1 -n "$(nqn 3)"
untouched "with no-disconnect" "$rest"
ls_agrees

step "all connections of rdma and fc: what is ours goes, foreign tcp stays"
scope all-connections-matching-disconnect-trtypes rdma+fc
rest=$(identities | without 3)
watch_kernel
await 10 "subsystem 3 is gone" -N "$(nqn 3)" -I 4
foreign_connect 7
stays 3 "both foreign ones over tcp are there" nvme-until -t 0.1 -I 5
untouched "with trtypes rdma+fc" "$rest"

step "all connections of tcp, rdma and fc: foreign tcp goes; loop and discovery controllers stay"
rest=$(identities | without 7 8)
watch_kernel
scope all-connections-matching-disconnect-trtypes tcp+rdma+fc
await 10 "subsystems 7 and 8 are gone" -N "$(nqn 7)" -N "$(nqn 8)" -I 3
foreign=("${foreign[@]:1}")
untouched "with all trtypes" "$rest"

step "the audit also finds what comes later, and what came before the start"
watch_kernel
foreign_connect 8
await 10 "a new foreign connection is gone" -N "$(nqn 8)" -I 3
systemctl stop stacd
foreign_connect 8
start stacd
await 10 "one from before the start is gone" -N "$(nqn 8)" -I 3
untouched "by the audits" "$rest"

step "a foreign connection that somebody wants is not in the audit"
zone_in 3
await 15 "subsystem 3 is connected" -n "$(nqn 3)" -I 4
printf '[Controllers]\ncontroller = transport=tcp;traddr=127.0.0.1;trsvcid=8010;nqn=%s\n' "$(nqn 8)" >>/etc/stas/stacd.conf
systemctl stop stacd
foreign_connect 8
rest=$(identities)
watch_kernel
start stacd
stays 3 "subsystem 8 is there" is_live "$made"
untouched "by the start" "$rest"

finish

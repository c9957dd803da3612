#!/bin/bash
# A host updated from a version that connected what any log names: a discovery controller over TCP lists controllers of the
# transports loop, rdma and fc. What is connected remains, though a connection of loop or fc would not be started now.
# covers: T4
. /job/lib.sh
. /job/peer.sh
for m in nvme-loop nvme-fcloop rdma_rxe; do modprobe -nq $m || skip "this kernel is built without $m"; done

host=nn-0x10000000c9000001:pn-0x20000000c9000001
array=nn-0x10000000c9000002:pn-0x20000000c9000002
wwns() { # wwns ADDRESS [PREFIX] - in fcloop's notation
    local node=${1%%:*} p=${2-}
    echo "${p}wwnn=${node#nn-},${p}wwpn=${1##*:pn-}"
}
fcloop() { echo "$2" >"/sys/class/fcloop/ctl/$1"; }
settings() { # of stacd: the strictest scope, and lines of [Controllers]
    printf '%s\n' '[I/O controller connection management]' \
        'disconnect-scope = all-connections-matching-disconnect-trtypes' 'disconnect-trtypes = tcp+rdma+fc' \
        '[Controllers]' "$@" >/etc/stas/stacd.conf
}
io() { nvme-ctrls | awk -F'\t' '$3 == "io" && $4 == "live" {print $11}' | sort | paste -sd' '; }

step "one subsystem each of loop, rdma, fc and tcp; a log over TCP lists all of them"
one_identity
load_modules
for m in nvme-loop rdma_rxe nvmet-rdma nvme-rdma nvme-fc nvmet-fc nvme-fcloop; do modprobe $m; done
ip link add storage0 type dummy
ip addr add 10.77.0.1/24 dev storage0
ip link set storage0 up
rdma link add rxe0 type rxe netdev storage0
fcloop add_local_port "$(wwns $host)"
fcloop add_target_port "$(wwns $array)"
port 1 first '' loop loop
port 2 10.77.0.1 4420 ipv4 rdma
port 3 $array none fc fc
port 4 127.0.0.1 8010
for i in 1 2 3 4; do
    subsystem $i
    link $i $i
done
fcloop add_remote_port "$(wwns $array),$(wwns $host lp),roles=0x20"
peer "entry add subnqn=$(nqn 1) trtype=loop adrfam=loop traddr=first" \
    "entry add subnqn=$(nqn 2) trtype=rdma traddr=10.77.0.1 trsvcid=4420" \
    "entry add subnqn=$(nqn 3) trtype=fc adrfam=fc traddr=$array trsvcid=none" \
    "entry add subnqn=$(nqn 4) traddr=127.0.0.1 trsvcid=8010"
configure_peer

step "the earlier version has connected loop and tcp, another program fc and rdma"
ids="hostnqn=$(cat /etc/nvme/hostnqn),hostid=$(cat /etc/nvme/hostid)"
connect_by_hand "nqn=$(nqn 3),transport=fc,traddr=$array,host_traddr=$host,$ids"
connect_by_hand "nqn=$(nqn 2),transport=rdma,traddr=10.77.0.1,trsvcid=4420,$ids"
settings "controller = transport=loop;traddr=first;nqn=$(nqn 1)" # as that version read the log
start
await 30 "all four are live" -d 1 -D 1 -n "$(nqn 1)" -n "$(nqn 2)" -n "$(nqn 3)" -n "$(nqn 4)" -I 4
expect "transports" "fc loop rdma tcp" "$(io)"

step "the update: nothing is gone, after both daemons' restarts, a notice and an audit"
settings
before=$(identities)
watch_kernel
systemctl restart stafd stacd
stays 5 "all stay" nvme-until -t 0.1 -d 1 -D 1 -i 4 -I 4
reload stacd
reload stafd
announce
stays 3 "all stay after it" nvme-until -t 0.1 -d 1 -D 1 -i 4 -I 4
untouched "by the update" "$before"
ls_agrees

step "what only an earlier version would have connected is not connected again; what the log omits goes"
nvme disconnect -d "$(device_of "$(nqn 1)")" >/dev/null
stays 3 "loop is not" is "fc rdma tcp" io
announce "entry remove $(nqn 3)" "entry remove $(nqn 2)"
await 10 "fc and rdma are gone" -N "$(nqn 2)" -N "$(nqn 3)" -n "$(nqn 4)" -I 1

finish

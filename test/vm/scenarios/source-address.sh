#!/bin/bash
# One address is reachable over two fabrics, and a row of stacd's is bound to the first. Someone connects over the
# second without naming an interface: while that connection is not live the kernel does not show its route, and it
# satisfies no row that wants the first. A connection found to use another route is released, and stays up.
# covers: §2.4
# vm: seconds 420
. /job/lib.sh
needs_kernel 6.1 "no source address in sysfs"

address=10.9.9.9
in_target() { nsenter --net=/run/netns/target "$@"; }
state_of() { cat "/sys/class/nvme/$1/state"; }
controller() { echo "controller = transport=tcp;traddr=$address;trsvcid=4420;host-iface=$1;nqn=$(nqn 9)"; }
configure_paths() { # configure_paths INTERFACE... - all that stacd is to connect; stafd has nothing
    local i
    printf '[Controllers]\n' | tee /etc/stas/stafd.conf >/etc/stas/stacd.conf
    for i in "$@"; do controller "$i" >>/etc/stas/stacd.conf; done
}
bound_to() { grep -l "host_iface=$1," /sys/class/nvme/nvme*/address | sed 's|/sys/class/nvme/\([^/]*\)/.*|\1|'; }
is_bound_and_live() { local d; d=$(bound_to "$1") && [ "$d" ] && is_live "$d"; }
is_same() { [ "$(incarnations | grep "^$1"$'\t')" = "$2" ]; }
n_devices_listed() { json stacctl ls | jq '[.[].device | select(. != "")] | unique | length'; }
let_go() { journal -u stacd | grep -F "$1 no longer serves"; }
# A spare connection holds cntlid 1 in the meantime: nvmet reassigns the number of a controller that it has lost, and
# the kernel refuses a second controller with a number that it still has.
connect_as_somebody() {
    local spare o
    o=$(options "$(nqn 9)" $address 4420 keep_alive_tmo=2,reconnect_delay=2,ctrl_loss_tmo=600)
    connect_by_hand "$o"
    spare=$made
    connect_by_hand "$o,duplicate_connect"
    nvme disconnect -d "$spare" >/dev/null
    hand=$made
    foreign=("$hand")
    hand_was=$(incarnations)
}
break_second() { in_target ip link set target2 down; until_true 30 is connecting state_of "$1" || fail "$1 is $(state_of "$1")"; }
mend_second() {
    in_target ip link set target2 up
    within 30 "$1 is live again" is_live "$1"
    expect "its source address" 10.0.2.1 "$(sed 's/.*src_addr=//' "/sys/class/nvme/$1/address")"
}

step "a target behind two cables; the host's route to it goes by the second"
load_modules
ip netns add target
in_target ip link set lo up
for i in 1 2; do
    ip link add "host$i" type veth peer name "target$i" netns target
    ip address add "10.0.$i.1/24" dev "host$i"
    ip link set "host$i" up
    in_target ip address add "10.0.$i.2/24" dev "target$i"
    in_target ip link set "target$i" up
done
in_target ip address add "$address/32" dev lo
ip route add $address/32 via 10.0.2.2 dev host2 metric 10
ip route add $address/32 via 10.0.1.2 dev host1 metric 20
sysctl -qw net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.host1.rp_filter=0 net.ipv4.conf.host2.rp_filter=0
subsystem 9
port 9 $address 4420
in_target ln -s "$nvmet/subsystems/$(nqn 9)" "$nvmet/ports/9/subsystems/$(nqn 9)"

step "somebody's connection by the second is live when stacd starts: the row by the first gets one of its own"
connect_as_somebody
configure_paths host1
start
await 15 "one by each" -i 2 -I 2
within 5 "ours is bound to the first" is_bound_and_live host1
configure_paths
reload stacd
await 15 "withdrawn: ours goes" -i 1 -I 1
expect "the other's" "$hand_was" "$(incarnations)"
systemctl stop stacd

step "it is not live when stacd starts: it serves no row that wants the first"
break_second "$hand"
configure_paths host1
start stacd
within 15 "one by the first is live" is_bound_and_live host1
mend_second "$hand"
await 15 "one by each" -i 2 -I 2
ls_agrees

step "withdrawn: the other's stays, whatever its state was"
configure_paths
reload stacd
await 15 "ours goes" -i 1 -I 1
stays 3 "the other's lives on" is_same "$hand" "$hand_was"

step "two rows, a path each: none of them is served by what is not live"
systemctl stop stacd
break_second "$hand"
configure_paths host1 host2
start stacd
within 15 "the first is live" is_bound_and_live host1
mend_second "$hand"
within 30 "two rows have two devices" is 2 n_devices_listed

step "what was the row's path and comes back by another one is let go, and is not ours to remove"
configure_paths
reload stacd
within 15 "no path of ours is left" not is_bound_and_live host1
systemctl stop stacd
ip route del $address/32 via 10.0.2.2 dev host2 metric 10
for d in $(devices); do nvme disconnect -d "$d" >/dev/null; done
connect_as_somebody
foreign=()
configure_paths host1
start stacd
within 15 "it goes by the first and is adopted" agrees stacctl io
stays 2 "no second one is made" nvme-until -t 0.1 -i 1 -I 1
in_target ip link set target1 down
until_true 30 is connecting state_of "$hand" || fail "$hand is $(state_of "$hand")"
ip route add $address/32 via 10.0.2.2 dev host2 metric 10
in_target ip link set target1 up
until_true 30 is live state_of "$hand" || fail "$hand is $(state_of "$hand")" # "address" is not valid before
grep -q 'src_addr=10.0.2.1' "/sys/class/nvme/$hand/address" || fail "$hand is not live by the second"
foreign=("$hand")
within 15 "the row has a path of its own by the first" is_bound_and_live host1
within 5 "the journal says so" let_go "$hand"
configure_paths
reload stacd
await 15 "withdrawn: ours goes" -i 1 -I 1
stays 3 "the other's lives on" is_same "$hand" "$hand_was"
foreign=("$hand")
finish

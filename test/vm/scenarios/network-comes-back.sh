#!/bin/bash
# The network goes away and comes back: controllers that wait for an interface, an address, a route or a link are
# connected within a second of it; those that wait for another are not probed in the meantime.
# covers: E3
# vm: alone
. /job/lib.sh

target_in_namespace() { # a target behind its own link: addresses 10.77.0.1 and fd77::1, and 10.88.0.1 behind a route
    ip netns add far
    ip link add near0 type veth peer name far0 netns far
    ip -n far addr add 10.77.0.1/24 dev far0
    ip -n far addr add fd77::1/64 dev far0 nodad
    ip -n far addr add 10.88.0.1/32 dev far0
    ip -n far link set far0 up
    ip -n far link set lo up
}
tries() { stacctl explain "$1" -o json 2>/dev/null | jq -r '.[0]["connect attempts"] // 0'; }
waits() { [ "$(tries "$1")" -ge "${2:-1}" ]; }

step "a target behind a link that is not there yet"
load_modules
target_in_namespace
for i in 1 2 3; do subsystem $i; done
port 1 10.77.0.1 4420
port 2 fd77::1 4420 ipv6
port 3 10.88.0.1 4420
port_in_far() { # nvmet listens in the namespace of the process that enables the port
    nsenter --net=/run/netns/far ln -s "$nvmet/subsystems/$(nqn "$2")" "$nvmet/ports/$1/subsystems/$(nqn "$2")"
}
for i in 1 2 3; do port_in_far $i $i; done
printf '[Controllers]\n' >/etc/stas/stafd.conf
cat >/etc/stas/stacd.conf <<END
[Controllers]
controller = transport=tcp;traddr=10.77.0.1;trsvcid=4420;nqn=$(nqn 1);host-iface=storage0
controller = transport=tcp;traddr=fd77::1;trsvcid=4420;nqn=$(nqn 2)
controller = transport=tcp;traddr=10.88.0.1;trsvcid=4420;nqn=$(nqn 3)
END
start
for a in 10.77.0.1 fd77::1 10.88.0.1; do within 40 "$a is asked for in vain, for the fourth time" waits $a 4; done

step "the interface gets its name, its link and its address: what is bound to it is live"
ip link set near0 name storage0
ip link set storage0 up
ip addr add 10.77.0.2/24 dev storage0
patience=1 await 5 "subsystem 1 is live" -n "$(nqn 1)"

step "an IPv6 address: what is beside it"
ip addr add fd77::2/64 dev storage0 nodad
patience=1 await 5 "subsystem 2 is live" -n "$(nqn 2)"

step "a route: what is behind it"
ip route add 10.88.0.0/24 via 10.77.0.1
patience=1 await 5 "subsystem 3 is live" -n "$(nqn 3)"

step "without connections the link goes; it comes back"
mkdir /etc/stas/stacd.conf.d
printf '[Controllers]\nexclude = transport=tcp\n' >/etc/stas/stacd.conf.d/none.conf
reload stacd
await 10 "all are gone" -I 0
ip link set storage0 down
rm /etc/stas/stacd.conf.d/none.conf
reload stacd
for a in 10.77.0.1 10.88.0.1; do within 40 "$a is asked for in vain, for the fifth time" waits $a 5; done
ip link set storage0 up
ip route replace 10.88.0.0/24 via 10.77.0.1
ip addr replace fd77::2/64 dev storage0 nodad
patience=1 await 9 "all three are live, long before the next try would have come" -i 3

step "a VLAN that is made later"
printf 'controller = transport=tcp;traddr=10.99.0.1;trsvcid=4420;nqn=%s;host-iface=storage0.7\n' "$(nqn 4)" >>/etc/stas/stacd.conf
subsystem 4
ip -n far link add link far0 name far0.7 type vlan id 7
ip -n far addr add 10.99.0.1/24 dev far0.7
ip -n far link set far0.7 up
port 4 10.99.0.1 4420
port_in_far 4 4
reload stacd
within 40 "it is asked for in vain, for the fourth time" waits 10.99.0.1 4
ip link add link storage0 name storage0.7 type vlan id 7
ip addr add 10.99.0.2/24 dev storage0.7
ip link set storage0.7 up
patience=1 await 5 "subsystem 4 is live" -n "$(nqn 4)"

finish

#!/bin/bash
# One subsystem by every notation of a path: two host NQNs, host-iface, host-traddr, IPv6, link-local with its scope,
# ::ffff:. Each path is connected once, however many entries request it.
# covers: B8
. /job/lib.sh
needs_kernel 6.1 "the kernel does not tell the source of a connection"

# The target is in a network namespace behind two cables; one port listens on all its addresses.
in_target() { nsenter --net=/run/netns/target "$@"; }
cable() { # cable N - interfaces hostN here and targetN there, with addresses of both families
    ip link add "host$1" type veth peer name "target$1" netns target
    sysctl -qw "net.ipv6.conf.host$1.accept_dad=0"
    in_target sysctl -qw "net.ipv6.conf.target$1.accept_dad=0"
    ip link set "host$1" addrgenmode none
    in_target ip link set "target$1" addrgenmode none
    ip address add "10.0.$1.1/24" dev "host$1"
    ip address add "fd00:$1::1/64" dev "host$1" nodad
    ip address add fe80::1/64 dev "host$1" nodad
    in_target ip address add "10.0.$1.2/24" dev "target$1"
    in_target ip address add "fd00:$1::2/64" dev "target$1" nodad
    in_target ip address add fe80::2/64 dev "target$1" nodad
    ip link set "host$1" up
    in_target ip link set "target$1" up
}
option_of() { sed -n "s/.*\(^\|,\)$2=\([^,]*\).*/\2/p" "/sys/class/nvme/$1/address"; } # option_of DEVICE KEY
paths() { # the subsystem's paths in whatever notation: source, target, host NQN
    local d to
    for d in $(nvme-ctrls | awk -F'\t' -v n="$(nqn 1)" '$5 == n {print $1}'); do
        to=$(option_of "$d" traddr)
        [[ $to != fe80:* || $to == *%* ]] || to+=%$(option_of "$d" host_iface)
        [ "$to" != fd00:0001:0:0::0002 ] || to=fd00:1::2
        echo "$(option_of "$d" src_addr | sed 's/%.*//; s/^::ffff://') ${to#::ffff:} $(cat "/sys/class/nvme/$d/hostnqn")"
    done | sort
}
listed_are_there() { [ "$(listed stacctl | cut -f1 | sort -u)" = "$(in_kernel io | cut -f1 | sort)" ]; }

step "a target behind two cables"
load_modules
ip netns add target
in_target ip link set lo up
cable 1
cable 2
ip address add 10.0.1.3/24 dev host1
subsystem 1
port 1 :: 4420 ipv6
in_target ln -s "$nvmet/subsystems/$(nqn 1)" "$nvmet/ports/1/subsystems/$(nqn 1)"
first=$(cat /etc/nvme/hostnqn)
second=nqn.2014-08.org.nvmexpress:uuid:0a1b2c3d-0000-4000-8000-000000000002
printf '[Controllers]\n' >/etc/stas/stafd.conf

step "twelve entries, seven paths"
wants=(
    'traddr=10.0.1.2'
    'traddr=::ffff:10.0.1.2'
    'traddr=10.0.1.2;host-iface=host1'
    'traddr=10.0.1.2;host-traddr=10.0.1.1'
    'traddr=10.0.1.2;host-traddr=10.0.1.3'
    'traddr=10.0.2.2;host-iface=host2'
    'traddr=fd00:1::2'
    'traddr=fd00:0001:0:0::0002'
    'traddr=fe80::2%host1'
    'traddr=fe80::2;host-iface=host1'
    'traddr=fe80::2%host2'
    "traddr=10.0.1.2;host-nqn=$second"
)
configuration() {
    echo '[Controllers]'
    printf "controller = transport=tcp;trsvcid=4420;nqn=$(nqn 1);%s\n" "$@"
}
seven=$(sort <<END
10.0.1.1 10.0.1.2 $first
10.0.1.3 10.0.1.2 $first
10.0.2.1 10.0.2.2 $first
fd00:1::1 fd00:1::2 $first
fe80::1 fe80::2%host1 $first
fe80::1 fe80::2%host2 $first
10.0.1.1 10.0.1.2 $second
END
)
configuration "${wants[@]}" >/etc/stas/stacd.conf
start
nvme-until -t 20 -i 7 >/dev/null || :
stays 3 "nothing is connected beyond that" nvme-until -t 0.1 -I 7
expect "paths" "$seven" "$(paths)"
# entries that share a connection are each listed
within 5 "stacctl lists no other device, and all of these" listed_are_there

step "the entries in the other order, after a restart: the same connections"
rest=$(identities)
watch_kernel
mapfile -t reversed < <(printf '%s\n' "${wants[@]}" | tac)
configuration "${reversed[@]}" >/etc/stas/stacd.conf
reload stacd
systemctl restart stacd
stays 3 "seven paths" nvme-until -t 0.1 -i 7 -I 7
untouched "by the order" "$rest"

step "from nothing in the other order: the same seven paths"
systemctl stop stacd
nvme disconnect-all >/dev/null
start stacd
nvme-until -t 20 -i 7 >/dev/null || :
stays 3 "nothing is connected beyond that" nvme-until -t 0.1 -I 7
expect "paths" "$seven" "$(paths)"

step "one entry of two for a path goes: the path stays; both go: it goes"
rest=$(identities)
watch_kernel
mapfile -t less < <(printf '%s\n' "${wants[@]}" | grep -vx -e 'traddr=::ffff:10.0.1.2' -e 'traddr=fd00:0001:.*' -e 'traddr=fe80::2;.*')
configuration "${less[@]}" >/etc/stas/stacd.conf
reload stacd
stays 3 "seven paths" nvme-until -t 0.1 -i 7 -I 7
untouched "by fewer entries" "$rest"
mapfile -t less < <(printf '%s\n' "${less[@]}" | grep -vx -e 'traddr=fd00:1::2' -e 'traddr=fe80::2%host1')
configuration "${less[@]}" >/etc/stas/stacd.conf
reload stacd
await 10 "five paths are left" -i 5 -I 5
expect "paths" "$(grep -v -e fd00:1::2 -e '%host1' <<<"$seven")" "$(paths)"

step "the discovery controller over link-local and IPv4, and as a second host: what its log names is connected once"
printf '[Controllers]\n' >/etc/stas/stacd.conf
reload stacd
await 10 "no path is left" -I 0
cat >/etc/stas/stafd.conf <<END
[Controllers]
controller = transport=tcp;traddr=fe80::2%host1;trsvcid=4420
controller = transport=tcp;traddr=fe80::2;host-iface=host1;trsvcid=4420
controller = transport=tcp;traddr=10.0.2.2;trsvcid=4420
controller = transport=tcp;traddr=10.0.2.2;trsvcid=4420;host-nqn=$second
END
reload stafd
nvme-until -t 20 -d 3 -i 3 >/dev/null || :
stays 3 "nothing is connected beyond that" nvme-until -t 0.1 -D 3 -I 3
expect "paths" "$(sort <<END
fe80::1 fe80::2%host1 $first
10.0.2.1 10.0.2.2 $first
10.0.2.1 10.0.2.2 $second
END
)" "$(paths)"
within 5 "stacctl lists these" listed_are_there

step "without the link-local discovery controller: what only its log named goes"
rest=$(identities | grep -F "$(nvme-ctrls | awk -F'\t' '$6 !~ /^fe80:/ {print $1 "\t" $2 "\t"}')")
watch_kernel
sed -i '/fe80::/d' /etc/stas/stafd.conf
reload stafd
await 15 "2 discovery and 2 I/O controllers are left" -d 2 -D 2 -i 2 -I 2
untouched "by that" "$rest"

finish

#!/bin/bash
# The boot firmware's table (NBFT), as the kernel exports it: its discovery controllers are connected with the table's
# host NQN from the interface with the MAC address in the table, whenever it appears and whatever its name, and from no
# other interface, those without an NQN by the well-known one. One with a security profile, or on an interface that the
# table does not describe, is reported and not connected. The connections that the table lists are never touched. A
# damaged table is reported and does no harm.
# covers: C5 T12
# vm: program guest
# vm: seconds 600
# vm: nbft host=nqn.2014-08.org.nvmexpress:uuid:0a1b2c3d-0000-4000-8000-00000000b007,0a1b2c3d-0000-4000-8000-0000000000aa hfi=02:00:00:00:05:01,0,10.0.1.1 hfi=02:00:00:00:05:02,20,10.0.2.99,dhcp discovery=1,nvme+tcp://10.0.1.2:8009/ discovery=2,nvme+tcp://10.0.2.2/,nqn.2014-08.org.nvmexpress.discovery discovery=1,nvme+tcp://10.0.1.2:4420/,,1 discovery=3,nvme+tcp://10.0.1.2:8010/ subsystem=1,10.0.1.2,4420,nqn.2024-01.lab:sub9
. /job/lib.sh

tables=/sys/firmware/acpi/tables
[ -e $tables/NBFT ] || fail "the kernel shows no NBFT"
firmware_nqn=nqn.2014-08.org.nvmexpress:uuid:0a1b2c3d-0000-4000-8000-00000000b007
firmware_id=0a1b2c3d-0000-4000-8000-0000000000aa

in_target() { nsenter --net=/run/netns/target "$@"; }
link_in_target() { in_target ln -s "$nvmet/subsystems/$(nqn "$2")" "$nvmet/ports/$1/subsystems/$(nqn "$2")"; }
address_of() { cat "/sys/class/nvme/$1/address"; }
dc_at() { nvme-ctrls | awk -F'\t' -v a="$1" '$3 == "discovery" && $6 == a {print $1}'; } # dc_at ADDRESS
connect_as_firmware() { # connect_as_firmware HOST_TRADDR - as the initramfs does
    connect_by_hand "nqn=$(nqn 9),transport=tcp,traddr=10.0.1.2,trsvcid=4420,host_traddr=$1,hostnqn=$firmware_nqn,hostid=$firmware_id"
}
no_dc() { [ ! "$(dc_at "$1")" ]; }
goes_by() { [[ $(address_of "$(dc_at 10.0.1.2)") == *$(interface "$1")$(source_address 10.0.1.1)* ]]; }
is_gone() { [ ! "$(device_of "$(nqn "$1")")" ]; }
is_there() { [ "$(device_of "$(nqn "$1")")" ]; }
interface() { kernel_before 5.14 || echo ",host_iface=$1"; }
source_address() { kernel_before 6.1 || echo ",src_addr=$1"; }
explains_dc() { [[ $(stafctl explain nqn.2014-08.org.nvmexpress.discovery) == *"$1"* ]]; }
none_of_the_unusable() { ! nvme-ctrls | awk -F'\t' '$3 == "discovery" {print $7}' | grep -qE '4420|8010'; }
explains() { [[ $(stacctl explain "$(nqn 9)") == *"$1"* ]]; }

step "a target behind two cables, the second one in VLAN 20; the boot subsystem is 9, 8 is anybody's"
load_modules
ip netns add target
in_target ip link set lo up
for i in 1 2; do
    ip link add "host$i" address "02:00:00:00:05:0$i" type veth peer name "target$i" netns target
    ip link set "host$i" up
    in_target ip link set "target$i" up
done
in_target ip link add link target2 name storage type vlan id 20
in_target ip link set storage up
ip address add 10.0.1.1/24 dev host1
ip address add 10.0.1.3/24 dev host1
in_target ip address add 10.0.1.2/24 dev target1
in_target ip address add 10.0.2.2/24 dev storage
for i in 1 2 8 9; do subsystem $i; done
port 1 10.0.1.2 8009
port 2 10.0.2.2 8009
port 3 10.0.1.2 4420
port 4 10.0.1.2 8010
link_in_target 1 1
link_in_target 2 2
link_in_target 3 8
link_in_target 3 9
link_in_target 4 8

step "what the initramfs has connected, by two addresses, and what somebody else has"
connect_as_firmware 10.0.1.1
boot=$made
connect_as_firmware 10.0.1.3
other_boot=$made
await 10 "both are live" -i 2 -I 2
before=$(identities)
connect_by_hand "$(options "$(nqn 8)" 10.0.1.2 4420)"
printf '[Controllers]\n' >/etc/stas/stafd.conf
cat >/etc/stas/stacd.conf <<END
[I/O controller connection management]
disconnect-scope = all-connections-matching-disconnect-trtypes
END
watch_kernel

step "the second one's interface is not there: it waits, is told once, and does not go by the other cable"
ip route add 10.0.2.2 via 10.0.1.2
start
await 20 "the first discovery controller and subsystem 1" -d 1 -D 1 -n "$(nqn 1)"
within 5 "it is told" has_said stafd "discovery controller 2 waits: no interface of VLAN 20 has the MAC address 02:00:00:00:05:02"
stays 3 "it is not connected" no_dc 10.0.2.2
explains_dc "waiting for the interface that the table names" || fail "explain does not say why"
ip route del 10.0.2.2

step "no NQN means the well-known one; no security profile and no interface that the table lacks is ignored"
expect "its NQN" nqn.2014-08.org.nvmexpress.discovery "$(cat "/sys/class/nvme/$(dc_at 10.0.1.2)/subsysnqn")"
within 5 "it is reported" has_said stafd "NBFT discovery controller [34] .* is not used: the boot firmware.*unusable entries of that source: 2"
explains_dc "not used: the boot firmware has a security profile for it" || fail "explain does not say it of the security profile"
explains_dc "not used: the boot firmware's table does not describe the interface" || fail "explain does not say it of the interface"
stays 3 "neither is connected" none_of_the_unusable

step "the table's discovery controllers, and what their logs name, are connected by the table's host"
ip link add link host2 name storage type vlan id 20
ip link set storage up
ip address add 10.0.2.1/24 dev storage
expect "told" 1 "$(times_said stafd "discovery controller 2 waits")"
await 20 "both discovery controllers and subsystems 1 and 2" -d 2 -D 2 -n "$(nqn 1)" -n "$(nqn 2)"
for n in $(dc_at 10.0.1.2) $(dc_at 10.0.2.2) $(device_of "$(nqn 1)") $(device_of "$(nqn 2)"); do
    expect "host NQN of $n" $firmware_nqn "$(cat "/sys/class/nvme/$n/hostnqn")"
    expect "host ID of $n" $firmware_id "$(cat "/sys/class/nvme/$n/hostid")"
done
[[ $(address_of "$(dc_at 10.0.1.2)") == *host_traddr=10.0.1.1$(interface host1)$(source_address 10.0.1.1)* ]] || fail "the first is from elsewhere"
[[ $(address_of "$(dc_at 10.0.2.2)") == *$(interface storage)$(source_address 10.0.2.1)* ]] || fail "the second is from elsewhere"
[[ $(json stafctl ls -d | jq -r '.[].origin' | sort -u) == nbft ]] || fail "stafctl does not tell where they are from"

step "of the connections of others the firmware's stay"
within 15 "subsystem 8's is removed" is_gone 8
untouched "by the audit" "$before"
within 5 "explain says whose it is" explains "$tables/NBFT subsystem 1 [nbft, complete]"
explains "foreign" || fail "stacd calls it its own: $(stacctl explain "$(nqn 9)")"
foreign=("$other_boot")
ls_agrees

step "an interface gets another name: what goes by it follows"
ip link set host1 down
ip link set host1 name nbft0
ip link set nbft0 up
within 20 "the first discovery controller goes by it" goes_by nbft0
await 20 "all are there, and nothing twice" -d 2 -D 2 -n "$(nqn 1)" -n "$(nqn 2)"
untouched "by that" "$before"

step "what goes from a log goes, restarts change nothing"
watch_kernel
zone_out 2
await 15 "subsystem 2 is gone" -N "$(nqn 2)"
kill_daemon stacd
systemctl restart stafd
within 10 "stacd knows all again" explains "$tables/NBFT subsystem 1 [nbft, complete]"
untouched "by that" "$before"

step "who boots from it connects it: stacd does not"
nvme disconnect -d "$boot" >/dev/null
nvme disconnect -d "$other_boot" >/dev/null
foreign=()
stays 3 "it is not connected" is_gone 9
explains "connected by the initramfs" || fail "explain does not say why: $(stacctl explain "$(nqn 9)")"
connect_as_firmware 10.0.1.1
! kernel_before 5.18 || systemctl restart stacd # older kernels do not report that another's connection is up
within 5 "stacd knows it" explains "wanted and connected"

step "a damaged table is told once by each, and harms nothing"
mkdir /job/tables
make-nbft /job/tables/NBFT host=$firmware_nqn lie
mount --bind /job/tables $tables
before=$(identities)
watch_kernel
declare -A told
for u in stafd stacd; do
    told[$u]=$(times_said $u "$tables/NBFT: ")
    reload $u
done
for u in stafd stacd; do
    within 5 "$u tells" has_said $u "$tables/NBFT: the boot firmware's table cannot be used: an object is not on the heap"
    expect "told by $u" $((told[$u] + 1)) "$(times_said $u "$tables/NBFT: ")"
done
untouched "by a damaged table" "$before"
umount $tables

step "libnvme, which reads the table, is loaded for that; without it that is told, and harms nothing"
library=$(find /usr/lib -name 'libnvme.so.1')
for u in stafd stacd; do
    ! ldd "/usr/sbin/$u" | grep -E 'libnvme|libcrypto' || fail "$u is linked with it"
done
mount --bind /dev/null "$library"
watch_kernel
reload stafd
reload stacd
for u in stafd stacd; do
    within 5 "$u tells" has_said $u "$tables/NBFT: .* libnvme, which is required to read it, cannot be loaded"
done
untouched "without libnvme" "$before"
umount "$library"
finish

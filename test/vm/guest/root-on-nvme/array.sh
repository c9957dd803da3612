#!/bin/bash
# Run by init in the root file system, while that is read-only: port 1 of the array, 10.88.0.1:4420 behind the cable
# storage0 - array0, exports the disk as subsystem 1. /run/initramfs/array is its network namespace.
set -eu
. /run/initramfs/target.sh

for m in nvmet-tcp nvme-tcp veth; do modprobe $m; done
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
: >/run/initramfs/array
unshare --net=/run/initramfs/array true
in_array() { nsenter --net=/run/initramfs/array "$@"; }
in_array ip link set lo up
ip link set lo up
ip link add storage0 type veth peer name array0 netns /run/initramfs/array
in_array ip address add 10.88.0.1/24 dev array0
in_array ip link set array0 up
ip address add 10.88.0.2/24 dev storage0
ip link set storage0 up
port 1 10.88.0.1 4420
subsystem 1 /dev/vda
in_array ln -s "$nvmet/subsystems/$(nqn 1)" "$nvmet/ports/1/subsystems/$(nqn 1)"
connect_by_hand "$(options "$(nqn 1)" 10.88.0.1 4420 keep_alive_tmo=5,reconnect_delay=2,ctrl_loss_tmo=600)"
umount /sys/kernel/config
for ((i = 0; i < 50; i++)); do [ ! -b /dev/nvme0n1 ] || exit 0; sleep 0.1; done
exit 1

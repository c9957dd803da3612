#!/bin/bash
# covers: §7.3
# Without native multipath: the last path of a multipath map that is in use, and of unused maps, one of them another
# user's.
. /job/lib.sh

kept='no longer wanted, but kept: nvme[0-9]+ is the last usable path to a block device in use'
map() { # map NAME I - a map like multipathd's, with one path
    dmsetup create "$1" -u "mpath-$1" --noudevsync --table "0 $(blockdev --getsz "$(disk "$2")") linear $(disk "$2") 0"
    dmsetup mknodes "$1"
}
disk() { echo "/dev/$(device_of "$(nqn "$1")")n1"; }
node_of() { echo "/dev/$(dmsetup info -c --noheadings -o blkdevname "$1")"; }

step "three subsystems, each under a map"
echo 'options nvme_core multipath=N' >/etc/modprobe.d/lab.conf
modprobe dm-mod
load_modules
expect "native multipath" N "$(cat /sys/module/nvme_core/parameters/multipath)"
ram_disks 4
port 1 127.0.0.1 8009
for i in 1 2 3 4; do subsystem $i /dev/ram$((i - 1)); done
link 1 1 2 3 4
configure
start
await 30 "all are live" -d 1 -D 1 -i 4 -I 4
for i in 1 2 3; do
    until_true 30 [ -b "$(disk $i)" ]
    map lab$i $i
done
udevadm settle
chown root:disk "$(node_of lab1)"
chmod 0660 "$(node_of lab1)"
chown nobody:nogroup "$(node_of lab2)"
chmod 0660 "$(node_of lab2)"
mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=1 /dev/mapper/lab3
mkdir /job/mnt
mount /dev/mapper/lab3 /job/mnt

step "none of the three is wanted any more: what a map of nobody's needs goes"
zone_out 1 2 3
await 30 "those of the maps that nobody uses are gone" -N "$(nqn 1)" -N "$(nqn 2)" -i 2 -I 2
within 20 "the other one is kept" has_said stacd "$(nqn 3)[^0-9].*$kept"
stays 6 "it stays, past another look" nvme-until -t 0.1 -n "$(nqn 3)" -i 2 -I 2

step "released, it goes"
umount /job/mnt
await 20 "it is gone" -N "$(nqn 3)" -I 1
for i in 1 2 3; do dmsetup remove lab$i; done

finish

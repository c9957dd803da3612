#!/bin/bash
# The last path to a block device in use is kept, whatever holds it, and reported; it is disconnected when the device is
# released. disconnect-in-use=force disconnects it nonetheless.
# covers: B3
. /job/lib.sh

kept='no longer wanted, but kept: nvme[0-9]+ is the last usable path'
direct() { dd if="$1" iflag=direct bs=64k status=none | sha256sum; } # the contents of the disk, not of the page cache
explained() { json stacctl explain "$1" | grep -q 'in use'; }         # explained DEVICE
names_holders() { local said; said=$(stacctl explain) && [[ $said == *': held by dm-'*' (lab)'* && $said == *': held by md0'* ]]; }
holds() { # holds I... - they are connected, all data written is there, and each was reported once
    local i
    for i in "$@"; do
        expect "times the journal says that subsystem $i is kept" 1 "$(times_said stacd "$(nqn "$i")[^0-9].*$kept")"
        within 5 "stacctl explain says why $i is there" explained "$(device_of "$(nqn "$i")")"
    done
    ls_agrees
}

step "five disks: a file system, one under device mapper, one under md, a swap, one that nobody uses"
load_modules
ram_disks 6
port 1 127.0.0.1 8009
for i in 1 2 3 4 5; do subsystem $i /dev/ram$i; done
subsystem 6
link 1 1 2 3 4 5 6
configure
start
await 20 "all are live" -d 1 -D 1 -i 6 -I 6
for i in 1 2 3 4 5; do disk[i]=$(disk_of "$(nqn $i)"); done
mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=1 "${disk[1]}"
mkdir /job/mnt
mount "${disk[1]}" /job/mnt
head -c 3M /dev/urandom >/job/mnt/file
sync
sum=$(sha256sum </job/mnt/file)
modprobe dm-mod
dmsetup create lab --noudevsync --table "0 $(blockdev --getsz "${disk[2]}") linear ${disk[2]} 0"
dmsetup mknodes lab
# without a superblock it is not assembled again after it has been stopped
mdadm --build /dev/md0 --quiet --force --level=raid0 --raid-devices=1 "${disk[3]}"
mkswap -q "${disk[4]}"
swapon "${disk[4]}"

step "none of the five is wanted any more"
rest=$(identities | without 5)
watch_kernel
zone_out 1 2 3 4 5
await 10 "the one that nobody uses is gone" -N "$(nqn 5)" -i 5 -I 5
stays 7 "the others stay, past a second try" nvme-until -t 0.1 -i 5 -I 5
untouched "while they are in use" "$rest"
holds 1 2 3 4
within 5 "stacctl explain names device mapper and md" names_holders
expect "the file, from the disk" "$sum" "$(direct /job/mnt/file)"
head -c 1M /dev/urandom | dd of=/job/mnt/more oflag=direct bs=64k status=none
dd if=/dev/urandom of=/dev/mapper/lab oflag=direct bs=64k count=4 status=none
dd if=/dev/urandom of=/dev/md0 oflag=direct bs=64k count=4 status=none

step "a restart of stacd changes nothing"
watch_kernel
systemctl restart stacd
stays 3 "all stay" nvme-until -t 0.1 -i 5 -I 5
untouched "by the restart" "$rest"
within 10 "the new stacd says so too" has_said stacd "$(nqn 1)[^0-9].*$kept" 2

step "released, each goes; the others stay"
umount /job/mnt
await 10 "the one with the file system is gone" -N "$(nqn 1)" -I 4
dmsetup remove lab
mdadm --stop --quiet /dev/md0
await 10 "those under device mapper and md are gone" -N "$(nqn 2)" -N "$(nqn 3)" -I 2
swapoff "${disk[4]}"
await 10 "the swap is gone" -N "$(nqn 4)" -I 1

step "wanted again it is connected, with all that was written; wanted while it is kept, it just stays"
zone_in 1
await 15 "it is live" -n "$(nqn 1)" -i 2 -I 2
disk[1]=$(disk_of "$(nqn 1)")
until_true 30 [ -b "${disk[1]}" ]
mount "${disk[1]}" /job/mnt
expect "the file" "$sum" "$(direct /job/mnt/file)"
rest=$(identities)
watch_kernel
zone_out 1
within 10 "it is kept, which is news again" has_said stacd "$(nqn 1)[^0-9].*$kept" 3
zone_in 1
stays 6 "it stays" nvme-until -t 0.1 -i 2 -I 2
umount /job/mnt
stays 6 "and is not what goes when it is released" nvme-until -t 0.1 -i 2 -I 2
untouched "by all that" "$rest"

step "disconnect-in-use=force takes it from under a mounted file system"
mount -o ro "${disk[1]}" /job/mnt
zone_out 1
within 10 "it is kept" has_said stacd "$(nqn 1)[^0-9].*$kept" 4
printf '[I/O controller connection management]\ndisconnect-in-use = force\n' >/etc/stas/stacd.conf
reload stacd
await 10 "it is gone" -N "$(nqn 1)" -I 1
umount /job/mnt

finish

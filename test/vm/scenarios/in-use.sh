#!/bin/bash
# covers: §7.3
# vm: seconds 600
# The last path to a block device that is in use without a holder is kept: opened by a process, exported by this host's
# own target, below a loop device, or written by an unknown user. Each is reported by name, and disconnected once
# released. (last-path-in-use covers holders.)
. /job/lib.sh

seen=stas-open-devices.socket # reports which devices processes have open
declare -A by=()              # by subsystem: the expected text about its disk
kept='no longer wanted, but kept: nvme[0-9]+ is the last usable path to a block device'
explained() { # all of by is shown by stacctl explain
    local said i
    said=$(json stacctl explain | jq -r '.[] | select(.["in use by"]) | "\(.subsysnqn) \(.["in use by"])."')
    for i in "${!by[@]}"; do [[ $said =~ $(nqn "$i")" "[^.]*${by[$i]} ]] || return 1; done
}
reported() { # all of by is kept, explained, and reported once each
    local said i newline=$'\n'
    within 40 "stacctl explain says why each is kept" explained
    said=$(journal -u stacd | grep -E "$kept" | grep -v 'may be in use')
    for i in "${!by[@]}"; do
        [[ $said =~ $(nqn "$i")[^0-9][^$newline]*${by[$i]} ]] || fail "the journal does not say of subsystem $i: ${by[$i]}"
        expect "times it says so of subsystem $i" 1 "$(grep -c "$(nqn "$i")[^0-9]" <<<"$said")"
    done
}

machine() { # machine DISK - opens it like QEMU: its own node in its own mount namespace, O_DIRECT, no O_EXCL
    mount --make-rprivate /
    mount -t tmpfs none /mnt
    mknod /mnt/disk b $((0x$(stat -c %t "$1"))) $((0x$(stat -c %T "$1")))
    exec perl -e '$0 = "lab-machine"; sysopen(F, "/mnt/disk", 040002) or die $!; $( = 65534; $) = "65534 65534"; $< = $> = 65534;
        syswrite(STDOUT, "open\n"); sleep 600'
}
export -f machine

# A mapping that outlives its descriptor: no process has the device open, but it is written.
cat >/job/mapping.py <<'END'
import mmap, os, sys, time
fd = os.open(sys.argv[1], os.O_RDWR)
m = mmap.mmap(fd, 4096)
os.close(fd)
os.closerange(3, 1024)
print('mapped', flush=True)
i = 0
while True:
    i += 1
    m[0:8] = i.to_bytes(8, 'little')
    m.flush()
    time.sleep(0.1)
END

step "eight disks: seven that are used in ways of their own, one that nobody uses"
load_modules
ram_disks 9
port 1 127.0.0.1 8009
for i in 1 2 3 4 5 6 7 8; do subsystem $i /dev/ram$i; done
subsystem 9
link 1 1 2 3 4 5 6 7 8 9
configure
start
await 30 "all are live" -d 1 -D 1 -i 9 -I 9
for s in /sys/class/nvme-subsystem/*; do
    read -r name <"$s/subsysnqn"
    [[ $name != *:sub* ]] || for d in "$s"/nvme*n1; do disk[${name##*:sub}]=/dev/${d##*/}; done
done
sleep 600 3<>"${disk[1]}" &
pid[1]=$!
unshare --mount bash -c "machine ${disk[2]}" >/job/machine.out &
pid[2]=$!
setpriv --reuid=65534 --regid=65534 --clear-groups sleep 600 3<"${disk[3]}" &
pid[3]=$!
sleep 600 3<>"${disk[4]/nvme/ng}" &
pid[4]=$!
again=$nvmet/subsystems/nqn.2024-01.lab:again
mkdir "$again" "$again/namespaces/1"
echo -n "${disk[5]}" >"$again/namespaces/1/device_path"
echo 1 >"$again/namespaces/1/enable"
modprobe loop
losetup /dev/loop0 "${disk[6]}"
python3 /job/mapping.py "${disk[7]}" >/job/mapping.out &
pid[7]=$!
within 20 "the machine runs" grep -q open /job/machine.out
within 20 "the mapping is there" grep -q mapped /job/mapping.out

step "nobody can say what processes have open: what nobody uses is kept, and that is said"
rest=$(identities)
watch_kernel
systemctl stop $seen
zone_out 8
by=([8]='the processes that have it open cannot be determined: (ENOENT|ECONNREFUSED)')
within 20 "stacctl explain says why it is kept" explained
within 5 "so does the journal" has_said stacd "$(nqn 8)[^0-9].*$kept that may be in use"
systemctl start $seen
await 30 "it is gone" -N "$(nqn 8)"

step "a disk that belongs to another user is looked at like any other"
zone_in 8
await 20 "it is live" -n "$(nqn 8)" -i 9 -I 9
disk[8]=$(disk_of "$(nqn 8)")
until_true 30 [ -b "${disk[8]}" ]
udevadm settle
chown nobody:nogroup "${disk[8]}"
chmod 0660 "${disk[8]}"
zone_out 8
await 30 "it is gone" -N "$(nqn 8)"

step "none of the others is wanted any more"
rest=$(without 8 <<<"$rest")
zone_out 1 2 3 4 5 6 7
by=([1]="in use by ${pid[1]} .sleep" [2]="in use by ${pid[2]} .lab-machine" [3]="in use by ${pid[3]} .sleep" [4]="in use by ${pid[4]} .sleep"
    [5]="exported by nvmet subsystem nqn" [6]="under loop0" [7]="by an unknown user")
reported
stays 6 "all stay, past another look" nvme-until -t 0.1 -i 8 -I 8
untouched "while they are in use" "$rest"

step "released, each goes"
kill "${pid[@]}"
echo 0 >"$again/namespaces/1/enable"
rmdir "$again/namespaces/1" "$again"
losetup -d /dev/loop0
await 40 "all but the one that is wanted are gone" -I 1 -n "$(nqn 9)"

step "disconnect-in-use=force asks nobody"
zone_in 1
await 20 "it is live" -n "$(nqn 1)" -i 2 -I 2
sleep 600 3<>"$(disk_of "$(nqn 1)")" &
pid[1]=$!
zone_out 1
by=([1]="in use by ${pid[1]} .sleep")
within 30 "it is kept" explained
systemctl stop $seen
printf '[I/O controller connection management]\ndisconnect-in-use = force\n' >/etc/stas/stacd.conf
reload stacd
await 10 "it is gone" -N "$(nqn 1)" -I 1
kill "${pid[1]}"
systemctl start $seen

finish

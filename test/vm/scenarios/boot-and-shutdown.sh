#!/bin/bash
# vm: reboots 2
# A machine boots with a `_netdev` file system on an I/O controller whose link comes up late, and shuts down in order
# while it is mounted. One with `nofail` and without `_netdev` delays neither. The array is this kernel's own target in a network namespace, behind a veth without a carrier
# until stafd has tried in vain (guest/late-array.sh); a reboot stands in for a power-off.
# covers: F5 T18
. /job/lib.sh
. /job/boot.sh

disk=$kept/disk other=$kept/other
sums() { (cd /srv/data && sha256sum -- *); }
complaints() { # complaints BOOT - from the kernel about disks, from systemd about units that would not stop
    journalctl -o cat -k -p warning "_BOOT_ID=$1" | grep -Ei 'I/O error|EXT4-fs|timeout|reconnect|failed' || :
    journalctl -o cat "_BOOT_ID=$1" _PID=1 | grep -E "timed out|Killing|Failed (with|to)|Dependency failed" || :
}
is_as_left() { # the file system is mounted from the subsystem and has the files of the previous boot
    expect "what is mounted" "$(disk_of "$(nqn 1)") ext4" "$(findmnt -no SOURCE,FSTYPE /srv/data | xargs)"
    expect "the files" "$(cat $kept/sums)" "$(sums)"
    within 30 "the other one is mounted" mountpoint -q /srv/other
    expect "what is mounted" "$(disk_of "$(nqn 2)") ext4" "$(findmnt -no SOURCE,FSTYPE /srv/other | xargs)"
    expect "its file" "$boot" "$(cat /srv/other/boot)"
    ls_agrees
}
booted() { # booted BOOT - each came in time
    in_order "stafd is there" "$(started "$1" stafd.service)" \
        "stacd is there" "$(started "$1" stacd.service)" \
        "remote file systems may be mounted" "$(started "$1" remote-fs-pre.target)" \
        "the link comes up" "$(when "$1" _SYSTEMD_UNIT=array.service -- 'link up: 0 controllers live, 0 mounted')" \
        "the disk is there" "$(started "$1" "$device")" \
        "it was found clean" "$(when "$1" SYSLOG_IDENTIFIER=systemd-fsck -- ': clean, ')" \
        "the file system is mounted" "$(started "$1" srv-data.mount)" \
        "remote file systems are there" "$(started "$1" remote-fs.target)"
    in_order "local file systems are there" "$(started "$1" local-fs.target)" \
        "the link comes up" "$(when "$1" _SYSTEMD_UNIT=array.service -- 'link up: 0 controllers live, 0 mounted')" \
        "the other file system is mounted" "$(started "$1" srv-other.mount)"
}

uuid=6f1c8a52-0d9e-4c55-9b5e-3a3f5f0b7d11 other_uuid=6f1c8a52-0d9e-4c55-9b5e-3a3f5f0b7d12
device=$(systemd-escape -p --suffix=device /dev/disk/by-uuid/$uuid)

if [ "$boot" = 0 ]; then
    step "an administrator's machine: a discovery controller, a line in fstab, both daemons enabled"
    mkdir -p /srv/data $kept/files
    head -c 3M /dev/urandom >$kept/files/old
    (cd $kept/files && sha256sum -- *) >$kept/sums
    mke2fs -q -t ext4 -b 4096 -m 0 -U $uuid -d $kept/files $disk 64M
    rm -r $kept/files
    debugfs -R 'rmdir lost+found' -w $disk 2>/dev/null
    mkdir -p /srv/other $kept/files
    echo 1 >$kept/files/boot
    mke2fs -q -t ext4 -b 4096 -m 0 -U $other_uuid -d $kept/files $other 16M
    rm -r $kept/files
    printf '%s\n' "UUID=$uuid /srv/data ext4 _netdev 0 2" "UUID=$other_uuid /srv/other ext4 nofail 0 0" >/etc/fstab
    printf '[Controllers]\ncontroller = transport=tcp;traddr=10.77.0.1;trsvcid=8009\n' >/etc/stas/stafd.conf
    printf '[Controllers]\n' >/etc/stas/stacd.conf
    systemctl unmask -q remote-fs.target
    systemctl enable -q stafd stacd remote-fs.target
    cat >/etc/systemd/system/array.service <<END
[Unit]
Description=Array
DefaultDependencies=no
After=local-fs.target systemd-udevd.service
Before=network.target shutdown.target
Conflicts=shutdown.target
[Service]
Type=notify
NotifyAccess=all
Environment=PATH=/job/bin:/usr/sbin:/usr/bin
ExecStart=unshare --net bash /job/late-array.sh $disk $other
KillMode=mixed
[Install]
WantedBy=multi-user.target
END
    systemctl enable -q array
    restart
fi

this=$(tr -d - </proc/sys/kernel/random/boot_id)
step "boot $boot: the mount waits for the link, and nothing else does"
within 120 "remote file systems are there" systemctl -q is-active remote-fs.target
booted "$this"
is_as_left
expect "complaints" '' "$(complaints "$this")"

if [ "$boot" = 1 ]; then
    step "down with it mounted, and what was just written not on the disk yet"
    head -c 3M /dev/urandom >/srv/data/new
    sums >$kept/sums
    echo 2 >/srv/other/boot
    now >$kept/down
    restart
fi

step "how it went down"
before=$(boot_before)
in_order "restart" "$(cat $kept/down)" \
    "the file system is unmounted" "$(stopped "$before" srv-data.mount)" \
    "stacd is stopped" "$(stopping "$before" stacd.service)" \
    "it is gone" "$(stopped "$before" stacd.service)" \
    "stafd is stopped" "$(stopping "$before" stafd.service)" \
    "it is gone" "$(stopped "$before" stafd.service)" \
    "the connections are there to the end" \
    "$(when "$before" _SYSTEMD_UNIT=array.service -- 'the end: 3 controllers live, 0 mounted')" \
    "the machine restarts" "$(started "$before" reboot.target)"
in_order "restart" "$(cat $kept/down)" \
    "the other file system is unmounted" "$(stopped "$before" srv-other.mount)" \
    "the array ends" "$(when "$before" _SYSTEMD_UNIT=array.service -- 'the end: 3 controllers live, 0 mounted')"
expect "complaints" '' "$(complaints "$before")"
for u in stafd stacd; do
    [ $(($(stopped "$before" $u.service) - $(stopping "$before" $u.service))) -lt 5000000 ] || fail "$u took 5 s to stop"
done
[ $(($(started "$before" reboot.target) - $(cat $kept/down))) -lt 20000000 ] || fail "the shutdown took 20 s"

umount /srv/data /srv/other
expect "state of the file system" clean "$(dumpe2fs -h "$(disk_of "$(nqn 1)")" 2>/dev/null | sed -n 's/^Filesystem state: *//p')"

finish

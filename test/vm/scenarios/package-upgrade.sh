#!/bin/bash
# The package replaces Debian's nvme-stas 2.4.1 and is replaced by it again, under a mounted file system; it is purged
# and reinstalled. No connection is affected, and no byte of the administrator's files changes.
# covers: F1
# vm: packages
keep_python=1
. /job/lib.sh
[ -d /job/packages ] || skip "needs the packages ('make packages')"
ours=$(echo /job/packages/nvme-stas_3*.deb)
debians=$(echo /job/packages/nvme-stas_2*.deb)

apt() { # apt COMMAND... - as run by an administrator or unattended-upgrades
    DEBIAN_FRONTEND=noninteractive apt-get -qy -o Dpkg::Options::=--force-confold "$@" >/job/apt.log 2>&1 ||
        { cat /job/apt.log; fail "apt-get $*"; }
    ! grep -Ei 'warning:|error:|failed' /job/apt.log | grep -v 'warning: downgrading' || fail "apt-get $* complained"
}
kept() { # kept "WHEN" - connections, mount and configuration are unchanged
    untouched "$1" "$before"
    expect "what is mounted ($1)" "$(disk_of "$(nqn 1)")" "$(findmnt -no SOURCE /job/mnt)"
    expect "the file, from the disk ($1)" "$sum" "$(dd if=/job/mnt/file iflag=direct bs=64k status=none | sha256sum)"
    expect "the administrator's files ($1)" "$configuration" "$(sha256sum /etc/stas/sta?d.conf /etc/nvme/host*)"
}
runs() { # runs VERSION - it is the one installed and running
    local u
    expect "version" "nvme-stas $1" "$(stafctl --version)"
    for u in stafd stacd; do
        expect "state of $u" "active enabled" "$(systemctl is-active $u || :) $(systemctl is-enabled $u || :)"
    done
    is_python || expect "what runs" /usr/sbin/stafd "$(readlink "/proc/$(systemctl show -P MainPID stafd)/exe")"
}

step "Debian's nvme-stas 2.4.1, two subsystems, a file system of one is mounted"
load_modules
ram_disks 1
port 1 127.0.0.1 8009
subsystem 1 /dev/ram0
subsystem 2
subsystem 3
link 1 1 2
stasadm hostnqn -f /etc/nvme/hostnqn
stasadm hostid -f /etc/nvme/hostid
configure
for u in stafd stacd; do # Python's take more than a minute on a busy host
    install -D -m 644 /dev/stdin /run/systemd/system/$u.service.d/slow.conf <<<$'[Service]\nTimeoutStartSec=300'
done
systemctl enable -q stafd stacd
start
await 120 "2 are live" -i 2 -I 2 -d 1
disk=$(disk_of "$(nqn 1)")
mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=1 "$disk"
mkdir /job/mnt
mount "$disk" /job/mnt
head -c 3M /dev/urandom >/job/mnt/file
sync
sum=$(sha256sum </job/mnt/file)
before=$(identities)
configuration=$(sha256sum /etc/stas/sta?d.conf /etc/nvme/host*)
runs 2.4.1

step "the package"
watch_kernel
apt install "$ours"
kept "upgrade"
runs 3.0.0
! is_python || fail "Python's library is left"
ls_agrees

step "and back"
watch_kernel
apt install --allow-downgrades "$debians"
kept "downgrade"
runs 2.4.1
within 60 "Python's lists agree" agrees stacctl io

step "again, and it does its work"
watch_kernel
apt install "$ours"
kept "second upgrade"
runs 3.0.0
link 1 3
await 20 "a new subsystem is connected" -n "$(nqn 3)"
before=$(identities)

step "the same once more"
watch_kernel
apt install --reinstall "$ours"
kept "reinstallation"
runs 3.0.0

step "purge"
watch_kernel
apt purge nvme-stas
untouched "purge" "$before"
expect "what is left" '' "$(ls -d /etc/stas /run/stafd /run/stacd /usr/sbin/sta?d /etc/systemd/system/*/sta* 2>/dev/null || :)"
expect "host NQN and ID" "$(grep /etc/nvme <<<"$configuration")" "$(sha256sum /etc/nvme/host*)"
umount /job/mnt
nvme disconnect-all >/dev/null

step "a host that never had it: no host NQN, an empty host ID"
rm /etc/nvme/hostnqn
: >/etc/nvme/hostid
apt install "$ours"
runs 3.0.0
expect "host NQN" "nqn.2014-08.org.nvmexpress:uuid:f2782346-4809-484a-9a8b-952a04b57ba4" "$(cat /etc/nvme/hostnqn)"
[ -s /etc/nvme/hostid ] || fail "no host ID was made"
for u in stafd stacd; do expect "faults of $u's configuration" '' "$($u --check 2>&1)"; done
configure
systemctl reload stafd
await 20 "3 are live" -i 3 -I 3 -d 1

finish

#!/bin/bash
# What a daemon cannot do without: one clear line and exit code 1.
. /job/lib.sh

says() { # says "WHEN" PATTERN COMMAND... - exit code 1, one line on stderr that matches, nothing on stdout
    local when=$1 pattern=$2 rc=0
    shift 2
    "$@" >/job/stdout 2>/job/stderr || rc=$?
    expect "exit code $when" 1 $rc
    expect "stdout $when" '' "$(cat /job/stdout)"
    expect "lines on stderr $when" 1 "$(wc -l </job/stderr)"
    grep -Eq -e "$pattern" /job/stderr || fail "$when: expected a line like '$pattern', got '$(cat /job/stderr)'"
    note "$when: $(cat /job/stderr)"
}

step "no nvme-tcp module"
systemctl stop stafd stacd
lsmod | grep -q '^nvme_fabrics' && modprobe -r nvme-tcp nvme-rdma nvme-loop nvme-fabrics 2>/dev/null
[ ! -e /dev/nvme-fabrics ] || fail "/dev/nvme-fabrics is still there"
for d in stafd stacd; do says "of $d without the module" '^Fatal error: missing nvme-tcp kernel module' timeout 10 $d; done

step "not root"
load_modules
for d in stafd stacd; do says "of $d as nobody" '^Permission denied' as_nobody timeout 10 $d; done

step "no host NQN, none in sys.conf, and a machine ID that lasts until the next boot"
mv /etc/nvme/hostnqn /job/hostnqn
cp /etc/machine-id /run/machine-id
mount --bind /run/machine-id /etc/machine-id
for d in stafd stacd; do says "of $d without host NQN" '^Error reading mandatory Host NQN \(see stasadm --help\): ' timeout 10 $d; done

umount /etc/machine-id

step "a host NQN that is none"
echo "not an nqn" >/etc/nvme/hostnqn
for d in stafd stacd; do says "of $d with a bad host NQN" 'NQN' timeout 10 $d; done
mv /job/hostnqn /etc/nvme/hostnqn

step "no D-Bus"
for d in stafd stacd; do says "of $d without D-Bus" 'D-Bus' env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere timeout 10 $d; done

step "the command lines without a daemon, and without a command"
says "of stafctl" '^Unable to communicate with stafd over D-Bus\. Is stafd running\?' stafctl ls
says "of stacctl" '^Unable to communicate with stacd over D-Bus\. Is stacd running\?' stacctl ls
for c in stafctl stacctl; do
    refuses "$c without a command" $c
    grep -qi usage <<<"$said" || fail "$c without a command shows no usage: $said"
done

step "with all of it there, the daemons start"
target 1
configure
start
await 20 "1 discovery and 1 I/O controller are live" -d 1 -D 1 -i 1 -I 1

step "no host NQN, no host ID, and /etc cannot be written: they connect as the host that stasadm would name"
systemctl stop stacd stafd
nvme disconnect-all
rm /etc/nvme/hostnqn /etc/nvme/hostid
mount --bind /etc /etc
mount -o remount,bind,ro /etc
start
await 20 "both are live again" -d 1 -D 1 -i 1 -I 1
expect "host NQN in sysfs" nqn.2014-08.org.nvmexpress:uuid:f2782346-4809-484a-9a8b-952a04b57ba4 "$(nvme-ctrls | cut -f10 | sort -u)"
expect "host ID in sysfs" f2782346-4809-484a-9a8b-952a04b57ba4 "$(cat /sys/class/nvme/nvme*/hostid | sort -u)"
for d in stafd stacd; do
    expect "lines of $d about it" 2 "$(journal -u $d | grep -c 'hostnqn: No such file\|hostid: No such file')"
done

finish

#!/bin/bash
# Missing requirements of a daemon: one clear line and an exit code that lets systemd retry temporary failures.
# covers: A9
. /job/lib.sh

says() { # says CODE "WHEN" PATTERN COMMAND... - exit code, one line on stderr that matches, nothing on stdout
    local code=$1 when=$2 pattern=$3 rc=0
    shift 3
    "$@" >/job/stdout 2>/job/stderr || rc=$?
    expect "exit code $when" "$code" $rc
    expect "stdout $when" '' "$(cat /job/stdout)"
    expect "lines on stderr $when" 1 "$(wc -l </job/stderr)"
    grep -Eq -e "$pattern" /job/stderr || fail "$when: expected a line like '$pattern', got '$(cat /job/stderr)'"
    note "$when: $(cat /job/stderr)"
}

left_alone() { [ "$(systemctl show -P ActiveState "$1") $(systemctl show -P NRestarts "$1")" = "failed 0" ]; }

step "no nvme-tcp module"
systemctl stop stafd stacd
lsmod | grep -q '^nvme_fabrics' && modprobe -r nvme-tcp nvme-rdma nvme-loop nvme-fabrics 2>/dev/null
[ ! -e /dev/nvme-fabrics ] || fail "/dev/nvme-fabrics is still there"
for d in stafd stacd; do says 1 "of $d without the module" '^Fatal error: missing nvme-tcp kernel module' timeout 10 $d; done

step "not root"
load_modules
for d in stafd stacd; do says 4 "of $d as nobody" '^Permission denied' as_nobody timeout 10 $d; done

step "no host NQN, none in sys.conf, and a machine ID that lasts until the next boot"
mv /etc/nvme/hostnqn /job/hostnqn
cp /etc/machine-id /run/machine-id
mount --bind /run/machine-id /etc/machine-id
for d in stafd stacd; do says 1 "of $d without host NQN" '^Error reading mandatory Host NQN \(see stasadm --help\): ' timeout 10 $d; done

umount /etc/machine-id

step "a host NQN that is none"
echo "not an nqn" >/etc/nvme/hostnqn
for d in stafd stacd; do says 6 "of $d with a bad host NQN" 'NQN' timeout 10 $d; done

step "systemd tries it once: no restart mends it"
allowed_errors=('Failed to start')
for d in stafd stacd; do
    refuses "start of $d" systemctl start $d
    expect "exit code" 6 "$(systemctl show -P ExecMainStatus $d)"
    stays 2 "it is left alone" left_alone $d
done
mv /job/hostnqn /etc/nvme/hostnqn

step "a host NQN that is not there yet: systemd tries again, and it is there"
for d in stafd stacd; do
    mkdir -p /etc/stas /run/late
    printf '[Host]\nnqn = file:///run/late/nqn\n' >/etc/stas/sys.conf
    systemctl start --no-block $d
    within 60 "$d was started again" has_said $d 'Scheduled restart job'
    cp /etc/nvme/hostnqn /run/late/nqn
    within 60 "$d runs" systemctl -q is-active $d
    systemctl stop $d
    rm -r /run/late /etc/stas/sys.conf
    kills[$d]=$(times_said $d 'Scheduled restart job')
done

step "a wrong command line"
for d in stafd stacd; do says 2 "of $d with an unknown option" "^$d: " timeout 10 $d --nonsense; done

step "no D-Bus"
one_identity # otherwise that is a second line
for d in stafd stacd; do says 1 "of $d without D-Bus" 'D-Bus' env DBUS_SYSTEM_BUS_ADDRESS=unix:path=/nowhere timeout 10 $d; done

step "the command lines without a daemon, and without a command"
says 1 "of stafctl" '^Unable to communicate with stafd over D-Bus\. Is stafd running\?' stafctl ls
says 1 "of stacctl" '^Unable to communicate with stacd over D-Bus\. Is stacd running\?' stacctl ls
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

#!/bin/bash
# covers: §11.3
# Where the daemons' own files may be on the lost storage, the daemons are locked in memory entirely: a loss and its
# recovery read nothing from a disk.
. /job/lib.sh

conf() { printf '[Global]\n%s\n' "$@"; }
pid() { systemctl show -P MainPID "$1"; }
locked() { awk '$1 == "VmLck:" {print $2}' "/proc/$(pid "$1")/status"; } # in KiB
is_locked() { [ "$(locked "$1")" -gt 0 ]; }
faults() { cut -d' ' -f12 "/proc/$(pid "$1")/stat"; } # major faults since its start
memory() { # memory WHEN - one line of figures for each daemon
    local u
    for u in stafd stacd; do
        note "$(awk -v u="$u, $1" '/^(Pss|Pss_Anon|Locked):/ {s = s " " $1 " " $2 " KiB"} END {print u ":" s}' \
            "/proc/$(pid $u)/smaps_rollup"), VmLck $(locked $u) KiB, threads $(find "/proc/$(pid $u)/task" -mindepth 1 -maxdepth 1 | wc -l)"
    done
}
stacks() { # the deepest stack of a thread in KiB, where stacks are not locked
    local u
    for u in stafd stacd; do
        note "$u: $(awk '/^[0-9a-f]+-/ {size = 0; main = $6 == "[stack]"} $1 == "Size:" {size = $2}
            $1 == "Rss:" && size == 256 && $2 > deepest {deepest = $2} $1 == "Rss:" && main {first = $2}
            END {print "first stack " first " KiB, deepest of the others " deepest + 0 " KiB"}' "/proc/$(pid $u)/smaps")"
    done
}
evict() { # pushes everything that is not locked out of memory
    local u
    sync
    echo 3 >/proc/sys/vm/drop_caches
    for u in stafd stacd; do # more than exists; nothing where it does not run
        { echo 1G >"/sys/fs/cgroup/system.slice/$u.service/memory.reclaim"; } 2>/dev/null || :
    done
}
loss() { # all connections are lost and come back
    local before
    before=$(identities)
    nvme disconnect-all >/dev/null
    await 40 "all are back" -d 1 -D 1 -i "$1" -I "$1"
    [ "$(identities)" != "$before" ] || fail "nothing was lost"
}

before=()
step "auto, with nothing of the system on such a disk: not locked"
ram_disks 3
target 3
port 2 127.0.0.1 4420
subsystem 9 /dev/ram0
link 2 9
configure
start
await 30 "all are live" -d 1 -D 1 -i 3 -I 3
for u in stafd stacd; do expect "memory that $u has locked" 0 "$(locked $u)"; done
loss 3
memory "not locked, 3 controllers"
stacks

step "something is mounted later: /var, on a disk of a target by device mapper"
modprobe dm-mod
connect_by_hand "$(options "$(nqn 9)" 127.0.0.1 4420)"
foreign=("$made")
await 20 "it is live" -n "$(nqn 9)"
until_true 30 [ -b "$(disk_of "$(nqn 9)")" ]
dmsetup create lab --noudevsync --table "0 $(blockdev --getsz "$(disk_of "$(nqn 9)")") linear $(disk_of "$(nqn 9)") 0"
dmsetup mknodes lab
mkfs.ext4 -q -O ^has_journal -E lazy_itable_init=1 /dev/mapper/lab
mount /dev/mapper/lab /var
for u in stafd stacd; do
    within 10 "$u says so" has_said $u "^Memory is locked: /var is on nvme[0-9]+n1 \(tcp\)$"
    within 5 "$u is locked" is_locked $u
done

step "once locked it stays so, until lock-memory=no"
umount /var
dmsetup remove lab
nvme disconnect -d "${foreign[0]}" >/dev/null
foreign=()
await 20 "the disk is gone" -N "$(nqn 9)" -i 3 -I 3
reload stacd
is_locked stacd || fail "stacd is not locked after a reload"
mkdir -p /etc/stas/sta{f,c}d.conf.d
for u in stafd stacd; do
    conf lock-memory=no >/etc/stas/$u.conf.d/lab.conf
    reload $u
    expect "memory that $u has locked" 0 "$(locked $u)"
    has_said $u "^Memory is no longer locked$" || fail "$u does not say so"
done

step "yes: a loss and the return of all controllers wait for no disk"
for u in stafd stacd; do conf lock-memory=yes >/etc/stas/$u.conf.d/lab.conf; done
systemctl stop stafd stacd
evict # so that what the daemons read is attributed to them
start
await 30 "all are live" -d 1 -D 1 -i 3 -I 3
for u in stafd stacd; do
    is_locked $u || fail "$u is not locked"
    expect "times $u says so" 1 "$(times_said $u "^Memory is locked: lock-memory=yes$")"
    before[${#before[@]}]=$(faults $u)
done
evict
loss 3
expect "reads from a disk that stafd has waited for" "${before[0]}" "$(faults stafd)"
expect "reads from a disk that stacd has waited for" "${before[1]}" "$(faults stacd)"
memory "locked, 3 controllers"

step "32 controllers"
for ((i = 10; i < 39; i++)); do subsystem $i; done
link 1 $(seq 10 38)
await 60 "all are live" -d 1 -D 1 -i 32 -I 32
memory "locked, 32 controllers"
for u in stafd stacd; do # another thread's heap would be 64 MiB
    [ "$(locked $u)" -lt 16384 ] || fail "$u has locked $(locked $u) KiB"
done
for u in stafd stacd; do rm /etc/stas/$u.conf.d/lab.conf; done
systemctl restart stafd stacd
await 30 "all are live" -d 1 -D 1 -i 32 -I 32
loss 32
memory "not locked, 32 controllers"
stacks

step "a limit: that is said once, and all is connected"
mkdir -p /run/systemd/system/stacd.service.d
printf '[Service]\nLimitMEMLOCK=64M\n' >/run/systemd/system/stacd.service.d/lab.conf
systemctl daemon-reload
conf lock-memory=yes >/etc/stas/stacd.conf.d/lab.conf
systemctl restart stacd
within 10 "it says so" has_said stacd "^Cannot lock memory, although lock-memory=yes: .*LimitMEMLOCK="
expect "memory that stacd has locked" 0 "$(locked stacd)"
reload stacd
expect "times it says so" 1 "$(times_said stacd "^Cannot lock memory")"

finish

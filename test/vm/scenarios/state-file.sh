#!/bin/bash
# The state file is damaged, truncated or not writable, or its directory is missing: one clear line each time; the
# daemons keep working and disconnect nothing.
# covers: B9
. /job/lib.sh

state() { echo "/run/$1/last-known-config.json"; } # state UNIT
clear_line() { # clear_line UNIT PATTERN WHEN - logged once since the last check
    local n
    within 10 "$1 says it ($3)" has_said_since "$1" "$2"
    n=$(journal --after-cursor="$cursor" -u "$1" | grep -Ec -e "$2")
    expect "lines of $1 ($3)" 1 "$n"
    note "$(journal --after-cursor="$cursor" -u "$1" | grep -E -e "$2")"
}
has_said_since() { [ -n "$(journal --after-cursor="$cursor" -u "$1" | grep -E -e "$2")" ]; }
look() { cursor=$(journalctl -n 1 --no-pager -o json | jq -r .__CURSOR); }
damaged() { # damaged STAFD-WAY STACD-WAY - each daemon finds its state file damaged in this way
    local u when="$1 and $2"
    systemctl stop stacd stafd
    "$1" "$(state stafd)"
    "$2" "$(state stacd)"
    look
    watch_kernel
    start
    for u in stafd stacd; do
        clear_line $u 'state file' "$when"
        [ -e "$(state $u).damaged" ] || fail "$u did not set its file aside ($when)"
        rm "$(state $u).damaged"
    done
    stays 2 "all are there" nvme-until -t 0.1 -d 1 -D 1 -i 4 -I 4
    untouched "$when" "$all"
    ls_agrees
    for u in stafd stacd; do within 12 "$u has written it anew" valid "$(state $u)"; done
}
valid() { jq -e . "$1"; }
works_on() { # works_on WHEN - a subsystem is added and one is removed
    link 1 5
    await 10 "subsystem 5 is connected" -n "$(nqn 5)" -i 5 -I 5
    zone_out 4
    await 10 "subsystem 4 is gone" -N "$(nqn 4)" -I 4
    unlink 1 5
    zone_in 4
    await 15 "subsystem 4 is connected and 5 is gone" -n "$(nqn 4)" -N "$(nqn 5)" -i 4 -I 4
    untouched "$1" "$(without 4 <<<"$all")"
    all=$(identities)
}
unwritable() { # unwritable WHEN - stacd has to write more than once, and reports once that it cannot
    watch_kernel
    works_on "$1"
    clear_line stacd 'annot write the state file' "$1"
}

as_stacd_sees_it() { nsenter -m -t "$(systemctl show -P MainPID stacd)" "$@"; } # its unit has its own mounts

step "four subsystems of five"
target 4 1
configure
start
await 20 "1 discovery and 4 I/O controllers are live" -d 1 -D 1 -i 4 -I 4
all=$(identities)
for u in stafd stacd; do
    within 12 "$u has written its state file" valid "$(state $u)"
    expect "mode of the file of $u" 600 "$(stat -c %a "$(state $u)")"
done

step "damaged"
garbage() { head -c 4096 /dev/urandom >"$1"; }
empty() { : >"$1"; }
halved() { truncate -s $(($(stat -c %s "$1") / 2)) "$1"; }
other_version() { echo '{"version": 4711}' >"$1"; }
damaged garbage halved
damaged other_version empty

step "a folder in its place cannot be read, nor be replaced"
systemctl stop stacd
rm "$(state stacd)"
mkdir "$(state stacd)"
look
watch_kernel
start stacd
stays 2 "all are there" nvme-until -t 0.1 -i 4 -I 4
untouched "with a folder in the file's place" "$all"
has_said_since stacd 'state file' || fail "stacd has not said that it cannot use the file"
systemctl stop stacd
rm -r "$(state stacd)"*
start stacd
within 12 "stacd has written it anew" valid "$(state stacd)"

step "the file system is read-only"
look
as_stacd_sees_it mount -o remount,bind,ro /run/stacd
unwritable "read-only"
as_stacd_sees_it mount -o remount,bind,rw /run/stacd

step "the file system is full"
look
as_stacd_sees_it mount -t tmpfs -o size=16k,mode=700 none /run/stacd
as_stacd_sees_it sh -c 'head -c 1M /dev/zero >/run/stacd/ballast' 2>/dev/null || :
unwritable "full"
as_stacd_sees_it umount /run/stacd

step "the folder is gone"
look
rm -r /run/stacd
unwritable "no folder"
watch_kernel
systemctl restart stacd
stays 2 "after a restart all are there" nvme-until -t 0.1 -i 4 -I 4
untouched "by the restart" "$all"
within 12 "stacd has its file again" valid "$(state stacd)"
expect "mode of the folder" 755 "$(stat -c %a /run/stacd)"

step "after all of that each is still ours: not wanted, it goes"
zone_out 4
await 10 "subsystem 4 is gone" -N "$(nqn 4)" -i 3 -I 3

finish

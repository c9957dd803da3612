#!/bin/bash
# Of two paths to a mounted subsystem the unwanted one is disconnected at once, and the mount survives. A path that is
# not live is not taken into account.
# covers: B4
. /job/lib.sh

alive() { # the mount can be read and written over the current connections
    echo "$RANDOM $RANDOM" >/job/text
    dd if=/job/text of=/job/mnt/text bs=4k conv=sync oflag=direct status=none
    expect "what was written to the mount" "$(cat /job/text)" "$(dd if=/job/mnt/text bs=4k iflag=direct status=none | tr -d '\0')"
    expect "the file" "$sum" "$(sha256sum </job/mnt/file)"
}
path_of() { nvme-ctrls | awk -F'\t' -v n="$(nqn 1)" -v s="$1" '$5 == n && $7 == s {print $1}'; } # path_of SERVICE
state_of() { cat "/sys/class/nvme/$1/state"; }
state_is() { [ "$(state_of "$1")" = "$2" ]; }
exclude() { # exclude [SERVICE] - no path to subsystem 1 through it, or both again
    printf '[Controllers]\n' >/etc/stas/stacd.conf
    [ $# = 0 ] || printf 'exclude = trsvcid=%s;nqn=%s\n' "$1" "$(nqn 1)" >>/etc/stas/stacd.conf
    reload stacd
}
no_path() { [ -z "$(path_of "$1")" ]; }

step "two ports with a discovery controller each; subsystem 1 behind both"
load_modules
ram_disks 2
subsystem 1 /dev/ram1
subsystem 2
subsystem 3
port 1 127.0.0.1 8009
port 2 127.0.0.1 8010
link 1 1 2
link 2 1 3
configure
echo 'controller = transport=tcp;traddr=127.0.0.1;trsvcid=8010' >>/etc/stas/stafd.conf
start
await 20 "2 discovery and 4 I/O controllers are live" -d 2 -D 2 -i 4 -I 4
disk=$(disk_of "$(nqn 1)")
mkfs.ext4 -q -O ^has_journal "$disk"
mkdir /job/mnt
mount "$disk" /job/mnt
head -c 2M /dev/urandom >/job/mnt/file
sync
sum=$(sha256sum </job/mnt/file)

step "the target takes subsystem 1 from its second port"
rest=$(identities | grep -v "^$(path_of 8010)"$'\t')
watch_kernel
unlink 2 1
# the kernel would give it up too, but not before its next reconnect attempt, after ten seconds
patience=1 await 8 "that path is gone" -i 3 -I 3
no_path 8010 || fail "it is the wrong path that is gone"
untouched "by that" "$rest"
alive
link 2 1
await 15 "the path is back" -i 4 -I 4
alive

step "a rule excludes the first path: it goes at once as well, the new one carries the mount"
rest=$(identities | grep -v "^$(path_of 8009)"$'\t')
watch_kernel
exclude 8009
patience=1 await 5 "that path is gone" -i 3 -I 3
no_path 8009 || fail "it is the wrong path that is gone"
untouched "by that" "$rest"
alive
exclude
await 15 "the path is back" -i 4 -I 4

step "the second path is connected, and not live: the first is the last one, and is kept"
first=$(path_of 8009) second=$(path_of 8010)
nft add table inet away
nft add chain inet away in '{ type filter hook input priority 0; }'
nft add rule inet away in 'tcp dport 8010 tcp flags & (syn | ack) == syn reject with tcp reset'
echo 1 >"/sys/class/nvme/$second/reset_controller" 2>/dev/null || :
within 5 "the second path is away" state_is "$second" connecting
exclude 8009
within 10 "stacd keeps the first" has_said stacd "kept: $first is the last usable path"
stays 6 "it stays" state_is "$first" live
alive

step "the second path is back: the first goes"
nft delete table inet away
within 20 "the second path is live" state_is "$second" live
within 10 "the first is gone" no_path 8009
alive
umount /job/mnt

finish

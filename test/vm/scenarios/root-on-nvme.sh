#!/bin/bash
# The root file system is on NVMe/TCP, connected by the initramfs. It is adopted; no configuration disconnects it, nor
# does a restart, a crash or an update of the daemons; they start while its interface is down; its target is away for a
# minute; the machine shuts down in order and boots again with a clean file system.
# covers: §7.3 §11.3
# vm: root-on-nvme
# vm: reboots 1
. /job/lib.sh
. /job/boot.sh

b=/run/lab/busybox # a program blocks while the disk that it is on is away
in_array() { nsenter --net=/run/initramfs/array "$@"; }
configure_stacd() { # configure_stacd [LINE]...
    printf '%s\n' "$@" >/etc/stas/stacd.conf
    reload stacd
}
explains() { [[ $(stacctl explain "$root") == *"$1"* ]]; }
is_locked() { awk '$1 == "VmLck:" {exit $2 == 0}' "/proc/$(systemctl show -P MainPID "$1")/status"; }
is_same() { [ "$(incarnations | grep "^$root"$'\t')" = "$root_was" ]; }
is_away() { local state; read -r state <"/sys/class/nvme/$root/state" && [ "$state" != live ]; }
root_works() { # root_works "WHEN" - it can be written and read, bypassing the page cache
    local sum
    head -c 1M /dev/urandom >/srv/file
    sync /srv/file
    sum=$(sha256sum </srv/file)
    echo 3 >/proc/sys/vm/drop_caches
    expect "a file, from the disk ($1)" "$sum" "$(dd if=/srv/file iflag=direct bs=64k status=none | sha256sum)"
}
away() { # away COMMAND UNDO - runs COMMAND now, UNDO on is_back or after a timeout, from a program not on the disk
    rm -f /run/lab/mend
    $b sh -c "$1 && i=0; until [ -e /run/lab/mend ] || [ \$i = 100 ]; do i=\$((i + 1)); $b sleep 1; done; $2" &
    gone=$!
    until_true 30 is_away || fail "$root is still live"
}
is_back() { # is_back "WHEN" - the kernel has reconnected it, and no second connection was made
    : >/run/lab/mend
    wait $gone
    within 30 "$root is live again" is_live "$root"
    is_same || fail "$root is another connection ($1)"
    for u in stafd stacd; do within 60 "$u is up" systemctl -q is-active $u; done
    await 30 "nothing is there twice ($1)" "${all[@]}"
    ls_agrees
    root_works "$1"
}

waits_for_disk() { local line; read -r line <"/proc/$1/stat" && [[ $line == *") D "* ]]; } # waits_for_disk PID
of_the_daemons() { # their processes and whether they wait for a disk (D), with bash alone
    local p line
    for p in /proc/[0-9]*/stat; do
        if read -r line <"$p" && [[ $line == *\(*sta[fc]d*\)* ]]; then p=${line#*) } && echo "${line%) *}) ${p%% *}"; fi
    done 2>/dev/null
}

root=nvme0
root_was=$(incarnations | grep "^$root"$'\t')
expect "what is mounted" "/dev/${root}n1 ext4" "$(findmnt -no SOURCE,FSTYPE / | xargs)"
expect "its subsystem" "$(nqn 1)" "$(cat /sys/class/nvme/$root/subsysnqn)"
expect "its host NQN" "$(cat /etc/nvme/hostnqn)" "$(cat /sys/class/nvme/$root/hostnqn)"
expect "file system, as the initramfs found it (1: clean)" 1 "$(cat /run/initramfs/state)"

if [ "$boot" = 0 ]; then
    all=(-d 1 -D 1 -i 2 -I 2)
    root_identity=$(identities | grep "^$root"$'\t')

    step "the first start, and nobody names the root's subsystem"
    mkdir -p /run/lab
    cp "$(command -v busybox)" $b
    printf '[Journal]\nStorage=persistent\n' >/etc/systemd/journald.conf.d/persistent.conf
    systemctl restart systemd-journald
    journalctl --flush
    load_modules
    subsystem 2
    in_array ln -s "$nvmet/subsystems/$(nqn 2)" "$nvmet/ports/1/subsystems/$(nqn 2)"
    zone_out 1
    printf '[Controllers]\ncontroller = transport=tcp;traddr=10.88.0.1;trsvcid=4420\n' >/etc/stas/stafd.conf
    : >/etc/stas/stacd.conf
    systemctl enable -q stafd stacd
    watch_kernel
    start
    await 20 "what is named is connected" "${all[@]}" -n "$(nqn 2)"
    within 5 "it is somebody else's" explains foreign

    step "everything that is not named may go, even what is in use"
    audit=('[I/O controller connection management]' 'disconnect-scope = all-connections-matching-disconnect-trtypes')
    configure_stacd "${audit[@]}"
    within 40 "it is in use" explains 'mounted, a swap, or opened exclusively'
    configure_stacd "${audit[@]}" 'disconnect-in-use = force'
    within 40 "it is the root file system" explains 'mounted on /'
    stays 6 "it stays, past another look" is_live $root

    step "named, it is adopted"
    configure_stacd
    zone_in 1
    within 40 "it is wanted and connected" explains 'wanted and connected'
    ls_agrees
    systemctl restart stacd
    within 40 "likewise after a restart" explains 'wanted and connected'

    step "excluded, and named no more: it stays"
    configure_stacd '[Controllers]' "exclude = nqn=$(nqn 1)"
    within 40 "excluded" explains 'mounted, a swap, or opened exclusively'
    configure_stacd '[Controllers]' "exclude = nqn=$(nqn 1)" "${audit[@]}" 'disconnect-in-use = force'
    within 40 "excluded, by force" explains 'mounted on /'
    zone_out 1
    configure_stacd
    within 40 "named no more" explains 'mounted, a swap, or opened exclusively'
    configure_stacd "${audit[@]}" 'disconnect-in-use = force'
    within 40 "named no more, by force" explains 'mounted on /'
    untouched "whatever is configured" "$root_identity"
    root_works "whatever is configured"
    zone_in 1
    configure_stacd
    within 40 "named, it is wanted and connected" explains 'wanted and connected'

    step "restarted, killed, updated"
    watch_kernel
    systemctl restart stafd stacd
    kill_daemon stafd
    kill_daemon stacd
    cp -a --no-preserve=ownership --remove-destination /job/root/usr /
    systemctl daemon-reload
    systemctl restart stafd stacd
    await 20 "all are there" "${all[@]}"
    within 40 "it is adopted" explains 'wanted and connected'
    untouched "by that" "$root_identity"

    step "its interface is down while they start: what they need of it was read just now, what is written waits"
    away "$b ip link set storage0 down" "$b ip link set storage0 up"
    $b dd if=/dev/zero of=/var/tmp/written bs=1 count=1 conv=fsync 2>/dev/null & # and with it the directory
    until_true 60 waits_for_disk $! || fail "a file was written to a disk that was away"
    systemctl restart stafd stacd
    note "both are up"
    is_away || fail "the interface is up again"
    is_back "its interface was down"

    step "its target is away for a minute while they start, of which nothing is in memory"
    pids=("$(systemctl show -P MainPID stafd)" "$(systemctl show -P MainPID stacd)")
    kills[stafd]=$((kills[stafd] + 1))
    kills[stacd]=$((kills[stacd] + 1))
    links=$nvmet/ports/1/subsystems # while the port is open, the target answers for a missing subsystem: that ends it
    sync
    echo 3 >/proc/sys/vm/drop_caches
    away "$b rm $links/$(nqn 2) $links/$(nqn 1)" \
        "$b nsenter --net=/run/initramfs/array $b ln -s $nvmet/subsystems/$(nqn 1) $nvmet/subsystems/$(nqn 2) $links/"
    kill -KILL "${pids[@]}"
    $b dd if=/dev/zero of=/srv/during bs=64k count=16 conv=fsync 2>/dev/null &
    during=$!
    ! until_true 60 false
    note "what is there of them: $(of_the_daemons)"
    { is_away && kill -0 $during; } || fail "a file was written to a target that was away"
    is_back "its target was away"
    wait $during || fail "what was written meanwhile was not"
    expect "its size" 1048576 "$(stat -c %s /srv/during)"

    step "the machine goes down"
    for u in stafd stacd; do within 5 "$u has locked its memory" is_locked $u; done
    settled
    now >$kept/down
    restart
fi

this=$(tr -d - </proc/sys/kernel/random/boot_id)
before=$(boot_before)
kills=([stafd]=2 [stacd]=2) # the journal includes the previous boot
step "how it went down"
in_order "restart" "$(cat $kept/down)" \
    "stacd is stopped" "$(stopping "$before" stacd.service)" \
    "it is gone" "$(stopped "$before" stacd.service)" \
    "stafd is stopped" "$(stopping "$before" stafd.service)" \
    "it is gone" "$(stopped "$before" stafd.service)" \
    "the network may go" "$(stopped "$before" network.target)" \
    "the machine restarts" "$(started "$before" reboot.target)"
for b in "$before" "$this"; do
    expect "complaints" '' "$(journalctl -o cat -k -p warning "_BOOT_ID=$b" | grep -Ei 'I/O error|EXT4-fs' || :)"
done
expect "removals of the root's controller" '' "$(journalctl -o cat -k "_BOOT_ID=$before" | grep "Removing ctrl.*$(nqn 1)\"" || :)"
[ $(($(started "$before" reboot.target) - $(cat $kept/down))) -lt 20000000 ] || fail "the shutdown took 20 s"
expect "what was written when its target was away" "$(head -c 1M /dev/zero | sha256sum)" "$(sha256sum </srv/during)"

step "the next boot: both start by their units and adopt it"
all=(-d 1 -D 1 -i 1 -I 1)
await 30 "all are there" "${all[@]}"
within 40 "it is wanted and connected" explains 'wanted and connected'
for u in stafd stacd; do within 5 "$u has locked its memory" is_locked $u; done
is_same || fail "$root is another connection"
root_works "after a boot"

settled
systemctl stop stacd stafd
stays 2 "it stays when they have stopped" is_live $root
finished=1
step "passed"

# shellcheck shell=bash
# A rack: subsystems behind many portals, and its power switch. Sourced after lib.sh by the scenarios that need it.
#
#   rack N                     subsystems 1..N, spread over 16 portals, 127.0.1.1 to .16, port 8009
#   configure_rack [LINE]...   stafd gets their discovery controllers; the lines are stacd's [Global]
#   power_off                  all portals are away: no answer, not even a reset, and all connections are lost
#   power_on                   they are back
#   rack_starts SECONDS        both daemons connect all subsystems
#   rack_is_wanted             they list the same controllers as then, connected or not
#   rack_is_back SECONDS       all are live again, with the same memory use
rack_portals=16
rack_size=0 rack_wants='' rack_memory=''

rack() {
    local i all
    load_modules
    rack_size=$1
    [ "$rack_size" -ge $rack_portals ] || rack_portals=$rack_size # nvmet opens no port without a subsystem
    all=$nvmet/subsystems/$(nqn '')
    # one process per step: forking is slow in the emulation
    eval "mkdir $all{1..$rack_size}"
    eval "mkdir $all{1..$rack_size}/namespaces/1"
    for ((i = 1; i <= rack_size; i++)); do
        echo 1 >"$all$i/attr_allow_any_host"
        echo -n /dev/nullb0 >"$all$i/namespaces/1/device_path"
        echo 1 >"$all$i/namespaces/1/enable"
    done
    for ((i = 1; i <= rack_portals; i++)); do port "$i" "127.0.1.$i" 8009; done
    rack_links
}

rack_links() {
    local p i s all
    all=$nvmet/subsystems/$(nqn '')
    for ((p = 1; p <= rack_portals; p++)); do
        s=()
        for ((i = p; i <= rack_size; i += rack_portals)); do s+=("$all$i"); done
        ln -s "${s[@]}" "$nvmet/ports/$p/subsystems/"
    done
}

configure_rack() { # stafd's default is to notice a dead peer after 30 seconds, the kernel's for I/O controllers is 5
    local i
    printf '%s\n' '[Global]' 'kato = 5' '[Controllers]' >/etc/stas/stafd.conf
    for ((i = 1; i <= rack_portals; i++)); do echo "controller = transport=tcp;traddr=127.0.1.$i;trsvcid=8009"; done >>/etc/stas/stafd.conf
    printf '%s\n' '[Global]' "$@" >/etc/stas/stacd.conf
}

power_off() {
    # drop packets first: a target that shuts down says goodbye to its hosts
    nft -f - <<<'table inet rack { chain in { type filter hook input priority 0; tcp dport 8009 drop; tcp sport 8009 drop; }; }'
    rm "$nvmet"/ports/*/subsystems/*
    rack_links
}
power_on() { nft delete table inet rack; }

rack_lives() { await "$1" "$rack_portals discovery and $rack_size I/O controllers are live" -d "$rack_portals" -D "$rack_portals" -i "$rack_size" -I "$rack_size"; }
rack_starts() {
    start
    rack_lives "$1"
    no_duplicates
    ls_agrees
    rack_wants=$(wants)
    expect "controllers listed" $((rack_portals + rack_size)) "$(wc -l <<<"$rack_wants")"
    rack_memory=$(memory)
}
rack_is_wanted() { expect "controllers listed" "$rack_wants" "$(wants)"; }
rack_is_back() {
    local after
    rack_lives "$1"
    no_duplicates
    rack_is_wanted
    after=$(memory)
    note "memory of both daemons: $rack_memory KiB before, $after KiB after"
    [ "$after" -le $((rack_memory + rack_memory / 4)) ] || fail "memory grew from $rack_memory to $after KiB"
    # udev has many events to process, and should finish before stafd gives nvme-cli's rule back to it
    udevadm settle -t 120
}

wants() {
    local c
    for c in stafctl stacctl; do json $c ls; done | jq -r '.[] | [.transport, .traddr, .trsvcid, .subsysnqn] | @tsv' | sort
}

memory() {
    local u
    for u in stafd stacd; do cat "/proc/$(systemctl show -P MainPID $u)/smaps_rollup"; done | awk '/^Pss:/ {n += $2} END {print n}'
}

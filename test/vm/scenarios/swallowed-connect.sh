#!/bin/bash
# vm: alone
# vm: seconds 600
# covers: §6.4
# One subsystem of a portal swallows its Connect, 31 are healthy: these wait for it once, and from the second start on
# not at all. Times are compared, so each comparison has three tries.
. /job/lib.sh
healthy=31 timeout=8
mapfile -t all < <(seq 2 $((healthy + 1)))

wanted() { # wanted I... - stacd's configuration: these subsystems, through the proxy
    local i
    echo '[Controllers]'
    for i in "$@"; do echo "controller = transport=tcp;traddr=127.0.0.1;trsvcid=8010;nqn=$(nqn "$i")"; done
}
until_healthy() { # seconds from the start of stacd until 31 are live, in $took
    local o
    o=$(nvme-until -t 150 -x 'systemctl start --no-block stacd' -i $healthy) || fail "not all live within 150 s"
    took=$(sed -n 's/^done=//p' <<<"$o")
}
disconnect_all() {
    systemctl stop stacd
    nvme disconnect-all >/dev/null
    nvme-until -t 30 -I 0 >/dev/null || fail "controllers left after disconnect-all"
}
begin_anew() { # as after a boot
    disconnect_all
    rm -rf /run/stacd/*
}
at_most() { # at_most "WHAT" SECONDS A [B] - at most 1.1 x (A + B)
    local limit
    limit=$(awk -v a="$3" -v b="${4:-0}" 'BEGIN {printf "%.2f", 1.1 * (a + b)}')
    note "$1: $2 s, at most $limit s"
    awk -v t="$2" -v l="$limit" 'BEGIN {exit !(t <= l)}'
}
without() { # seconds without the one that swallows, in $alone
    : >/run/swallowed
    wanted "${all[@]}" >/etc/stas/stacd.conf
    until_healthy
    alone=$took
    begin_anew
}
first_start() { # with it, the first of all in the configuration
    without
    nqn 1 >/run/swallowed
    wanted 1 "${all[@]}" >/etc/stas/stacd.conf
    until_healthy
    stall=$(journal -u stacd | sed -n 's/.* within \([0-9.]*\)s: ETIME.*/\1/p' | tail -n 1)
    at_most "31 are live, after $alone s without it" "$took" "$alone" "$stall" || { begin_anew && false; }
}
why() { json stacctl explain "$1" | jq -r ".[0][\"${2:-why}\"] // empty"; }
waits() { [[ $(why "$(nqn 1)") = *" was not finished within "* ]]; } # and is not just being tried
second_start() {
    within 30 "the one that swallows is left alone" waits
    disconnect_all
    until_healthy
    at_most "31 are live" "$took" "$alone"
}

step "32 subsystems behind a proxy; the kernel gives a command up after $timeout s"
target $((healthy + 1))
echo $timeout >/sys/module/nvme_core/parameters/admin_timeout
: >/run/swallowed
swallow-connect 8010 8009 /run/swallowed &
until_true 10 grep -q ":1F4A 00000000:0000 0A" /proc/net/tcp || fail "the proxy does not listen"
printf '[Controllers]\n' >/etc/stas/stafd.conf
start stafd
without # so that all is in the page cache

step "one swallows its connect: 31 are live one stall later"
first_start || first_start || first_start || fail "they wait for more than one stall"

step "it is said what happened to it, and of no other"
matches() { grep -Eq -- "$2" <<<"$1" || fail "'$1' does not match '$2'"; }
matches "$(why "$(nqn 1)")" '^wanted; its connect was not finished within 8(\.[0-9])?s, the next try is in '
matches "$(why "$(nqn 1)" 'last error')" '^ETIME '
expect "of the others" "$healthy wanted and connected" \
    "$(json stacctl explain | jq -r --arg one "$(nqn 1)" '.[] | select(.subsysnqn != $one).why' | sort | uniq -c | xargs)"

step "started again: 31 do not wait for it"
second_start || second_start || second_start || fail "they wait for it again"

step "it is well again: a reload ends its wait"
within 30 "it is left alone" waits
: >/run/swallowed
reload stacd
await 30 "all 32 are live" -i $((healthy + 1))

finish

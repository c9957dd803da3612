#!/bin/bash
# vm: alone
# covers: A9
# One subsystem of a portal swallows its Connect, 31 are healthy: these wait for it once, and from the second start on
# not at all.
. /job/lib.sh
healthy=31 stall=8
mapfile -t all < <(seq 2 $((healthy + 1)))

wanted() { # wanted I... - stacd's configuration: these subsystems, through the proxy
    local i
    echo '[Controllers]'
    for i in "$@"; do echo "controller = transport=tcp;traddr=127.0.0.1;trsvcid=8010;nqn=$(nqn "$i")"; done
}
until_healthy() { # seconds from the start of stacd until 31 are live, in $took
    local o
    o=$(nvme-until -t 100 -x 'systemctl start --no-block stacd' -i $healthy) || fail "not all live within 100 s"
    took=$(sed -n 's/^done=//p' <<<"$o")
}
forget() { # forget [STATE] - nothing is connected, as after a boot; with STATE nothing is remembered either
    systemctl stop stacd
    nvme disconnect-all >/dev/null
    nvme-until -t 30 -I 0 >/dev/null || fail "controllers left after disconnect-all"
    [ ! "${1-}" ] || rm -rf /run/stacd/*
}
at_most() { # at_most "WHAT" SECONDS LIMIT
    note "$1: $2 s, at most $3 s"
    awk -v t="$2" -v l="$3" 'BEGIN {exit !(t <= l)}' || fail "$1: $2 s, at most $3 s"
}
times() { awk -v a="$1" -v b="${2:-0}" 'BEGIN {printf "%.2f", 1.1 * (a + b)}'; } # 1.1 x (A + B)

step "32 subsystems behind a proxy; the kernel gives a command up after $stall s"
target $((healthy + 1))
echo $stall >/sys/module/nvme_core/parameters/admin_timeout
: >/run/swallowed
swallow-connect 8010 8009 /run/swallowed &
until_true 10 grep -q ":1F4A 00000000:0000 0A" /proc/net/tcp || fail "the proxy does not listen"
printf '[Controllers]\n' >/etc/stas/stafd.conf
start stafd

step "without the one that swallows"
wanted "${all[@]}" >/etc/stas/stacd.conf
until_healthy
forget all
until_healthy # now that all is in the page cache
alone=$took
note "$alone s"
forget all

step "with it, the first of all"
nqn 1 >/run/swallowed
wanted 1 "${all[@]}" >/etc/stas/stacd.conf
until_healthy
at_most "31 are live after the first start" "$took" "$(times "$alone" "$stall")"

step "its own next try is what it waits for, no other row has an error"
json stacctl explain "$(nqn 1)" | jq -r '.[0].why'
json stacctl explain "$(nqn 1)" | jq -r '.[0]["last error"]'
expect "errors of others" '' "$(json stacctl ls -d | jq -r '.[] | select(.device != "") | .["last error"] // empty')"

step "started again: 31 do not wait for it"
forget
until_healthy
at_most "31 are live after the second start" "$took" "$(times "$alone")"

step "it is well again: a reload ends its wait"
: >/run/swallowed
reload stacd
await 30 "all 32 are live" -i $((healthy + 1))
allowed_errors=('nvme[0-9]' '127\.0\.0\.1')

finish

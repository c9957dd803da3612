#!/bin/bash
# vm: seconds 600
# covers: §6.4
# One subsystem of a portal never answers its Connect, 31 are healthy: these wait for it once, and from the second start
# on not at all.
. /job/lib.sh
healthy=31 timeout=8
mapfile -t all < <(seq 2 $((healthy + 1)))

wanted() { # wanted I... - stacd's configuration: these subsystems, through the proxy
    local i
    echo '[Controllers]'
    for i in "$@"; do echo "controller = transport=tcp;traddr=127.0.0.1;trsvcid=8010;nqn=$(nqn "$i")"; done
}
until_healthy() { # starts stacd, until 31 are live; $stalls: how often nothing was connected while one could stall
    local ready o
    o=$(nvme-until -t 150 -x 'systemctl start --no-block stacd' -i $healthy) || fail "not all live within 150 s"
    note "31 are live: after $(sed -n 's/^done=//p' <<<"$o") s"
    within 30 "stacd has said so" connected $healthy
    ready=$(systemctl show -P ActiveEnterTimestampMonotonic stacd)
    stalls=$(said -o short-monotonic | awk -F '[][]' -v t="$((ready / 1000000))" -v stall=$((timeout - 2)) \
        '/: Connected nvme/ {n += $2 - t >= stall; t = $2} END {print n + 0}')
}
said() { journalctl --no-pager "_PID=$(systemctl show -P MainPID stacd)" "$@"; } # messages of this stacd
connected() { [ "$(said -o cat | grep -c '^Connected nvme')" = "$1" ]; }
disconnect_all() {
    systemctl stop stacd
    nvme disconnect-all >/dev/null
    nvme-until -t 30 -I 0 >/dev/null || fail "controllers left after disconnect-all"
}
begin_anew() { # as after a boot
    disconnect_all
    rm -rf /run/stacd/*
}
why() { json stacctl explain "$1" | jq -r ".[0][\"${2:-why}\"] // empty"; }
waits() { [[ $(why "$(nqn 1)") = *" was not finished within "* ]]; } # and is not being attempted at the moment

step "32 subsystems behind a proxy; the kernel gives a command up after $timeout s"
target $((healthy + 1))
echo $timeout >/sys/module/nvme_core/parameters/admin_timeout
: >/run/swallowed
swallow-connect 8010 8009 /run/swallowed &
until_true 30 grep -q ":1F4A 00000000:0000 0A" /proc/net/tcp || fail "the proxy does not listen"
printf '[Controllers]\n' >/etc/stas/stafd.conf
start stafd
wanted "${all[@]}" >/etc/stas/stacd.conf
until_healthy
expect "without it, stalls" 0 "$stalls"

step "one swallows its connect: 31 are live one stall later"
begin_anew
nqn 1 >/run/swallowed
wanted 1 "${all[@]}" >/etc/stas/stacd.conf # the first of all
until_healthy
expect "stalls" 1 "$stalls"

step "it is said what happened to it, and of no other"
matches() { grep -Eq -- "$2" <<<"$1" || fail "'$1' does not match '$2'"; }
matches "$(why "$(nqn 1)")" '^wanted; the connect was not finished within 8(\.[0-9])?s, next attempt in '
matches "$(why "$(nqn 1)" 'last error')" '^ETIME '
expect "of the others" "$healthy wanted and connected" \
    "$(json stacctl explain | jq -r --arg one "$(nqn 1)" '.[] | select(.subsysnqn != $one).why' | sort | uniq -c | xargs)"

step "started again: 31 do not wait for it"
within 30 "the one that swallows is left alone" waits
disconnect_all
until_healthy
expect "stalls" 0 "$stalls"

step "it is well again: a reload ends its wait"
within 30 "it is left alone" waits
: >/run/swallowed
reload stacd
await 30 "all 32 are live" -i $((healthy + 1))

finish

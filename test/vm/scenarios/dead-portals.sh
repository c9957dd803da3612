#!/bin/bash
# Five addresses that drop everything and five ports that accept and never answer, beside 32 that do: these are
# connected as fast as without the dead ones, and the kernel never sees those.
# covers: E1
# vm: alone
. /job/lib.sh
live=32

dead() { # the dead portals as controller= lines
    local i
    for i in 1 2 3 4 5; do
        echo "controller = transport=tcp;traddr=198.51.100.$i;trsvcid=4420;nqn=$(nqn 1)"
        echo "controller = transport=tcp;traddr=127.0.0.3;trsvcid=900$i;nqn=$(nqn 1)"
    done
}
cold_start() { # until all that answer are live; the time in seconds is in $took
    local o
    o=$(nvme-until -t 80 -x 'systemctl start --no-block stafd stacd' -i $live -d 1) || fail "not all live within 80 s"
    took=$(sed -n 's/^done=//p' <<<"$o")
    note "$live I/O controllers are live: after $took s"
}
why() { json stacctl explain "$1" | jq -r ".[0][\"${2:-why}\"] // empty"; }
kernel_saw() { dmesg | grep -Ec 'failed to connect socket|queue 0 connect|failed to receive icresp|198\.51\.100' || :; }

step "$live subsystems behind one portal; ten portals that are dead in two ways"
target $live
ip link add hole type dummy && ip addr add 198.51.100.254/24 dev hole && ip link set hole up
for i in 1 2 3 4 5; do
    deaf-port 127.0.0.3 900$i &
    until_true 30 grep -q ":$(printf '%04X' 900$i) 00000000:0000 0A" /proc/net/tcp || fail "deaf-port does not listen"
done

step "without the dead ones"
configure
cold_start
alone=$took
systemctl stop stacd stafd
nvme disconnect-all >/dev/null
nvme-until -t 30 -I 0 -D 0 >/dev/null || fail "controllers left after disconnect-all"
rm -rf /run/stafd/* /run/stacd/*

step "with them, before the live ones in the configuration"
mapfile -t lines < <(dead)
configure "${lines[@]}"
cold_start
awk -v t="$took" -v a="$alone" 'BEGIN {exit !(t <= 1.3 * a + 2)}' || fail "$took s with the dead ones, $alone s without"

step "it is said of each, once, what is wrong"
silent() { [ "$(journal -u stacd | grep -c 'No answer from port .*: ETIMEDOUT')" = 10 ]; }
within 20 "ten portals do not answer" silent
matches() { grep -Eq -- "$2" <<<"$1" || fail "'$1' does not match '$2'"; }
matches "$(why 198.51.100.1)" '^wanted; (no answer from its portal \(ETIMEDOUT\); next probe in .*|probing its portal)$'
matches "$(why 127.0.0.3:9003)" '^wanted; (no answer from its portal \(ETIMEDOUT\); next probe in .*|probing its portal)$'
expect "last error" "ETIMEDOUT (timed out: the address does not answer)" "$(why 198.51.100.1 'last error')"
expect "connects that the kernel waited for" 0 "$(kernel_saw)"

step "one of them comes to life and is asked for again"
kill %3
until_true 30 not grep -q ":232B 00000000:0000 0A" /proc/net/tcp || fail "the deaf port stays"
port 2 127.0.0.3 9003
link 2 1
reload stacd
await 20 "it is live, too" -d 1 -i $((live + 1))
expect "still not one that the kernel waited for" 0 "$(kernel_saw)"

step "a probe leaves no trace at a target that answers"
expect "complaints of the target" '' "$(dmesg | grep -E 'nvmet.*(error|fail|bad|unexpected)' || :)"

finish

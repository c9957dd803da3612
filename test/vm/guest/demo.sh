#!/bin/bash
# The script of test/vm/demo. Runs in the guest; PAUSE is the time for reading after each step, in seconds.
. /job/lib.sh
. /job/mdns.sh
trap - EXIT ERR # a demonstration only shows, it checks nothing
set +eE

bold='' dim='' plain=''
[ "${NO_COLOR:-}" ] || { bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; }
tell() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
think() { sleep "${PAUSE:-2}"; }
took() { # took "WORDS" CONDITION... - wait for the kernel, print how long it took
    local what=$1 o
    shift
    if o=$(nvme-until -t 30 "$@"); then
        printf '%s  %s after %s s%s\n' "$dim" "$what" "$(sed -n 's/^done=//p' <<<"$o")" "$plain"
    else
        printf '  still waiting for this after 30 s: %s\n' "$what"
    fi
}
show() { # show COMMAND... - as on a terminal
    printf '%s$ %s%s\n' "$dim" "$*" "$plain"
    # with a terminal, so that the programs print what users see
    TERM=xterm-256color script -qec "stty cols 110; $*" /dev/null </dev/null 2>&1
}
paths() { nvme-ctrls | awk -F'\t' '{printf "  %-6s %-10s %-8s %s\n", $1, $3, $4, $5}'; }

tell "A storage target: three subsystems behind one discovery controller, 127.0.0.1 port 8009."
target 3 1
show nvme version
think

tell "The configuration of this host is one line in /etc/stas/stafd.conf:"
configure
grep -v '^\[' /etc/stas/stafd.conf | sed 's/^/  /'
think

tell "The daemons start: stafd discovers the storage, stacd connects to it."
took "all three are connected" -x 'systemctl start stafd stacd >/dev/null' -i 3 -d 1
show stafctl ls
show stacctl ls
think

tell "A fourth subsystem is added to the target. This host learns of it from the target's change notification."
took "it is connected" -l "$nvmet/subsystems/$(nqn 4)=$nvmet/ports/1/subsystems/$(nqn 4)" -n "$(nqn 4)" -i 4
show stacctl ls
think

tell "The target withdraws the first subsystem."
took "it is gone, the others are untouched" -r "$nvmet/ports/1/subsystems/$(nqn 1)" -N "$(nqn 1)" -i 3
paths
think

tell "An administrator disconnects a device by mistake."
d=$(device_of "$(nqn 2)")
nvme disconnect -d "$d" >/dev/null
took "$d is back" -n "$(nqn 2)" -i 3
think

tell "A central discovery controller (CDC) zones this host. Here it is part of the tests and runs in user space, at 127.0.0.2."
subsystem 5
port 2 127.0.0.1 8010
link 2 5
stas-peer -l 127.0.0.2:8009 -s /run/cdc.sock -e 'set dctype=cdc' \
    -e "entry add subnqn=$(nqn 5) traddr=127.0.0.1 trsvcid=8010" >/job/cdc.log 2>&1 &
until_true 30 grep -q '^listening' /job/cdc.log
stasadm set-symname "rack 7, slot 3"
echo 'controller = transport=tcp;traddr=127.0.0.2' >>/etc/stas/stafd.conf
took "its zone's subsystem 5 is connected" -x 'systemctl reload stafd' -n "$(nqn 5)" -d 2 -i 4
echo "  What it knows about this host (stas-peer --tell /run/cdc.sock show):"
stas-peer --tell /run/cdc.sock show | jq -r '.registrations[]' | fold -s -w 100 | sed 's/^/    /'
think
echo "  Its administrator takes subsystem 5 out of the zone:"
stas-peer --tell /run/cdc.sock entry remove "$(nqn 5)" >/dev/null
took "it is gone, the others are untouched" -x 'stas-peer --tell /run/cdc.sock aen >/dev/null' -N "$(nqn 5)" -i 3
show stacctl ls
think

tell "Both daemons are killed. Existing connections remain."
before=$(identities)
systemctl kill -s KILL stafd stacd
t0=${EPOCHREALTIME/./}
until_true 20 systemctl -q is-active stafd stacd
took "$(wc -l <<<"$before") connections still live" -i 3 -d 1
until_true 20 agrees stacctl io 2>/dev/null
printf '%s  restarted by systemd, with all connections known, after %d.%d s%s\n' "$dim" \
    $(((${EPOCHREALTIME/./} - t0) / 1000000)) $(((${EPOCHREALTIME/./} - t0) / 100000 % 10)) "$plain"
if [ "$(identities)" = "$before" ]; then
    echo "  The kernel's devices are the same as before; none was reconnected."
else
    echo "  Before and after differ:"
    diff <(echo "$before") <(identities)
fi
show stacctl ls
think

tell "Zero touch: the configuration is emptied; this host no longer knows any controller."
: >/etc/stas/stafd.conf
took "all are disconnected" -x 'systemctl reload stafd' -I 0 -D 0
think

tell "The host is plugged into a network. An array announces itself by mDNS; Avahi receives this, and stafd queries Avahi."
network 7 use-ipv6=no >/dev/null
subsystem 71
subsystem 72
array 7 8009 71 72
publish 7 'Array 7' tcp 8009 p=tcp
took "the array is announced, and its volumes are available" -i 2 -d 1
show lsblk -dn -o NAME,SIZE /dev/nvme*n1
show stafctl explain
think

tell "Resources used by the two daemons:"
for u in stafd stacd; do
    p=$(systemctl show -P MainPID $u)
    [ "$p" != 0 ] || { echo "  $u is not running"; continue; }
    awk -v u=$u '/^Pss:/ {printf "  %s: %.1f MiB of memory", u, $2 / 1024}' "/proc/$p/smaps_rollup"
    awk -v c="$(systemctl show -P CPUUsageNSec $u)" 'BEGIN {printf ", %.2f s of this slow, emulated CPU\n", c / 1e9}'
done
exit 0

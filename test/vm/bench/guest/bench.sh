# shellcheck shell=bash
# Sourced by every measurement in the guest. A figure is a line "@ KEY VALUE"; a value ">N" says that it
# took more than N and was given up.
. /job/lib.sh

say() { echo "@ $1 $2"; }
kv() { sed -n "s/^$1=//p" <<<"$2" | tail -n1; }             # a value from the lines of a tool
minus() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f\n", a - b}'; }
done_or() { local d; d=$(kv "done" "$1"); [ "$d" != timeout ] || d=">$2"; echo "$d"; }
seconds() { # seconds COMMAND... - how long the command took
    local TIMEFORMAT=%R
    { time "$@" >/dev/null 2>&1; } 2>&1
}
measured() { finished=1; exit 0; } # each measurement ends with it, or it failed

until_quiet() { nvme-until -u stafd -u stacd -t 120 -b "stacd=${1:-1}"; }
pss() { # pss UNIT... - KiB, of the units' main processes together
    local u
    for u in "$@"; do cat "/proc/$(systemctl show -P MainPID "$u")/smaps_rollup"; done | awk '/^Pss:/ {n += $2} END {print n}'
}
stop() { systemctl stop stacd stafd; }
fresh() { # stop both, drop every connection and what the daemons remember
    stop
    nvme disconnect-all >/dev/null 2>&1 || :
    nvme-until -t 120 -I 0 -D 0 >/dev/null || fail "controllers left after disconnect-all"
    rm -rf /run/stafd/* /run/stacd/* /var/cache/stafd /var/cache/stacd
    udevadm settle
}
no_controllers() {
    printf '[Controllers]\n' >/etc/stas/stafd.conf
    printf '[Controllers]\n' >/etc/stas/stacd.conf
}
# The emulator translates each piece of code when it first runs: without this the floor would pay for the
# kernel's connect and the daemons for their own start, each in its first figure.
warm_kernel() {
    nvme-floor -n 1 "$(transport)" >/dev/null || fail "the first connect failed"
    nvme disconnect-all >/dev/null
    nvme-until -t 60 -I 0 -D 0 >/dev/null
    udevadm settle
}
transport() { options x 127.0.0.1 | sed 's/^nqn=[^,]*,//'; }
warm_daemons() { # the second start's CPU is in $base: what the daemons use with nothing to connect
    local i o
    no_controllers
    for i in 1 2; do
        start
        o=$(until_quiet)
        [ $i = 2 ] || stop
    done
    base=$(cpu_of quiet "$o")
    fresh
}
cpu_of() { awk -v a="$(kv "cpu_stafd_$1" "$2")" -v b="$(kv "cpu_stacd_$1" "$2")" 'BEGIN {printf "%.3f\n", a + b}'; }
cold_start() { # cold_start N LIMIT - both daemons to all live; nvme-until's lines in $o
    o=$(nvme-until -u stafd -u stacd -t "$2" -x 'systemctl start --no-block stafd stacd' -i "$1" -d 1) || :
}

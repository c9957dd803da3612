# shellcheck shell=bash
# Sourced by every measurement in the guest. A figure is a line "@ KEY VALUE"; the value ">N" means that it took more
# than N and was given up.
. /job/lib.sh

say() { echo "@ $1 $2"; }
kv() { sed -n "s/^$1=//p" <<<"$2" | tail -n1; }             # a value from a tool's output
minus() { awk -v a="$1" -v b="$2" 'BEGIN {printf "%.3f\n", a - b}'; }
done_or() { local d; d=$(kv "done" "$1"); [ "$d" != timeout ] || d=">$2"; echo "$d"; }
seconds() { # seconds COMMAND... - duration of the command
    local TIMEFORMAT=%R
    { time "$@" >/dev/null 2>&1; } 2>&1
}
measured() { finished=1; exit 0; } # a measurement that does not end with it has failed

until_quiet() { nvme-until -u stafd -u stacd -t 120 -b "stacd=${1:-1}"; }
pss() { # pss UNIT... - KiB, sum of the units' main processes
    local u
    for u in "$@"; do cat "/proc/$(systemctl show -P MainPID "$u")/smaps_rollup"; done | awk '/^Pss:/ {n += $2} END {print n}'
}
stop() { systemctl stop stacd stafd; }
fresh() { # stop both, drop all connections and the daemons' state
    stop
    disconnect_all
    rm -rf /run/stafd/* /run/stacd/* /var/cache/stafd /var/cache/stacd
}
disconnect_all() {
    nvme disconnect-all >/dev/null 2>&1 || :
    nvme-until -t 120 -I 0 -D 0 >/dev/null || fail "controllers left after disconnect-all"
    udevadm settle
}
no_controllers() {
    printf '[Controllers]\n' >/etc/stas/stafd.conf
    printf '[Controllers]\n' >/etc/stas/stacd.conf
}
# The floor: a bare loop in C that writes N option strings. It runs in the same VM as the measurement, just before it,
# since the speed of an emulated machine varies with the load of the host. It also warms up the emulator's translation
# of the kernel's connect, which happens when code is first executed.
measure_floor() {
    local TIMEFORMAT='%U %S'
    nvme-floor -n 1 "$(transport)" >/dev/null || fail "the first connect failed"
    disconnect_all
    { time nvme-floor -n "$1" "$(transport)" >/job/floor.out; } 2>/job/floor.cpu
    expect "failed connects" 0 "$(kv failed "$(cat /job/floor.out)")"
    say "floor_${1}_s" "$(kv total "$(cat /job/floor.out)")"
    say "floor_cpu_${1}_s" "$(awk '{print $1 + $2}' /job/floor.cpu)"
    disconnect_all
}
transport() { options x 127.0.0.1 | sed 's/^nqn=[^,]*,//'; }
warm_daemons() { # the second start's CPU time is in $base: what the daemons use with nothing to connect
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
cold_start() { # cold_start N LIMIT - start of both daemons until all are live; nvme-until's output in $o
    o=$(nvme-until -u stafd -u stacd -t "$2" -x 'systemctl start --no-block stafd stacd' -i "$1" -d 1) || :
}

outage() { # outage KEY LIMIT OFF ON CONDITION... - from ON, 20 seconds after OFF, to the conditions
    local key=$1 limit=$2 off=$3 on=$4 begin=$SECONDS o
    shift 4
    $off
    until_true 60 none_live || fail "live without a target"
    sleep $((begin + 20 > SECONDS ? begin + 20 - SECONDS : 0))
    o=$(nvme-until -t "$limit" -x "$on" "$@") || :
    expect "$on" 0 "$(kv exec_rc "$o")"
    say "$key" "$(done_or "$o" "$limit")"
    udevadm settle # otherwise nvme-cli's rule would get the remaining events as soon as no daemon overrides it
}
# The floor of an outage: connections without a daemon, which nvme-cli's rule ignores.
nvme_cli_rule=/run/udev/rules.d/70-nvmf-autoconnect.rules
connect_each() { # connect_each OPTIONS...
    mkdir -p "${nvme_cli_rule%/*}"
    ln -s /dev/null $nvme_cli_rule
    udevadm control --reload
    nvme-floor "$@" >/job/floor.out
    expect "connections" $# "$(grep -c ' ok ' /job/floor.out)"
}
disconnect_each() {
    disconnect_all
    rm $nvme_cli_rule
    udevadm control --reload
}

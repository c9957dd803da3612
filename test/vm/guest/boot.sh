# shellcheck shell=bash
# For scenarios that reboot the machine ("# vm: reboots N"): the script runs again from the start after each boot.
# Sourced after lib.sh. Times are in microseconds on the monotonic clock of their boot; the journal is persistent from
# the first reboot on.
#
#   boot                          number of reboots so far; files that must survive are in $kept
#   restart                       reboots in order, as an administrator would; does not return
#   boot_before                   the ID of the previous boot
#   when BOOT MATCH... [-- TEXT]  time of the first matching message in the journal, containing that text
#   in_order [WHAT TIME]...       each is known and not earlier than the previous one
kept=/var/lib/lab
mkdir -p $kept
boot=$(cat $kept/boot 2>/dev/null || echo 0)

[ ! -e $kept/running ] || fail "the machine has gone down by itself"
cat /proc/sys/kernel/random/boot_id >$kept/running
sync $kept/running

restart() {
    if [ "$boot" = 0 ]; then
        printf '[Journal]\nStorage=persistent\n' >/etc/systemd/journald.conf.d/persistent.conf
    fi
    mv $kept/running $kept/before
    echo $((boot + 1)) >$kept/boot
    step "restart"
    trap - EXIT ERR TERM # nothing more to report from this run
    systemctl reboot 2>/dev/null # without logind, which this guest lacks, it complains but works
    exec sleep infinity
}

boot_before() { tr -d - <$kept/before; }
now() { awk '{printf "%d\n", $1 * 1000000}' /proc/uptime; }

when() {
    local b=$1 match=() text=''
    shift
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        match+=("$1")
        shift
    done
    [ $# = 0 ] || text=$2
    journalctl -o json "_BOOT_ID=$b" "${match[@]}" |
        jq -rs --arg text "$text" --argjson nth "${nth:-0}" '[.[] | select(.MESSAGE | tostring | contains($text))][$nth].__MONOTONIC_TIMESTAMP // empty'
}

# Messages of systemd about its units: JOB_RESULT= is set when a job has finished. The last stop is the final one.
started() { when "$1" _PID=1 "UNIT=$2" JOB_TYPE=start JOB_RESULT=done; } # started BOOT UNIT
stopping() { nth=-1 when "$1" _PID=1 "UNIT=$2" JOB_TYPE=stop -- Stopping; }     # stopping BOOT UNIT
stopped() { nth=-1 when "$1" _PID=1 "UNIT=$2" JOB_TYPE=stop JOB_RESULT=done; }  # stopped BOOT UNIT

in_order() {
    local last=0
    while [ $# -gt 0 ]; do
        [ "$2" ] || fail "it never came: $1"
        note "$(printf '%4d.%02d s  %s' $(($2 / 1000000)) $(($2 / 10000 % 100)) "$1")"
        [ "$2" -ge $last ] || fail "too early: $1"
        last=$2
        shift 2
    done
}

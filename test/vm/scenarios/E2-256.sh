#!/bin/bash
# vm: seconds 900
# 256 controllers behind 16 portals, and a power cycle of the whole rack within the time that the kernel tries: it
# reconnects them all, and the daemons have harmed none. Two minutes at best: a connect takes 0.13 seconds in the
# emulation, and there are 544 of them.
. /job/lib.sh
. /job/rack.sh
n=256
allowed_errors=('nvme[0-9]' '127\.0\.1\.[0-9]')
answers() {
    timeout 5 stafctl ls >/dev/null || fail "stafctl ls gave $?"
    timeout 5 stacctl ls >/dev/null || fail "stacctl ls gave $?"
}
none_live() { ! nvme-ctrls | cut -f4 | grep -q live; }

step "$n subsystems behind $rack_portals portals, each with its discovery controller"
rack $n
configure_rack
start
await 300 "$rack_portals discovery and $n I/O controllers are live" -d "$rack_portals" -D "$rack_portals" -i $n -I $n
no_duplicates
ls_agrees
wanted=$(wants)
expect "controllers listed" $((rack_portals + n)) "$(wc -l <<<"$wanted")"
connected=$(nvme-ctrls | cut -f1,2,5 | sort)
before=$(memory)
note "memory of both daemons: $before KiB"

step "the power goes"
power_off
within 60 "the kernel has noticed it for all" none_live
answers
expect "controllers listed" "$wanted" "$(wants)"
note "nothing is given up, and both daemons answer"

step "the power is back"
power_on
await 180 "all are live" -d "$rack_portals" -D "$rack_portals" -i $n -I $n
expect "controllers, each the one that it was" "$connected" "$(nvme-ctrls | cut -f1,2,5 | sort)"
expect "controllers listed" "$wanted" "$(wants)"
after=$(memory)
note "memory of both daemons: $after KiB"
[ "$after" -le $((before + before / 4)) ] || fail "memory grew from $before to $after KiB"

step "udev comes to the end of all that, too, before stafd leaves nvme-cli's rule to it"
udevadm settle -t 120

finish

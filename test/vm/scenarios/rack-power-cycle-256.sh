#!/bin/bash
# vm: seconds 1500
# 256 controllers behind 16 portals, and a power cycle of the whole rack within the kernel's controller loss timeout:
# the kernel reconnects them all, and the daemons do no harm. Two minutes at best: a connect takes 0.13 seconds in the
# emulation, and there are 544 of them.
# covers: E2
. /job/lib.sh
. /job/rack.sh
n=256
answers() {
    timeout 5 stafctl ls >/dev/null || fail "stafctl ls gave $?"
    timeout 5 stacctl ls >/dev/null || fail "stacctl ls gave $?"
}

step "$n subsystems behind $rack_portals portals, each with its discovery controller"
rack $n
configure_rack
rack_starts 600
before=$(incarnations)

step "the power goes"
power_off
within 120 "the kernel has noticed it for all" none_live
answers
rack_is_wanted
note "nothing is given up, and both daemons answer"

step "the power is back"
power_on
rack_is_back 400
expect "controllers, each the one that it was" "$before" "$(incarnations)"

finish

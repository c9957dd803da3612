#!/bin/bash
# 64 controllers behind 16 portals, and a power cycle of the whole rack that exceeds the kernel's controller loss
# timeout: the kernel gives up all of them; the daemons give up none, and connect each once when the power is back.
# covers: E2
# vm: alone
. /job/lib.sh
. /job/rack.sh
n=64
answers() { # each within two seconds
    local c
    for c in 'stafctl ls' 'stacctl ls' 'stafctl explain' 'stacctl explain'; do
        # shellcheck disable=SC2086 # the words of a command
        timeout 2 $c >/dev/null || fail "$c gave $?"
    done
}

step "$n subsystems behind $rack_portals portals, each with its discovery controller"
rack $n
configure_rack 'reconnect-delay = 2' 'ctrl-loss-tmo = 4'
rack_starts 120

step "the power goes, and the kernel gives up all I/O controllers"
power_off
await 60 "none is left" -I 0
answers
rack_is_wanted
stays 5 "none is asked for at the kernel, where nobody answers" nvme-until -t 0.1 -I 0
answers
note "nothing is given up, and both daemons answer"

step "the power is back"
power_on
rack_is_back 90

finish

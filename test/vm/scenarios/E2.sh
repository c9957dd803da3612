#!/bin/bash
# 64 controllers behind 16 portals, and a power cycle of the whole rack that lasts longer than the kernel tries: it gives
# up all of them; the daemons give up none, and connect each once when the power is back.
. /job/lib.sh
. /job/rack.sh
n=64
allowed_errors=('nvme[0-9]' '127\.0\.1\.[0-9]')
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
start
await 120 "$rack_portals discovery and $n I/O controllers are live" -d "$rack_portals" -D "$rack_portals" -i $n -I $n
no_duplicates
ls_agrees
wanted=$(wants)
expect "controllers listed" $((rack_portals + n)) "$(wc -l <<<"$wanted")"
before=$(memory)

step "the power goes, and the kernel gives up all I/O controllers"
power_off
await 60 "none is left" -I 0
answers
expect "controllers listed" "$wanted" "$(wants)"
stays 5 "none is asked for at the kernel, where nobody answers" [ -z "$(nvme-ctrls | awk '$3 == "io"')" ]
answers
note "nothing is given up, and both daemons answer"

step "the power is back"
power_on
await 90 "all are live" -d "$rack_portals" -D "$rack_portals" -i $n -I $n
no_duplicates
expect "controllers listed" "$wanted" "$(wants)"
after=$(memory)
note "memory of both daemons: $before KiB before, $after KiB after"
[ "$after" -le $((before + before / 4)) ] || fail "memory grew from $before to $after KiB"

step "udev comes to the end of all that, too, before stafd leaves nvme-cli's rule to it"
udevadm settle -t 120

finish

# shellcheck shell=bash
# Sourced by run: limits the number of virtual machines to the number of cores, across all callers. A slot is a locked
# file; the machine holds it open as well, so that the slot is free once its machine has exited.

take_slot() { # take_slot I - fails if it is taken
    local slot
    exec {slot}>"$cache/slots/$1"
    flock -n "$slot" || { exec {slot}>&-; return 1; }
}

take_any_slot() {
    local i
    for ((i = 1; i <= $(nproc); i++)); do ! take_slot $i || return 0; done
    return 1
}

# take_slots one|all - waits until it has a slot, or all of them. One at a time waits for them, the others queue; a
# signal ends the wait.
take_slots() {
    local queue i
    mkdir -p "$cache/slots"
    exec {queue}>"$cache/slots/queue"
    setpriv --pdeathsig TERM flock "$queue" & wait $!
    case $1 in
        one) until take_any_slot; do sleep 0.1; done ;;
        all) for ((i = 1; i <= $(nproc); i++)); do until take_slot $i; do sleep 0.1; done; done ;;
    esac
    exec {queue}>&-
}

# shellcheck shell=bash
# Sourced by run: as many virtual machines at a time as there are cores, whoever starts them. A slot is a locked file; the
# machine has it open, too, so that a slot is free when its machine is gone.

take_slot() { # take_slot I - false when another has it
    local slot
    exec {slot}>"$cache/slots/$1"
    flock -n "$slot" || { exec {slot}>&-; return 1; }
}

take_any_slot() {
    local i
    for ((i = 1; i <= $(nproc); i++)); do ! take_slot $i || return 0; done
    return 1
}

# take_slots one|all - waits until it has a slot, or all of them. One at a time waits for them, the others in a queue; a
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

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

# take_slots one|all - waits until it has a slot, or all of them. Who waits for all of them lets nobody else take one.
# The waits are short ones, so that a signal ends them.
take_slots() {
    local queue i
    mkdir -p "$cache/slots"
    exec {queue}>"$cache/slots/queue"
    until flock -n "$queue"; do sleep 0.2; done
    case $1 in
        one) until take_any_slot; do sleep 0.1; done ;;
        all) for ((i = 1; i <= $(nproc); i++)); do until take_slot $i; do sleep 0.1; done; done ;;
    esac
    exec {queue}>&-
}

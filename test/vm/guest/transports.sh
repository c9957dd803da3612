# shellcheck shell=bash
# Steps common to all transports. Sourced after lib.sh, and called with both daemons running, subsystems 1 and 2
# connected from the log of one discovery controller on port 1, and subsystem 3 created.
io_count() { nvme-ctrls | grep -c -P '\tio\t' || :; }

one_more_one_less() { # a subsystem is added to the log, and one is removed
    local before n
    step "one more, one less"
    n=$(io_count)
    before=$(identities)
    watch_kernel
    link 1 3
    await 15 "the new one is live" -n "$(nqn 3)" -I $((n + 1))
    untouched "meanwhile" "$before"
    before=$(identities | without 2)
    watch_kernel
    zone_out 2
    await 15 "the withdrawn one is gone" -N "$(nqn 2)" -I "$n"
    untouched "meanwhile" "$before"
}

disconnected_by_others() {
    local n
    step "somebody disconnects both kinds: they come back"
    n=$(io_count)
    nvme disconnect -d "$(device_of "$DISCOVERY")" >/dev/null
    nvme disconnect -d "$(device_of "$(nqn 1)")" >/dev/null
    await 20 "both are back" -n "$DISCOVERY" -n "$(nqn 1)" -D 1 -I "$n"
}

restarted() {
    local before n
    step "restarts: the same connections"
    n=$(io_count)
    before=$(identities)
    watch_kernel
    systemctl restart stafd stacd
    ls_agrees
    stays 3 "all stay" nvme-until -t 0.1 -d 1 -D 1 -i "$n" -I "$n"
    untouched "by the restarts" "$before"
}

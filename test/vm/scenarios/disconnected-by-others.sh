#!/bin/bash
# Someone else disconnects one of our I/O controllers and our discovery controller: both come back.
# covers: A5
. /job/lib.sh

step "three subsystems are connected"
target 3
configure
start
await 20 "1 discovery and 3 I/O controllers are live" -d 1 -D 1 -i 3 -I 3

come_back() { # come_back NQN
    local name others before
    name=$(device_of "$1")
    before=$(identity_of "$name")
    others=$(identities | grep -v "$1")
    watch_kernel
    nvme disconnect -d "$name" >/dev/null
    within 20 "it is back, as a new controller" is_new "$1" "$before"
    untouched "meanwhile" "$others"
    await 10 "all are live, none twice" -d 1 -D 1 -i 3 -I 3
    no_duplicates
    ls_agrees
}
is_new() {
    local d
    d=$(device_of "$1")
    [ "$d" ] && is_live "$d" && [ "$(identity_of "$d")" != "$2" ]
}

step "nvme disconnect of subsystem 2"
come_back "$(nqn 2)"

step "nvme disconnect of the discovery controller"
come_back "$DISCOVERY"

step "the new discovery controller is listened to"
subsystem 4
link 1 4
await 15 "subsystem 4 is connected" -n "$(nqn 4)" -i 4 -I 4

step "nvme disconnect-all: all come back"
nvme disconnect-all >/dev/null
await 30 "all are live" -d 1 -D 1 -i 4 -I 4

finish

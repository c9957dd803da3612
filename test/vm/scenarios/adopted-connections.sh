#!/bin/bash
# Connections made with nvme-cli before the start are adopted; a name reused by another controller causes no confusion.
# covers: A7
. /job/lib.sh

connect() { nvme connect -t tcp -a 127.0.0.1 -s "$2" -n "$(nqn "$1")" >/dev/null; } # connect SUBSYSTEM PORT

take_name() { # take_name DEVICE - disconnects it and gives its name to a controller of subsystem 9, on another port
    nvme disconnect -d "$1" >/dev/null
    connect 9 8010
    expect "device of the foreign controller" "$1" "$(device_of "$(nqn 9)")"
}

step "subsystems 1 to 3 behind a discovery controller, subsystem 9 on a port that nobody told us about"
target 3
subsystem 9
port 2 127.0.0.1 8010
link 2 9

step "nvme connect to subsystem 1 and to the discovery controller, before the start"
connect 1 8009
nvme connect -t tcp -a 127.0.0.1 -s 8009 -n "$DISCOVERY" -k 30 >/dev/null
await 10 "both are live" -d 1 -i 1
before=$(identities)
configure
watch_kernel
start
await 20 "3 I/O controllers are live, none twice" -d 1 -D 1 -i 3 -I 3
untouched "by the start" "$before"
no_duplicates
ls_agrees

step "while stacd is stopped, the name of subsystem 3's device goes to subsystem 9"
name=$(device_of "$(nqn 3)")
systemctl stop stacd
take_name "$name"
foreign=("$name")
other=$(identity_of "$name")
start stacd
await 15 "subsystem 3 is connected again, under another name" -n "$(nqn 3)" -i 4 -I 4
untouched "subsystem 9" "$other"
ls_agrees

step "subsystem 3 is unlinked: its device goes, the foreign one stays"
unlink 1 3
await 15 "subsystem 3 is gone" -N "$(nqn 3)" -i 3 -I 3
untouched "subsystem 9" "$other"

step "once more, while stacd sleeps and sees all of it at once"
nvme disconnect -d "$name" >/dev/null
link 1 3
await 15 "subsystem 3 is connected" -n "$(nqn 3)" -i 3 -I 3
name=$(device_of "$(nqn 3)")
foreign=("$name")
systemctl kill -s STOP stacd
take_name "$name"
systemctl kill -s CONT stacd
other=$(identity_of "$name")
await 15 "subsystem 3 is connected again" -n "$(nqn 3)" -i 4 -I 4
no_duplicates
ls_agrees
unlink 1 3
await 15 "subsystem 3 is gone" -N "$(nqn 3)" -i 3 -I 3
untouched "subsystem 9" "$other"

finish

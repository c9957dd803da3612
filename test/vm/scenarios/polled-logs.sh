#!/bin/bash
# A discovery controller that changes its log without a notification: it is found by a poll over the connection that is
# held, and with persistent=no by a connection for each read.
# covers: T10
. /job/lib.sh
. /job/peer.sh

entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=8010"; }
configure_dc() { # configure_dc PERSISTENT
    printf '%s\n' '[Discovery controller connection management]' 'epcsd-poll-interval-minutes = 1' \
        '[Controllers]' "controller = transport=tcp;traddr=$PEER;trsvcid=8009;persistent=$1" >/etc/stas/stafd.conf
    printf '[Controllers]\n' >/etc/stas/stacd.conf
}

step "a discovery controller that never notifies: its log is polled"
load_modules
for i in 1 2 3; do subsystem $i; done
port 1 127.0.0.1 8010
link 1 1 2 3
peer "$(entry 1)"
configure_dc auto
start
await 20 "subsystem 1 is live" -d 1 -D 1 -n "$(nqn 1)"
watch_kernel
before=$(identities)
tell "$(entry 2)" >/dev/null
patience=1 await 75 "subsystem 2 is live, within the interval" -n "$(nqn 2)"
untouched "meanwhile" "$before"

step "persistent=no: connected for each read"
configure_dc no
reload stafd
await 10 "the discovery controller is left" -D 0
tell "$(entry 3)" >/dev/null
patience=1 await 75 "subsystem 3 is live after the next read" -n "$(nqn 3)"
within 10 "left again" nvme-until -t 0.1 -D 0

step "persistent=force: held"
configure_dc force
reload stafd
await 20 "the discovery controller is live" -d 1 -D 1
stays 3 "it is held" nvme-until -t 0.1 -d 1 -D 1

finish

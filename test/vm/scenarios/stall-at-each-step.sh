#!/bin/bash
# A discovery controller that stalls at each step of the exchange, and one that resets the connection there: the daemons
# still answer, existing connections stay, and when it recovers it is connected and read.
# covers: D4
. /job/lib.sh
needs_kernel 5.18 "nobody tells that a discovery controller is back"
. /job/peer.sh

entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=8010"; }
answers() { timeout 2 "$1" ls >/dev/null; }
stalled() { tell show | jq -e '.hosts[] | select(.stalled)'; }
faulty() { [ "$(heard "^[0-9]+ fault $1")" -gt 0 ]; }
log_read() { [ "$(heard 'get-log lid=0x70.* rae=0')" -gt 0 ]; }

step "subsystem 1, by a DDC"
load_modules
subsystem 1
port 1 127.0.0.1 8010
link 1 1
peer 'set dctype=ddc pleo=1' "$(entry 1)"
configure_peer
sed -i '1i [Global]\nreconnect-delay = 1\nkato = 5' /etc/stas/stafd.conf
start
await 20 "the DDC and subsystem 1 are live" -d 1 -D 1 -n "$(nqn 1)" -I 1
before=$(identities | grep "$(nqn 1)")

for s in icreq connect property identify features dim supported-logs log; do
    step "it stalls at: $s"
    tell 'log clear'
    tell "stall $s 1" >/dev/null
    tell disconnect >/dev/null # the kernel reconnects; a disconnect of ours would go through steps itself
    within 15 "a host is stalled" stalled
    within 3 "stafd answers" answers stafctl
    within 3 "stacd answers" answers stacctl
    tell 'pass all' >/dev/null
    within 20 "its log was read" log_read
    await 10 "it is live" -d 1 -D 1
done

# between these the kernel sets up the connection: a reset there leaves it waiting for its own timeout of a minute
for s in icreq dim supported-logs log async keep-alive; do
    step "it resets at: $s"
    tell 'log clear'
    tell "reset $s 1" >/dev/null
    case $s in
        keep-alive) ;; # sent by the kernel
        *) tell disconnect >/dev/null ;;
    esac
    within 15 "it was reset" faulty "reset $s"
    within 25 "its log was read" log_read
    await 10 "it is live" -d 1 -D 1
done

step "subsystem 1 is the same"
expect "subsystem 1" "$before" "$(identities | grep "$(nqn 1)")"

finish

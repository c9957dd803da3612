#!/bin/bash
# A discovery controller with a unique NQN (TP8013), a CDC and a DDC side by side, and one without persistent
# connections.
# covers: D5
. /job/lib.sh
needs_kernel 5.16 "the kernel has no option for the unique NQN of a discovery controller"
. /job/peer.sh

DISCOVERY=nqn.2014-08.org.nvmexpress.discovery
UNIQUE=nqn.2024-01.lab:dc
entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=8010"; }
ddc() { peer_socket=/run/ddc.sock tell "$1"; }
ddc_heard() { peer_socket=/run/ddc.sock heard "$1"; }
ddc_hears() { [ "$(ddc_heard "$1")" -gt 0 ]; }
state_of() { json stafctl ls -d | jq -r --arg a "$1" '.[] | select(.traddr == $a) | .reason'; }
configured() { # configured LINE... - stafd's controllers
    { echo '[Controllers]'; printf 'controller = %s\n' "$@"; } >/etc/stas/stafd.conf
}

step "a CDC of a unique NQN knows subsystem 1, a DDC subsystem 2"
load_modules
for i in 1 2 3; do subsystem $i; done
port 1 127.0.0.1 8010
link 1 1 2 3
peer "set dctype=cdc nqn=$UNIQUE" "$(entry 1)"
PEER=127.0.0.3 peer_socket=/run/ddc.sock peer 'set dctype=ddc' "$(entry 2)"
configured "transport=tcp;traddr=$PEER;nqn=$UNIQUE" 'transport=tcp;traddr=127.0.0.3'
: >/etc/stas/stacd.conf
start
await 20 "both discovery controllers and their subsystems" -d 2 -D 2 -n "$(nqn 1)" -n "$(nqn 2)" -I 2
expect "NQN in the kernel" "$UNIQUE" "$(nvme-ctrls | awk -F'\t' -v a="$PEER" '$3 == "discovery" && $6 == a {print $5}')"
expect "types" 'cdc ddc' "$(json stafctl ls -d | jq -r '.[].dctype' | sort | paste -sd' ')"
expect "registered at the CDC" 1 "$(heard 'dim register')"
expect "registered at the DDC" 1 "$(ddc_heard 'dim register')"
expect "asked for its port" "0 1" "$(heard 'get-log lid=0x00') $(ddc_heard 'get-log lid=0x00')"

step "requested by the well-known NQN it is the same connection"
before=$(identities)
watch_kernel
configured "transport=tcp;traddr=$PEER" 'transport=tcp;traddr=127.0.0.3'
reload stafd
stays 4 "no other connection" nvme-until -t 0.1 -d 2 -D 2 -i 2 -I 2
untouched "when the NQN is not asked for" "$before"
expect "devices that stafctl lists" 2 "$(json stafctl ls | jq '[.[] | select(.device != "")] | length')"

step "a DDC that holds no hosts is asked and left, and what it said stays"
before=$(identities | without 2 | grep -v "$DISCOVERY")
watch_kernel
ddc 'set held=0' >/dev/null
ddc 'log clear'
ddc disconnect >/dev/null
nvme disconnect -d "$(nvme-ctrls | awk -F'\t' '$3 == "discovery" && $6 == "127.0.0.3" {print $1}')" >/dev/null
within 30 "its log was read without a wish to stay" ddc_hears 'get-log lid=0x70.* rae=0'
await 10 "it is left" -d 1 -D 1
expect "connects that were refused, then one that asks and goes" 0 "$(ddc_heard 'connect .* kato=0 ' | sed 's/^1$/0/')"
stays 3 "it is left alone" nvme-until -t 0.1 -D 1 -n "$(nqn 2)" -I 2
untouched "meanwhile" "$before"
stafctl explain 127.0.0.3 | grep -q 'no persistent connection' || fail "stafctl explain does not say why"
expect "its log" "$(nqn 2)" "$(json stafctl adlp | jq -r '.[] | select(."discovery-controller".traddr == "127.0.0.3")["log-pages"][].subnqn')"

step "a reload asks it again: what is new is connected, what is gone goes"
ddc "$(entry 3)" >/dev/null
ddc "entry remove $(nqn 2)" >/dev/null
reload stafd
await 30 "subsystem 3 is live, 2 is gone" -n "$(nqn 1)" -n "$(nqn 3)" -N "$(nqn 2)" -I 2
await 10 "it is left again" -d 1 -D 1

step "it holds hosts again, and is held from the next failure on"
configured "transport=tcp;traddr=$PEER;nqn=$UNIQUE" 'transport=tcp;traddr=127.0.0.3' # as the kernel reports it
ddc 'set held=1' >/dev/null
ddc 'fail connect 0x182 1' >/dev/null
reload stafd
await 30 "both discovery controllers" -d 2 -D 2 -I 2

finish

#!/bin/bash
# A subsystem that is not connected to its CDC (NCC): a limited number of attempts, then none until NCC is cleared, and
# one at once when it is.
# covers: B7
. /job/lib.sh
. /job/peer.sh

limit() { # limit N
    configure_peer '[I/O controller connection management]' "connect-attempts-on-ncc = $1"
}
tries() { # connects to port 8010 by anyone: each starts with one SYN
    nft -j list counter ip lab syn | jq '.nftables[] | select(.counter) | .counter.packets'
}
tries_are() { [ "$(tries)" = "$1" ]; }
tries_exceed() { [ "$(tries)" -gt "$1" ]; }
why() { json stacctl explain "$1" | jq -r '.[0].why'; }
gave_up() { grep -q "no longer attempted.*NCC.*$1 attempts have used up connect-attempts-on-ncc=" <<<"$(why "$(nqn 1)")"; } # gave_up TRIES
entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=$2 ncc=$3"; }

step "subsystem 1 behind a portal that refuses, 2 and 3 behind one that answers; the log says NCC of 1 and 2"
load_modules
for i in 1 2 3; do subsystem $i; done
port 2 127.0.0.1 8020
link 2 2 3
nft -f - <<'EOF'
table ip lab {
    counter syn { }
    chain in {
        type filter hook input priority 0;
        tcp dport 8010 tcp flags & (syn|ack) == syn counter name syn
    }
}
EOF
# nvme-cli's rule connects all entries of a log on each event; its attempts are not the ones counted here
ln -s /dev/null /etc/udev/rules.d/70-nvmf-autoconnect.rules
udevadm control --reload
peer "$(entry 1 8010 1)" "$(entry 2 8020 1)"
limit 1 # means 2
start

step "two tries for subsystem 1; subsystem 2 is connected, because NCC forbids nothing"
await 20 "the discovery controller and subsystem 2 are live" -d 1 -D 1 -n "$(nqn 2)" -I 1
within 10 "two tries" tries_are 2
stays 8 "no third" tries_are 2
stacctl explain "$(nqn 1)"
gave_up 2 || fail "stacctl explain does not say why: $(why "$(nqn 1)")"
ls_agrees

step "other news of the discovery controller do not change that"
announce "$(entry 3 8020 0)"
await 10 "subsystem 3 is live" -n "$(nqn 3)" -I 2
stays 4 "no third try" tries_are 2

step "without a limit it goes on, with one it stops"
limit 0
reload stacd
within 20 "more tries" tries_exceed 2
limit 5
reload stacd
within 40 "a reload tries anew, and gives up anew" gave_up 5
n=$(tries)
stays 3 "no further try" tries_are "$n"

step "NCC clears, and the portal answers: connected at once, not when the wait after a fifth failure is over"
port 1 127.0.0.1 8010
link 1 1
stays 1 "nobody has tried before that" tries_are "$n"
before=$(identities)
watch_kernel
announce "entry set $(nqn 1) ncc=0"
patience=1 await 5 "subsystem 1 is live" -n "$(nqn 1)" -d 1 -D 1 -i 3 -I 3
untouched "while NCC clears" "$before"

step "NCC set again does not touch a connection"
before=$(identities)
watch_kernel
reads=$(heard 'get-log lid=0x70')
announce "entry set $(nqn 1) ncc=1"
log_read() { [ "$(heard 'get-log lid=0x70')" -gt "$reads" ]; }
within 10 "the log was read" log_read
stays 3 "all are live" nvme-until -t 0.1 -d 1 -D 1 -i 3 -I 3
untouched "when NCC is set" "$before"

finish

#!/bin/bash
# Referrals: a discovery controller named in another's log is used as long as a chain of logs from a configured one
# refers to it. Fourteen of the project's own discovery controllers, 127.0.1.1 to 127.0.1.14.
# covers: C4
. /job/lib.sh
. /job/peer.sh

peers=() # their process ids

socket() { echo "/run/peer-$1.sock"; }
say() { # say N COMMAND - to discovery controller N
    # shellcheck disable=SC2086 # the words of a command
    stas-peer --tell "$(socket "$1")" $2 >/dev/null || fail "stas-peer $1 refused: $2"
}
to() { echo "entry add subtype=referral subnqn=$DISCOVERY traddr=127.0.1.$1 trsvcid=8009"; }
event() { say "$1" aen; }
portals() { nvme-ctrls | awk -F'\t' '$3 == "discovery" && $4 == "live" {sub(/.*\./, "", $6); print $6}' | sort -n | paste -sd' '; }
are_connected() { [ "$(portals)" = "$1" ]; }
listen() { # listen N
    stas-peer -l "127.0.1.$1:8009" -s "$(socket "$1")" >"/job/peer-$1.log" 2>&1 &
    peers[$1]=$!
    until_true 30 grep -q '^listening' "/job/peer-$1.log" || fail "peer $1 does not start"
}
configure_dcs() { # configure_dcs N... - exactly these
    { echo '[Controllers]'; for n in "$@"; do echo "controller = transport=tcp;traddr=127.0.1.$n"; done; } >/etc/stas/stafd.conf
}

step "1 names 2"
load_modules
for n in {1..14}; do listen "$n"; done
say 1 "$(to 2)"
configure_dcs 1
: >/etc/stas/stacd.conf
start
within 20 "both are connected" are_connected '1 2'
stafctl explain 127.0.1.2 | grep -Eq 'nvme[0-9]+ \(tcp, 127\.0\.1\.1, 8009, .*\) entry 0 \[referral, complete\]' ||
    fail "explain does not say who named it: $(stafctl explain 127.0.1.2)"
ls_agrees

step "an event of 2 has it read again: it names 3, and then no more"
watch_kernel
before=$(identities)
say 2 "$(to 3)"
event 2
within 10 "3 is connected" are_connected '1 2 3'
untouched "when 2 names 3" "$before"
say 2 'entry clear'
event 2
within 10 "3 is given up" are_connected '1 2'

step "a stafd that was killed takes nothing, and a parent that is away neither"
before=$(identities)
kill_daemon stafd
stays 3 "both stay" are_connected '1 2'
expect "after the kill" "$before" "$(identities)"
kill "${peers[1]}"
within 20 "the parent is away" are_connected '2'
systemctl restart stafd
stays 3 "what it named stays" are_connected '2'
expect "meanwhile" "$before" "$(identities)"
listen 1
say 1 "$(to 2)"
within 60 "the parent is back" are_connected '1 2'

step "a ring of three, each of which names the first as well"
say 2 "$(to 3)"; say 2 "$(to 1)"
say 3 "$(to 1)"; say 3 "$(to 2)"
event 2
within 10 "all are connected" are_connected '1 2 3'
stays 2 "each once" are_connected '1 2 3'
configure_dcs
reload stafd
within 10 "without the first none is left" are_connected ''

step "a chain of twelve: the first and eight more"
for n in {1..14}; do say "$n" 'entry clear'; done
for n in {1..11}; do say "$n" "$(to $((n + 1)))"; done
configure_dcs 1
reload stafd
within 30 "nine are connected" are_connected '1 2 3 4 5 6 7 8 9'
stays 2 "no more" are_connected '1 2 3 4 5 6 7 8 9'
within 5 "it says so" has_said stafd 'names more discovery controllers than are followed'
watch_kernel
before=$(identities)
say 1 'entry clear'; say 1 "$(to 2)"; say 1 "$(to 5)"
event 1
within 15 "a shorter way leads to the end" are_connected '1 2 3 4 5 6 7 8 9 10 11 12'
untouched "meanwhile" "$before"

step "two parents name one: it goes with the second"
for n in {1..14}; do say "$n" 'entry clear'; done
say 1 "$(to 14)"; say 13 "$(to 14)"
configure_dcs 1 13
reload stafd
within 15 "both parents and it" are_connected '1 13 14'
before=$(identities)
watch_kernel
say 1 'entry clear'
event 1
stays 3 "one log names it still" are_connected '1 13 14'
untouched "meanwhile" "$before"
say 13 'entry clear'
event 13
within 10 "none names it" are_connected '1 13'

step "itself under another name, nothing, and too many"
say 1 "entry add subtype=referral subnqn=nqn.2024-01.lab:unique traddr=127.0.1.1 trsvcid=8009"
say 1 "entry add subtype=referral subnqn=$DISCOVERY traddr=0.0.0.0 trsvcid=8009"
say 1 "entry add subtype=referral subnqn=$DISCOVERY traddr=127.0.1.2 trsvcid=0"
say 1 "$(to 3)"
event 1
within 10 "the good one is followed" are_connected '1 3 13'
stays 2 "the others are not" are_connected '1 3 13'

finish

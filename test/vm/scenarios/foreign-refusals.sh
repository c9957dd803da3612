#!/bin/bash
# A log names subsystems that refuse this host: each is tried less and less often, also if the discovery controller sends
# a change notification each second; a new entry, and one with another address, are connected at once. explain
# names the likely causes of a refusal, and the kernel log, which alone names the cause.
# covers: T11 T16
. /job/lib.sh
. /job/peer.sh

entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=${2:-8010}"; }
refusals() { dmesg | grep -Ec 'Connect for subsystem .* is not allowed' || :; }
are_refused() { [ "$(refusals)" -ge "$1" ]; }
explains_of_10() { stafctl explain "$(nqn 10)" | grep -q "$1"; }
reads() { heard 'get-log lid=0x70.* rae=0'; }

step "eight subsystems that refuse this host"
one_identity
load_modules
for i in 1 2 3 4 5 6 7 8 9; do subsystem $i; done
port 1 127.0.0.1 8010
port 2 127.0.0.1 8020
link 1 1 2 3 4 5 6 7 8 9
link 2 1
zone_out 1 2 3 4 5 6 7 8
peer "entry many 8 subnqn=$(nqn '#') traddr=127.0.0.1 trsvcid=8010"
configure_peer '[Controllers]'
start
await 20 "the discovery controller is live" -d 1 -D 1
within 20 "each was refused four times, the next attempt is eight seconds away" are_refused 32

step "a notice each second for twelve seconds, of a log that differs each time"
before=$(refusals) read_before=$(reads)
for i in 1 2 3 4 5 6 7 8 9 10 11 12; do
    tell "entry add subnqn=nqn.2024-01.lab:other$i traddr=127.0.0.1 trsvcid=8011" >/dev/null
    tell aen >/dev/null
    tell "entry remove nqn.2024-01.lab:other$i" >/dev/null
    sleep 1
done
n=$(($(refusals) - before))
[ "$n" -le 16 ] || fail "eight subsystems were tried $n times"
note "eight subsystems were tried $n times"
[ "$(($(reads) - read_before))" -ge 6 ] || fail "the log was read $(($(reads) - read_before)) times"

step "a new entry is connected at once, and an entry whose port has changed"
announce "$(entry 9)"
await 2 "the new one is live" -n "$(nqn 9)" -I 1
zone_in 1
announce "entry remove $(nqn 1)" "$(entry 1 8020)"
await 2 "the changed one is live" -n "$(nqn 1)" -I 2
stays 2 "the others are not" nvme-until -t 0.1 -i 2 -I 2

step "the likely causes are named, and where the cause is"
stacctl explain "$(nqn 2)" | grep -q 'EIO (.*this host NQN not allowed.*the kernel log names the status (journalctl -k)' ||
    fail "$(stacctl explain "$(nqn 2)")"
if ! kernel_before 5.16; then # older ones have no option for the unique NQN of a discovery controller
    subsystem 10
    link 1 10
    echo "controller = transport=tcp;traddr=127.0.0.1;trsvcid=8010;nqn=$(nqn 10)" >>/etc/stas/stafd.conf
    reload stafd
    within 10 "an I/O subsystem is not a discovery controller" explains_of_10 "EINVAL (the kernel log names the cause (journalctl -k): .* not a discovery controller's"
    [ "$(dmesg | grep -c 'is not a discovery controller')" -gt 0 ] || fail "the kernel log does not name it"
fi

finish

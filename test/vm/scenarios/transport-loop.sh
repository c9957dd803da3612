#!/bin/bash
# The transport "loop", which reaches the kernel's own target without a network: nothing is probed, and there is no
# service. Controllers named by its discovery controller are connected, and follow zoning.
# covers: F3
. /job/lib.sh
. /job/transports.sh
modprobe -nq nvme-loop || skip "this kernel is built without nvme-loop"

step "a target on two ports, a discovery controller at the first, an I/O controller configured at the second"
one_identity
load_modules
modprobe nvme-loop
port 1 first '' loop loop
port 2 second '' loop loop
for i in 1 2 3 4; do subsystem $i; done
link 1 1 2
link 2 4
printf '[Controllers]\ncontroller = transport=loop;traddr=first\n' >/etc/stas/stafd.conf
printf '[Controllers]\ncontroller = transport=loop;traddr=second;nqn=%s\n' "$(nqn 4)" >/etc/stas/stacd.conf
for u in stafd stacd; do expect "faults of $u's configuration" '' "$($u --check 2>&1)"; done
start
await 20 "all are live, and no other" -d 1 -D 1 -i 3 -I 3
ls_agrees
expect "what the log names" "$(printf 'loop %s first\n' "$DISCOVERY" "$(nqn 1)" "$(nqn 2)" | sort)" \
    "$(json stafctl adlp | jq -r '.[0]["log-pages"][] | [.trtype, .subnqn, .traddr] | join(" ")' | sort)"

one_more_one_less
zone_in 2
await 15 "it is back" -n "$(nqn 2)" -I 4
disconnected_by_others
restarted
finish

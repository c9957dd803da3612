#!/bin/bash
# The transport "loop", which reaches the kernel's own target without a network: nothing is probed, nothing has a service.
# What its discovery controller names is connected and goes by zoning.
. /job/lib.sh
modprobe -nq nvme-loop || skip "this kernel is built without nvme-loop"

step "a target on two ports, a discovery controller at the first, an I/O controller configured at the second"
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

step "one more, one less"
before=$(identities)
watch_kernel
link 1 3
await 10 "the new one is live" -n "$(nqn 3)" -I 4
untouched "meanwhile" "$before"
before=$(identities | without 2)
watch_kernel
zone_out 2
await 10 "the withdrawn one is gone" -N "$(nqn 2)" -I 3
untouched "meanwhile" "$before"
zone_in 2
await 10 "it is back" -n "$(nqn 2)" -I 4

step "somebody disconnects: the kernel does not reconnect here, stafd and stacd do"
nvme disconnect -d "$(device_of "$DISCOVERY")" >/dev/null
nvme disconnect -d "$(device_of "$(nqn 1)")" >/dev/null
await 20 "both are back" -n "$DISCOVERY" -n "$(nqn 1)" -D 1 -I 4

step "restarts: the same connections"
before=$(identities)
watch_kernel
systemctl restart stafd stacd
ls_agrees
stays 3 "all stay" nvme-until -t 0.1 -d 1 -D 1 -i 4 -I 4
untouched "by the restarts" "$before"

finish

#!/bin/bash
# A zone change: exactly the removed entries are disconnected, even one of 4,096, even if the log changes while it is
# read.
# covers: D3
. /job/lib.sh
. /job/peer.sh

entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=8010"; }
log_failed() { [ "$(times_said stafd "$1")" -ge 1 ]; }
hears() { [ "$(heard "$1")" -ge "$2" ]; }
disconnects() { times_said stacd '^Disconnected '; }
disconnected() { [ "$(disconnects)" = "$1" ]; } # the kernel finishes it before stacd reports it

step "4,096 entries: four subsystems that there are, and many that stacd shall not try"
load_modules
for i in 1 2 3 4; do subsystem $i; done
port 1 127.0.0.1 8010
link 1 1 2 3 4
peer 'set dctype=cdc' "$(entry 1)" "$(entry 2)" 'entry many 4092 subnqn=nqn.2024-01.lab:many# traddr=192.0.2.1' \
    "$(entry 3)" "$(entry 4)"
configure_peer '[Controllers]' 'exclude = transport=tcp;traddr=192.0.2.1'
start
await 40 "the CDC and the four are live" -d 1 -D 1 -n "$(nqn 1)" -n "$(nqn 2)" -n "$(nqn 3)" -n "$(nqn 4)" -I 4
expect "entries that stafd has" 4096 "$(json stafctl adlp | jq '.[0]["log-pages"] | length')"

step "one is taken out of the zone: it goes, and nothing else"
before=$(identities | without 3)
watch_kernel
announce "entry remove $(nqn 3)"
await 15 "subsystem 3 is gone" -n "$(nqn 1)" -n "$(nqn 2)" -n "$(nqn 4)" -I 3
stays 3 "the others stay" nvme-until -t 0.1 -d 1 -D 1 -i 3 -I 3
untouched "while one of 4,096 goes" "$before"
within 10 "stacd has disconnected 1" disconnected 1

step "the log changes while it is read: it is read anew, and is that of one moment"
tell 'set moves=3' >/dev/null
tell 'log clear'
before=$(identities | without 2)
watch_kernel
announce "entry remove $(nqn 2)"
await 25 "subsystem 2 is gone" -n "$(nqn 1)" -n "$(nqn 4)" -I 2
untouched "while the log changes" "$before"
within 10 "stacd has disconnected 2" disconnected 2
within 10 "it was read more than once" hears 'get-log lid=0x70.* offset=0 ' 3

step "the log changes without end between the commands that read it: nothing is considered gone"
tell 'set mdts=0' >/dev/null # 4 KiB: three entries by one command
tell 'entry clear' >/dev/null
for i in 1 2 4; do tell "$(entry $i)" >/dev/null; done
tell 'entry many 6 subnqn=nqn.2024-01.lab:many# traddr=192.0.2.1' >/dev/null
announce
await 20 "subsystem 2 is back" -n "$(nqn 2)" -I 3
before=$(identities)
watch_kernel
tell 'set moves=1000000' >/dev/null
announce "entry remove $(nqn 4)"
within 20 "stafd gives it up for now" log_failed 'changes faster than it can be read'
stays 3 "all stay" nvme-until -t 0.1 -d 1 -D 1 -i 3 -I 3
untouched "while the log cannot be read" "$before"
expect "disconnects" 2 "$(disconnects)"

step "it comes to rest: what it says counts"
before=$(identities | without 4)
watch_kernel
tell 'set moves=0' >/dev/null
announce
await 25 "subsystem 4 is gone" -n "$(nqn 1)" -n "$(nqn 2)" -I 2
untouched "when the log is readable again" "$before"
within 10 "stacd has disconnected 3" disconnected 3

finish

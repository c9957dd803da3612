#!/bin/bash
# Logs as other people's discovery controllers give them: made once and handed out until all was read; the beginning
# again, whatever the offset; NUMREC that contradicts itself; entries that are missing; several gateways behind an
# address, each with a log of its own.
# covers: T1
. /job/lib.sh
. /job/peer.sh

entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=8010"; }
has_entries() { [ "$(stafctl adlp -o json | jq '.[0]["log-pages"] | length')" = "$1" ]; }
reads() { heard 'get-log lid=0x70.* rae=0'; } # those that re-arm the notice
has_read() { [ "$(reads)" -gt "$1" ] && has_entries "$2"; }
follows() { # follows N COMMAND... - after these and a notice, stafd has N entries within two seconds (twice that beside other VMs)
    local n=$1 before
    before=$(reads)
    shift
    announce "$@"
    patience=2 within 2 "$n entries" has_read "$before" "$n"
}
bytes_read() { # of the log, but for the first 16: what a gateway counts
    tell log | jq -r '.[]' | sed -nE 's/.*get-log lid=0x70.* length=([0-9]+).*/\1/p' | awk '$1 > 16 {n += $1} END {print n + 0}'
}

series() { # series SETTINGS - of a gateway with these, each log is followed, and read once
    step "0, 2, 3, 2, 40 entries: $1"
    follows 0 "set $1" 'entry clear'
    tell 'log clear' >/dev/null
    follows 2 "$(entry 1)" "$(entry 2)"
    follows 3 "$(entry 3)"
    await 10 "all three are live" -n "$(nqn 1)" -n "$(nqn 2)" -n "$(nqn 3)" -I 3
    follows 2 "entry remove $(nqn 3)"
    await 10 "the third is gone" -N "$(nqn 3)" -i 2 -I 2
    follows 40 'entry many 38 subnqn=nqn.2024-01.lab:ghost# traddr=127.0.0.9 trsvcid=8010'
    expect "bytes read of the log" $(((3 + 4 + 3 + 41) * 1024)) "$(bytes_read)"
}

step "a gateway that makes its log once, and anew when exactly all of it was read"
load_modules
for i in 1 2 3; do subsystem $i; done
port 1 127.0.0.1 8010
link 1 1 2 3
peer 'set log=frozen'
configure_peer '[Controllers]' 'exclude = nqn=nqn.2024-01.lab:ghost*'
sed -i '1i [Global]\nreconnect-delay = 1' /etc/stas/stafd.conf
start
await 20 "the gateway is live" -d 1 -D 1
within 10 "its log is empty" eval 'stafctl adlp | grep -q "no entries"'
series log=frozen
series 'log=live offset=ignored'
series 'offset=heeded'

step "one that ignores offsets, and takes 8 KiB at most"
before=$(identities)
watch_kernel
follows 4 'set log=live mdts=1 offset=ignored' "$(entry 3)"
within 5 "stafd says that the log is incomplete" has_said stafd 'is incomplete or contradicts itself'
stays 3 "nothing is gone" is "$before" identities
follows 41 'set offset=heeded mdts=10'
await 10 "the third is live again" -n "$(nqn 3)" -I 3
untouched "meanwhile" "$before"

step "NUMREC that the header alone has, too low and too high"
follows 41 'set header-numrec=3'
follows 40 'set header-numrec=99' 'entry remove nqn.2024-01.lab:ghost1'

step "an entry is missing of what NUMREC promises: what is there is used, nothing is gone"
before=$(identities)
follows 38 'set header-numrec=true numrec=40' "entry remove $(nqn 1)" 'entry remove nqn.2024-01.lab:ghost2'
stays 3 "nothing is gone" is "$before" identities
follows 38 'set numrec=true'
await 10 "the first is gone, as the log is complete" -N "$(nqn 1)" -I 2

step "after a reconnect, another gateway answers at the address: what it does not list yet remains, what it adds is used"
second=$(identity_of "$(device_of "$(nqn 2)")")
has_second() { [ "$(identity_of "$(device_of "$(nqn 2)")")" = "$second" ]; }
other_gateway() { # other_gateway COMMAND... - after these, which are not announced, the kernel reconnects
    local c
    for c in "$@" 'log clear' disconnect; do tell "$c" >/dev/null; done
}
other_gateway "entry remove $(nqn 2)" "$(entry 1)"
await 20 "what it adds is live" -n "$(nqn 1)" -I 3
tell "$(entry 2)" >/dev/null
within 10 "its log is read again" has_read 1 39
stays 3 "what it did not list is untouched" has_second

step "the next one does not list it at all: it is gone when a second read has confirmed this"
other_gateway "entry remove $(nqn 2)"
within 20 "its log is read" has_read 0 38
has_second || fail "it is gone after the first read"
await 15 "it is gone" -N "$(nqn 2)" -I 2

finish

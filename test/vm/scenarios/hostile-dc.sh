#!/bin/bash
# A discovery controller that lies: its invalid answers are not believed, and cost no more than its own connection.
# Controllers connected because of its valid answers stay connected.
# covers: D4
# vm: alone
. /job/lib.sh
. /job/peer.sh

entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=8010"; }
reads() { heard 'get-log lid=0x70.* offset=0 '; }
reads_exceed() { [ "$(reads)" -gt "$1" ]; }
memory() { sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$(systemctl show -P MainPID "$1")/status"; }
answers() { # answers stafctl|stacctl - the daemon answers; printing a table of thousands takes a while
    timeout 2 "$1" ls -o json >/dev/null && timeout 2 busctl --json=short call "org.nvmexpress.${1%ctl}" \
        "/org/nvmexpress/${1%ctl}" "org.nvmexpress.${1%ctl}.debug" process_info >/dev/null
}
lie() { # lie "WHAT" COMMAND... - applied, and read; after an incompletely read log its events are still masked
    local what=$1 n c
    shift
    n=$(reads)
    for c in "$@"; do tell "$c" >/dev/null; done
    tell 'aen force' >/dev/null
    within 15 "$what: read" reads_exceed "$n"
    within 3 "$what: stafd answers" answers stafctl
    within 3 "$what: stacd answers" answers stacctl
}
truth() { # truth COMMAND... - no more lies, and subsystem 1 in the log
    lie "the truth" 'set numrec=true short=no' 'entry clear' "$(entry 1)" "$@"
}

step "subsystem 1, by a log that tells the truth"
load_modules
for i in 1 2; do subsystem $i; done
port 1 127.0.0.1 8010
link 1 1 2
peer 'set dctype=cdc' "$(entry 1)"
configure_peer
sed -i '1i [Global]\nreconnect-delay = 1' /etc/stas/stafd.conf
start
await 20 "the CDC and subsystem 1 are live" -d 1 -D 1 -n "$(nqn 1)" -I 1
before=$(identities)
watch_kernel

step "lengths: what is missing is not gone"
lie "NUMREC of 2^54" 'entry clear' 'set numrec=0x40000000000000'
lie "NUMREC of 2^64 - 1" 'set numrec=0xffffffffffffffff'
lie "NUMREC of 3, and no entry" 'set numrec=3'
lie "half of each entry" 'set numrec=true short=512' "$(entry 1)"
lie "no header" 'set short=16'
lie "no data at all" 'set short=0'
stays 2 "subsystem 1 stays" nvme-until -t 0.1 -d 1 -D 1 -i 1 -I 1
truth

step "texts without an end, of no characters, of control characters"
x16=xxxxxxxxxxxxxxxx
x240=$x16$x16$x16$x16$x16$x16$x16$x16$x16$x16$x16$x16$x16$x16$x16
lie "256 bytes without an end" "entry add subnqn=nqn.2024-01.lab:$x240 traddr=$x240$x16 trsvcid=${x16}${x16}"
lie "control characters" 'entry add subnqn=nqn.2024-01.lab:\x1b[31m\x07\x0a\xff traddr=127.0.0.1 trsvcid=8010' \
    'entry add subnqn=nqn.2024-01.lab:ctl traddr=127.0.0.1\x0anqn.evil trsvcid=8010' \
    'entry add subnqn=nqn.2024-01.lab:opt,host_iface=evil traddr=127.0.0.1 trsvcid=8010'
lie "nothing" 'entry add subnqn=\x20 traddr=127.0.0.1' 'entry add subnqn=nqn.2024-01.lab:none traddr=\x20'
! journal -u stafd -u stacd | grep -P '[\x00-\x08\x0b-\x1f]' || fail "control characters in the journal"
! { stafctl adlp; stacctl ls -d; stacctl explain; } | grep -P '[\x00-\x08\x0b-\x1f]' || fail "control characters shown"
truth

step "what is no I/O controller: port 0, duplicates, itself, its own address, unknown types"
lie "port 0 and beyond" "entry add subnqn=$(nqn 2) traddr=127.0.0.1 trsvcid=0" \
    "entry add subnqn=$(nqn 2) traddr=127.0.0.1 trsvcid=65536" "entry add subnqn=$(nqn 2) traddr=0.0.0.0 trsvcid=8010"
lie "unknown types" "entry add subnqn=$(nqn 2) traddr=127.0.0.1 trsvcid=8010 trtype=77" \
    "entry add subnqn=$(nqn 2) traddr=127.0.0.1 trsvcid=8010 subtype=9"
lie "itself, thrice" "entry add subnqn=nqn.2014-08.org.nvmexpress.discovery traddr=$PEER trsvcid=8009 subtype=discovery" \
    "entry add subnqn=nqn.2014-08.org.nvmexpress.discovery traddr=$PEER trsvcid=8009 subtype=referral" \
    "entry add subnqn=nqn.2024-01.lab:self traddr=$PEER trsvcid=8009"
lie "duplicates" "$(entry 1)" "$(entry 1)" "entry add subnqn=$(nqn 1) traddr=::ffff:127.0.0.1 trsvcid=08010"
stays 2 "one CDC, subsystem 1" nvme-until -t 0.1 -d 1 -D 1 -i 1 -I 1
truth

step "a chain of referrals without an end: eight are followed, and given up again"
stas-peer -l 0.0.0.0:8019 -s /run/chain.sock -e 'entry add subnqn=nqn.2014-08.org.nvmexpress.discovery traddr=next trsvcid=8019 subtype=referral' >/job/chain.log 2>&1 &
until_true 30 grep -q '^listening' /job/chain.log || fail "no chain"
lie "its beginning" 'entry add subnqn=nqn.2014-08.org.nvmexpress.discovery traddr=127.9.0.1 trsvcid=8019 subtype=referral'
await 30 "nine discovery controllers, the CDC being one" -d 9 -D 9
stays 3 "no tenth" nvme-until -t 0.1 -D 9
truth
await 20 "the chain is gone" -d 1 -D 1

step "4,096 entries that lead nowhere, as fast as it can tell"
lie "4,096 of one address" 'entry many 4096 subnqn=nqn.2024-01.lab:many# traddr=127.0.0.9 trsvcid=9'
rows() { json stacctl ls | jq length; }
all_there() { [ "$(rows)" = 4097 ]; }
within 15 "stacd has a row for each" all_there
for _ in 1 2 3 4 5; do tell 'aen force' >/dev/null; done
within 3 "stafd answers" answers stafctl
within 5 "stacd answers" answers stacctl
truth
forgotten() { [ "$(rows)" = 1 ]; }
within 20 "they are forgotten" forgotten

step "in the end subsystem 1 is the same as in the beginning, and memory was bounded"
await 10 "the CDC and subsystem 1" -d 1 -D 1 -i 1 -I 1
untouched "by all that" "$before"
note "most memory: stafd $(memory stafd) KiB, stacd $(memory stacd) KiB"
for u in stafd stacd; do [ "$(memory $u)" -lt 65536 ] || fail "$u took $(memory $u) KiB"; done

finish

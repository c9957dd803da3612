#!/bin/bash
# PLEO: a DDC that supports it is queried for the entries of our port, other controllers are not; one whose list of
# supported log pages cannot be read works without it.
# covers: D2
. /job/lib.sh
needs_kernel 5.18 "the kernel does not tell the type of a discovery controller"
. /job/peer.sh

entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=8010 elsewhere=$2"; }
PLEO='get-log lid=0x70 lsp=0x02'
heard_any() { [ "$(heard "$1")" -gt 0 ]; }
configure_global() { # configure_global [LINE]...
    configure_peer
    { echo '[Global]'; echo 'reconnect-delay = 1'; printf '%s\n' "$@"; cat /etc/stas/stafd.conf; } >/etc/stas/stafd.conf.new
    mv /etc/stas/stafd.conf.new /etc/stas/stafd.conf
}
anew() { # anew COMMAND... - changes the peer's behaviour and has stafd connect to it again
    local c
    tell 'log clear'
    for c in "$@"; do tell "$c" >/dev/null; done
    nvme disconnect -d "$(device_of nqn.2014-08.org.nvmexpress.discovery)" >/dev/null
    within 20 "its log was read on a new connection" heard_any 'get-log lid=0x70.* rae=0'
}

step "a DDC that offers PLEO: subsystem 1 at its port, 2 at another one"
load_modules
for i in 1 2; do subsystem $i; done
port 1 127.0.0.1 8010
link 1 1 2
peer 'set dctype=ddc pleo=1' "$(entry 1 0)" "$(entry 2 1)"
configure_global
start
await 20 "the DDC and subsystem 1 are live" -d 1 -D 1 -n "$(nqn 1)" -I 1
expect "supported log pages read" 1 "$(heard 'get-log lid=0x00')"
expect "log reads without PLEO" 0 "$(($(heard 'get-log lid=0x70') - $(heard "$PLEO")))"
stays 2 "subsystem 2 is none of it" nvme-until -t 0.1 -I 1

step "pleo=disabled: all of them, and the list of log pages is not read"
configure_global 'pleo = disabled'
tell 'log clear'
reload stafd
await 10 "subsystem 2 is live" -n "$(nqn 1)" -n "$(nqn 2)" -I 2
expect "supported log pages read" 0 "$(heard 'get-log lid=0x00')"
expect "reads with PLEO" 0 "$(heard "$PLEO")"
configure_global
reload stafd
await 10 "enabled again: subsystem 2 goes" -n "$(nqn 1)" -I 1

step "a DDC that does not offer it"
anew 'set pleo=0'
await 10 "both are live" -n "$(nqn 1)" -n "$(nqn 2)" -I 2
expect "reads with PLEO" 0 "$(heard "$PLEO")"
expect "supported log pages read" 1 "$(heard 'get-log lid=0x00')"

step "a CDC, and who does not say what it is, are not asked"
for what in cdc none; do
    anew "set dctype=$what pleo=1"
    expect "of $what: supported log pages read" 0 "$(heard 'get-log lid=0x00')"
    expect "of $what: reads with PLEO" 0 "$(heard "$PLEO")"
done

step "a DDC that offers it and refuses it"
anew 'set dctype=ddc pleo=1' 'fail log 0x002 2' # both lengths of the first read
within 10 "its log was read, without" heard_any 'get-log lid=0x70 lsp=0x00.* rae=0'
await 10 "both are live" -n "$(nqn 1)" -n "$(nqn 2)" -I 2

step "a DDC that refuses its list of log pages"
anew 'fail supported-logs 0x109'
expect "reads with PLEO" 0 "$(heard "$PLEO")"
await 10 "both are live" -n "$(nqn 1)" -n "$(nqn 2)" -I 2

step "one that never answers: it costs the connection once, and is not asked again"
tell 'pass supported-logs' >/dev/null
tell 'log clear'
tell 'drop supported-logs' >/dev/null
before=$(identities | grep "$(nqn 1)")
nvme disconnect -d "$(device_of nqn.2014-08.org.nvmexpress.discovery)" >/dev/null
within 40 "its log was read, without" heard_any 'get-log lid=0x70 lsp=0x00.* rae=0'
expect "supported log pages read" 1 "$(heard 'get-log lid=0x00')"
expect "subsystem 1, meanwhile" "$before" "$(identities | grep "$(nqn 1)")"
await 10 "all are live" -d 1 -D 1 -n "$(nqn 1)" -n "$(nqn 2)" -I 2

finish

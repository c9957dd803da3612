#!/bin/bash
# mDNS on a host without configuration: announced controllers are connected; a withdrawn one stays while it is
# connected, and is dropped after it has been neither announced nor connected for zeroconf-connections-persistence.
# covers: C1
# vm: alone
. /job/lib.sh
. /job/mdns.sh

announced_as() { stafctl explain | grep -F "$1"; }
is_as_before() { [ "$(identities)" = "$before" ]; }

step "a host that knows of no controller, on a network with an array that says nothing"
load_modules
network 1 use-ipv6=no
subsystem 1
subsystem 2
array 1 8009 1 2
printf '[Discovery controller connection management]\nzeroconf-connections-persistence = 4\n' >/etc/stas/stafd.conf
: >/etc/stas/stacd.conf
start
stafctl tron
avahi-browse -p _nvme-disc._tcp | while read -r line; do echo "${EPOCHREALTIME/./} $line"; done >/job/signals.log &
stays 2 "nothing is connected" nvme-until -t 0.1 -I 0 -D 0

step "the array announces itself"
publish 1 Array tcp 8009 p=tcp nqn=$DISCOVERY
await 20 "the discovery controller and both subsystems are live" -d 1 -D 1 -i 2 -I 2
t_live=${EPOCHREALTIME/./}
t_signal=$(awk '/ \+;/ {print $1; exit}' /job/signals.log)
t_wanted=$(journalctl --no-pager -o short-unix -u stafd | awk '/is wanted by mDNS/ {printf "%d", $1 * 1000000; exit}')
note "in the kernel's hands $(((t_wanted - t_signal) / 1000)) ms after Avahi's signal, the last subsystem live after $(((t_live - t_signal) / 1000)) ms"
[ $((t_wanted - t_signal)) -lt 1000000 ] || fail "not within 1 s of Avahi's signal"
expect "explain" 1 "$(announced_as 'mDNS "Array" on stor1 [discovered, complete]' | wc -l)"
expect "origin and interface" $'discovered\tstor1' "$(json stafctl ls -d | jq -r '.[] | [.origin, .["host-iface"]] | @tsv')"
ls_agrees

step "goodbye: it stays while it is connected, also over a restart and a kill of stafd"
before=$(identities)
watch_kernel
withdraw Array
within 10 "it is known to be gone" announced_as 'no longer announced'
stays 6 "all stay" is_as_before
systemctl restart stafd
stays 3 "all stay over a restart" is_as_before
kill_daemon stafd
within 10 "it is known to be gone" announced_as 'no longer announced'
stays 5 "all stay over a kill" is_as_before
untouched "while it is not announced" "$before"

step "announced anew, and gone again: nothing is connected anew"
publish 1 Array tcp 8009 p=tcp
within 10 "it is known" announced_as 'mDNS "Array" on stor1 [discovered, complete]'
withdraw Array
within 10 "it is known to be gone" announced_as 'no longer announced'
expect "controllers" "$before" "$(identities)"

step "lost as well: it goes after the persistence time, and what it named with it"
unlink 1 1 2
t0=${EPOCHREALTIME/./}
await 30 "none is left" -D 0 -I 0
[ $((${EPOCHREALTIME/./} - t0)) -gt 3000000 ] || fail "it went before the persistence time"
expect "what stafd knows" '[]' "$(json stafctl ls | jq -c .)"

finish

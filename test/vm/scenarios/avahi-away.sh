#!/bin/bash
# Avahi stopped, masked, killed and restarted: nothing is lost, and browsing continues. zeroconf=disabled stops it, an
# excluded interface is ignored, one address on two interfaces is reported once.
# covers: C3
. /job/lib.sh
. /job/mdns.sh

explained() { stafctl explain | grep -F "$1"; }
is_as_before() { [ "$(identities)" = "$before" ]; }
configure_stafd() { printf '%s\n' "$@" >/etc/stas/stafd.conf; reload stafd; }
interfaces_of_dcs() { json stafctl ls | jq -r '.[] | select(.device != "") | .["host-iface"]' | sort | paste -sd' '; }
has_dcs_on() { [ "$(interfaces_of_dcs)" = "$1" ]; }

step "two networks, an array on each"
load_modules
network 1 use-ipv6=no
network 2 use-ipv6=no
subsystem 1
subsystem 2
array 1 8009 1
array 2 8009 2
: >/etc/stas/stafd.conf
: >/etc/stas/stacd.conf
start
publish 1 One tcp 8009 p=tcp
publish 2 Two tcp 8009 p=tcp
await 30 "both are connected" -d 2 -D 2 -i 2 -I 2
within 10 "all is known" explained 'mDNS "Two" on stor2 [discovered, complete]'
before=$(identities)
watch_kernel

step "Avahi is killed, masked, started, restarted; stafd is killed meanwhile"
systemctl kill -s KILL avahi-daemon
within 20 "the journal tells that it is away" has_said stafd 'Avahi cannot be queried'
within 10 "what is known is known to be old" explained 'mDNS "Two" on stor2 [discovered, unknown]'
systemctl mask --runtime --now avahi-daemon.service avahi-daemon.socket 2>/dev/null
kill_daemon stafd
within 10 "stafd cannot wake it" has_said stafd 'Avahi cannot be queried' 2
stays 4 "all stay" is_as_before
systemctl unmask --runtime avahi-daemon.service avahi-daemon.socket 2>/dev/null
systemctl start avahi-daemon
within 20 "all is known again" explained 'mDNS "One" on stor1 [discovered, complete]'
systemctl restart avahi-daemon
within 20 "all is known again" explained 'mDNS "Two" on stor2 [discovered, complete]'

step "stafd that starts where Avahi is stopped wakes it"
systemctl stop avahi-daemon.socket avahi-daemon 2>/dev/null
kill_daemon stafd
within 20 "Avahi is back" systemctl -q is-active avahi-daemon
within 20 "all is known again" explained 'mDNS "Two" on stor2 [discovered, complete]'
untouched "whatever happened to Avahi" "$before"

step "an excluded interface is left alone"
configure_stafd '[Controllers]' 'exclude = host-iface=stor2'
await 20 "the first array alone is connected" -d 1 -D 1 -i 1 -I 1
expect "interfaces" stor1 "$(interfaces_of_dcs)"

step "zeroconf=disabled ends it, enabled begins it again"
configure_stafd '[Service Discovery]' 'zeroconf = disabled'
await 20 "nothing is connected" -D 0 -I 0
expect "what stafd knows" '[]' "$(json stafctl ls | jq -c .)"
configure_stafd ''
await 30 "both are connected" -d 2 -D 2 -i 2 -I 2

step "one address on two interfaces: an error, once"
allowed_errors=('192\.168\.1\.2 is announced on two interfaces')
network 3 use-ipv6=no
on 3 ip address flush dev eth0
on 3 ip address add 192.168.1.2/24 dev eth0
publish 3 Three tcp 8009 p=tcp
within 20 "the journal tells it" has_said stafd '192\.168\.1\.2 is announced on two interfaces, stor1 and stor3'
withdraw Three
within 10 "it is known to be gone" explained 'no longer announced'
publish 3 Three tcp 8009 p=tcp
within 20 "it is known again" explained 'mDNS "Three" on stor3 [discovered, complete]'
expect "errors about it" 1 "$(times_said stafd 'is announced on two interfaces')"

step "more interfaces than multicast memberships: a warning"
sysctl -qw net.ipv4.igmp_max_memberships=1
reload stafd
within 10 "the journal tells it" has_said stafd 'igmp_max_memberships'
expect "warnings about it" 1 "$(times_said stafd 'igmp_max_memberships')"

finish

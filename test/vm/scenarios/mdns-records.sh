#!/bin/bash
# Announcements in all forms: before the port listens, with and without a usable TXT record, with a link-local address,
# also on a host where IPv6 is disabled.
# test/bus/test-avahi covers five hundred at once.
# covers: C2 T17
. /job/lib.sh
. /job/mdns.sh

rows() { json stafctl ls | jq -r ".[] | select(.trsvcid | test(\"$1\")) | [.transport, .trsvcid, .subsysnqn] | @tsv" | sort; }
are_rows() { [ "$(rows "$1")" = "$2" ]; }
is_reported_once() { [ "$(times_said stafd 'Cannot probe port 8009 of fe80:')" = 1 ]; }
has_link_local() { json stafctl ls | jq -e '.[] | select(.device != "" and (.traddr | test("^fe80:.*%stor2$")) and .["host-iface"] == "stor2")'; }

step "announced before it listens"
load_modules
network 1 use-ipv6=no
: >/etc/stas/stafd.conf
: >/etc/stas/stacd.conf
start
publish 1 Early tcp 8009 p=tcp
within 20 "it does not answer" has_said stafd 'No answer from port 8009 of 192\.168\.1\.2'
subsystem 1
array 1 8009 1
await 30 "connected once it listens" -d 1 -D 1 -i 1 -I 1

step "TXT records"
publish 1 plain tcp 9001 p=tcp
publish 1 roce udp 9002 p=roce
publish 1 none tcp 9003
publish 1 garbage tcp 9004 p=garbage
publish 1 case tcp 9005 P=TCP NQN=nqn.2024-01.lab:unique
publish 1 utf8 tcp 9006 p=tcp $'nqn=nqn.2024-01.lab:\xff\xfe'
publish 1 comma tcp 9007 p=tcp nqn=nqn.2024-01.lab:a,tls
unique=nqn.2024-01.lab:unique
! kernel_before 5.16 || unique=$DISCOVERY # older kernels connect to the well-known NQN only
within 30 "what is usable is wanted, and no more" are_rows '^900' "rdma	9002	$DISCOVERY
tcp	9001	$DISCOVERY
tcp	9005	$unique"
within 10 "the journal names what is ignored" has_said stafd 'mDNS "(none|garbage|utf8|comma)" on stor1 is ignored' 4
for n in plain roce none garbage case utf8 comma; do withdraw $n; done

step "a link-local address, announced before it listens; then IPv6 is disabled: another controller is not delayed"
printf '[Controllers]\nexclude = transport=tcp;nqn=%s\n' "$(nqn 2)" >/etc/stas/stacd.conf
reload stacd
network 2
subsystem 2
publish 2 Link tcp 8009 p=tcp
within 30 "it does not answer" has_said stafd 'No answer from port 8009 of fe80:'
sysctl -qw net.ipv6.conf.all.disable_ipv6=1
within 30 "the reason is reported" has_said stafd 'Cannot probe port 8009 of fe80:[^ ]*: EADDRNOTAVAIL .*IPv6 is disabled'
port 3 192.168.1.2 8010
on 1 ln -s "$nvmet/subsystems/$(nqn 1)" "$nvmet/ports/3/subsystems/$(nqn 1)"
publish 1 Other tcp 8010 p=tcp
await 10 "another one is connected" -d 2 -D 2
stays 12 "the reason is reported once" is_reported_once

step "IPv6 is enabled: it is connected, with its interface"
sysctl -qw net.ipv6.conf.all.disable_ipv6=0
port 2 :: 8009 ipv6
array_link 2 2
within 40 "the discovery controller is connected" has_link_local

finish

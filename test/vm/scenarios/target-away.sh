#!/bin/bash
# The target is away for a while and the kernel reconnects by itself: the log page is read again when it is back, and
# changes made in the meantime are applied.
# covers: A6
. /job/lib.sh
needs_kernel 5.18 "nobody tells that a discovery controller is back"

away() { # every packet to the target is answered with a reset, as by a host without the service
    nft add table inet away
    nft add chain inet away in '{ type filter hook input priority 0; }'
    nft add rule inet away in tcp dport 8009 reject with tcp reset
    # an idle connection would notice only at its next keep-alive
    ss -K -t dport = :8009 >/dev/null 2>&1 || :
}
back() { nft delete table inet away; }

step "three of four subsystems are connected, with short kernel timers"
target 3 1
configure
printf '[Global]\nkato = 4\nreconnect-delay = 2\n' >>/etc/stas/stafd.conf
printf '[Global]\nkato = 4\nreconnect-delay = 2\n' >>/etc/stas/stacd.conf
start
await 20 "1 discovery and 3 I/O controllers are live" -d 1 -D 1 -i 3 -I 3
before=$(incarnations)

step "the target is away"
away
within 20 "the kernel has noticed it for all" none_live
stays 3 "no controller is removed because of that" is "$before" incarnations
within 10 "stacd says so" has_said stacd "lost its connection to .*$(nqn 2))"
within 10 "stafd says so" has_said stafd "lost its connection to .*$DISCOVERY)"

step "meanwhile subsystem 1 is unlinked and subsystem 4 is linked"
unlink 1 1
link 1 4

step "a reload of stafd asks for the log: the lost connection is reported, not a log that cannot be read"
reload stafd
lost() { stafctl explain | grep -q 'the kernel has lost the connection and is reconnecting it'; }
within 5 "explain names the cause" lost
stays 5 "it remains so" lost
expect "failed reads" 0 "$(times_said stafd 'Failed to read the discovery log')"

step "the target is back"
back
await 30 "subsystem 4 is connected" -n "$(nqn 4)" -d 1 -D 1
await 30 "subsystem 1 is gone, 2 and 3 are live" -N "$(nqn 1)" -n "$(nqn 2)" -n "$(nqn 3)" -I 3
expect "devices of 2, 3 and the discovery controller" "$(grep -v "$(nqn 1)" <<<"$before")" \
    "$(nvme-ctrls | cut -f1,2,5 | grep -v "$(nqn 4)" | sort)"
ls_agrees
within 10 "the journal has how long it took" has_said stacd "is connected to .*$(nqn 2)) again, after [1-9][0-9]*s"
expect "times that it was lost" 1 "$(journal -u stacd | grep -c "lost its connection to .*$(nqn 2))")"
journalctl --update-catalog || fail "the catalog is not accepted" # as packages do
within 5 "the catalog explains it" eval 'journalctl --no-pager -x -u stacd | grep -q "Subject: Connection to an NVMe controller restored"'

step "the port itself is removed, and made again with another set of subsystems"
unlink 1 2 3 4
rmdir "$nvmet/ports/1"
within 20 "the discovery controller is not live" none_live
port 1 127.0.0.1 8009
link 1 1 2
await 40 "subsystems 1 and 2 are live, no other" -d 1 -D 1 -n "$(nqn 1)" -n "$(nqn 2)" -i 2 -I 2

finish

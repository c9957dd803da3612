#!/bin/bash
# An address is the same however a log spells it, and is passed to the kernel in one spelling: IPv4-mapped from a port
# on "::", with leading zeros, with something after a colon. An exclusion applies to all spellings. An invalid address,
# or an NQN that must not be displayed, is not connected, and an existing connection with that name is kept.
# covers: §2.2 §2.3
. /job/lib.sh
. /job/peer.sh

address_of() { cat "/sys/class/nvme/$(device_of "$1")/address"; }
begins() { [[ $(address_of "$1") == traddr=127.0.0.1,trsvcid=$2* ]] || fail "$1: $(address_of "$1")"; }
warnings() { journalctl -o cat -u "$1" --grep "$2" | wc -l; }
bad=$(printf 'nqn.2024-01.lab:odd\xef\xbf\xbe')
hidden=$(printf 'nqn.2024-01.lab:zero\xe2\x80\x8bwidth')

step "a port on ::, asked over IPv4 from an IPv4 address: its log says ::ffff:127.0.0.1"
load_modules
for i in 1 2 3 4 5 6; do subsystem $i; done
port 1 :: 8016 ipv6
link 1 1
printf '[Controllers]\ncontroller = transport=tcp;traddr=127.0.0.1;trsvcid=8016;host-traddr=127.0.0.1\n' >/etc/stas/stafd.conf
printf '[Controllers]\nexclude = traddr=127.0.0.3\n' >/etc/stas/stacd.conf
start
await 15 "its subsystem is live" -d 1 -i 1
begins "$(nqn 1)" 8016

step "spellings that the kernel reads, and inet_pton() does not"
port 2 127.0.0.1 8020
link 2 2 3 4 5 6
port 3 127.0.0.3 8020
link 3 2
mkdir "$nvmet/subsystems/$hidden"
echo 1 >"$nvmet/subsystems/$hidden/attr_allow_any_host"
ln -s "$nvmet/subsystems/$hidden" "$nvmet/ports/2/subsystems/$hidden"
connect_by_hand "$(options "$hidden" 127.0.0.1 8020)"
odd=$made
peer "entry add subnqn=$(nqn 2) traddr=127.0.0.01 trsvcid=8020" \
    "entry add subnqn=$(nqn 3) traddr=127.0.0.1:4420 trsvcid=0x1f54" \
    "entry add subnqn=$(nqn 4) traddr=::ffff:127.0.0.01 adrfam=ipv6 trsvcid=+8020" \
    "entry add subnqn=$(nqn 2) traddr=127.0.0.03 trsvcid=8020" \
    "entry add subnqn=$(nqn 5) traddr=storage.example trsvcid=8020" \
    "entry add subnqn=$bad traddr=127.0.0.1 trsvcid=8020" \
    "entry add subnqn=$hidden traddr=127.0.0.1 trsvcid=8020"
printf 'controller = transport=tcp;traddr=%s;trsvcid=8009\n' "$PEER" >>/etc/stas/stafd.conf
reload stafd
await 15 "the three are live" -d 2 -i 5
for i in 2 3 4; do begins "$(nqn $i)" 8020; done
stays 3 "nothing else is connected" nvme-until -t 0.1 -I 5
no_duplicates

step "the lists are whole, and what is not used is told once"
for c in "stafctl ls" "stafctl status" "stafctl adlp" "stafctl plan" "stafctl explain" "stacctl ls" "stacctl plan" "stacctl explain"; do
    $c -o json | jq -e . >/dev/null || fail "$c: no answer"
    ! { $c && $c -o json; } | grep -qP '\x{200b}|\x{fffe}' || fail "$c shows what is not to be seen"
done
[[ $(stacctl explain "$(nqn 5)") == *"not used: its host name has not been resolved"* ]] || fail "$(stacctl explain "$(nqn 5)")"
expect "warnings" 1 "$(warnings stacd 'is not used: .*unusable entries of that source: 3')"

step "a restart takes nothing away, and an entry that goes does"
rest=$(identities)
watch_kernel
systemctl restart stacd
stays 3 "as it was" nvme-until -t 0.1 -i 5 -I 5
untouched "by the restart" "$rest"
nvme disconnect -d "$odd" >/dev/null
stays 3 "what is not used is not made again" nvme-until -t 0.1 -I 4

finish

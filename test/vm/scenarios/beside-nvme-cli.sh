#!/bin/bash
# stafd and nvme-cli on one host: nvme-cli's udev rule has no effect while stafd runs, and is effective again after
# stafd has been stopped or killed; controllers named by a foreign discovery controller are still connected by nvme-cli.
# The override exists only while there is a rule to override.
# covers: C6 H5 H8
. /job/lib.sh
. /job/peer.sh

override=/run/udev/rules.d/70-nvmf-autoconnect.rules
units_started() { journal | grep -c 'Started nvmf-connect@' || :; }
has_override() { [ -e "$override" ]; }
file_in_force() { # the rule file that is in effect among those with this name
    local d
    for d in /etc /run /usr/local/lib /usr/lib; do
        [ ! -e "$d/udev/rules.d/70-nvmf-autoconnect.rules" ] || { echo "$d"; return; }
    done
}

step "while stafd runs its rule counts, which leaves Fibre Channel to nvme-cli"
load_modules
peer
configure_peer
not has_override || fail "there is an override before stafd starts"
start
await 20 "the discovery controller is live" -d 1 -D 1
expect "the file in force" /run "$(file_in_force)"
udevadm verify "$override" || fail "udev does not like the rule"
grep -q 'FC_EVENT.*nvmediscovery' "$override" || fail "no rule for Fibre Channel"

step "a second stafd ends at once and takes nothing away"
refuses "a second stafd" timeout 10 stafd
has_override || fail "the second stafd has removed the override"

step "gone after a kill, and there again with its successor"
kill_for_good stafd
within 5 "the override is gone" not has_override
expect "the file in force" /usr/lib "$(file_in_force)"
start stafd
kills[stafd]=0
within 5 "it is back" has_override

step "masked in /etc, with nvme-cli 3's registry rule, replaced in /etc, or not installed: there is nothing to override"
rules=/usr/lib/udev/rules.d own=/etc/udev/rules.d/70-nvmf-autoconnect.rules
mkdir -p /etc/udev/rules.d
ln -s /dev/null $own
within 5 "masked: the override is gone" not has_override
rm $own
within 5 "no longer masked: it is back" has_override
touch $rules/70-nvmf-registry.rules
within 5 "nvme-cli 3: it is gone" not has_override
rm $rules/70-nvmf-registry.rules
within 5 "it is back" has_override
cp $rules/70-nvmf-autoconnect.rules $own
within 5 "replaced in /etc: it is gone, and that is reported" has_said stafd "$own is in effect beside stafd"
not has_override || fail "the override is there beside a rule in /etc"
rm $own
within 5 "it is back" has_override
mv $rules/70-nvmf-autoconnect.rules /job/
within 5 "nvme-cli is removed: it is gone" not has_override
mv /job/70-nvmf-autoconnect.rules $rules/
within 5 "it is back" has_override

step "gone after a stop"
systemctl stop stafd
not has_override || fail "the override is there after the stop"
start stafd
await 20 "the discovery controller is live" -d 1 -D 1

step "nvme discover, and what is connected like it, for one query: stafd uses a connection of its own"
printf '[Controllers]\n' >/etc/stas/stafd.conf
reload stafd
await 10 "none is left" -d 0
connect_by_hand "$(options "$DISCOVERY" "$PEER" 8009 keep_alive_tmo=0)"
passing=$made
configure_peer
reload stafd
await 10 "there is a second one" -d 2 -D 2
expect "adopted" '' "$(journal -u stafd | grep "Adopted $passing" || :)"
n=$(units_started)
announce
stays 2 "no unit was started" is "$n" units_started
nvme disconnect -d "$passing" >/dev/null
await 10 "one is left" -d 1 -D 1
systemctl stop stafd
nvme disconnect -d "$(device_of "$DISCOVERY")" >/dev/null
for i in {1..10}; do nvme discover -t tcp -a "$PEER" -s 8009; done >/dev/null 2>&1 &
start stafd
wait $!
await 10 "after nvme discover, the discovery controller is live" -d 1 -D 1

step "a discovery controller of somebody else: its change notice starts nvme-cli's unit"
for i in 1 2 3; do subsystem $i; done
port 2 127.0.0.1 8020
link 2 1 2 3
other=127.0.0.3
stas-peer -l $other:8009 -s /run/other.sock >/job/other.log 2>&1 &
within 10 "the other target listens" grep -q '^listening' /job/other.log
connect_by_hand "$(options "$DISCOVERY" $other 8009 keep_alive_tmo=30)"
foreign=("$made")
await 10 "it is connected" -d 2 -D 2
unit="nvmf-connect@--device\\x3d$made\\t--transport\\x3dtcp\\t--traddr\\x3d$other\\t--trsvcid\\x3d8009.service"
was_started() { [ "$(journal -u "$unit" | grep -c '^Started')" -ge "$1" ]; }
other_says() { # other_says COMMAND - and notifies the hosts
    # shellcheck disable=SC2086 # the words of a command
    stas-peer --tell /run/other.sock $1 >/dev/null
    stas-peer --tell /run/other.sock aen >/dev/null
}
watch_kernel
before=$(identities)
other_says "entry add subnqn=$(nqn 1) traddr=127.0.0.1 trsvcid=8020"
await 20 "what it names is live" -n "$(nqn 1)" -I 1
within 5 "by the unit" was_started 1
foreign+=("$(device_of "$(nqn 1)")")
untouched "meanwhile" "$before"

step "it is connected again: the same"
stas-peer --tell /run/other.sock "entry add subnqn=$(nqn 2) traddr=127.0.0.1 trsvcid=8020" >/dev/null
event=disconnect
! kernel_before 5.18 || event=aen # older kernels do not report that it is back
stas-peer --tell /run/other.sock $event >/dev/null
await 30 "what it names is live" -n "$(nqn 2)" -I 2 -D 2
within 5 "by the unit" was_started 2
foreign+=("$(device_of "$(nqn 2)")")

step "one that stafd holds is none of nvme-cli's"
n=$(units_started)
announce "entry add subnqn=$(nqn 3) traddr=127.0.0.1 trsvcid=8020"
await 10 "stacd connects what it names" -n "$(nqn 3)" -I 3
stays 2 "no unit was started for it" is "$n" units_started

step "without nvme-cli's unit it is said, once, and nothing else changes"
mv /usr/lib/systemd/system/nvmf-connect@.service /job/
systemctl daemon-reload
systemctl stop "$unit" 2>/dev/null || :
before=$(identities)
watch_kernel
other_says "entry set $(nqn 2) ncc=1"
within 10 "stafd says so" has_said stafd 'no unit nvmf-connect@.service, nvme-cli is not installed'
other_says "entry set $(nqn 2) ncc=0"
stays 2 "once" is 1 times_said stafd 'nvmf-connect@.service'
untouched "meanwhile" "$before"

finish

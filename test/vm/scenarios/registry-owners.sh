#!/bin/bash
# The registry of owners: our connections have the owner "stas"; foreign ones survive zoning and audit; a name reused
# for another controller keeps the entry of its new owner; a discovery controller of another owner is left alone; a stacd that was killed recognises its own.
# covers: B5 H4
. /job/lib.sh
needs_kernel 5.18 "nobody tells that the connection of another is up"

registry=/run/nvme/registry
owns() { [ "$(owner_of "$1")" = "$2" ]; }
no_entry() { [ ! -e "$registry/$1" ]; }
give_to_somebody() { # give_to_somebody DEVICE - adds an entry like those of other programs
    rm -rf "${registry:?}/$1"
    mkdir "$registry/.lab"
    echo somebody >"$registry/.lab/owner"
    cat /sys/kernel/uevent_seqnum >"$registry/.lab/seqnum"
    mv -T "$registry/.lab" "$registry/$1"
}
foreign_connect() { # foreign_connect I - on the port that is not configured
    connect_by_hand "$(options "$(nqn "$1")" 127.0.0.1 8010)"
}
audit() { # audit VALUE - a reload with this disconnect-scope
    printf '[I/O controller connection management]\ndisconnect-scope = %s\n[Controllers]\n' "$1" >/etc/stas/stacd.conf
    reload stacd
}
all="all-connections-matching-disconnect-trtypes"

step "each connection of ours has an entry"
target 4
for i in 6 7 8 9; do subsystem $i; done
port 2 127.0.0.1 8010
link 2 6 7 8 9
before=$(cat /sys/kernel/uevent_seqnum)
configure
start
await 20 "1 discovery and 4 I/O controllers are live" -d 1 -D 1 -i 4 -I 4
for d in $(devices); do
    within 5 "$d is of stas" owns "$d" stas
    expect "modes of $d" "755 $registry/$d 644 $registry/$d/owner 644 $registry/$d/seqnum" \
        "$(stat -c '%a %n' "$registry/$d" "$registry/$d/owner" "$registry/$d/seqnum" | paste -sd' ')"
    seqnum=$(cat "$registry/$d/seqnum")
    [ "$before" -le "$seqnum" ] || fail "seqnum of $d: $seqnum is of before the start, $before"
    [ "$seqnum" -le "$(cat /sys/kernel/uevent_seqnum)" ] || fail "seqnum of $d: $seqnum is not reached yet"
done
expect "entries" "$(devices | sort)" "$(find "$registry" -mindepth 1 -maxdepth 1 -printf "%f\n" | sort)"
for d in $(devices); do expect "owner for an unprivileged user" stas "$(as_nobody cat "$registry/$d/owner")"; done

step "a connection of ours goes: so does its entry"
name=$(device_of "$(nqn 4)")
zone_out 4
await 10 "subsystem 4 is gone" -N "$(nqn 4)" -I 3
within 5 "$name has no entry" no_entry "$name"

step "the discovery controller is entered for somebody: stafd leaves it alone until the entry goes"
rest=$(identities)
watch_kernel
dc=$(device_of "$DISCOVERY")
give_to_somebody "$dc"
within 5 "that is reported" has_said stafd "belongs to somebody, according to the registry of owners"
subsystem 5
link 1 5
stays 3 "its log is not followed" nvme-until -t 0.1 -N "$(nqn 5)" -I 3
[[ $(stafctl explain 127.0.0.1) == *"left to somebody"* ]] || fail "explain does not say so"
rm -r "${registry:?}/$dc"
await 10 "its log is read: subsystem 5 is live" -n "$(nqn 5)" -I 4
untouched "meanwhile" "$rest"
zone_out 5
await 10 "and followed: it is gone" -N "$(nqn 5)" -I 3

step "a foreign one, entered after it was connected as others do it, survives the audit"
rest=$(identities)
audit $all
watch_kernel
foreign_connect 8
eight=$made
give_to_somebody "$eight"
foreign+=("$eight")
stays 4 "subsystem 8 is there" is_live "$eight"
systemctl restart stacd
stays 3 "and after a restart of stacd" is_live "$eight"
untouched "by the audits" "$rest"
foreign_connect 7
await 10 "one that nobody owns does not survive" -N "$(nqn 7)" -I 4
audit only-stas-connections

step "one that we want and somebody owns is not connected twice, and stays when it is not wanted any more"
foreign_connect 9
nine=$made
give_to_somebody "$nine"
identity=$(identity_of "$nine")
printf 'controller = transport=tcp;traddr=127.0.0.1;trsvcid=8010;nqn=%s\n' "$(nqn 9)" >>/etc/stas/stacd.conf
systemctl restart stacd
stays 3 "subsystem 9 is connected once" nvme-until -t 0.1 -n "$(nqn 9)" -I 5
no_duplicates
ls_agrees
foreign+=("$nine")
audit $all
stays 4 "not wanted any more it stays" is_live "$nine"
expect "identity of $nine" "$identity" "$(identity_of "$nine")"
expect "owner of $nine" somebody "$(owner_of "$nine")"
audit only-stas-connections

step "a name of ours goes to somebody else while stacd sleeps"
name=$(device_of "$(nqn 3)")
systemctl kill -s STOP stacd
nvme disconnect -d "$name" >/dev/null
foreign_connect 7
expect "device of subsystem 7" "$name" "$made"
give_to_somebody "$name"
foreign+=("$name")
identity=$(identity_of "$name")
systemctl kill -s CONT stacd
await 15 "subsystem 3 is connected again" -n "$(nqn 3)" -i 6 -I 6
within 5 "its new device is of stas" owns "$(device_of "$(nqn 3)")" stas
expect "owner of $name" somebody "$(owner_of "$name")"
zone_out 3
await 10 "subsystem 3 is gone" -N "$(nqn 3)" -I 5
expect "owner of $name" somebody "$(owner_of "$name")"
expect "identity of $name" "$identity" "$(identity_of "$name")"

step "a name of ours goes to somebody who makes no entry: what is left of ours is not taken for his"
name=$(device_of "$(nqn 2)")
systemctl stop stacd
nvme disconnect -d "$name" >/dev/null
foreign_connect 6
expect "device of subsystem 6" "$name" "$made"
foreign+=("$name")
zone_out 2
start stacd
stays 4 "it is there" is_live "$name"
expect "connections to subsystem 2" '' "$(device_of "$(nqn 2)")"

step "stacd is killed and its state file lost, subsystem 1 not wanted meanwhile: it is known as ours, and goes"
rest=$(identities | without 1)
watch_kernel
kill_for_good stacd
rm /run/stacd/last-known-config.json
zone_out 1
start stacd
await 15 "subsystem 1 is gone" -N "$(nqn 1)"
stays 2 "the four foreign ones are there" nvme-until -t 0.1 -I 4 -i 4
untouched "by all that" "$rest"

finish

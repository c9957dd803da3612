#!/bin/bash
# stasadm generates the same values as Python's stasadm on the same machine, and preserves what it does not own.
# covers: §10.2
. /job/lib.sh
[ -d /job/root ] || skip "compares ours with Python's"

made() { # made VERB COMMAND... - the value that the verb generates
    local verb=$1
    shift
    "$@" -c /job/made.conf "$verb" -f /job/made
    cat /job/made
}

step "host NQN"
ours=$(made hostnqn stasadm)
expect "host NQN made from the machine-id" nqn.2014-08.org.nvmexpress:uuid:f2782346-4809-484a-9a8b-952a04b57ba4 "$ours"
expect "host NQN, as Python's stasadm makes it" "$(made hostnqn python_stas stasadm)" "$ours"

step "host ID"
uuid='^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$'
id=$(made hostid stasadm)
grep -Eq "$uuid" <<<"$id" || fail "host ID: expected a random UUID, got '$id'"
[ "$(made hostid stasadm)" != "$id" ] || fail "two host IDs are the same"

step "the same edits of sys.conf, by both"
edit() { # edit CONF COMMAND... - host NQN to a file, symbolic name set, changed and cleared
    local conf=$1
    shift
    "$@" -c "$conf" hostnqn -f "$conf.nqn"
    "$@" -c "$conf" set-symname first
    "$@" -c "$conf" set-symname second
    grep -v '^$' "$conf" | sed "s|$conf|CONF|"
    "$@" -c "$conf" clear-symname
    grep -v '^$' "$conf" | sed "s|$conf|CONF|"
    cat "$conf.nqn"
}
expect "sys.conf after each edit" "$(edit /job/python.conf python_stas stasadm)" "$(edit /job/ours.conf stasadm)"

step "comments and other keys in sys.conf stay"
printf '# by hand\n[Host]\n; the id\nid = file:///etc/nvme/hostid\nsymname = old\n' >/job/sys.conf
stasadm -c /job/sys.conf set-symname "new name"
expect "sys.conf" "$(printf '# by hand\n[Host]\n; the id\nid = file:///etc/nvme/hostid\nsymname = new name')" "$(cat /job/sys.conf)"

step "the daemons say the same host NQN"
stasadm hostnqn -f /etc/nvme/hostnqn
target 1
configure
start
await 20 "connected" -i 1 -d 1
expect "host NQN in sysfs" "$ours" "$(nvme-ctrls | cut -f10 | sort -u)"

finish

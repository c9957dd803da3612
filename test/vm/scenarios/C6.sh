#!/bin/bash
# stafd and nvme-cli on one host: nvme-cli's udev rule does not count while stafd runs, and counts again when it was
# stopped or killed.
. /job/lib.sh
. /job/peer.sh

override=/run/udev/rules.d/70-nvmf-autoconnect.rules
has_override() { [ -e "$override" ]; }
file_in_force() { # the rule file that counts, of those with this name
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

step "gone after a stop"
systemctl stop stafd
not has_override || fail "the override is there after the stop"
start stafd
await 20 "the discovery controller is live" -d 1 -D 1

finish

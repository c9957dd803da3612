#!/bin/bash
# The registry of owners: it names the daemon that made a connection, a restart finds the entries of earlier versions,
# and a connection released by another program is taken over at once.
# covers: §8.1
. /job/lib.sh
needs_kernel 5.16 "the kernel has no option for the unique NQN of a discovery controller"
. /job/peer.sh

UNIQUE=nqn.2024-01.lab:dc
registry=/run/nvme/registry
owner_is() { [ "$(json stacctl explain "$1" | jq -r '.[0]["registry owner"]')" = "$2" ]; }
adopted() { journal -u stacd | grep -F "Adopted $1,"; }
entry() { cat "$registry/$1/owner" "$registry/$1/daemon"; }
configure_io() { # configure_io I... - stacd wants these subsystems
    local i
    echo '[Controllers]' >/etc/stas/stacd.conf
    for i in "$@"; do
        echo "controller = transport=tcp;traddr=127.0.0.1;trsvcid=8010;nqn=$(nqn "$i")" >>/etc/stas/stacd.conf
    done
}
restart_both() { # without the state files, so that they are not consulted
    systemctl stop stafd stacd
    rm -f /run/stafd/last-known-config.json /run/stacd/last-known-config.json
    start
}

step "a discovery controller with an NQN of its own; subsystem 1 is stacd's, 2 is connected by hand"
load_modules
for i in 1 2; do subsystem $i; done
port 1 127.0.0.1 8010
link 1 1 2
connect_by_hand "$(options "$(nqn 2)" 127.0.0.1 8010)"
hand=$made
mkdir -p "$registry/$hand"
echo discoverd >"$registry/$hand/owner"
peer "set nqn=$UNIQUE"
printf '[Controllers]\ncontroller = transport=tcp;traddr=%s;nqn=%s\n' "$PEER" "$UNIQUE" >/etc/stas/stafd.conf
configure_io 1 2
start
within 20 "the discovery controller is live" nvme-until -t 0.1 -n "$UNIQUE"
within 20 "subsystem 1 is live" nvme-until -t 0.1 -n "$(nqn 1)"
dc=$(device_of "$UNIQUE")
one=$(device_of "$(nqn 1)")
before=$(identities)

step "a restart of both: each keeps its own"
watch_kernel
restart_both
stays 4 "no connection is made or ended" nvme-until -t 0.1 -n "$UNIQUE" -n "$(nqn 1)" -n "$(nqn 2)"
untouched "by the restart" "$before"
expect "entries" "stas stafd stas stacd" "$({ entry "$dc"; entry "$one"; } | paste -sd' ')"

step "entries that do not name the daemon, as those of earlier versions"
rm "$registry/$dc/daemon" "$registry/$one/daemon"
watch_kernel
restart_both
stays 4 "no connection is made or ended" nvme-until -t 0.1 -n "$UNIQUE" -n "$(nqn 1)" -n "$(nqn 2)"
untouched "by the restart" "$before"

step "what another program has connected is used and not ours"
within 5 "explain names the owner" owner_is "$(nqn 2)" discoverd
expect "adopted" '' "$(adopted "$hand" || :)"

step "it is given back: taken up at once"
rm -r "${registry:?}/$hand"
within 3 "the journal says so" adopted "$hand"
within 10 "and recorded" owner_is "$(nqn 2)" stas
expect "entry" "stas stacd" "$(entry "$hand" | paste -sd' ')"

step "taken again, and nobody wants it any more: it stays; when it is stas's again it goes"
echo discoverd >"$registry/$hand/owner"
within 3 "explain names the owner" owner_is "$(nqn 2)" discoverd
watch_kernel
configure_io 1
reload stacd
stays 3 "it stays" nvme-until -t 0.1 -n "$(nqn 2)"
untouched "while another owns it" "$before"
echo stas >"$registry/$hand/owner"
await 10 "it goes" -N "$(nqn 2)"

step "the registry goes and comes: what is in it counts"
rm -r "$registry"
mkdir -p "$registry/$one"
echo nbft >"$registry/$one/owner"
within 3 "explain names the owner" owner_is "$(nqn 1)" nbft
finish

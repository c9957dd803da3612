#!/bin/bash
# Fibre Channel, with the kernel's emulation of a fabric: while stafd runs, nvme-cli still connects the controllers
# behind a port that the driver finds; a configured discovery controller is connected, and the connections that it names
# are adopted. Not covered: loss and return of a port, since fcloop (6.12) attaches a recreated remote port to no target
# port.
# covers: F3
. /job/lib.sh
. /job/transports.sh
modprobe -nq nvme-fcloop || skip "this kernel is built without nvme-fcloop"

host=nn-0x10000000c9000001:pn-0x20000000c9000001
array=nn-0x10000000c9000002:pn-0x20000000c9000002
wwns() { # wwns ADDRESS [PREFIX] - in fcloop's notation
    local node=${1%%:*} p=${2-}
    echo "${p}wwnn=${node#nn-},${p}wwpn=${1##*:pn-}"
}
fcloop() { echo "$2" >"/sys/class/fcloop/ctl/$1"; }

step "a host's port and an array's, on which stafd and stacd know nothing yet"
one_identity
load_modules
modprobe nvme-fc
modprobe nvmet-fc
modprobe nvme-fcloop
fcloop add_local_port "$(wwns $host)"
fcloop add_target_port "$(wwns $array)"
port 1 $array none fc fc
for i in 1 2 3; do subsystem $i; done
link 1 1 2
printf '[Controllers]\n' >/etc/stas/stafd.conf
printf '[Controllers]\n' >/etc/stas/stacd.conf
start

step "the driver finds the array, a discovery controller by its role: nvme-cli's unit connects what that names"
fcloop add_remote_port "$(wwns $array),$(wwns $host lp),roles=0x60"
await 30 "both are live" -i 2 -I 2
unit="nvmf-connect@--device\\x3dnone\\t--transport\\x3dfc\\t--traddr\\x3d$array\\t--trsvcid\\x3dnone\\t--host-traddr\\x3d$host.service"
expect "starts of nvme-cli's unit" 1 "$(journal -u "$unit" | grep -c '^Started' || :)"
within 10 "it is over, and its discovery controller with it" nvme-until -t 0.1 -D 0

step "the discovery controller is configured: it is connected, and what it names is taken over as it is"
before=$(identities)
watch_kernel
printf 'controller = transport=fc;traddr=%s;host-traddr=%s\n' $array $host >>/etc/stas/stafd.conf
expect "faults of stafd's configuration" '' "$(stafd --check 2>&1)"
reload stafd
await 20 "it is live" -d 1 -D 1 -I 2
ls_agrees
untouched "meanwhile" "$before"
expect "what the log names" "$(printf "fc fc %s $array none\n" "$DISCOVERY" "$(nqn 1)" "$(nqn 2)" | sort)" \
    "$(json stafctl adlp | jq -r '.[0]["log-pages"][] | [.trtype, .adrfam, .subnqn, .traddr, .trsvcid] | join(" ")' | sort)"

one_more_one_less
restarted
finish

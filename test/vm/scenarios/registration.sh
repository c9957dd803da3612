#!/bin/bash
# Registration with a discovery controller (TP8010): with the host's names, when it is connected, again after each
# reconnect and when the symbolic name changes; refused with any status, or never answered.
# covers: D1
. /job/lib.sh
needs_kernel 5.18 "the kernel does not tell the type of a discovery controller"
. /job/peer.sh

registered() { tell show | jq -r '.registrations[]'; }
heard_times() { [ "$(heard "$1")" -ge "$2" ]; }
entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=8010"; }

step "a CDC whose zone has subsystem 1; the kernel and nvme-cli are content with it"
load_modules
subsystem 1
port 1 127.0.0.1 8010
link 1 1
peer 'set dctype=cdc' "$(entry 1)"
nvme discover -t tcp -a "$PEER" -s 8009 | grep -q "subnqn: *$(nqn 1)" || fail "nvme discover does not find subsystem 1"
nvme connect -t tcp -a "$PEER" -s 8009 -n nqn.2014-08.org.nvmexpress.discovery -k 30
cdc=$(device_of nqn.2014-08.org.nvmexpress.discovery)
expect "dctype in sysfs" cdc "$(cat "/sys/class/nvme/$cdc/dctype")"
nvme dim --task register --device "$cdc"
expect "registrations by nvme dim" 1 "$(registered | wc -l)"
nvme dim --task deregister --device "$cdc"
expect "registrations after nvme dim" '' "$(registered)"
nvme disconnect -d "$cdc"
tell 'log clear'

step "stafd registers before it reads the log"
stasadm set-symname rack7
configure_peer
sed -i '1i [Global]\nreconnect-delay = 1' /etc/stas/stafd.conf
start
await 20 "the CDC and subsystem 1 are live" -d 1 -D 1 -n "$(nqn 1)" -I 1
first=$(tell log | jq -r '.[]' | grep -Eo -m1 'dim register|get-log lid=0x70')
expect "what came first" 'dim register' "$first"
expect "what was registered" "eid=$(cat /etc/nvme/hostnqn) ename=$(uname -n) ever=$(uname -sr) trtype=3 adrfam=1 portlcl=0 \
traddr= hostid=$(cat /etc/nvme/hostid) symname=rack7" "$(registered)"
expect "registrations" 1 "$(heard 'dim register')"
has_said stafd 'Registered this host at nvme' || fail "stafd does not say so"

step "again after a reconnect"
tell disconnect >/dev/null
within 20 "registered again" heard_times 'dim register' 2
await 20 "the CDC is live" -d 1 -D 1

step "again when the symbolic name changes, and not when nothing does"
stasadm set-symname shelf9
reload stafd
within 10 "registered by the new name" heard_times 'dim register .* symname=shelf9$' 1
n=$(heard 'dim register')
reads=$(heard 'get-log lid=0x70')
reload stafd
within 10 "the log was read" heard_times 'get-log lid=0x70' $((reads + 1))
announce "$(entry 2)"
within 10 "and again" heard_times 'get-log lid=0x70' $((reads + 4))
expect "registrations" "$n" "$(heard 'dim register')"

step "refused with each status: said once, tried again after five seconds, the log is read"
for status in 0x002 0x12f 0x132 0x133; do
    tell "fail dim $status 1" >/dev/null
    n=$(heard 'dim register')
    stasadm set-symname "name-$status"
    reload stafd
    within 4 "status $status: refused" has_said stafd "Failed to register this host at nvme.*\($(printf '0x%x' $status)\)"
    within 10 "status $status: registered" heard_times "dim register .* symname=name-$status\$" 2
done
expect "warnings" 4 "$(times_said stafd 'Failed to register')"
stacctl ls | grep -q "$(nqn 1)" || fail "subsystem 1 is gone"

step "who knows no registration is not asked for it again"
tell 'fail dim 0x001' >/dev/null
n=$(heard 'dim register')
stasadm set-symname last
reload stafd
within 5 "refused" has_said stafd 'does not accept registrations'
stays 7 "no further try" not heard_times 'dim register' $((n + 2))
tell 'pass dim' >/dev/null

step "a discovery controller that leaves the configuration is told so"
stasadm set-symname end
reload stafd
within 10 "registered" heard_times 'dim register .* symname=end$' 1
echo >/etc/stas/stafd.conf
reload stafd
within 10 "deregistered" heard_times 'dim deregister' 1
await 10 "both are gone" -D 0 -I 0
expect "registrations" '' "$(registered)"
has_said stafd 'Deregistered this host' || fail "stafd does not say so"

finish

#!/bin/bash
# late-array.sh DISK OTHER - an array behind a link that comes up late: run by a unit from early boot to the end of the
# shutdown, in its own network namespace. Its portal is 10.77.0.1:8009, subsystem 1 contains the file DISK, 2 the file OTHER. The host's
# end of the link is up at once, but without a carrier until stafd has tried in vain twice and remote file systems may
# be mounted.
set -eu
. /job/target.sh

on_host() { nsenter --net=/proc/1/ns/net "$@"; }
says() { echo "$1: $(nvme-ctrls | awk '$4 == "live"' | wc -l) controllers live, $(grep -Ec ' /srv/(data|other) ' /proc/1/mounts || :) mounted"; }
has_asked() {
    local n
    n=$(stafctl explain 10.77.0.1 -o json 2>/dev/null | jq -r '.[0]["unanswered probes"] // 0') || :
    [ "${n:-0}" -ge 2 ] # empty: stafd is not running yet
}

for m in configfs nvmet nvmet-tcp veth; do modprobe $m; done
mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
ip link set lo up
ip link add far0 type veth peer name storage0 netns 1
ip addr add 10.77.0.1/24 dev far0
on_host ip addr add 10.77.0.2/24 dev storage0
on_host ip link set storage0 up
port 1 10.77.0.1 8009
subsystem 1 "$1"
subsystem 2 "$2"
link 1 1 2
# The connections stay, as when a host shuts down; the file must be closed for the root file system's sake.
trap 'says "the end"; for i in 1 2; do echo 0 >"$nvmet/subsystems/$(nqn $i)/namespaces/1/enable"; done; exit 0' TERM
systemd-notify --ready
until has_asked && systemctl -q is-active remote-fs-pre.target; do read -rt 0.2 <><(:) || :; done
says "link up"
ip link set far0 up
while :; do read -rt 3600 <><(:) || :; done

# shellcheck shell=bash
# A storage network with an array: network namespace array$N behind the host's interface stor$N, with its own Avahi on
# its own bus. Sourced after lib.sh by the scenarios that need it.
#
#   network N [AVAHI-LINE]...      host 192.168.N.1 on stor$N, array 192.168.N.2
#   on N COMMAND...                runs in the array's network, with the host's files
#   array N SERVICE I...           nvmet port N at 192.168.N.2 with these subsystems
#   publish N NAME TYPE SERVICE [TXT]...   announce _nvme-disc._TYPE until withdrawn
#   withdraw NAME                  with a goodbye
declare -A publishers=()

on() { nsenter --net="/run/netns/array$1" "${@:2}"; }

network() {
    local n=$1 c=/job/avahi-$1.conf
    ip netns add "array$n"
    ip link add "stor$n" type veth peer name eth0 netns "array$n"
    ip address add "192.168.$n.1/24" dev "stor$n"
    ip link set "stor$n" up
    on "$n" ip address add "192.168.$n.2/24" dev eth0
    on "$n" ip link set lo up
    on "$n" ip link set eth0 up

    cat >"/job/bus-$n.conf" <<-END
	<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
	 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
	<busconfig><type>custom</type><listen>unix:path=/job/bus-$n</listen><auth>EXTERNAL</auth>
	<policy context="default"><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
	</busconfig>
	END
    dbus-daemon --config-file="/job/bus-$n.conf" --fork --nopidfile --nosyslog
    printf '%s\n' '[server]' "host-name=array$n" 'use-ipv4=yes' "${@:2}" '[publish]' 'publish-workstation=no' >"$c"
    # its own runtime and services directories, mounted over the host's
    mkdir -p "/job/services-$n"
    env "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/job/bus-$n" nsenter --net="/run/netns/array$n" unshare -m sh -c "mount -t tmpfs none /run/avahi-daemon && mount --bind /job/services-$n /etc/avahi/services &&
        exec avahi-daemon -f $c --no-drop-root --no-rlimits --no-chroot" >"/job/avahi-$n.log" 2>&1 &
    within 20 "the Avahi of array $n runs" grep -q 'Server startup complete' "/job/avahi-$n.log"
}

array() {
    local n=$1 i
    port "$n" "192.168.$n.2" "$2"
    # the socket belongs to the network namespace of the process that starts the port
    for i in "${@:3}"; do array_link "$n" "$i"; done
}
array_link() { on "$1" ln -s "$nvmet/subsystems/$(nqn "$2")" "$nvmet/ports/$1/subsystems/$(nqn "$2")"; }

publish() {
    # exec, so that withdraw kills avahi-publish and not a shell
    env "DBUS_SYSTEM_BUS_ADDRESS=unix:path=/job/bus-$1" nsenter --net="/run/netns/array$1" avahi-publish -s "$2" "_nvme-disc._$3" "$4" "${@:5}" >"/job/publish-$2.log" 2>&1 &
    publishers[$2]=$!
}
withdraw() {
    kill "${publishers[$1]}"
    wait "${publishers[$1]}" || :
    unset "publishers[$1]"
}

# shellcheck shell=bash
# The other end: an nvmet target over TCP in the same guest. Sourced by lib.sh.
nvmet=/sys/kernel/config/nvmet
DISCOVERY=nqn.2014-08.org.nvmexpress.discovery

nqn() { echo "nqn.2024-01.lab:sub$1"; }

load_modules() {
    # one by one, since not every kernel has them all
    for m in configfs nvmet nvmet-tcp nvme-fabrics nvme-tcp nvme-keyring; do modprobe $m 2>/dev/null || :; done
    modprobe null_blk nr_devices=1 gb=1
    mountpoint -q /sys/kernel/config || mount -t configfs none /sys/kernel/config
    until [ -e /dev/nvme-fabrics ] && [ -e /dev/nullb0 ]; do udevadm settle; done
}

subsystem() { # subsystem I [DEVICE] - make subsystem I with one namespace; the null device stores nothing
    local s
    s=$nvmet/subsystems/$(nqn "$1")
    mkdir "$s"
    echo 1 >"$s/attr_allow_any_host"
    mkdir "$s/namespaces/1"
    echo -n "${2:-/dev/nullb0}" >"$s/namespaces/1/device_path"
    echo 1 >"$s/namespaces/1/enable"
}

# A port is started by its first subsystem; the discovery subsystem is on each.
port() { # port ID ADDRESS SERVICE [ADRFAM [TRTYPE]] - TCP by default
    local p=$nvmet/ports/$1
    mkdir "$p"
    echo "${5:-tcp}" >"$p/addr_trtype"
    echo "${4:-ipv4}" >"$p/addr_adrfam"
    echo "$2" >"$p/addr_traddr"
    echo "$3" >"$p/addr_trsvcid"
}

link() { # link PORT I...
    local p=$1 i
    shift
    for i in "$@"; do ln -s "$nvmet/subsystems/$(nqn "$i")" "$nvmet/ports/$p/subsystems/$(nqn "$i")"; done
}

unlink() { # unlink PORT I...
    local p=$1 i
    shift
    for i in "$@"; do rm "$nvmet/ports/$p/subsystems/$(nqn "$i")"; done
}

# Unlinking a subsystem also makes the target break its connections; these change only the zoning: the discovery log
# omits the subsystem, its connections stay.
zone_out() { # zone_out I...
    local i
    for i in "$@"; do echo 0 >"$nvmet/subsystems/$(nqn "$i")/attr_allow_any_host"; done
}

zone_in() { # zone_in I...
    local i
    for i in "$@"; do echo 1 >"$nvmet/subsystems/$(nqn "$i")/attr_allow_any_host"; done
}

ram_disks() { # ram_disks N - /dev/ram0 to N-1, 16 MiB each, for subsystems that must store what is written
    modprobe brd rd_nr="$1" rd_size=16384
    until [ -e "/dev/ram$(($1 - 1))" ]; do udevadm settle; done
}

target() { # target N [EXTRA] - port 1 on 127.0.0.1:8009 with subsystems 1..N linked; N+1..N+EXTRA exist, not linked
    local i
    load_modules
    port 1 127.0.0.1 8009
    for ((i = 1; i <= $1 + ${2:-0}; i++)); do subsystem "$i"; done
    for ((i = 1; i <= $1; i++)); do link 1 "$i"; done
}

options() { # options NQN ADDRESS [SERVICE] [MORE] - an option string for /dev/nvme-fabrics
    echo "nqn=$1,transport=tcp,traddr=$2,trsvcid=${3:-8009},hostnqn=$(cat /etc/nvme/hostnqn),hostid=$(cat /etc/nvme/hostid)${4:+,$4}"
}

connect_by_hand() { # connect_by_hand OPTIONS - as other programs do; $made is the device
    local answer
    exec 9<>/dev/nvme-fabrics
    echo -n "$1" >&9
    read -r answer <&9
    exec 9>&-
    made=nvme${answer#instance=}
    made=${made%%,*}
}

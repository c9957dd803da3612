# shellcheck shell=bash
# SPDK's nvmf_tgt as the target, on 127.0.0.1: its discovery subsystem at port 8009, subsystems at 4420. Sourced after
# lib.sh by the scenarios in test/interop/scenarios.
#
#   spdk                           starts the program; its discovery subsystem does not listen yet
#   rpc METHOD KEY=VALUE...        calls it; without arguments, each line of standard input (guest/spdk-rpc)
#   subsystems I...                the calls that make these, each with a namespace and a listener
#   spdk_listens                   the discovery subsystem listens from now on
spdk_socket=/run/spdk.sock
spdk_pid=''

rpc() { /job/spdk-rpc "$spdk_socket" "$@" || fail "SPDK refused: $*"; }
answers() { /job/spdk-rpc "$spdk_socket" spdk_get_version >/dev/null 2>&1; }

spdk() { # interrupt mode: otherwise it polls, and leaves no processor to the others
    rm -f "$spdk_socket"
    mkdir -p "$LAB_OUT"
    echo "Linux $kernel" >>"$LAB_OUT/spdk.log"
    OPENSSL_CONF=/dev/null LD_LIBRARY_PATH=/job/target/lib /job/target/nvmf_tgt --no-huge -s 700 -m 0x1 \
        --iova-mode=va --no-pci --interrupt-mode -r "$spdk_socket" >>"$LAB_OUT/spdk.log" 2>&1 &
    spdk_pid=$!
    until_true 60 answers || fail "nvmf_tgt does not start: $(tail -n 20 "$LAB_OUT/spdk.log")"
    # small queues, so that hundreds of connections fit into its memory
    rpc nvmf_create_transport trtype=TCP max_queue_depth=32
}
listen_at() { # listen_at NQN SERVICE [ADDRESS]
    echo "nqn=$1 listen_address.trtype=TCP listen_address.adrfam=IPv4 listen_address.traddr=${3:-127.0.0.1} listen_address.trsvcid=$2"
}
subsystems() { # subsystems I... - prints the calls; disks=malloc: they store what is written
    local i
    for i in "$@"; do
        echo "bdev_${disks:-null}_create name=disk$i block_size=512 num_blocks=32768"
        echo "nvmf_create_subsystem nqn=$(nqn "$i") allow_any_host=true"
        echo "nvmf_subsystem_add_ns nqn=$(nqn "$i") namespace.bdev_name=disk$i"
        echo "nvmf_subsystem_add_listener $(listen_at "$(nqn "$i")" 4420)"
    done
}
spdk_listens() { rpc <<<"nvmf_subsystem_add_listener $(listen_at "$DISCOVERY" 8009)"; }
kill_spdk() { # kill_spdk [SIGNAL] - and waits for its end
    kill -"${1:-KILL}" "$spdk_pid"
    wait "$spdk_pid" 2>/dev/null || :
}
paths() { nvme-ctrls | awk -F'\t' '$3 == "io" && $4 == "live" {sub(/.*:sub/, "", $5); print $5 "@" $6 ":" $7}' | sort -V | paste -sd' '; }
have_paths() { [ "$(paths)" = "$*" ]; }

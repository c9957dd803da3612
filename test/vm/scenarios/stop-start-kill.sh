#!/bin/bash
# Each daemon is stopped, started, restarted and killed, at rest and while connecting: the same devices, no reconnect,
# no duplicate, and at the end all are connected.
# covers: A4
. /job/lib.sh

survives() { # survives "WHEN" COMMAND... - at rest: nothing changes in the kernel, and both daemons are up again
    local when=$1 before
    shift
    before=$(identities)
    watch_kernel
    "$@"
    stays 1 "16 live" nvme-until -t 0.1 -i 16 -I 16 -d 1 -D 1
    untouched "$when" "$before"
    no_duplicates
    ls_agrees
}

kill_while_connecting() { # kill_while_connecting UNIT - from nothing, killed when four of sixteen are connected
    local early
    systemctl stop stacd stafd
    nvme disconnect-all >/dev/null
    nvme-until -t 20 -I 0 -D 0 >/dev/null || fail "controllers left"
    systemctl start --no-block stafd stacd
    await 30 "4 of 16 are live" -i 4
    kill_daemon "$1" &
    local k=$!
    # devices live both now and at the end must be the same; one being made right now may be either
    early=$(nvme-ctrls | awk -F'\t' -v OFS='\t' '$4 == "live" {print $1, $2, $5, $8, $9}' | sort)
    wait $k
    kills[$1]=$((kills[$1] + 1)) # kill_daemon counted in a process of its own
    await 40 "16 are live" -i 16 -I 16 -d 1 -D 1
    expect "controllers lost or made anew (killed while connecting)" '' "$(comm -23 <(echo "$early") <(identities))"
    note "$(wc -l <<<"$early") controllers of before are untouched"
    no_duplicates
    ls_agrees
}

step "sixteen subsystems"
target 16
configure
start
await 40 "16 are live" -i 16 -I 16 -d 1 -D 1

step "at rest"
survives "restart of stacd" systemctl restart stacd
survives "restart of stafd" systemctl restart stafd
survives "SIGKILL of stacd" kill_daemon stacd
survives "SIGKILL of stafd" kill_daemon stafd
stop_and_start() { systemctl stop stacd stafd; expect "controllers after the stop" 17 "$(devices | wc -l)"; start; }
survives "stop and start of both" stop_and_start

step "while connecting"
kill_while_connecting stacd
kill_while_connecting stafd

finish

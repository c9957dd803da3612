#!/bin/bash
# An unprivileged user who calls without a pause delays nobody: controllers from the discovery log are connected in the
# meantime, and another user gets answers.
# covers: §9.5
. /job/lib.sh

flood() { # flood SECONDS [-r] - of both daemons, as nobody
    local d
    flooders=()
    for d in staf stac; do
        as_nobody bus-flood "${@:2}" "$1" $d >"/job/flood-$d" &
        flooders+=($!)
    done
}
flood_is_over() { wait "${flooders[@]}"; note "calls of stafd: $(cat /job/flood-staf), of stacd: $(cat /job/flood-stac)"; }
answers() { # answers SECONDS "WHEN" - of both daemons, to another user
    local c t
    for c in stafctl stacctl; do
        t=${EPOCHREALTIME/./}
        timeout "$1" $c ls -o json >/dev/null || fail "$c ls takes more than $1 s $2"
        note "$c ls: $(((${EPOCHREALTIME/./} - t) / 1000)) ms"
    done
}

step "a hundred controllers of stacd: two live, the others not there"
target 3
zone_out 3
mapfile -t dead < <(for i in {1..98}; do echo "controller = transport=tcp;traddr=127.0.0.1;trsvcid=8010;nqn=nqn.2024-01.lab:dead$i"; done)
configure "${dead[@]}"
start
await 90 "1 discovery and 2 I/O controllers are live" -d 1 -D 1 -i 2 -I 2
within 60 "stacd lists 100" is 100 sh -c 'stacctl ls -o json | jq length'
answers 20 "before"

for answers in "not wanted" wanted; do
    step "both are called without a pause, the answers are $answers"
    if [ "$answers" = wanted ]; then flood 25 -r; else flood 25; fi
    answers 10 "meanwhile"
    zone_in 3
    await 10 "what is new in the log is connected meanwhile" -n "$(nqn 3)" -i 3 -I 3
    zone_out 3
    await 12 "what is gone from it goes" -N "$(nqn 3)" -i 2 -I 2
    flood_is_over
    answers 10 "right after"
done

finish

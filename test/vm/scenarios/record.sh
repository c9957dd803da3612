#!/bin/bash
# What the daemons record in the field is replayed, line by line, by a developer's engine: a short story with a change
# notification, a withdrawn subsystem, a broken link and a kill. The recording contains no secrets.
# covers: §11.5
# vm: built test/replay/stas-replay
. /job/lib.sh

records() { # records UNIT FILE - from its next start on
    mkdir -p "/run/systemd/system/$1.service.d"
    printf '[Service]\nExecStart=\nExecStart=/usr/sbin/%s --syslog --record=%s\n' "$1" "$2" \
        >"/run/systemd/system/$1.service.d/record.conf"
    systemctl daemon-reload
}
recording() { echo "/run/$1/recording"; }
is_recorded() { grep -qF -- "$2" "$(recording "$1")"; }
decided() { grep -c -- "-> $2 .*$3" "/job/$1.story" || :; } # decided UNIT ACTION PATTERN

step "both daemons record below their own folders in /run"
target 3 1
for u in stafd stacd; do records $u "$(recording $u)"; done
secret=$(nvme gen-dhchap-key -m 0 2>/dev/null)
[ "$secret" ] || fail "nvme gen-dhchap-key made no key"
configure "controller = transport=tcp;traddr=127.0.0.1;trsvcid=8011;nqn=$(nqn 9);dhchap-secret=$secret;dhchap-ctrl-secret=$secret"
start
await 20 "1 discovery and 3 I/O controllers are live" -d 1 -D 1 -i 3 -I 3
for u in stafd stacd; do
    expect "who may read what $u records" "600 root" "$(stat -c '%a %U' "$(recording $u)")"
done

step "a subsystem appears, one is withdrawn"
link 1 4
await 10 "subsystem 4 is live" -i 4 -I 4
zone_out 2
await 10 "subsystem 2 is gone" -i 3 -I 3

step "stacd is killed; one more goes and comes back"
within 5 "stacd has written that it disconnected" is_recorded stacd '"input":"disconnect-done"'
kill_daemon stacd
unlink 1 3
await 20 "subsystem 3 is gone" -i 2 -I 2
link 1 3
await 20 "subsystem 3 is live again" -i 3 -I 3
reload stacd
ls_agrees

step "where the unit may not write nothing is recorded, and storage is connected all the same"
before=$(identities)
records stafd /var/lib/recording
systemctl restart stafd
within 5 "stafd says so" has_said stafd 'Cannot record to /var/lib/recording: Read-only file system'
allowed_errors=('Cannot record to /var/lib/recording: Read-only file system')
expect "controllers" "$before" "$(identities)"

step "replayed, the engine decides what it decided here"
systemctl stop stacd stafd
mkdir -p "$LAB_OUT"
for u in stafd stacd; do
    cp "$(recording $u)" "$LAB_OUT/$u.rec"
    stas-replay --quiet "$LAB_OUT/$u.rec" || fail "$u decides otherwise"
    stas-replay "$LAB_OUT/$u.rec" >/job/$u.story
    note "$u: $(wc -l <"$LAB_OUT/$u.rec") lines, $(wc -c <"$LAB_OUT/$u.rec") bytes"
    ! grep -qF "$(cut -d: -f3 <<<"$secret")" "$LAB_OUT/$u.rec" || fail "$u has recorded a secret"
done
sed 's/^/    /' /job/stacd.story
expect "stafd's starts" 1 "$(grep -c '== stafd .* starts' /job/stafd.story)"
expect "stacd's starts" 2 "$(grep -c '== stacd .* starts' /job/stacd.story)"
expect "stafd's connects" 1 "$(decided stafd connect 8009)"
expect "connects of subsystem 1" 1 "$(decided stacd connect "$(nqn 1)")"
expect "disconnects of subsystem 2" 1 "$(decided stacd disconnect "$(nqn 2)")"
expect "connects of subsystem 3" 2 "$(decided stacd connect "$(nqn 3)")"
expect "connects of subsystem 4" 1 "$(decided stacd connect "$(nqn 4)")"
[ "$(decided stafd read-log 8009)" -ge 4 ] || fail "the log was not read for each change"

step "any moment is explained, as stacctl would have"
moment=$(awk -v n="$(nqn 2)" '/ \* unwanted / && index($0, n) {print $1; exit}' /job/stacd.story)
stas-replay --quiet --until "$moment" "$LAB_OUT/stacd.rec" | tee /job/explained
expect "subsystem 2, at $moment s" "  no longer requested by any source; to be disconnected in 1s" \
    "$(grep -A1 -F "$(nqn 2)" /job/explained | tail -n 1)"
expect "wanted and connected then" 3 "$(grep -c 'wanted and connected' /job/explained)"

step "the daemons that record nothing find all as it was"
rm /run/systemd/system/*.service.d/record.conf
systemctl daemon-reload
start
finish

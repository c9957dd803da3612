# shellcheck shell=bash
# Our own discovery controller, test/peer, beside nvmet's: it answers as the scenario requires. Sourced after lib.sh by
# the scenarios that need it.
#
#   peer COMMAND...                starts it at $PEER and first executes each COMMAND (stas-peer --help)
#   tell COMMAND                   executes another one
#   announce COMMAND...            executes these, and sends an event to each host that has enabled it
#   heard PATTERN                  how often the hosts sent this (extended regular expression)
PEER=127.0.0.2 # port 8009
peer_socket=/run/stas-peer.sock

peer() {
    local c args=()
    for c in "$@"; do args+=(-e "$c"); done
    stas-peer -l "$PEER:8009" -s "$peer_socket" "${args[@]+"${args[@]}"}" >/job/peer.log 2>&1 &
    until_true 30 grep -q '^listening' /job/peer.log || fail "stas-peer does not start: $(cat /job/peer.log)"
}

tell() {
    # shellcheck disable=SC2086 # the words of a command
    stas-peer --tell "$peer_socket" $1 || fail "stas-peer refused: $1"
}

announce() {
    local c
    for c in "$@"; do tell "$c" >/dev/null; done
    note "announced to $(tell aen) hosts: $*"
}

heard() { tell log | jq -r '.[]' | grep -Ec -e "$1" || :; }

configure_peer() { # configure_peer [LINE]... - stafd has only the peer; the lines are stacd's whole configuration
    printf '[Controllers]\ncontroller = transport=tcp;traddr=%s;trsvcid=8009\n' "$PEER" >/etc/stas/stafd.conf
    printf '%s\n' "$@" >/etc/stas/stacd.conf
}

#!/bin/bash
# explain and plan answer an administrator's questions: which source requests a controller, which line excludes it, what
# fails and when it is retried. The plan of a converged host is empty.
# covers: §10.1
. /job/lib.sh

why() { json stacctl explain "$1" | jq -r --arg k "${2:-why}" '.[0][$k]'; } # why DEVICE|NQN|ADDRESS [KEY]
matches() { grep -Eq -- "$2" <<<"$1" || fail "expected a text like '$2', got '$1'"; }
plan_is_empty() { [ "$(json "$1" plan)" = "[]" ]; }

step "subsystems 1 to 3 and their discovery controller, subsystem 9 elsewhere, connected with nvme-cli"
target 3
subsystem 9
port 2 127.0.0.1 8010
link 2 9
nvme connect -t tcp -a 127.0.0.1 -s 8010 -n "$(nqn 9)" >/dev/null
await 10 "subsystem 9 is live" -i 1 -I 1
nine=$(device_of "$(nqn 9)")
foreign=("$nine")
one="controller = transport=tcp;traddr=127.0.0.1;trsvcid=8009;nqn=$(nqn 1)"
configure "$one" "exclude = nqn=$(nqn 3)"
start
await 20 "1 discovery and 3 I/O controllers are live" -d 1 -D 1 -i 3 -I 3

step "all is as it should be: no plan"
for c in stafctl stacctl; do
    within 10 "$c plan is empty" plan_is_empty $c
    expect "$c plan for people" "Nothing to do." "$($c plan 2>&1)"
done

step "each is explained, in a paragraph that begins with its device"
stacctl explain | tee /job/explained
stafctl explain
expect "devices explained" "$({ echo -; nvme-ctrls | awk '$3 == "io" {print $1}'; } | sort)" \
    "$(grep -Eo '^(nvme[0-9]+|-)  ' /job/explained | tr -d ' ' | sort)"

step "who asks for subsystem 1: the configuration and the discovery log"
expect "why" "wanted and connected" "$(why "$(nqn 1)")"
expect "connection" ours "$(why "$(nqn 1)" connection)"
matches "$(why "$(nqn 1)" sources)" '^/etc/stas/stacd.conf:2 \[configured, complete\]$'
matches "$(why "$(nqn 1)" sources)" '^nvme[0-9]+ \(tcp, 127.0.0.1, 8009.*\) entry [0-9] \[discovery log, complete\]$'

step "which line excludes subsystem 3"
expect "why" "excluded by /etc/stas/stacd.conf:3" "$(why "$(nqn 3)")"
expect "decision" nothing "$(why "$(nqn 3)" decision)"

step "the foreign connection is explained as well"
expect "why" "connected by another program; left alone by disconnect-scope=only-stas-connections" "$(why "$nine")"
expect "connection" foreign "$(why 127.0.0.1:8010 connection)"

step "a controller that cannot be connected, and has a secret"
secret=$(nvme gen-dhchap-key -m 0 2>/dev/null)
[ "$secret" ] || fail "nvme gen-dhchap-key made no key"
configure "$one" "exclude = nqn=$(nqn 3)" "controller = transport=tcp;traddr=127.0.0.1;trsvcid=8011;nqn=$(nqn 5);dhchap-secret=$secret"
systemctl reload stacd
failed() { [ "$(why "$(nqn 5)" 'connect attempts')" -gt 1 ]; }
within 20 "its portal was asked twice" failed
stacctl explain
stacctl plan
matches "$(why "$(nqn 5)")" '^wanted; (no answer from its portal \(ECONNREFUSED\); next probe in [0-9.]+m?s|probing its portal)$'
expect "last error" "ECONNREFUSED (connection refused: nothing listens at this address and service)" "$(why "$(nqn 5)" 'last error')"
expect "source" "/etc/stas/stacd.conf:4 [configured, complete]" "$(why "$(nqn 5)" sources)"
expect "plan" "connect $(nqn 5)" "$(json stacctl plan | jq -r '.[] | .verb + " " + .subsysnqn')"

step "nobody is told the secret"
for c in "stacctl explain" "stacctl plan" "stacctl explain -o json" "stacctl plan -o json"; do as_nobody $c; done >/job/told
expect "lines with subsystem 5" true "$([ "$(grep -c "$(nqn 5)" /job/told)" -ge 4 ] && echo true)"
! grep -F "$(cut -d: -f3 <<<"$secret")" /job/told || fail "a secret is in sight"

step "whoever has no such controller"
refuses "explain of a name that nobody has" stacctl explain nvme99
expect "message" 'stacctl: explain: No I/O controller has the device, NQN or address "nvme99".' "$said"

step "the list is watched while it changes"
stacctl ls --watch -o json >/job/watched &
watched=$!
seen_to_go() { [ "$(jq -cs --arg n "$(nqn 5)" '[first, last] | map(any(.subsysnqn == $n))' /job/watched)" = "[true,false]" ]; }
within 5 "the first list is there" grep -q "$(nqn 5)" /job/watched
configure "$one" "exclude = nqn=$(nqn 3)"
systemctl reload stacd
within 10 "a list without it follows" seen_to_go
kill -INT $watched
wait $watched || fail "ls --watch gave $? on SIGINT"
within 10 "the plan is empty again" plan_is_empty stacctl

step "a host name that does not resolve"
configure "$one" "exclude = nqn=$(nqn 3)" "controller = transport=tcp;traddr=storage.invalid;nqn=$(nqn 6)"
systemctl reload stacd
unresolved() { grep -Eq "^wanted; its host name storage.invalid could not be resolved: " <<<"$(why storage.invalid)"; }
within 20 "it is explained" unresolved
stacctl explain storage.invalid
stacctl plan
expect "plan" "resolve storage.invalid" "$(json stacctl plan | jq -r '.[] | .verb + " " + .traddr')"

finish

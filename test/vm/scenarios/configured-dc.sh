#!/bin/bash
# A configured discovery controller with three subsystems: all are connected, and all outputs agree.
# covers: A1
. /job/lib.sh

step "a target with three subsystems, stafd knows its discovery controller"
target 3
configure
start
await 20 "1 discovery and 3 I/O controllers are live, and no other" -d 1 -D 1 -i 3 -I 3
for i in 1 2 3; do [ "$(device_of "$(nqn $i)")" ] || fail "subsystem $i is not connected"; done

step "stafctl ls and stacctl ls show what sysfs shows"
ls_agrees
expect "keys of stafctl ls" "device host-iface host-nqn host-traddr subsysnqn traddr transport trsvcid" \
    "$(json stafctl ls | jq -r '.[0] | keys | sort | join(" ")')"
expect "host NQN of all" "$(cat /etc/nvme/hostnqn)" "$( (json stafctl ls; json stacctl ls) | jq -r '.[]["host-nqn"]' | sort -u)"

step "the detailed lists name the kernel's serial and type"
expect "serials" "$(nvme-ctrls | awk -F'\t' '$3 == "io" {print $1, $9}' | sort)" \
    "$(json stacctl ls -d | jq -r '.[] | .device + " " + .serial' | sort)"
# before Linux 5.18 the kernel does not export the type
type=$(cat "/sys/class/nvme/$(device_of "$DISCOVERY")/cntrltype" 2>/dev/null || :)
expect "type of the DC" "$type configured True" "$(json stafctl ls -d | jq -r '.[] | [.cntrltype, .origin, .connected] | join(" ")')"

if kernel_before 5.18; then
    step "what this kernel cannot do is said, once"
    expect "times" 1 "$(times_said stafd 'does not report the type of discovery controllers')"
fi

step "stafctl dlp and adlp show the target's log page"
want=$(printf 'nvme %s 127.0.0.1 8009\n' "$(nqn 1)" "$(nqn 2)" "$(nqn 3)")
kernel_before 5.16 || want+=$'\n'"discovery $DISCOVERY 127.0.0.1 8009" # the target's own entry
entry='[.subtype, .subnqn, .traddr, .trsvcid] | join(" ")'
expect "stafctl dlp" "$(sort <<<"$want")" "$(json stafctl dlp -t tcp -a 127.0.0.1 -s 8009 | jq -r ".[] | $entry" | sort)"
all=$(json stafctl adlp)
expect "stafctl adlp" "$(sort <<<"$want")" "$(jq -r ".[0][\"log-pages\"][] | $entry" <<<"$all" | sort)"
expect "the DC of stafctl adlp" "$(device_of "$DISCOVERY") $DISCOVERY" \
    "$(jq -r '.[0]["discovery-controller"] | .device + " " + .subsysnqn' <<<"$all")"

step "D-Bus says the same as the command lines"
expect "list_controllers of stacd" "$(listed stacctl | cut -f1,2)" \
    "$(bus stac '' list_controllers b false | jq -r '.data[0][] | [.device, .subsysnqn] | @tsv' | sort)"
expect "get_log_pages" "$(sort <<<"$want")" \
    "$(bus staf '' get_log_pages sssssss tcp 127.0.0.1 8009 "$DISCOVERY" '' '' "$(cat /etc/nvme/hostnqn)" | jq -r ".data[0][] | $entry" | sort)"

finish

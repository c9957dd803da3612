#!/bin/bash
# Namespaces come under another subsystem NQN, as after the upgrade of an array. The kernel does not show one a second
# time while the previous subsystem has it; once that has lost it, it is found under the new one.
# covers: §6.7
. /job/lib.sh
. /job/peer.sh

entry() { echo "entry add subnqn=$(nqn "$1") traddr=127.0.0.1 trsvcid=8010"; }
namespace_of() { echo "$nvmet/subsystems/$(nqn "$1")/namespaces/${2:-1}"; } # namespace_of I [NSID]
more_namespaces() { # more_namespaces I N - has N
    local n
    for ((n = 2; n <= $2; n++)); do
        mkdir "$(namespace_of "$1" "$n")"
        echo -n /dev/nullb0 >"$(namespace_of "$1" "$n")/device_path"
        echo 1 >"$(namespace_of "$1" "$n")/enable"
    done
}
same_namespace() { # same_namespace I J [NSID] - that of J has the identifiers of I's
    local from to
    from=$(namespace_of "$1" "${3:-1}") to=$(namespace_of "$2" "${3:-1}")
    echo 0 >"$to/enable"
    cat "$from/device_uuid" >"$to/device_uuid"
    echo 1 >"$to/enable"
}
has_disks() { [ "$(disk_of "$(nqn "$1")" | wc -l)" = "$2" ]; } # has_disks I N
says() { # says VERB I - that it shows none of subsystem I, in the same line or the next
    stacctl "$1" | grep -F "$(nqn "$2")" -A "$([ "$1" = ls ] && echo 0 || echo 1)" |
        grep -Fq 'live, the kernel shows no namespaces'
}
refused() { dmesg | grep -c 'duplicate IDs' || :; } # namespaces found in a second subsystem
needs_kernel 5.18 "shows a namespace under both"

step "one log takes the old name away and brings the new one, eight namespaces move"
one_identity
load_modules
port 1 127.0.0.1 8010
for i in 1 2 3 4 5 6; do subsystem $i; done
link 1 1 2 3 4 5 6
more_namespaces 1 8
more_namespaces 2 8
for i in 1 2 3 4 5 6 7 8; do same_namespace 1 2 $i; done
same_namespace 3 4
peer "$(entry 1)" "$(entry 3)"
configure_peer
start
await 20 "the old ones are live" -n "$(nqn 1)" -n "$(nqn 3)" -i 2
within 10 "their disks are there" eval "has_disks 1 8 && has_disks 3 1"
announce "entry remove $(nqn 1)" "$(entry 2)"
await 10 "the new one is live, the old one is gone" -n "$(nqn 2)" -N "$(nqn 1)" -i 2 -I 2
within 3 "all disks of the new one are there" has_disks 2 8
[ "$(refused)" -gt 0 ] || note "the new one was connected when the old one was gone"

step "the old one is in use: the new one shows no namespaces, and this is reported"
exec 8<"$(disk_of "$(nqn 3)")"
announce "entry remove $(nqn 3)" "$(entry 4)"
await 10 "the new one is live" -n "$(nqn 4)" -n "$(nqn 3)"
within 10 "the old one is kept" eval "stacctl explain $(nqn 3) | grep -q 'in use'"
has_disks 4 0 || fail "the kernel shows the namespace twice"
says explain 4 || fail "$(stacctl explain "$(nqn 4)")"
says ls 4 || fail "$(stacctl ls)"
! says ls 3 || fail "$(stacctl ls)"
exec 8<&-
await 15 "it is released: the old one is gone" -N "$(nqn 3)" -i 2 -I 2
within 3 "the disk of the new one is there" has_disks 4 1
! says explain 4 || fail "$(stacctl explain "$(nqn 4)")"

step "both remain connected, and the namespace moves from one to the other, which had none"
echo 0 >"$(namespace_of 6)/enable"
announce "$(entry 5)" "$(entry 6)"
await 10 "both are live" -n "$(nqn 5)" -n "$(nqn 6)" -i 4 -I 4
within 10 "the disk of the first one is there" has_disks 5 1
has_disks 6 0 || fail "the second one has a disk"
says ls 6 || fail "$(stacctl ls)"
before=$(identities)
n=$(refused)
same_namespace 5 6
within 10 "the kernel refuses it for now" eval "[ \$(refused) -gt $n ]"
echo 0 >"$(namespace_of 5)/enable"
within 5 "the disk of the second one is there" has_disks 6 1
has_disks 5 0 || fail "the first one still has it"
expect "controllers" "$before" "$(identities)"
ls_agrees

finish

#!/bin/bash
# The target is killed, and stopped, and started again with other subsystems; its generation counter starts anew each time.
# covers: A6
. /job/lib.sh
. /job/spdk.sh

step "three subsystems, with short kernel timers"
load_modules
spdk
rpc < <(subsystems 1 2 3)
spdk_listens
configure
printf '[Global]\nkato = 4\nreconnect-delay = 2\n' | tee -a /etc/stas/stafd.conf >>/etc/stas/stacd.conf
start
await 20 "1 discovery and 3 I/O controllers are live" -d 1 -D 1 -i 3 -I 3

step "it is killed"
before=$(incarnations)
kill_spdk KILL
within 20 "the kernel has noticed it for all" none_live
stays 3 "no controller is removed because of that" is "$before" incarnations

step "it is started with subsystems 2, 3 and 4"
spdk
rpc < <(subsystems 2 3 4)
spdk_listens
await 30 "these are live, and no other" -d 1 -D 1 -n "$(nqn 2)" -n "$(nqn 3)" -n "$(nqn 4)" -N "$(nqn 1)" -i 3 -I 3
expect "devices of 2, 3 and the discovery controller" "$(grep -v "$(nqn 1)" <<<"$before")" "$(incarnations | grep -v "$(nqn 4)")"
ls_agrees

step "it is stopped, and its discovery controller is back before its subsystems"
kill_spdk TERM
within 20 "the kernel has noticed it for all" none_live
spdk
spdk_listens
await 30 "the discovery controller is back" -d 1 -D 1
rpc < <(subsystems 3 4 5)
await 30 "these are live, and no other" -d 1 -D 1 -n "$(nqn 3)" -n "$(nqn 4)" -n "$(nqn 5)" -N "$(nqn 2)" -i 3 -I 3
ls_agrees

finish

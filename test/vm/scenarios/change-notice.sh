#!/bin/bash
# A subsystem linked to the port is connected, an unlinked one is disconnected; the others are not touched.
# covers: A2
. /job/lib.sh

step "three of four subsystems are linked and connected"
target 3 1
configure
start
await 20 "3 I/O controllers are live" -d 1 -D 1 -i 3 -I 3
others=$(identities)

step "the fourth is linked"
watch_kernel
link 1 4
await 10 "it is connected" -n "$(nqn 4)" -i 4 -I 4
untouched "after the link" "$others"
ls_agrees

step "the first is unlinked"
others=$(identities | grep -v "$(nqn 1)")
watch_kernel
unlink 1 1
await 15 "it is gone" -N "$(nqn 1)" -i 3 -I 3
untouched "after the unlink" "$others"
ls_agrees

step "all but one are unlinked at once, then two are linked again"
# the last one stays: a port without subsystems is closed, and with it the discovery controller
others=$(identities | grep -e "$(nqn 4)" -e "$DISCOVERY")
watch_kernel
unlink 1 2 3
await 15 "only subsystem 4 is left" -n "$(nqn 4)" -I 1 -d 1 -D 1
link 1 1 2
await 15 "three are live" -i 3 -I 3
untouched "meanwhile" "$others"

finish

#!/bin/bash
# refused.sh N HOURS - a log names N subsystems, none of which accepts this host: attempts, and lines of the host's kernel
# log (the target's are left out), in each hour. The clock of the daemons is 20 times as fast (../fast_clock.c).
. /job/bench.sh
. /job/peer.sh
n=$1 hours=$2
dmesg --follow-new >/job/kernel.log & # its ring buffer does not hold an hour
lines() { grep nvme /job/kernel.log | grep -Ecv 'nvmet' || :; }
attempts() { grep -Ec 'Connect for subsystem .* is not allowed' /job/kernel.log || :; }
load_modules
for ((i = 1; i <= n; i++)); do subsystem "$i"; done
port 1 127.0.0.1 8010
for ((i = 1; i <= n; i++)); do
    link 1 "$i"
    zone_out "$i"
done
peer "entry many $n subnqn=$(nqn '#') traddr=127.0.0.1 trsvcid=8010"
configure_peer '[Controllers]'
mkdir -p /run/systemd/system/stacd.service.d
printf '[Service]\nEnvironment=LD_PRELOAD=/job/fast_clock.so\n' >/run/systemd/system/stacd.service.d/clock.conf
systemctl daemon-reload
before=$(lines) attempts_before=$(attempts)
start
begin=$SECONDS
for ((h = 1; h <= hours; h++)); do
    sleep $((begin + 180 * h > SECONDS ? begin + 180 * h - SECONDS : 0))
    now=$(lines) attempts_now=$(attempts)
    say "refused_lines_hour_$h" $((now - before))
    say "refused_attempts_hour_$h" $((attempts_now - attempts_before))
    before=$now attempts_before=$attempts_now
done
expect "controllers" 0 "$(nvme-ctrls | grep -c -P '\tio\t' || :)"
tail -n 5 /job/kernel.log
measured

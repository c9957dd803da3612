#!/bin/bash
# start.sh REPEATS - each daemon alone with nothing to connect: start, CPU to ready; both: memory; stafctl ls
. /job/bench.sh
say kernel "$(uname -r)"
say cpus "$(nproc)"
say debian "$(cat /etc/debian_version)"
say python_package "$(dpkg-query -W -f '${Version}' nvme-stas)"
load_modules
no_controllers
# systemd's own share: the same unit with a program that does nothing
for u in stafd stacd; do
    sed -e '/^\(Bus\|Alias\|Exec\)/d' -e 's/^Type=.*/Type=exec\nExecStart=\/usr\/bin\/sleep inf/' \
        -e 's/^RuntimeDirectory=.*/&-idle/' -e 's/^CacheDirectory=.*/&-idle/' "$(systemctl show -P FragmentPath $u)" >/run/systemd/system/idle-$u.service
done
systemctl daemon-reload
for ((r = 0; r <= $1; r++)); do
    for u in idle-stafd idle-stacd stafd stacd; do
        key=start_${u/-/_}
        [ $r != 0 ] || key=first_$key # after the boot: the page cache is cold
        o=$(nvme-until -u $u -x "systemctl start $u")
        expect "systemctl start $u" 0 "$(kv exec_rc "$o")"
        say ${key}_s "$(kv exec "$o")"
        say ${key}_cpu_s "$(kv cpu_${u}_exec "$o")"
    done
    until_quiet >/dev/null
    [ $r = 0 ] || say idle_pss_kib "$(pss stafd stacd)"
    stafctl ls >/dev/null
    for _ in 1 2; do say stafctl_ls_s "$(seconds stafctl ls)"; done
    systemctl stop stacd stafd idle-stafd idle-stacd
done
measured

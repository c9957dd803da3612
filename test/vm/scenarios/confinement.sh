#!/bin/bash
# The units confine the daemons, and nothing that an unprivileged user can read contains a secret.
# covers: F6
. /job/lib.sh

exposure() { # in tenths
    systemd-analyze security --no-pager "$1" | sed -n 's/.*Overall exposure level for .*: \([0-9]*\)\.\([0-9]\) .*/\1\2/p'
}

step "a discovery controller and two subsystems, with keys that nobody else may read"
# The targets do not require them.
secrets=("$(nvme gen-dhchap-key -l 32)" "$(nvme gen-dhchap-key -l 32)")
target 2
configure
echo "${secrets[0]}" >/etc/nvme/hostkey
printf '[Controllers]\ncontroller = transport=tcp;traddr=127.0.0.1;trsvcid=8009;nqn=%s;dhchap-secret=%s\n' "$(nqn 1)" "${secrets[1]}" \
    >/etc/stas/stacd.conf
chmod 600 /etc/nvme/hostkey /etc/stas/stacd.conf
start
await 20 "connected" -i 2 -d 1
stafctl tron >/dev/null
stacctl tron >/dev/null
systemctl restart stafd stacd
await 20 "connected again" -i 2 -d 1

step "the sandbox"
for u in stafd stacd stas-open-devices@x.service; do
    e=$(exposure $u)
    note "exposure of $u: $((e / 10)).$((e % 10))"
    [ "$e" -le 22 ] || { systemd-analyze security --no-pager $u | grep '✗'; fail "exposure of $u is more than 2.2"; }
done

step "nobody finds a key"
as_nobody bash -c '
    for d in staf stac; do
        for m in process_info; do busctl call org.nvmexpress.$d /org/nvmexpress/$d org.nvmexpress.$d.debug $m; done
        ${d}ctl ls -d; ${d}ctl status; ${d}ctl explain; ${d}ctl plan
    done
    stafctl adlp -d
    ps axeww -o args
    cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ
    find /run /etc /tmp /var -type f -readable ! -path "/run/udev/data/*" -exec cat {} +
    find /sys/class/nvme/ -follow -maxdepth 3 -type f -readable -exec cat {} +
' >/job/seen 2>/dev/null </dev/null || :
grep -q "$(nqn 1)" /job/seen || fail "nobody sees nothing: the search is broken"
journal >>/job/seen
grep -q 'stacd' /job/seen
for s in "${secrets[@]}"; do
    ! grep -aF -e "$s" -e "${s:11:24}" /job/seen || fail "a key is found"
done
note "$(wc -c </job/seen) bytes read, no key"

finish

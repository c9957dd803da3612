#!/bin/bash
# controller= and exclude= lines take effect on reload; a reload with an error is refused and changes nothing.
# covers: A3
. /job/lib.sh

reload_refused() { # reload_refused UNIT FILE LINE - the line, added to the file, makes the reload fail
    local before
    before=$(identities)
    cp "$2" /job/good.conf
    printf '%s\n' "$3" >>"$2"
    watch_kernel
    refuses "reload of $1 with \"$3\"" systemctl reload "$1"
    [ "$(systemctl is-active "$1")" = active ] || fail "$1 is not active after the refused reload"
    stays 2 "nothing changes" is "$before" identities
    untouched "after the refused reload" "$before"
    ls_agrees
    within 5 "the journal of $1 names the file and the line" journal_names "$1" "$(basename "$2"):$(wc -l <"$2")"
    cp /job/good.conf "$2"
    systemctl reload "$1" || fail "reload of $1 after the repair failed"
}
journal_names() { journal -u "$1" | grep -F "$2"; }
allowed_errors=('(stafd|stacd)\.conf:' 'eload')

step "stafd has no discovery controller, stacd one I/O controller"
target 3
printf '[Controllers]\n' >/etc/stas/stafd.conf
printf '[Controllers]\ncontroller = transport=tcp;traddr=127.0.0.1;trsvcid=8009;nqn=%s\n' "$(nqn 1)" >/etc/stas/stacd.conf
start
await 20 "subsystem 1 is live, and no other" -n "$(nqn 1)" -i 1 -I 1 -D 0

step "controller= for stafd: the discovery controller and the other subsystems come"
first=$(identities)
watch_kernel
printf '[Controllers]\ncontroller = transport=tcp;traddr=127.0.0.1;trsvcid=8009\n' >/etc/stas/stafd.conf
systemctl reload stafd
await 20 "all three are live" -d 1 -D 1 -i 3 -I 3
untouched "by the reload of stafd" "$first"

step "exclude= for stacd: subsystem 2 goes"
others=$(identities | grep -v "$(nqn 2)")
watch_kernel
printf 'exclude = transport=tcp;nqn=%s\n' "$(nqn 2)" >>/etc/stas/stacd.conf
systemctl reload stacd
await 15 "subsystem 2 is gone" -N "$(nqn 2)" -i 2 -I 2
untouched "by the exclude" "$others"
ls_agrees

step "reloads with an error are refused"
reload_refused stacd /etc/stas/stacd.conf 'controller = transport=tcp;trsvcid=8009;nqn=nqn.2024-01.lab:no-address'
reload_refused stafd /etc/stas/stafd.conf 'controller = transport=tpc;traddr=127.0.0.1;trsvcid=8009'

step "a key that nobody knows is a warning only"
printf '[Global]\nno-such-key = 1\n' >>/etc/stas/stacd.conf
systemctl reload stacd || fail "an unknown key was refused"

step "the exclude is taken away: subsystem 2 comes back"
printf '[Controllers]\n' >/etc/stas/stacd.conf
systemctl reload stacd
await 15 "all three are live" -i 3 -I 3

at() { printf '[Controllers]\ncontroller = transport=tcp;traddr=%s;trsvcid=8009\n' "$1" >/etc/stas/stafd.conf; }
io_controllers() { identities | grep -v 'nqn.2014-08.org.nvmexpress.discovery'; }

step "controller= has another address, where nobody is yet: what the old one named stays until the new one was read"
before=$(io_controllers)
watch_kernel
at 127.0.0.2
systemctl reload stafd
await 10 "the old discovery controller is gone" -D 0
stays 4 "all three are live" nvme-until -t 0.1 -i 3 -I 3
untouched "while nobody knows what there will be" "$before"
port 2 127.0.0.2 8009
link 2 1 2
await 20 "the two that the new one names are live, at their new address, and no other" -d 1 -D 1 -i 2 -I 2
expect "addresses" 127.0.0.2 "$(nvme-ctrls | cut -f6 | sort -u)"

step "one that says nothing is waited for half a minute"
at 127.0.0.3
systemctl reload stafd
stays 20 "both are live" nvme-until -t 0.1 -i 2 -I 2
await 20 "no controller is left" -I 0 -D 0

step "controller= taken away from stafd: all go"
at 127.0.0.1
systemctl reload stafd
await 20 "all three are live" -d 1 -i 3 -I 3
printf '[Controllers]\n' >/etc/stas/stafd.conf
systemctl reload stafd
await 20 "no controller is left" -I 0 -D 0

finish

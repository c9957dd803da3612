#!/bin/bash
# A reload applies a new configuration as a whole or not at all: whichever file is broken, the reload fails, gives the
# reason, and no connection is affected. A start with it disconnects nothing. Valid changes are applied: names,
# overrides, drop-ins.
# covers: §3.2 §3.6 §3.9
# vm: seconds 900
. /job/lib.sh
allowed_errors=('eload' 'stac\.conf' 'sys\.conf' 'stacd\.conf')

said_in_status() { systemctl status stacd | grep -F 'last reload refused: ' | grep -F -e "$1"; }
journal_names() { journal -u stacd | grep -F -e "$1"; }

refused() { # refused FILE LINE TEXT - with TEXT in FILE the reload fails and names FILE:LINE
    local all
    all=$(identities)
    watch_kernel
    mkdir -p "$(dirname "$1")"
    [ ! -e "$1" ] || cp "$1" /job/good
    printf '%s\n' "$3" >>"$1"
    refuses "reload with a broken $1" systemctl reload stacd
    within 5 "systemctl status tells why" said_in_status "$1$2: "
    within 5 "so does the journal" journal_names "$1$2: "
    expect "state of stacd" active "$(systemctl is-active stacd)"
    stays 2 "nothing changes" is "$all" identities
    untouched "by the broken $1" "$all"
    if [ -e /job/good ]; then mv /job/good "$1"; else rm "$1"; fi
    systemctl reload stacd || fail "reload after the repair failed"
}
reloaded() { systemctl reload stacd || fail "systemctl reload stacd failed"; }
value_of() { cat "/sys/class/nvme/$(device_of "$(nqn "$1")")/$2"; }

step "two subsystems by stacd's own configuration, one by name"
one_identity
target 3
rm -f /etc/stas/sys.conf
printf '[Controllers]\n' >/etc/stas/stafd.conf
echo '127.0.0.1 storage.lab' >>/etc/hosts
printf '[Controllers]\ncontroller = transport=tcp;traddr=127.0.0.1;trsvcid=8009;nqn=%s\n' "$(nqn 1)" >/etc/stas/stacd.conf
printf 'controller = transport=tcp;traddr=storage.lab;trsvcid=8009;nqn=%s;kato=17;ctrl-loss-tmo=80;host-nqn=nqn.2024-01.lab:other\n' "$(nqn 2)" >>/etc/stas/stacd.conf
start
await 20 "both are live" -i 2 -I 2 -D 0

step "the line's own settings are the connection's"
if ! kernel_before 5.12; then # older kernels do not show them in sysfs
    expect "kato" 17 "$(value_of 2 kato)"
    expect "ctrl_loss_tmo" 80 "$(value_of 2 ctrl_loss_tmo)"
fi
expect "hostnqn" nqn.2024-01.lab:other "$(value_of 2 hostnqn)"
expect "hostnqn of the other" "$(cat /etc/nvme/hostnqn)" "$(value_of 1 hostnqn)"

step "broken files"
refused /etc/stas/stacd.conf.d/50-lab.conf :2 $'[Global]\nkato=often'
refused /etc/stas/stacd.conf.d/50-lab.conf :1 'kato=5'
refused /etc/stas/sys.conf '' $'[Host]\nnqn=iqn.2024-01.lab'
refused /etc/stas/sys.conf '' $'[Host]\nid=file:///nonexistent'
refused /etc/stas/sys.conf '' $'[Host]\nkey=no-key'
refused /etc/stas/sys.conf :2 $'[Host]\nnqn'
refused /etc/stas/sys.conf.d/x.conf :1 '[Host'

step "several errors: all are told, the status in one line"
printf '[Global]\nkato=often\ntron=perhaps\n' >/etc/stas/stacd.conf.d/a.conf
refuses "reload" systemctl reload stacd
within 5 "the journal names the second error" journal_names "a.conf:3: tron: "
within 5 "and the status" said_in_status "a.conf:3: tron: "
rm -r /etc/stas/stacd.conf.d

step "what was refused is not gone: --dry-run says of it what a start does"
cp /etc/stas/stacd.conf /job/good
all=$(identities)
sed -i 's/storage.lab/127.0.0.1/; 0,/trsvcid=8009/s//trsvcid=http/' /etc/stas/stacd.conf
dry=$(stacd --dry-run 2>&1)
watch_kernel
systemctl restart stacd || fail "systemctl restart stacd failed"
stays 10 "the start with it disconnects nothing" is "$all" identities
untouched "by the start" "$all"
expect "what --dry-run disconnects" '' "$(grep '^disconnect' <<<"$dry" || :)"
cp /job/good /etc/stas/stacd.conf
reloaded

step "a letter is missing in the name of a section, of a key: nothing that it names is gone"
waits() { # waits LINE - both queries show what removals wait for
    stacctl status | grep -F "removals wait because of an error in /etc/stas/stacd.conf:$1" &&
        systemctl status stacd | grep -F "removals wait because of an error in /etc/stas/stacd.conf:$1"
}
misspelled() { # misspelled WRONG RIGHT LINE - WRONG was typed instead of RIGHT
    watch_kernel
    sed -i "s/$2/$1/" /etc/stas/stacd.conf
    refuses "--check of '$1'" stacd --check
    [[ $said == *"stacd.conf:$3:"*"did you mean "* ]] || fail "--check does not say what was meant: $said"
    refuses "reload with '$1'" systemctl reload stacd
    within 5 "systemctl status tells why" said_in_status "stacd.conf:$3: "
    stays 10 "nothing changes" is "$all" identities
    systemctl restart stacd || fail "systemctl restart stacd failed"
    within 10 "the status says what removals wait for" waits "$3"
    stays 10 "nothing is disconnected" is "$all" identities
    untouched "by '$1'" "$all"
    cp /job/good /etc/stas/stacd.conf
    reloaded
    refuses "the status says that still" waits "$3"
    expect "the connections" "$all" "$(identities)"
}
misspelled Controlers Controllers 1
misspelled contoller controller 2
rm /job/good

step "what is only unknown may be of another version: it is reloaded, and --strict counts it"
mkdir /etc/stas/stacd.conf.d
printf '[Global]\ncolour=red\n' >/etc/stas/stacd.conf.d/a.conf
reloaded
stacd --check || fail "--check fails because of a warning"
refuses "--check --strict" stacd --check --strict
[[ $said == *"a.conf:2: colour: unknown key"* ]] || fail "it does not say why: $said"
rm -r /etc/stas/stacd.conf.d
stacd --check --strict || fail "--check --strict finds a fault"
refuses "--check of a file that is not there" stacd --check -f /nonexistent
reloaded

step "the name has another address: the connection moves there, the other stays"
# all of 127.0.0.0/8 is the loopback, and the portal listens on one address of it
port 2 127.0.0.2 8009
link 2 2
sed -i 's/^127.0.0.1 storage.lab/127.0.0.2 storage.lab/' /etc/hosts
other=$(identities | grep "$(nqn 1)")
watch_kernel
reloaded
new_address() { [ "$(nvme-ctrls | awk -F'\t' -v n="$(nqn 2)" '$5 == n {print $6}')" = 127.0.0.2 ]; }
within 20 "subsystem 2 is connected at 127.0.0.2 alone" new_address
untouched "by the move" "$other"
ls_agrees

step "the name is gone: a reload keeps the connection, and says so"
all=$(identities)
watch_kernel
sed -i '/storage.lab/d' /etc/hosts
reloaded
within 10 "the journal tells" journal_names "storage.lab cannot be resolved"
stays 3 "nothing changes" is "$all" identities
untouched "by the name that is gone" "$all"

step "stafd takes names, too"
echo '127.0.0.2 dc.lab' >>/etc/hosts
printf 'controller = transport=tcp;traddr=dc.lab\n' >>/etc/stas/stafd.conf
systemctl reload stafd || fail "systemctl reload stafd failed"
await 10 "the discovery controller is live, and what it tells of" -d 1 -D 1 -i 3 -I 3
expect "its address" 127.0.0.2 "$(json stafctl ls | jq -r '.[].traddr')"
all=$(identities)
watch_kernel
sed -i '/dc.lab/d' /etc/hosts
systemctl restart stafd
stays 4 "it stays while its name does not resolve" is "$all" identities
untouched "by the start without an address" "$all"
echo '127.0.0.2 dc.lab' >>/etc/hosts
systemctl reload stafd || fail "systemctl reload stafd failed"
await 10 "it is there" -d 1 -D 1
ls_agrees

step "an exclusion written just before the reload counts"
printf '[exclusions]\nexclusion = nqn=%s\n' "$(nqn 1)" >/etc/nvme/exclusions.conf
reloaded
await 10 "subsystem 1 is gone" -N "$(nqn 1)" -i 2 -I 2
rm /etc/nvme/exclusions.conf
await 5 "and is back without a reload" -n "$(nqn 1)" -i 3 -I 3

finish

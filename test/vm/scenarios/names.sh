#!/bin/bash
# Names in any script, with the JSON library of the guest's own system: an array that announces itself as "Speicher
# Büro" and has a subsystem with such a name is found, connected, displayed and remembered. An announced NQN that must
# not be displayed affects none of that.
# vm: program guest
# covers: §2.3
. /job/lib.sh
. /job/mdns.sh

name='Speicher Büro € 𝄞'
subnqn=nqn.2024-01.lab:Büro-€-𝄞
shows() { # shows "TEXT" COMMAND... - both as text and as JSON
    local text=$1 o
    shift
    o=$("$@") && [[ $o == *"$text"* ]] || fail "'$*' does not show '$text': $o"
    shows_json "$text" "$@"
}
shows_json() {
    local text=$1 o
    shift
    o=$("$@" -o json | jq -r '.. | strings') && [[ $o == *"$text"* ]] || fail "'$* -o json' does not show '$text': $o"
}
complains() { journalctl -o cat -u stafd --grep 'mDNS "odd" .* is ignored: its NQN'; }

step "an array with a name in German, Euros and music"
load_modules
network 1 use-ipv6=no
subsystem 1
mkdir "$nvmet/subsystems/$subnqn"
echo 1 >"$nvmet/subsystems/$subnqn/attr_allow_any_host"
array 1 8009 1
on 1 ln -s "$nvmet/subsystems/$subnqn" "$nvmet/ports/1/subsystems/$subnqn"
: >/etc/stas/stafd.conf
: >/etc/stas/stacd.conf
start
publish 1 odd tcp 8010 p=tcp "$(printf 'nqn=nqn.2024-01.lab:\xef\xbf\xbe')"
within 20 "the odd one is told" complains
publish 1 "$name" tcp 8009 p=tcp
await 20 "both subsystems are live" -d 1 -D 1 -i 2 -I 2

step "it is shown everywhere"
shows "$name" stafctl explain
shows "$subnqn" stafctl adlp
shows_json "$subnqn" stafctl status
shows "$subnqn" stacctl ls
shows "$subnqn" stacctl status
shows "$subnqn" stacctl explain "$subnqn"
shows "$subnqn" stacctl explain "$(device_of "$subnqn")"
ls_agrees

step "it is remembered"
rest=$(identities)
watch_kernel
systemctl restart stafd stacd
stays 3 "all stays" nvme-until -t 0.1 -d 1 -D 1 -i 2 -I 2
untouched "by the restart" "$rest"
for d in stafd stacd; do
    [ ! -e /run/$d/last-known-config.json.damaged ] || fail "the state file of $d was set aside"
    ! journalctl -o cat -u "$d" --grep 'state file .* damaged' || fail "$d finds its state file damaged"
done
shows "$subnqn" stacctl ls

finish

#!/bin/bash
# Tracing and status; an unprivileged user can read the status, cannot change anything, and finds no secret.
# covers: A8
. /job/lib.sh

tron_is() { # tron_is staf|stac true|false
    expect "property tron of $1" "b $2" "$(tron_of "$1")"
    expect "tron in $1ctl status" "$2" "$(json "$1ctl" status | jq .tron)"
    expect "tron in process_info of $1" "$2" "$(bus "$1" .debug process_info | jq -r '.data[0]' | jq .tron)"
}

ask_everything() { # every method without arguments or with a boolean one, and every property, as an unprivileged user
    local path=/org/nvmexpress/$1 dest=org.nvmexpress.$1 iface='' name type sig
    while read -r name type sig _; do
        case $type in
            interface) iface=$name ;;
            method)
                case $iface:$sig in
                    org.nvmexpress*:-) as_nobody busctl call "$dest" "$path" "$iface" "${name#.}" ;;
                    org.nvmexpress*:b) as_nobody busctl call "$dest" "$path" "$iface" "${name#.}" b true ;;
                esac 2>&1 || :
                ;;
            property) as_nobody busctl get-property "$dest" "$path" "$iface" "${name#.}" 2>&1 || : ;;
        esac
    done < <(busctl introspect --no-legend "$dest" "$path")
    json "$1ctl" ls | jq -r '.[] | [.transport, .traddr, .trsvcid, .subsysnqn, .["host-traddr"], .["host-iface"], .["host-nqn"]] | @sh' |
        while read -r id; do eval "as_nobody busctl call $dest $path $dest.debug controller_info sssssss $id" || :; done
}

step "a target; secrets in both configurations and in the host's key file"
target 2
# the kernel accepts only a well-formed key; this target requires none
for i in 1 2 3; do nvme gen-dhchap-key -m 0 >/job/key$i 2>/dev/null; done
[ -s /job/key3 ] || fail "nvme gen-dhchap-key made no key"
install -m 600 /job/key1 /etc/nvme/hostkey
printf '[Host]\nnqn = file:///etc/nvme/hostnqn\nid = file:///etc/nvme/hostid\nkey = file:///etc/nvme/hostkey\n' >/etc/stas/sys.conf
configure "controller = transport=tcp;traddr=127.0.0.1;trsvcid=8009;nqn=$(nqn 1);dhchap-secret=$(cat /job/key3)"
sed -i "/^controller/s/\$/;dhchap-secret=$(sed 's|[/&]|\\&|g' /job/key2)/" /etc/stas/stafd.conf
chmod 600 /etc/stas/*.conf
start
await 20 "1 discovery and 2 I/O controllers are live" -d 1 -D 1 -i 2 -I 2
ls_agrees

for d in staf stac; do
    step "tron and troff of $d"
    tron_is $d false
    ${d}ctl tron >/dev/null
    tron_is $d true
    ${d}ctl troff >/dev/null
    tron_is $d false
    expect "keys of ${d}ctl status" "controllers hostid hostnqn log-level tron" \
        "$(json ${d}ctl status | jq -r 'keys | map(select(IN("tron", "log-level", "hostnqn", "hostid", "controllers"))) | join(" ")')"

    step "an unprivileged user and $d"
    expect "unprivileged ${d}ctl ls" "$(listed ${d}ctl)" "$(listed as_nobody ${d}ctl)"
    as_nobody ${d}ctl status >/dev/null || fail "unprivileged ${d}ctl status"
    refuses "unprivileged ${d}ctl tron" as_nobody ${d}ctl tron
    refuses "unprivileged Set of tron" as_nobody busctl set-property org.nvmexpress.$d /org/nvmexpress/$d org.nvmexpress.$d.debug tron b true
    tron_is $d false
done

step "no secret where an unprivileged user can look, nor in the journal"
stafctl tron >/dev/null
stacctl tron >/dev/null
systemctl reload stafd stacd
ask_everything staf >/job/seen
ask_everything stac >>/job/seen
for c in "ls -d" status "adlp -d"; do as_nobody stafctl $c >>/job/seen; done
for c in "ls -d" status; do as_nobody stacctl $c >>/job/seen; done
as_nobody find /run/stafd /run/stacd /run/nvme /var/cache/stafd /var/cache/stacd -type f -exec cat {} + >>/job/seen 2>/dev/null || :
as_nobody sh -c 'cat /proc/[0-9]*/cmdline' 2>/dev/null | tr '\0' ' ' >>/job/seen || :
[ "$(wc -l </job/seen)" -gt 10 ] || fail "hardly an answer was seen: $(cat /job/seen)"
journal >>/job/seen
dmesg >>/job/seen
for i in 1 2 3; do
    secret=$(cut -d: -f3 /job/key$i)
    ! grep -a -n -m3 -o -E ".{0,80}$(sed "s|[+]|\\\\+|g" <<<"$secret")" /job/seen || fail "the secret of key $i is in sight"
done
note "$(wc -l </job/seen) lines of answers, files and journal seen, none of the three keys in them"
for u in stafd stacd; do
    expect "files in /run/$u that others may read" '' "$(find /run/$u -type f -perm /044)"
done

finish

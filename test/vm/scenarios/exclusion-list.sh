#!/bin/bash
# The host-wide exclusion list: it takes effect when it is written, without a reload, and when an entry is removed the
# controller is connected at once. A controller that is disconnected right after its entry was written is not
# reconnected, not even briefly.
# covers: B6
. /job/lib.sh

conf=/etc/nvme/exclusions.conf

exclude() { # exclude FILE ENTRY... - new contents of the file; replaced as by nvme-cli
    local file=$1
    shift
    { echo '[exclusions]'; [ $# = 0 ] || printf 'exclusion = %s\n' "$@"; } >/job/new
    mv /job/new "$file"
}
journal_says() { journal -u stacd | grep -F -e "$1"; }
drop() { # drop I - disconnected by someone else
    local device
    device=$(device_of "$(nqn "$1")")
    [ ! "$device" ] || nvme disconnect -d "$device" >/dev/null
}
touch_for_a_while() {
    local i
    for i in {1..20}; do
        touch $conf
        read -rt 0.04 <><(:) || :
    done
}
connected_again() { # connected_again SECONDS I
    await "$1" "subsystem $2 is connected again" -n "$(nqn "$2")" -i 3 -I 3 -d 1
}

step "three subsystems, no exclusion list anywhere"
target 3
rm -rf $conf $conf.d
configure "controller = transport=tcp;traddr=127.0.0.1;trsvcid=8009;nqn=$(nqn 3)"
start
await 20 "all are live" -d 1 -D 1 -i 3 -I 3
stacd_pid=$(systemctl show -P MainPID stacd)

step "an entry for subsystem 1; its path is dropped: it is not connected again"
others=$(identities | grep -v "$(nqn 1)")
watch_kernel
exclude $conf "transport=tcp;traddr=127.0.0.1;nqn=$(nqn 1)"
drop 1
await 10 "subsystem 1 is gone" -N "$(nqn 1)" -i 2 -I 2
stays 3 "it stays away" nvme-until -t 0.1 -N "$(nqn 1)"
untouched "by the entry" "$others"
within 5 "the journal names the entry" journal_says "is excluded by $conf:2"
ls_agrees

step "the entry is taken away: connected again at once"
exclude $conf
connected_again 2 1

step "an entry in exclusions.conf.d, which did not exist, beats controller= as well"
watch_kernel
others=$(identities | grep -v "$(nqn 3)")
mkdir $conf.d
printf '[exclusions]\nexclusion = nqn=%s\n' "$(nqn 3)" >$conf.d/maintenance.conf
drop 3
await 10 "subsystem 3 is gone" -N "$(nqn 3)" -i 2 -I 2
stays 2 "it stays away" nvme-until -t 0.1 -N "$(nqn 3)"
untouched "by the drop-in" "$others"
within 5 "the journal names the entry" journal_says "is excluded by $conf.d/maintenance.conf:2"
rm $conf.d/maintenance.conf
connected_again 2 3

step "the folder goes and comes"
mv /etc/nvme /etc/nvme.away
mkdir /etc/nvme.new
cp /etc/nvme.away/host* /etc/nvme.new/
exclude /etc/nvme.new/exclusions.conf "hostid=$(cat /etc/nvme.away/hostid);nqn=$(nqn 2)" "hostid=00000000-0000-4000-8000-000000000000"
mv /etc/nvme.new /etc/nvme
await 10 "subsystem 2 is gone" -N "$(nqn 2)" -i 2 -I 2
stays 2 "the entry for another host means nothing" nvme-until -t 0.1 -i 2 -I 2
rm -r /etc/nvme
mv /etc/nvme.away /etc/nvme
connected_again 2 2

step "what is wrong excludes nothing, and is told"
all=$(identities)
watch_kernel
exclude $conf "colour=red;nqn=$(nqn 1)" "nqn=" "transport=tcp;traddr=storage.lab"
within 5 "the journal names the first line" journal_says "$conf:2: exclusion: colour: unknown field; the entry excludes nothing"
within 5 "and the last" journal_says "$conf:4: exclusion: traddr: 'storage.lab' is not a valid IP address"
stays 2 "all stay" nvme-until -t 0.1 -i 3 -I 3
untouched "by the wrong entries" "$all"
checked=$(stacd --check 2>&1) || fail "stacd --check failed because of the exclusion list: $checked"
expect "warnings of --check" 3 "$(grep -c "^warning: $conf:" <<<"$checked")"
systemctl reload stacd || fail "a reload was refused because of the exclusion list"

step "a discovery controller is excluded for stafd as well"
watch_kernel
configured=$(identities | grep "$(nqn 3)")
exclude $conf "nqn=$DISCOVERY"
await 15 "it is gone, and so is what it alone told of" -D 0 -i 1 -I 1
exclude $conf
await 10 "all are connected again" -d 1 -D 1 -i 3 -I 3
untouched "meanwhile" "$configured"

step "an entry is written and its controller deleted at once, as disconnect --exclude does: it never comes back"
for round in 1 2 3; do
    stays 11 "no connection is young" nvme-until -t 0.1 -d 1 -D 1 -i 3 -I 3
    watch_kernel
    entries=()
    for i in 1 2 3; do
        entries+=("nqn=$(nqn $i)")
        device=$(device_of "$(nqn $i)")
        # Both have happened when stacd looks; and while the list keeps changing it is not read, for up to a second.
        systemctl kill -s STOP --kill-whom=main stacd
        exclude $conf "${entries[@]}"
        echo 1 >"/sys/class/nvme/$device/delete_controller"
        touch_for_a_while &
        systemctl kill -s CONT --kill-whom=main stacd
        stays 1.5 "round $round: subsystem $i stays away" nvme-until -t 0.1 -I $((3 - i))
    done
    unwatch
    expect "connections made" '' "$(grep -E ' none (new|connecting|live)' /job/watch.log || :)"
    exclude $conf
    await 30 "all are connected again" -d 1 -D 1 -i 3 -I 3
done

expect "main process of stacd" "$stacd_pid" "$(systemctl show -P MainPID stacd)"
finish

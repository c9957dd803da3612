# shellcheck shell=bash
# Sourced by run and mk-warm: the machine's configuration. Both must describe the same machine, otherwise the saved
# state cannot be restored; a change here makes a new warm state.

qemu() { # qemu PROGRAM ARG... - run a program from the piece p_qemu with its own loader and libraries
    local p=$1
    shift
    "$p_qemu/usr/lib64/ld-linux-x86-64.so.2" --library-path "$p_qemu/usr/lib/x86_64-linux-gnu" \
        "$p_qemu/usr/bin/$p" "$@"
}

job_disk_size=512M

job_disk() { # job_disk DIR OUT - a header block, random bytes for the guest's pool, then a tar of DIR
    tar -C "$1" -cf "$2.tar" .
    printf 'LABJOB01 %d %s\n' "$(stat -c %s "$2.tar")" "$(date +%s.%N)" >"$2"
    truncate -s 256 "$2"
    head -c 64 /dev/urandom >>"$2"
    truncate -s 4096 "$2"
    cat "$2.tar" >>"$2"
    rm "$2.tar"
    [ "$(stat -c %s "$2")" -le $((512 << 20)) ] || { echo "vm: the job is larger than $job_disk_size" >&2; return 1; }
    truncate -s "$job_disk_size" "$2"
}

qemu_args() { # qemu_args MEM CPUS RUNDIR ROOTDRIVE - sets the array QA
    local mem=$1 cpus=$2 run=$3 root=$4 append
    append="console=ttyS0 root=/dev/vda quiet loglevel=4 mitigations=off no5lvl apparmor=0 selinux=0 audit=0"
    append="$append tsc=reliable random.trust_cpu=on no_timer_check systemd.show_status=0 panic=-1 ${VM_APPEND:-}"
    QA=(-L "$p_qemu/usr/share/qemu" -L "$p_qemu/usr/share/seabios"
        -accel "tcg,thread=multi,tb-size=512" -machine pc -cpu max -smp "$cpus" -m "$mem"
        -nodefaults -display none -no-reboot
        -kernel "$p_image/vmlinuz" -initrd "$p_image/initrd" -append "$append"
        -chardev "file,id=c,path=$run/console,append=on" -serial chardev:c
        -drive "$root,if=virtio,cache=unsafe"
        -drive "file=$run/job.disk,format=raw,if=virtio,readonly=on"
        -device virtio-rng-pci -device virtio-serial-pci
        -chardev "file,id=o,path=$run/out,append=on" -device virtserialport,chardev=o,name=lab.out
        -chardev "file,id=r,path=$run/res,append=on" -device virtserialport,chardev=r,name=lab.res)
}

# shellcheck shell=bash
# Sourced by every host-side script: location and names of the VM's pieces.
#
# A piece (QEMU, root file system, kernel, tools, image, warm state) is kept in the cache under a name with a hash of
# its inputs, so that a change rebuilds exactly what depends on it. Nothing is stored in the source tree.
vm=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cache=${NVME_STAS_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/nvme-stas/vm}
suite=trixie
default_kernel=$suite
default_mem=4096
default_cpus=2

hash_of() { # hash_of ITEM... - files and directories are hashed by content and mode, anything else as a word
    local i
    for i in "$@"; do
        if [ -d "$i" ]; then
            (cd "$i" && find . -type f -printf '%P %m\n' | sort && find . -type f -print0 | sort -z | xargs -0 cat)
        elif [ -f "$i" ]; then
            cat "$i"
        else
            echo "$i"
        fi
    done | sha256sum | cut -c1-12
}

peer_sources() { # the sources of stas-peer, one per line
    find "$vm/../peer" -name '*.[ch]' ! -name 'test*' ! -name 'fuzz-*' | sort
    printf '%s\n' "$vm"/../../src/base/{array,text}.[ch] "$vm/../../src/base/macro.h"
}

nbft_sources() { # the sources of make-nbft, one per line
    printf '%s\n' "$vm"/../nbft/make-nbft.c "$vm"/../../src/codec/test-nbft_tables.[ch] \
        "$vm"/../../src/base/{array,text}.[ch] "$vm/../../src/base/macro.h"
}

name_pieces() { # name_pieces KERNEL MEM CPUS - sets p_qemu, p_root, p_kernel, p_tools, p_image, p_warm
    local l=$vm/lib peer
    mapfile -t peer < <(peer_sources; nbft_sources)
    p_qemu=$cache/qemu-$(hash_of "$l/mk-qemu" "$suite")
    p_root=$cache/root-$(hash_of "$l/mk-root" "$l/packages" "$suite")
    p_kernel=$cache/kernel-$1-$(hash_of "$l/mk-kernel" "$1")
    p_tools=$cache/tools-$(hash_of "$l/mk-tools" "$vm/tools" "${peer[@]}")
    p_image=$cache/image-$1-$(hash_of "$l/mk-image" "$l/mk-initrd" "${p_root##*/}" "${p_kernel##*/}" \
        "$vm/guest/overlay" "$vm/guest/masked-units" "$vm/tools/job-wait.c")
    p_warm=$cache/warm-$1-$(hash_of "$l/mk-warm" "$l/qemu.sh" "${p_image##*/}" "${p_qemu##*/}" "$2" "$3")
}

mirror() { # mirror - prints the Debian mirror of this machine's apt, whatever the format of its sources
    local m=${NVME_STAS_VM_MIRROR:-} l='' d=''
    # shellcheck disable=SC2016 # the names in the format are apt's
    [ "$m" ] || m=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' \
        'Component: main' 2>/dev/null | sed -n '/^https\?:/{p;q}')
    if [ ! "$m" ]; then # without package lists, apt cannot report it: read its sources
        eval "$(apt-config shell l Dir::Etc::sourcelist/f d Dir::Etc::sourceparts/d)"
        m=$({
            cat "$l" "$d"/*.list 2>/dev/null | sed -n 's/^deb[ \t]*\(\[[^]]*\]\)\?[ \t]*\([^ ]*\).*/\2/p'
            cat "$d"/*.sources 2>/dev/null | sed -n 's/^URIs:[ \t]*//p' | tr ' ' '\n'
        } | grep -E '^https?:.*/debian/?$' | head -n1)
    fi
    [ "$m" ] || { echo "no Debian mirror in apt's configuration; set NVME_STAS_VM_MIRROR=URI" >&2; return 1; }
    echo "${m%/}"
}

bootstrap() { # bootstrap SUITE OUT ARG... - mmdebstrap with this machine's mirror and apt's proxy settings
    local s=$1 out=$2 m conf rc=0
    shift 2
    m=$(mirror) || return 1
    conf=$(mktemp)
    # A mirror may lag behind the clock: the date of its lists is not checked, but their signature is.
    { apt-config dump | grep -E '^Acquire::(http|https)::[Pp]roxy' || :
      echo 'Acquire::Check-Valid-Until "false";'
      echo 'APT::Install-Recommends "false";'; } >"$conf"
    mmdebstrap --quiet --components=main --aptopt="$conf" "$@" "$s" "$out" "$m" || rc=$?
    rm -f "$conf"
    return $rc
}

say_step() { printf 'vm: %s\n' "$*" >&2; }

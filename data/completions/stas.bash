# SPDX-License-Identifier: Apache-2.0
# bash completion of stafctl, stacctl, stasadm, stafd and stacd

_stas() {
        local cur prev words cword verb='' i verbs options='-h --help -v --version' files=''
        _init_completion -n = || return

        case $1 in
        *stafctl) verbs='tron troff status ls dlp adlp explain plan reload' ;;
        *stacctl) verbs='tron troff status ls explain plan reload' ;;
        *stasadm) verbs='hostnqn hostid set-symname clear-symname' ;;
        *) verbs='' ;;
        esac
        for ((i = 1; i < cword; i++)); do
                [[ " $verbs " != *" ${words[i]} "* ]] || { verb=${words[i]}; break; }
        done

        case $1 in
        *ctl) options+=' -o --output' ;;
        *stasadm) options+=' -c --conf-file' files='-c|--conf-file|-f|--file' ;;
        *) options+=' -f --conf-file -c --conn-conf-file -s --syslog --record --tron --check --strict --dry-run' files='-f|--conf-file|-c|--conn-conf-file|--record' ;;
        esac
        case $verb in
        ls) options+=' -d --detailed -w --watch' ;;
        adlp) options+=' -d --detailed' ;;
        dlp) options+=' -t --transport -a --traddr -s --trsvcid -w --host-traddr -f --host-iface -q --host-nqn -n --nqn' ;;
        hostnqn | hostid | set-symname) options+=' -f --file' ;;
        esac

        # What follows an option that takes a value.
        if [[ $files && $prev =~ ^($files)$ ]]; then
                _filedir
                return
        fi
        case $verb:$prev in
        *:-o | *:--output) mapfile -t COMPREPLY < <(compgen -W 'text json' -- "$cur"); return ;;
        dlp:-t | dlp:--transport) mapfile -t COMPREPLY < <(compgen -W 'tcp rdma fc loop' -- "$cur"); return ;;
        dlp:-f | dlp:--host-iface) _available_interfaces; return ;;
        dlp:-[aswqn] | dlp:--traddr | dlp:--trsvcid | dlp:--host-traddr | dlp:--host-nqn | dlp:--nqn) return ;;
        esac

        if [[ $cur == -* ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$options" -- "$cur")
        elif [[ ! $verb ]]; then
                mapfile -t COMPREPLY < <(compgen -W "$verbs" -- "$cur")
        elif [[ $verb == explain ]]; then
                mapfile -t COMPREPLY < <(cd /sys/class/nvme 2>/dev/null && compgen -G "${cur}*")
        fi
} && complete -F _stas stafctl stacctl stasadm stafd stacd

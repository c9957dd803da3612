# SPDX-License-Identifier: Apache-2.0
set -l verbs tron troff status ls dlp adlp explain plan reload
complete -c stafctl -f
complete -c stafctl -s h -l help -d 'Print a summary'
complete -c stafctl -s v -l version -d 'Print the version'
complete -c stafctl -s o -l output -x -a 'text json' -d 'Print for people or as JSON'

set -l none "not __fish_seen_subcommand_from $verbs"
complete -c stafctl -n $none -a tron -d 'Enable debug messages'
complete -c stafctl -n $none -a troff -d 'Disable debug messages'
complete -c stafctl -n $none -a status -d 'Show the state of stafd'
complete -c stafctl -n $none -a ls -d 'List the discovery controllers'
complete -c stafctl -n $none -a dlp -d 'Show the log pages of one discovery controller'
complete -c stafctl -n $none -a adlp -d 'Show the log pages of all discovery controllers'
complete -c stafctl -n $none -a explain -d 'Say why controllers are as they are'
complete -c stafctl -n $none -a plan -d 'Show what is under way and what comes next'
complete -c stafctl -n $none -a reload -d 'Have the configuration read again'

complete -c stafctl -n '__fish_seen_subcommand_from ls adlp' -s d -l detailed -d 'Print everything that is known about each'
complete -c stafctl -n '__fish_seen_subcommand_from ls' -s w -l watch -d 'Keep printing them as they change'
complete -c stafctl -n '__fish_seen_subcommand_from explain' -a '(ls /sys/class/nvme 2>/dev/null)'

set -l dlp '__fish_seen_subcommand_from dlp'
complete -c stafctl -n $dlp -s t -l transport -x -a 'tcp rdma fc loop' -d 'Transport'
complete -c stafctl -n $dlp -s a -l traddr -x -d 'Its address'
complete -c stafctl -n $dlp -s s -l trsvcid -x -d 'Its port'
complete -c stafctl -n $dlp -s w -l host-traddr -x -d 'Address used on the host'
complete -c stafctl -n $dlp -s f -l host-iface -x -a '(__fish_print_interfaces)' -d 'Interface used on the host'
complete -c stafctl -n $dlp -s q -l host-nqn -x -d 'Host NQN'
complete -c stafctl -n $dlp -s n -l nqn -x -d 'Its NQN'

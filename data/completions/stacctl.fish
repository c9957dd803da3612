# SPDX-License-Identifier: Apache-2.0
set -l verbs tron troff status ls explain plan reload
complete -c stacctl -f
complete -c stacctl -s h -l help -d 'Print a summary'
complete -c stacctl -s v -l version -d 'Print the version'
complete -c stacctl -s o -l output -x -a 'text json' -d 'Print for people or as JSON'

set -l none "not __fish_seen_subcommand_from $verbs"
complete -c stacctl -n $none -a tron -d 'Enable debug messages'
complete -c stacctl -n $none -a troff -d 'Disable debug messages'
complete -c stacctl -n $none -a status -d 'Show the state of stacd'
complete -c stacctl -n $none -a ls -d 'List the I/O controllers'
complete -c stacctl -n $none -a explain -d 'Say why controllers are as they are'
complete -c stacctl -n $none -a plan -d 'Show what is under way and what comes next'
complete -c stacctl -n $none -a reload -d 'Have the configuration read again'

complete -c stacctl -n '__fish_seen_subcommand_from ls' -s d -l detailed -d 'Print everything that is known about each'
complete -c stacctl -n '__fish_seen_subcommand_from ls' -s w -l watch -d 'Keep printing them as they change'
complete -c stacctl -n '__fish_seen_subcommand_from explain' -a '(ls /sys/class/nvme 2>/dev/null)'

# SPDX-License-Identifier: Apache-2.0
set -l verbs hostnqn hostid set-symname clear-symname
complete -c stasadm -f
complete -c stasadm -s h -l help -d 'Print a summary'
complete -c stasadm -s v -l version -d 'Print the version'
complete -c stasadm -s c -l conf-file -r -F -d 'Configuration file'

set -l none "not __fish_seen_subcommand_from $verbs"
complete -c stasadm -n $none -a hostnqn -d 'Make the host NQN'
complete -c stasadm -n $none -a hostid -d 'Make the host ID'
complete -c stasadm -n $none -a set-symname -d 'Set the symbolic name of this host'
complete -c stasadm -n $none -a clear-symname -d 'Remove the symbolic name'

complete -c stasadm -n '__fish_seen_subcommand_from hostnqn hostid set-symname' -s f -l file -r -F -d 'Save the value there'

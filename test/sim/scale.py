#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Counts the engine's instructions at 1,000 and at 10,000 controllers (valgrind's callgrind): for each controller of a
cold start, and for each change. With ten times as many, each may cost at most 15 % more. The same applies to the host
names of a configuration. Instructions rather than seconds, so that the result does not depend on the machine's load.

scale.py SIM_SCALE NAMES_SCALE"""

import re
import subprocess
import sys

LIMIT = 1.15
N_CHANGES = 20


def count(program, n, function):
    run = subprocess.run(
        ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null',
         f'--toggle-collect={function}', program, '-n', str(n), '-c', str(N_CHANGES)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, universal_newlines=True, check=False)
    match = re.search(r'Collected : (\d+)', run.stderr)
    if run.returncode != 0 or not match or int(match.group(1)) == 0:
        sys.exit(f'callgrind failed:\n{run.stdout}{run.stderr}')
    return int(match.group(1))


def main():
    sim, names = sys.argv[1:]
    failed = False
    try:
        subprocess.run(['valgrind', '--version'], stdout=subprocess.DEVNULL, check=True)
    except FileNotFoundError:
        return 77

    for program, function, what in ((sim, 'cold_start', 'controller'), (sim, 'changes', 'change'),
                                    (names, 'names', 'host name')):
        few, many = (count(program, n, function) / (N_CHANGES if what == 'change' else n)
                     for n in (1000, 10000))
        print(f'instructions for each {what}: {few:.0f} among 1,000, {many:.0f} among 10,000: '
              f'{100 * (many / few - 1):+.1f} %')
        failed = failed or many > LIMIT * few
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())

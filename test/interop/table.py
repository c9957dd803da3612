#!/usr/bin/env python3
"""table.py LOGS DESTDIR DOCUMENT - writes the results in LOGS, and which versions they are of, between the marks in
DOCUMENT."""
import pathlib
import re
import subprocess
import sys
import time

BEGIN, END = '<!-- interop:begin -->', '<!-- interop:end -->'
RESULTS = {'ok': 'passed', 'FAIL': '**failed**', 'skip': 'skipped'}
logs, dest, document = (pathlib.Path(argument) for argument in sys.argv[1:])
scenarios = pathlib.Path(__file__).parent / 'scenarios'


def shows(name):
    head = re.match(r'#!.*\n((?:#.*\n)*)', (scenarios / f'{name}.sh').read_text()).group(1)
    return ' '.join(line[2:] for line in head.splitlines() if not re.match('# (covers|vm):', line)).rstrip('.')


def versions():
    """From the log of any run: the kernel, which spdk.sh writes there, and what the program prints first."""
    text = '\n'.join(path.read_text(errors='replace') for path in sorted(logs.glob('*/spdk.log')))
    kernel = re.search(r'^Linux (\S+)$', text, re.M)
    program = re.search(r'Starting SPDK (\S+).* / DPDK (\S+) initialization', text)
    ours = subprocess.run([dest / 'usr/sbin/stafd', '--version'], capture_output=True, text=True, check=True).stdout
    if not kernel or not program:
        sys.exit('table.py: no log names the versions')
    return (f'{ours.split(chr(10))[0]} with SPDK {program[1]} (DPDK {program[2]}) on Linux {kernel[1]}, '
            f'{time.strftime("%Y-%m-%d", time.gmtime((logs / "results").stat().st_mtime))}:')


found = re.findall(r'^(ok|FAIL|skip) ([\w-]+)', (logs / 'results').read_text(), re.M)
lines = [versions(), '', '| scenario | what it shows | result |', '|---|---|---|',
         *(f'| {name} | {shows(name)} | {RESULTS[verdict]} |' for verdict, name in sorted(found, key=lambda f: f[1]))]
before, rest = document.read_text().split(BEGIN)
document.write_text(before + BEGIN + '\n' + '\n'.join(lines) + '\n' + END + rest.split(END)[1])

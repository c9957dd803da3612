#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The journal's catalog and the messages of the daemons agree: each message that is not for developers has an ID, and each ID
one entry, whose manual pages exist and which journalctl accepts.

Usage: catalog.py SOURCE
"""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

source = pathlib.Path(sys.argv[1])
errors = []

header = (source / 'src/daemon/message_id.h').read_text()
catalog = source / 'data/catalog/nvme-stas.catalog'
code = ''.join(path.read_text() for path in sorted((source / 'src/daemon').glob('*.c')) if not path.name.startswith('test-'))

names = re.findall(r'^#define MESSAGE_(\w+)', header, re.M)
ids = dict(re.findall(r'^#define MESSAGE_(\w+) "([0-9a-f]{32})"$', header, re.M))
errors += [f'message_id.h: MESSAGE_{name}: not an ID' for name in names if name not in ids]
errors += [f'message_id.h: {i} is the ID of more than one' for i in set(ids.values()) if list(ids.values()).count(i) > 1]
errors += [f'message_id.h: MESSAGE_{name} is not used' for name in ids if not re.search(rf'\bMESSAGE_{name}\b', code)]
# With NULL a message has no ID; only one at debug level may.
errors += [f'a message has no ID: {call}' for call in re.findall(
    r'\b(?:log_(?:info|warning|error)\(NULL|(?:log_message|log_controller)\(NULL, (?!LOG_DEBUG)|(?:say|report_repeated)'
    r'\(\w+, NULL, (?!LOG_DEBUG))[^;]*;', code)]

entries = re.findall(r'^# (\w+)\n-- ([0-9a-f]{32})\n(.*?)\n\n(.*?)(?=\n# \w+\n--|\Z)', catalog.read_text(), re.M | re.S)
pages = {path.name.removesuffix('.scd') for path in (source / 'man').glob('*.scd*')}
pages = {page.removesuffix('.in').removesuffix('.scd') for page in pages}
for name, i, head, text in entries:
    if ids.get(name) != i:
        errors.append(f'catalog: {name} is not the ID of message_id.h')
    fields = dict(line.split(': ', 1) for line in head.splitlines())
    if set(fields) != {'Subject', 'Defined-By', 'Documentation'}:
        errors.append(f'catalog: {name} has the fields {sorted(fields)}')
    for page, section in re.findall(r'man:([\w.-]+)\((\d)\)', fields.get('Documentation', '')):
        if f'{page}.{section}' not in pages:
            errors.append(f'catalog: {name}: no manual page {page}({section})')
    if not text.strip().endswith('.') or max(map(len, text.splitlines())) > 85:
        errors.append(f'catalog: {name}: its text is not sentences of at most 85 columns')
listed = [name for name, *_ in entries]
errors += [f'catalog: no entry {name}' for name in ids if name not in listed]
errors += [f'catalog: {name} twice' for name in set(listed) if listed.count(name) > 1]

journalctl = shutil.which('journalctl')
if journalctl:
    with tempfile.TemporaryDirectory() as root:
        folder = pathlib.Path(root, 'usr/lib/systemd/catalog')
        folder.mkdir(parents=True)
        shutil.copy(catalog, folder)
        subprocess.run([journalctl, f'--root={root}', '--update-catalog'], check=True)
        shown = subprocess.run([journalctl, f'--root={root}', '--list-catalog'], check=True, capture_output=True, text=True).stdout
        if len(shown.splitlines()) != len(ids):
            errors.append(f'journalctl lists {len(shown.splitlines())} of {len(ids)} entries')

print('\n'.join(errors))
print(f'{len(ids)} IDs, {len(entries)} entries{"" if journalctl else ", journalctl is not installed"}')
sys.exit(1 if errors or not ids else 0)

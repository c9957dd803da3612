#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that scenarios state what they cover, that docs/SCENARIOS.md agrees, and that they are found by either name.

Usage: scenarios.py SOURCE
"""

import collections
import pathlib
import re
import subprocess
import sys

source = pathlib.Path(sys.argv[1])
errors = []


def check(condition, text):
    if not condition:
        errors.append(text)


def covers_of(path):
    """What a scenario covers, from the comment before its first command."""
    head = re.match(r'(?:#.*\n)*', path.read_text()).group(0)
    lines = re.findall(r'^# covers: (.+)$', head, re.M)
    check(len(lines) == 1, f'{path.name} needs one line "# covers: …" in its head, it has {len(lines)}')
    return lines[0].split() if lines else []


def rows_of(path):
    """[({codes}, scenario, {sections})]"""
    rows = re.findall(r'^\| (\S+(?: \S+)*) \| ([\w-]+) \| .+ \| (§.*) \|$', path.read_text(), re.M)
    return [(set(codes.split()) - {'–'}, name, set(sections.split(', '))) for codes, name, sections in rows]


def named(*words):
    return subprocess.run([source / 'test/vm/scenarios-named', *words], capture_output=True, text=True, check=False)


covers = {path.stem: covers_of(path) for path in (source / 'test/vm/scenarios').glob('*.sh')}
rows = rows_of(source / 'docs/SCENARIOS.md')
sections = {'§' + n for n in re.findall(r'^#+ (\d+\.\d+) ', (source / 'docs/SPECIFICATION.md').read_text(), re.M)}
codes = {code for row_codes, _, _ in rows for code in row_codes}
check(len(codes) > 30 and len(sections) > 30, 'the tables of scenarios or the sections are no longer found')

for name, n in collections.Counter(name for _, name, _ in rows).items():
    check(n == 1, f'docs/SCENARIOS.md has {n} rows of {name}')
    check(name in covers, f'docs/SCENARIOS.md: there is no scenario {name}')
for name, words in covers.items():
    check(name in {row[1] for row in rows}, f'docs/SCENARIOS.md has no row of {name}')
    check(name not in codes, f'{name} is the name of a scenario and a code')
    for word in words:
        check(word in codes | sections, f'{name} covers {word}, which neither docs/SCENARIOS.md nor docs/SPECIFICATION.md has')
for code in codes:
    check(any(code in words for words in covers.values()), f'no scenario covers {code} of docs/SCENARIOS.md')
for row_codes, name, row_sections in rows:
    check(row_sections <= sections, f'docs/SCENARIOS.md, {name}: docs/SPECIFICATION.md has no {row_sections - sections}')
    expected = row_codes or row_sections
    check(set(covers.get(name, [])) == expected, f'{name} covers {covers.get(name)}, docs/SCENARIOS.md says {expected}')

check(set(named().stdout.split()) == set(covers), 'scenarios-named does not name all scenarios')
for name, words in covers.items():
    check(named(name).stdout.split() == [name], f'scenarios-named does not find {name} by its name')
    for word in words:
        check(name in named(word).stdout.split(), f'scenarios-named does not find {name} by {word}')
check(named(*covers, *codes).stdout.split() == list(covers), 'scenarios-named names a scenario twice')
check(named('A2', 'no-such-thing').returncode == 2, 'scenarios-named takes a word that names nothing')

for error in errors:
    print(error)
sys.exit(bool(errors))

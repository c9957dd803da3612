#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that manual pages and completions cover every verb, option and D-Bus member.

Usage: pages.py SOURCE PROGRAM...
"""

import pathlib
import re
import subprocess
import sys
import xml.etree.ElementTree

# Pages of other packages that ours refer to; Debian has these.
FOREIGN = {'busctl(1)', 'fstab(5)', 'journalctl(1)', 'nvme(1)', 'nvme-exclusion-add(1)', 'systemd.exec(5)', 'systemctl(1)'}

errors = []


def check(condition, text):
    if not condition:
        errors.append(text)


def help_of(*command):
    return subprocess.run([*command, '--help'], check=True, capture_output=True, text=True).stdout


def verbs_of(text):
    part = re.search(r'\nCommands:\n(.*?)\n\n', text, re.S)
    return re.findall(r'^  (\S+)', part.group(1), re.M) if part else []


def options_of(text):
    """[('-d', '--detailed'), ('', '--tron')]"""
    return re.findall(r'^ {2,6}(?:(-\w), )?(--[\w-]+)', text, re.M)


def page_of(source, name):
    return (source / 'man' / f'{name}.scd').read_text()


def check_program(source, program):
    name = pathlib.Path(program).name
    text = help_of(program)
    verbs = verbs_of(text)
    options = set(options_of(text))
    for verb in verbs:
        options |= set(options_of(help_of(program, verb)))

    page = page_of(source, f'{name}.1' if verbs else f'{name}.8')
    bold = ' '.join(re.findall(r'\*([^*\n]+)\*', page))
    for verb in verbs:
        check(re.search(rf'^\*(.*\*)?{verb}\*', page, re.M), f'{name}(1) does not describe {verb}')
    for short, long in options:
        check(re.search(rf'(?<![\w-]){long}(?![\w-])', bold), f'the page of {name} lacks {long}')
        check(not short or re.search(rf'(?<![\w-]){short}(?![\w-])', bold), f'the page of {name} lacks {short}')

    completions = source / 'data' / 'completions'
    check_completion(completions / 'stas.bash', name, verbs, [o for pair in options for o in pair if o])
    check_completion(completions / '_stas', name, verbs, [o for pair in options for o in pair if o])
    if verbs:
        check_completion(completions / f'{name}.fish', name, [f'-a {verb}' for verb in verbs],
                         [f'-s {short[1:]} -l {long[2:]}' for short, long in options])


def check_completion(path, name, verbs, options):
    text = path.read_text()
    for word in [name, *verbs, *options]:
        check(re.search(rf'(?<![\w-]){word}(?![\w-])', text), f'{path.name} lacks {word}')


def check_bus(source):
    for path in (source / 'data/dbus').glob('*.xml'):
        for interface in xml.etree.ElementTree.parse(path).getroot().iter('interface'):
            name = interface.get('name')
            page = page_of(source, name.removesuffix('.debug') + '.5')
            for member in interface:
                check(f'*{member.get("name")}*' in page, f'{name}(5) lacks {member.get("name")}')


def check_units(source):
    meson = (source / 'man/meson.build').read_text()
    for path in (source / 'data/systemd').glob('*.*'):
        if path.is_file() and path.name != 'meson.build':
            unit = path.name.removesuffix('.in')
            check(f"'{unit}.8'" in meson, f'no page {unit}(8)')
    for path in [p for folder in ('systemd', 'catalog') for p in (source / 'data' / folder).glob('*.*')]:
        for page, section in re.findall(r'man:(\S+)\((\d)\)', path.read_text()) if path.is_file() else []:
            check(f"'{page}.{section}'" in meson, f'{path.name} refers to {page}({section}), which is not there')


def check_references(source):
    """A page that one of ours refers to is there, and each has a SEE ALSO, which does not name itself."""
    meson = (source / 'man/meson.build').read_text()
    for path in [*(source / 'man').glob('*.scd*'), source / 'man/keys.txt']:
        text = path.read_text()
        for page, section in re.findall(r'\*([\w.@-]+)\*\((\d)\)', text):
            check(f"'{page}.{section}'" in meson or f'{page}({section})' in FOREIGN,
                  f'{path.name} refers to {page}({section}), which is not there')
        if path.suffix == '.txt':
            continue
        name, section = path.name.removesuffix('.in').removesuffix('.scd').rsplit('.', 1)
        _, _, also = text.partition('\n# SEE ALSO\n')
        check(also, f'{path.name} has no SEE ALSO')
        check(f'*{name}*({section})' not in also, f'{path.name} refers to itself')


source = pathlib.Path(sys.argv[1])
for program in sys.argv[2:]:
    check_program(source, program)
check_bus(source)
check_units(source)
check_references(source)
for error in errors:
    print(error)
sys.exit(bool(errors))

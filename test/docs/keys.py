#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The configuration keys that man/keys.txt explains are those that the daemons accept, in the same sections, with the same values.

Usage: keys.py SOURCE STAFD STACD
"""

import pathlib
import re
import subprocess
import sys
import tempfile

source = pathlib.Path(sys.argv[1])
sys.path.insert(0, str(source / 'man'))
sys.dont_write_bytecode = True
import keys  # noqa: E402  man/keys.py

CONTROLLER = 'transport=tcp;traddr=192.0.2.1;nqn=nqn.2014-08.com.example:a1'
UNKNOWN = re.compile(r'unknown|belongs in|is a field|deprecated|nvme-stas 3|no longer used|not a supported')
errors = []


def check(condition, text):
    if not condition:
        errors.append(text)


def said_of(program, section, line):
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as file:
        file.write(f'[{section}]\n{line}\n')
        file.flush()
        result = subprocess.run([program, '--check', '-f', file.name], capture_output=True, text=True, check=False)
        return '\n'.join(said for said in result.stderr.splitlines() if file.name in said)


def names_of(entries, kind):
    return {(entry.section, name) for entry in entries if entry.kind == kind for name in entry.names}


def code(path, pattern):
    found = re.findall(pattern, (source / path).read_text())
    check(len(found) > 3, f'{path}: the table is no longer found')
    return found


def is_setting_of(daemon, name):
    return name != 'persistent' if daemon == 'stacd' else not name.endswith('-queues')


def parsed(daemon):
    """(section, key) of the parser's tables, without the names of other versions."""
    sections = dict(code('src/codec/configuration.c', r'#define (SECTION_\w+) "(.*)"'))
    table = code('src/codec/configuration.c', r'\{ (SECTION_\w+), "([\w-]+)", ([A-Z| ]+),([^}]*)\}')
    return {(sections[section], key) for section, key, roles, rest in table if daemon.upper() in roles and '.remark' not in rest} | {
        ('Global', name) for name in settings(daemon)}


def settings(daemon):
    return [name for name in code('src/model/settings.c', r'\[SETTING_\w+\] = (?:\{ |NUMBER\(|SWITCH\()"([\w-]+)"') if is_setting_of(daemon, name)]


def fields(daemon):
    names = code('src/codec/line_field.c', r'\[FIELD_\w+\] = "([\w-]+)"') + settings(daemon)
    return {('Controllers', name) for name in names}


def same(where, explained, known):
    for section, name in sorted(explained - known):
        check(False, f'{where}: {name} in [{section}] is explained and not known')
    for section, name in sorted(known - explained):
        check(False, f'{where}: {name} in [{section}] is known and not explained')


def check_values(program, daemon, entry, choices):
    """The words of the notation are those with which the daemon rejects another value."""
    expected = keys.words('|'.join(choices) or entry.value)
    for name in entry.names:
        said = said_of(program, entry.section, f'{name} = x')
        check(not UNKNOWN.search(said), f'{daemon}: {name} in [{entry.section}]: {said}')
        check('is not valid' in said or name in ('controller', 'exclude'), f'{daemon}: {name} accepts "x"')
        check(not expected or f'must be {expected}' in said, f'{daemon}: {name}: "{expected}" is explained, but: {said}')


def check_daemon(program, all_entries):
    daemon = pathlib.Path(program).name
    entries = [entry for entry in all_entries if daemon in entry.files]
    same(daemon, names_of(entries, 'key'), parsed(daemon))
    same(f'{daemon}, controller=', names_of(entries, 'field'), fields(daemon))
    for i, entry in enumerate(entries):
        below = entries[i + 1:]
        end = next((n for n, other in enumerate(below) if other.kind != 'choice'), len(below))
        if entry.kind == 'key':
            check_values(program, daemon, entry, [name for choice in below[:end] for name in choice.names])
    excludes = next(entry for entry in entries if entry.names == ['exclude']).paragraphs[0]
    for section, name in sorted(names_of(entries, 'field')):
        said = said_of(program, section, f'controller = {CONTROLLER};{name}=1')
        check(not UNKNOWN.search(said), f'{daemon}: controller: {said}')
        said = said_of(program, section, f'exclude = {name}=x')
        rejected = re.search(r'unknown field|does not apply here|does not distinguish one controller', said)
        check(bool(rejected) != (f'*{name}*' in excludes), f'{daemon}: exclude: {name}: explained differently; {said}')
    for entry in all_entries:
        if daemon not in entry.files and entry.kind == 'key' and entry.section != 'Host':
            for name in entry.names:
                if (entry.section, name) not in names_of(entries, 'key'):
                    check(UNKNOWN.search(said_of(program, entry.section, f'{name} = 1')), f'{daemon} accepts {name}')


def main():
    entries = keys.parse((source / 'man/keys.txt').read_text())
    for program in sys.argv[2:]:
        check_daemon(program, entries)
    host = code('src/codec/configuration.c', r'\{ "(\w+)", &p->h->')
    same('sys.conf', names_of([e for e in entries if 'sys' in e.files], 'key'), {('Host', name) for name in host})
    print('\n'.join(errors))
    return bool(errors)


if __name__ == '__main__':
    sys.exit(main())

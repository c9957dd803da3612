#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Examples in manual pages and README.md are true: a configuration passes --check, a command line is accepted, and what it
prints is what the golden files have.

Usage: examples.py SOURCE PROGRAM...

A line "…" stands for lines left out, "…" at the end of a line for the rest of it.
"""

import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

PAGES = ['nvme-stas.7', 'stacctl.1', 'stacd.8', 'stacd.conf.5', 'stafctl.1', 'stafd.8', 'stafd.conf.5', 'stasadm.1',
         'sys.conf.5']
# Commands of others that an example may use.
OTHERS = {'apt', 'cat', 'git', 'jq', 'journalctl', 'make', 'nvme', 'systemctl', 'truncate'}
PROMPT = re.compile(r'[$#] ')

errors = []
source = pathlib.Path(sys.argv[1])
programs = {pathlib.Path(p).name: str(pathlib.Path(p).resolve()) for p in sys.argv[2:]}


def blocks(path, text):
    """[(what is above, block)] without their indentation."""
    pattern = r'^```\n(.*?)^```' if '.scd' in path.suffixes else r'((?:^    .*\n|^\n(?=    ))+)'
    for match in re.finditer(pattern, text, re.M | re.S if '.scd' in path.suffixes else re.M):
        yield text[:match.start()], re.sub(r'^    ', '', match.group(1).strip('\n'), flags=re.M)


def transcripts():
    """{command: what it prints}"""
    found = {}
    for path in (source / 'test/golden').glob('*.txt'):
        for part in re.split(r'^\$ ', path.read_text(), flags=re.M)[1:]:
            command, _, printed = part.partition('\n')
            found[command] = re.sub(r'^\[\d+\]$', '', printed, flags=re.M).strip('\n')
    return found


def pieces(command):
    """[[word, ...], ...] of what is joined by | or &&."""
    lexer = shlex.shlex(command, posix=True, punctuation_chars='|&')
    lexer.whitespace_split = True
    found = [[]]
    for word in lexer:
        if word in ('|', '&&'):
            found.append([])
        else:
            found[-1].append(word)
    return found


def accepts(words):
    """Whether the parser does. --help comes last: what is wrong before it is found first."""
    name, *args = words[1:] if words[0] == 'sudo' else words
    if name not in programs:
        return name in OTHERS
    return subprocess.run([programs[name], *args, '--help'], capture_output=True, check=False).returncode == 0


def matches(shown, printed):
    pattern = ''
    for line in shown:
        if line.strip() == '…':
            pattern += r'(?:.*\n)*'
        else:
            pattern += re.escape(line.removesuffix('…').rstrip()) + ('.*' if line.endswith('…') else '') + r'\n'
    return re.fullmatch(pattern, printed + '\n')


def check_console(where, block, known):
    for part in re.split(r'^(?=[$#] )', block, flags=re.M)[1:]:
        command, *shown = part.rstrip('\n').split('\n')
        command = PROMPT.sub('', command, count=1)
        for words in pieces(command):
            if not accepts(words):
                errors.append(f'{where}: "{" ".join(words)}" is not accepted')
        if shown and command not in known:
            errors.append(f'{where}: what "{command}" prints is in no golden file')
        elif shown and not matches(shown, known[command]):
            errors.append(f'{where}: "{command}" prints:\n{known[command]}\n')


def check_configuration(where, above, block):
    """Of the file that was named last, else that of the page."""
    name = re.findall(r'(stafd|stacd|sys)\.conf', where if where.endswith('.conf.5') else above)[-1]
    if name == 'sys':
        keys = (source / 'man/keys.txt').read_text()
        for key in re.findall(r'^([\w-]+) *=', block, re.M):
            if not re.search(rf'^key: (.*, )?{key}\b', keys, re.M):
                errors.append(f'{where}: sys.conf(5) has no {key}')
        return
    with tempfile.NamedTemporaryFile('w', suffix='.conf') as f:
        f.write(block + '\n')
        f.flush()
        done = subprocess.run([programs[name], '--check', '-f', f.name], capture_output=True, text=True, check=False)
    for line in (done.stdout + done.stderr).splitlines():
        if f.name in line: # the rest is about this host
            errors.append(f'{where}: {line}')


def check_list(where, block):
    """Lines of a command, two blanks and what it does."""
    for line in block.splitlines():
        command = re.split(r'  |$', line)[0]
        if command.split(' ')[0] in programs and not accepts(command.split(' ')):
            errors.append(f'{where}: "{command}" is not accepted')


def main():
    known, n = transcripts(), 0
    for path in [source / 'README.md', *sorted((source / 'man').glob('*.scd*'))]:
        where, text = path.name.removesuffix('.in').removesuffix('.scd'), path.read_text()
        if where in PAGES and not re.search(r'^# EXAMPLES\n(?s:.*?)^```\n', text, re.M):
            errors.append(f'{where}: no examples')
        for above, block in blocks(path, text):
            n += 1
            if PROMPT.match(block):
                check_console(where, block, known)
            elif block.startswith('[') and not block.startswith('[Service]\n'):
                check_configuration(where, above, block)
            else:
                check_list(where, block)
    if n < 20:
        errors.append('the examples are no longer found')
    print('\n'.join(errors))
    return bool(errors)


sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The output of the programs in readable files, so that a change of wording shows up as a diff.

NAME.txt     of a program: its help, its errors for wrong command lines and, for a daemon, its output for each file in test/configs
messages.txt sentences in the sources, for journal, D-Bus, explain and the tools, which no single run prints

Usage: golden.py [--update] SOURCE PROGRAM...     --update writes them (make golden)
"""

import difflib
import pathlib
import re
import subprocess
import sys

WRONG = [[], ['--nonsense'], ['nonsense']]
ROOMS = ['base', 'model', 'codec', 'explain', 'io', 'observe', 'exec', 'source', 'bus', 'daemon', 'cli']
LITERAL = re.compile(r'"((?:\\.|[^"\\\n])*)"')
COMMENT = re.compile(r'/\*.*?\*/', re.S)


def run(program, *args, folder=None):
    done = subprocess.run([program, *args], capture_output=True, text=True, errors='replace', check=False, cwd=folder,
                          env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'COLUMNS': '80'})
    return (done.stdout + done.stderr).replace(str(program), pathlib.Path(program).name), done.returncode


def transcript(name, args, text, code):
    return f'$ {" ".join([name, *args])}\n{text}[{code}]\n\n'


def verbs_of(text):
    part = re.search(r'\nCommands:\n(.*?)\n\n', text, re.S)
    return re.findall(r'^  (\S+)', part.group(1), re.M) if part else []


def of_program(source, program):
    name = program.name
    text, code = run(program, '--help')
    out = transcript(name, ['--help'], text, code)
    for verb in verbs_of(text):
        out += transcript(name, [verb, '--help'], *run(program, verb, '--help'))
    if verbs_of(text):
        for args in WRONG:
            out += transcript(name, args, *run(program, *args))
        return out
    out += transcript(name, ['--nonsense'], *run(program, '--nonsense'))
    folder = source / 'test/configs'
    for path in sorted(folder.glob(f'*.{name}.conf')):
        args = ['--check', '-f', path.name]
        text, _ = run(program, *args, folder=folder)
        # the rest, including the exit code, depends on this host
        out += f'$ {" ".join([name, *args])}\n'
        out += ''.join(line + '\n' for line in text.splitlines() if path.name in line) + '\n'
    return out


def sentences(path):
    """Adjacent literals are concatenated; a sentence contains a word and a blank."""
    text = COMMENT.sub('', path.read_text())
    text = re.sub(r'^\s*#.*$', '', text, flags=re.M)
    text = re.sub(r'"\s*\n?\s*"', '', text)
    for literal in LITERAL.findall(text):
        if re.search(r'[A-Za-z]{2,}.* .*[A-Za-z]{2,}', literal) and not literal.startswith(('<', '{')):
            yield literal


def of_sources(source):
    out = ''
    for room in ROOMS:
        for path in sorted((source / 'src' / room).glob('*.c')):
            found = [] if path.name.startswith(('test-', 'fuzz-')) else list(sentences(path))
            if found:
                out += f'{room}/{path.name}\n' + ''.join(f'  {line}\n' for line in found) + '\n'
    return out


def main():
    update = sys.argv[1] == '--update'
    source, *programs = (pathlib.Path(p).resolve() for p in sys.argv[2 if update else 1:])
    texts = {program.name: of_program(source, program) for program in programs}
    texts['messages'] = of_sources(source)
    changed = False
    for name, text in texts.items():
        path = source / 'test/golden' / f'{name}.txt'
        if update:
            path.write_text(text)
        else:
            before = path.read_text() if path.exists() else ''
            sys.stdout.writelines(difflib.unified_diff(before.splitlines(True), text.splitlines(True),
                                                       f'{name}.txt', 'now, see make golden'))
            changed |= before != text
    return 1 if changed else 0


if __name__ == '__main__':
    sys.exit(main())

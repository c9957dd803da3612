#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The output of the programs in readable files, so that a change of wording shows up as a diff.

NAME.txt     of a program: its help, its errors for wrong command lines and, for a daemon, its output for each file in test/configs
played.txt   the tools about both daemons over a played kernel (play.c), and short runs in an empty folder
messages.txt sentences in the sources, for journal, D-Bus, explain and the tools, which no single run prints

Usage: golden.py [--update] SOURCE PROGRAM... [PLAY]     --update writes them (make golden)
"""

import difflib
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import time

WRONG = [[], ['--nonsense'], ['nonsense']]
ROOMS = ['base', 'model', 'codec', 'plan', 'explain', 'io', 'observe', 'exec', 'source', 'bus', 'daemon', 'cli']
LITERAL = re.compile(r'"((?:\\.|[^"\\\n])*)"')
COMMENT = re.compile(r'/\*.*?\*/', re.S)


# Of the played host.
PLAYED = ['stafctl ls', 'stafctl adlp', 'stafctl dlp -a 192.0.2.10', 'stafctl explain', 'stafctl explain 192.0.2.11',
          'stafctl plan', 'stafctl tron', 'stafctl troff', 'stafctl reload', 'stafctl explain nvme7',
          'stacctl ls', 'stacctl explain', 'stacctl explain nvme2', 'stacctl explain 192.0.2.21',
          'stacctl explain nqn.2014-08.com.example:a4', 'stacctl plan', 'stacctl reload']
# Between two states.
PASSING = re.compile(r'being|about to|probing|connecting  |in turn|\bnow\b')
# In a folder with these files.
FILES = {
    'new-stafd.conf': '[Controllers]\ncontoller = transport=tcp;traddr=192.0.2.10\n',
    'new-stacd.conf': '[Global]\nkato = 30s\n[Controllers]\ncontroller = transport=tcp;traddr=192.0.2.20\n',
}
SMALL = ['stafd --check -f new-stafd.conf', 'stacd --check -f new-stacd.conf',
         'stasadm -c sys.conf set-symname "rack 7, slot 3"', 'cat sys.conf', 'stasadm -c sys.conf clear-symname']


def run(program, *args, folder=None, bus=''):
    done = subprocess.run([program, *args], capture_output=True, text=True, errors='replace', check=False, cwd=folder,
                          env={'PATH': '/usr/bin:/bin', 'LC_ALL': 'C.UTF-8', 'COLUMNS': '80',
                               'DBUS_SYSTEM_BUS_ADDRESS': bus})
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


def mask(text):
    """Folders of this run, and how long and how often it was retried until now."""
    text = re.sub(r'/tmp/test-root-\w+', '', text)
    text = re.sub(r'next attempt in \S+', 'next attempt in 1.1s', text)
    text = re.sub(r'connect attempts  \d+', 'connect attempts  1', text)
    text = re.sub(r'(not connected  (?:configured  )?)\d+ +\S+s +', r'\g<1>1      1.1s      ', text)
    text = re.sub(r'^VERB     WHEN +', 'VERB     WHEN  ', text, flags=re.M)
    return re.sub(r'^connect  \S+s +', 'connect  1.1s  ', text, flags=re.M)


def of_played_host(programs, play):
    """None without dbus-daemon."""
    with subprocess.Popen([play], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as host:
        out, bus = '$ stacd --dry-run\n', ''
        for line in host.stdout:
            if line.startswith('unix:'):
                bus = line.strip()
                break
            out += mask(line)
        out += '\n'
        for command in PLAYED if bus else []:
            name, *args = shlex.split(command)
            for _ in range(50):
                text, code = run(programs[name], *args, bus=bus)
                if not PASSING.search(text):
                    break
                time.sleep(0.1)
            out += f'$ {command}\n{mask(text)}[{code}]\n\n'
        host.stdin.close()
    return None if host.returncode == 77 else out


def of_small_runs(programs):
    out = ''
    with tempfile.TemporaryDirectory() as folder:
        for name, text in FILES.items():
            (pathlib.Path(folder) / name).write_text(text)
        for command in SMALL:
            name, *args = shlex.split(command)
            text, _ = run(programs.get(name, name), *args, folder=folder)
            # the rest of --check depends on this host
            lines = [line for line in text.splitlines(True) if '--check' not in command or line.startswith('new-')]
            out += f'$ {command}\n{"".join(lines)}\n'
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
    play = programs.pop() if programs[-1].name == 'play' else None
    by_name = {program.name: program for program in programs}
    texts = {program.name: of_program(source, program) for program in programs}
    texts['messages'] = of_sources(source)
    played = of_played_host(by_name, play) if play else None
    if played:
        texts['played'] = played + of_small_runs(by_name)
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

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Static analysis: fails for each finding that the suppressions next to this file do not list.

Usage: analysis.py gcc|headers|clang-tidy|cppcheck|shellcheck|codespell|mandoc|units SOURCE BUILD

Skipped if the tool is missing. Checks the sources in src/ that the build compiles, except tests and fuzzers.
"""

import json
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile

name, source, build = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
here = source / 'test/analysis'


def skip(why):
    print('skipped:', why)
    sys.exit(77)


def tool(program):
    return shutil.which(program) or skip(f'{program} is missing')


def suppressions(file):
    """Lines of a checked-in file, without comments."""
    lines = (line.split('#')[0].strip() for line in (here / file).read_text().splitlines())
    return [line for line in lines if line]


def say(command, cwd=source):
    """The output of a command; a failure without output is a finding as well."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, errors='replace', check=False)
    said = done.stdout + done.stderr
    return said if said or done.returncode == 0 else f'{command[0]}: exit status {done.returncode}\n'


def compiled():
    """The compile commands of the sources, as lists, without the output files."""
    commands = {}
    for entry in json.loads((build / 'compile_commands.json').read_text()):
        path = (pathlib.Path(entry['directory']) / entry['file']).resolve()
        if not path.is_relative_to(source / 'src') or re.match('test-|fuzz-', path.name):
            continue
        words = shlex.split(entry['command'])
        flags = [w for w in words if re.match(r'-[ID]|-isystem|-std=|-U', w)]
        commands[path] = flags
    return commands or skip('the build has no compile commands')


def matching(said, pattern, allowed):
    """The lines of a tool's output that are findings, except suppressed ones."""
    return [line for line in said.splitlines()
            if re.search(pattern, line) and not any(re.search(a, line) for a in allowed)]


def gcc():
    cc, allowed, found = tool('gcc'), suppressions('gcc.suppressions'), []
    options = [a for a in allowed if a.startswith('-Wno-')]
    allowed = [a for a in allowed if not a.startswith('-Wno-')]
    if 'Free Software Foundation' not in say([cc, '--version']):
        skip('gcc is another compiler')
    for path, flags in compiled().items():
        # -O1: deeper inlining creates paths that no caller takes
        said = say([cc, *flags, '-O1', '-fanalyzer', *options, '-fdiagnostics-plain-output', '-S', '-o', '/dev/null',
                    str(path)], build)
        # a header's line is judged by the file that includes it
        found += matching('\n'.join(f'{path.name}: {line}' for line in said.splitlines()), r'(warning|error): ', allowed)
    return found


def headers():
    """Compiles with the headers of the oldest supported libraries, which do not declare newer functions."""
    done = subprocess.run([here / 'oldest-headers', '-n'], capture_output=True, text=True, check=False)
    if done.returncode:
        skip(done.stderr.strip())
    oldest, cc, found = pathlib.Path(done.stdout.strip()), tool('cc'), []
    promised = re.findall(r"dependency\('([\w-]+)', version: '>= ([\d.]+)'", (source / 'meson.build').read_text())
    for library, version in promised:
        for pc in oldest.glob(f'lib/*/pkgconfig/{library}.pc'):
            if f'\nVersion: {version}\n' not in pc.read_text():
                found.append(f'meson.build: {library} {version} is promised, another one is tried: {pc}')
    for path, flags in compiled().items():
        said = say([cc, f'-I{oldest}/include', *flags, '-fsyntax-only', '-Wall', '-Wno-unknown-pragmas', str(path)], build)
        found += matching(said, r'(warning|error): ', [])
    return found


def database(folder):
    """compile_commands.json of the sources only, for tools that do not support all flags of the compiler."""
    entries = [{'directory': str(build), 'file': str(path), 'arguments': ['cc', *flags, '-c', str(path)]}
               for path, flags in compiled().items()]
    (folder / 'compile_commands.json').write_text(json.dumps(entries))
    return [entry['file'] for entry in entries]


def clang_tidy():
    program = tool('clang-tidy')
    with tempfile.TemporaryDirectory() as folder:
        files = database(pathlib.Path(folder))
        return matching(say([program, '--quiet', '--header-filter=/src/', '-p', folder, *files]), r'(warning|error): ',
                        suppressions('clang-tidy.suppressions'))


def cppcheck():
    program = tool('cppcheck')
    with tempfile.TemporaryDirectory() as folder:
        files = database(pathlib.Path(folder))
        # Their macros expand to declarations. Other directories are not given: libbsd's headers would cause a loop.
        headers = [h for pattern in ('sys/queue.h', '*-linux-gnu/sys/queue.h', 'bsd/sys/tree.h')
                   for h in pathlib.Path('/usr/include').glob(pattern)]
        flags = {f for words in compiled().values() for f in words if re.match('-D|-U', f)}
        said = say([program, '-q', '--enable=warning,performance,portability', '--std=c11', '--template=gcc', *flags,
                    *[f'--include={h}' for h in headers], f'--suppressions-list={here}/cppcheck.suppressions',
                    f'-I{source}/src', *files])
    return matching(said, r'(warning|error|style|portability|performance): ', [])


def tracked(pattern=''):
    """Files tracked by git; skips the test outside of git."""
    if not shutil.which('git'):
        skip('git is not installed')
    listed = subprocess.run(['git', 'ls-files'], cwd=source, capture_output=True, text=True, check=False)
    if listed.returncode:
        skip('not in git')
    paths = [p for p in listed.stdout.splitlines() if re.search(pattern, p)]
    return [p for p in paths if (source / p).is_file() and not (source / p).is_symlink()]


def is_script(path):
    with (source / path).open('rb') as file:
        first = file.readline(80)
    return path.endswith('.sh') or re.match(rb'#!.*\b(ba|da)?sh\b|# shellcheck shell', first)


def shellcheck():
    return say([tool('shellcheck'), '-f', 'gcc', *[p for p in tracked() if is_script(p)]]).splitlines()


def codespell():
    # recorded and fuzzed bytes are not text
    files = tracked(r'^(?!test/fuzz/corpus/|test/recordings/|test/configs/|LICENSE)')
    words = ','.join(suppressions('codespell.suppressions'))
    return matching(say([tool('codespell'), f'--ignore-words-list={words}', *files]), '==>', [])


def mandoc():
    program = tool('mandoc')
    pages = [p for p in (build / 'man').glob('*.[1-8]') if not p.read_text().startswith('.so ')]
    if not pages:
        skip('no manual pages are built')
    return matching(say([program, '-T', 'lint', *map(str, pages)]), r'(STYLE|WARNING|ERROR|UNSUPP): ',
                    suppressions('mandoc.suppressions'))


def units():
    program = tool('systemd-analyze')
    with tempfile.TemporaryDirectory() as folder:
        paths = [*(build / 'data/systemd').glob('*.service'),
                 *[p for p in (source / 'data/systemd').glob('*.*') if p.suffix in ('.socket', '.target')]]
        for path in paths: # a template is judged as one of its instances
            shutil.copy(path, folder)
        named = [f'{folder}/{p.name.replace("@.", "@x.")}' for p in paths]
        for template, instance in zip(paths, named):
            shutil.copy(template, instance)
        said = say(['env', f'SYSTEMD_UNIT_PATH={folder}:', program, 'verify', '--man=no', *named])
    return matching(said, '.', suppressions('units.suppressions'))


found = {'gcc': gcc, 'headers': headers, 'clang-tidy': clang_tidy, 'cppcheck': cppcheck, 'shellcheck': shellcheck,
         'codespell': codespell, 'mandoc': mandoc, 'units': units}[name]()
print('\n'.join(found))
sys.exit(1 if found else 0)

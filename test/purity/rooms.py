#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks each #include below src/ against the table of rooms (docs/ARCHITECTURE.md)."""

import pathlib
import re
import sys

INNER = {'base', 'model', 'codec'}
ROOMS = {
    'base': set(),
    'model': {'base'},
    'codec': {'base', 'model'},
    'plan': {'base', 'model'},
    'explain': {'base', 'model', 'plan'},
    'io': {'base'},
    'source': INNER | {'io'},
    'observe': INNER | {'io'},
    'exec': INNER | {'io', 'observe'},
    'bus': {'base', 'model'},
    'daemon': {'base', 'model', 'codec', 'plan', 'explain', 'io', 'source', 'observe', 'exec', 'bus'},
    'cli': INNER | {'io'},
}
PURE = {'base', 'model', 'codec', 'plan', 'explain'}
# In other rooms: files that hold no handle and use no clock. Within their room they include only each other.
PURE_FILES = {'bus/publication', 'source/dc_table', 'source/host_names', 'source/mdns_services', 'source/stafd_log'}

# Libraries by the prefix of their headers' names; any other header in <> belongs to the C library.
LIBRARIES = {
    'json-c/': {'base'},
    'systemd/': {'source', 'observe', 'exec', 'bus', 'daemon', 'cli'},
    'libnvme': {'source', 'exec'},
    'nvme/': {'source', 'exec'},
}

# The part of the C library that pure code may use: no files, sockets, clocks or threads.
PURE_HEADERS = {
    'arpa/inet.h', 'assert.h', 'bsd/sys/tree.h', 'ctype.h', 'endian.h', 'errno.h', 'inttypes.h',
    'limits.h', 'linux/if_addr.h', 'linux/if_link.h', 'linux/netlink.h', 'linux/rtnetlink.h',
    'math.h', 'net/if.h', 'netinet/in.h', 'stdarg.h', 'stdbool.h', 'stddef.h',
    'stdint.h', 'stdio.h', 'stdlib.h', 'string.h', 'strings.h', 'sys/queue.h', 'sys/tree.h',
}

INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')


def is_test(path):
    return path.name.startswith(('test-', 'fuzz-')) or path.name == 'testing.h'


def is_pure(room, path):
    return not is_test(path) and (room in PURE or f'{room}/{path.stem}' in PURE_FILES)


def check_own(room, path, name):
    other = name.split('/')[0] if '/' in name else None
    if other is None:
        return f'"{name}" must be written with its room, "ROOM/{name}"'
    if name == 'base/testing.h' and not is_test(path):
        return f'"{name}" is of tests only'
    if is_pure(room, path) and other not in PURE and name.removesuffix('.h') not in PURE_FILES:
        return f'{path.name} is pure and may not include "{name}"'
    if other == room or other in ROOMS[room]:
        return None
    return f'room {room} may not include "{name}"'


def check_system(room, path, name):
    for prefix, users in LIBRARIES.items():
        if name.startswith(prefix):
            allowed = room in users and (room in PURE or not is_pure(room, path))
            return None if allowed else f'{path.name} of room {room} may not use <{name}>'
    if is_pure(room, path) and name not in PURE_HEADERS:
        return f'{path.name} of room {room} is pure and may not use <{name}>'
    return None


def check_file(src, path):
    room = path.relative_to(src).parts[0]
    if room not in ROOMS:
        return [f'{path}: no such room in the table']

    problems = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        kind, name = match.groups()
        problem = check_own(room, path, name) if kind == '"' else check_system(room, path, name)
        if problem:
            problems.append(f'{path}:{number}: {problem}')
    return problems


def main():
    src = pathlib.Path(sys.argv[1])
    files = sorted(p for p in src.rglob('*.[ch]') if p.parent != src)
    if not files:
        print(f'{src}: no sources found')
        return 1
    problems = [problem for path in files for problem in check_file(src, path)]
    for problem in problems:
        print(problem)
    print(f'{len(files)} files, {len(problems)} problems')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())

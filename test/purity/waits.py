#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the table "What the loop may wait for" of the architecture lists each call that the
loops of the daemons make and that may block. Fails for a call that is not listed, and for a row
that is no longer called.

The code reachable from the loop is determined from the object files: each function and each table
of functions has its own section (-ffunction-sections, -fdata-sections), and a relocation that refers
to another section is a use of it. All are followed from daemon_main(), except the entry points of
other threads. A blocking function of src/io/ is itself treated as such a call, since its duration is
bounded by its use, not by what it does.

Usage: waits.py B_SANITIZE READELF ARCHITECTURE.md ARCHIVE...
"""

import collections
import re
import subprocess
import sys

SKIPPED = 77
HEADING = '## What the loop may wait for'

WAITS = re.compile(r'''(?:_*)(
      open(?:at|dir)?|f(?:re|d)?open|fdopendir|creat|mk[dos]?temp|mkdir(?:at)?|mkfifo|mknod
    | p?(?:read|write)v?|f(?:read|gets|flush|close)|getline|getdelim
    | readdir|scandir|n?ftw|glob|f?statv?fs|[fl]?stat(?:x|at)?|f?access|readlink(?:at)?|realpath
    | (?:un|sym)?link(?:at)?|rename(?:at2?)?|rmdir|f?truncate|f?ch(?:mod|own)(?:at)?|f(?:data)?sync|syncfs|sync
    | flock|lockf|fcntl|ioctl|mount|umount2?
    | connect|accept4?|send(?:to|m?msg|file)?|recv(?:from|m?msg)?|shutdown
    | getaddrinfo|getnameinfo|gethostby\w+|getifaddrs|if_nametoindex|if_indextoname|get(?:pw|gr)\w+
    | p?poll|p?select|epoll_\w*wait|(?:u|nano)sleep|sleep|clock_nanosleep|wait(?:pid|id|3|4)?
    | system|popen|posix_spawnp?|v?fork|exec[vl]\w*|dlopen
    | pthread_(?:join|mutex_lock|cond_(?:timed)?wait|rwlock_\w*lock|barrier_wait|once)|sem_(?:timed)?wait|mq_\w+
    | v?syslog|sd_journal_\w+|sd_(?:pid_)?notify\w*|sd_bus_(?:start|call(?:_method)?|open\w*|flush\w*|wait|get_name_creds|query_sender_creds
      |query_sender_privilege|request_name|release_name|add_match|match_signal|get_property\w*|set_property\w*|list_names|default\w*)
    | getrandom|getentropy
    )(?:64)?(?:_time64|_2|_chk|_unlocked)?$''', re.VERBOSE)
PRINTS = re.compile(r'_*(v?[fd]?printf|f?puts|f?putc|putchar|fwrite|perror)(_chk|_unlocked)?$') # the variant is up to the compiler
# Entry points of other threads: code reached only from these does not run on the loop.
THREAD = re.compile(r'\w+_main$')

RELOCATIONS = re.compile(r"Relocation section '\.rela?(\.[^']+)'")
SECTION = re.compile(r'\s*\[\s*(\d+)\]\s(\S+)')


def read_objects(readelf, paths):
    """For each object file: the sections that each section refers to, and where symbols are defined."""
    output = subprocess.run([readelf, '-WSsr', *paths], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    place, uses, symbols, sections, current = '', {}, {}, {}, None
    objects = []

    def end():
        if sections:
            objects.append((place, uses, symbols))

    for line in output.splitlines():
        if line.startswith('File: '):
            end()
            place, uses, symbols, sections = line[6:], collections.defaultdict(set), {}, {}
            current = None
        elif match := RELOCATIONS.match(line):
            current = match[1]
        elif line.startswith('Symbol table'):
            current = None
        elif current and re.match(r'[0-9a-f]{8}', line):
            fields = line.split()
            if len(fields) > 4:
                uses[current].add(fields[4].split('@')[0])
        elif not current and (match := SECTION.match(line)):
            sections[match[1]] = match[2]
        elif not current and len(fields := line.split()) >= 8 and fields[6] in sections:
            symbols[fields[7].split('@')[0]] = (sections[fields[6]], fields[4])
    end()
    return objects


def source_name(place):
    """exec/udev_rule of src/exec/libexec.a[libexec.a.p/udev_rule.c.o]."""
    room, name = re.search(r'src/(\w+)/.*?([^/([]+)\.c\.o', place).groups()
    return f'{room}/{name}'


def plain(name):
    """Strips the suffixes that compilers add for parts and copies of functions."""
    return name.split('.')[0]


def calls_of_loop(objects):
    """{(source, call)} that daemon_main() reaches."""
    exported = {}
    for number, (_, _, symbols) in enumerate(objects):
        for symbol, (section, bind) in symbols.items():
            if bind != 'LOCAL':
                exported.setdefault(symbol, (number, section))

    def named_by(node):
        """What a section refers to, and where that is; None if in a library."""
        number, section = node
        _, uses, symbols = objects[number]
        for used in uses.get(section, ()):
            if used.startswith('.'):
                yield re.sub(r'^\.\w+\.(?:\w+\.)*?', '', used), (number, used)
            elif used in symbols:
                yield used, (number, symbols[used][0])
            else:
                yield used, exported.get(used)

    def waits(node):
        """True if a function of io/ makes such a call."""
        todo, seen = [node], set()
        while todo:
            node = todo.pop()
            if node in seen:
                continue
            seen.add(node)
            for name, target in named_by(node):
                if target:
                    todo.append(target)
                elif WAITS.match(name):
                    return True
        return False

    calls, seen = set(), set()
    todo = [exported['daemon_main']]
    while todo:
        node = todo.pop()
        if node in seen:
            continue
        seen.add(node)
        source = source_name(objects[node[0]][0])
        for name, target in named_by(node):
            if target is None:
                if match := WAITS.match(name):
                    calls.add((source, match[1]))
                elif PRINTS.match(name):
                    calls.add((source, 'printf'))
            elif source_name(objects[target[0]][0]).startswith('io/'):
                if waits(target):
                    calls.add((source, name))
            elif not THREAD.match(plain(name)):
                todo.append(target)
    return calls, len(seen)


def calls_of_table(path):
    """{(source, call)} of the rows | `source` | `call`, `call` | … |, and those of programs built with libnvme."""
    rows, with_libnvme, inside = set(), set(), False
    with open(path, encoding='utf-8') as f:
        for line in f:
            if line.startswith('#'):
                inside = line.strip() == HEADING
            elif inside and line.startswith('| `'):
                columns = line.split('|')
                for source in re.findall(r'`([^`]+)`', columns[1]):
                    new = {(source, call) for call in re.findall(r'`([^`]+)`', columns[2])}
                    rows |= new
                    with_libnvme |= new if 'libnvme' in columns[3] else set()
    return rows, with_libnvme


def main():
    sanitize, readelf, architecture, *paths = sys.argv[1:]
    if sanitize != 'none':
        print(f'skipped: b_sanitize={sanitize} adds calls of its own to each function')
        return SKIPPED

    calls, n_sections = calls_of_loop(read_objects(readelf, paths))
    rows, with_libnvme = calls_of_table(architecture)
    rows -= with_libnvme - calls
    for source, call in sorted(calls - rows):
        print(f'{source}.c: the loop calls {call}(), which may wait: give it to a thread, '
              f'or say in "{HEADING[3:]}" for how long')
    for source, call in sorted(rows - calls):
        print(f'{architecture}: {source}.c: the loop does not call {call}()')
    print(f'{n_sections} functions and tables, {len(calls)} calls, {len(calls ^ rows)} problems')
    return 1 if calls ^ rows or not calls else 0


if __name__ == '__main__':
    sys.exit(main())

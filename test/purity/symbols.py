#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that the archives of pure rooms require no symbols that access anything outside of the process.

Usage: symbols.py B_SANITIZE NM ARCHIVE...
"""

import re
import subprocess
import sys

SKIPPED = 77

FORBIDDEN = re.compile(r'''_*(
      open(at|dir)?(64)?(_2)? | f(re|d)?open(64)? | creat(64)? | mk[dos]?temp.*
    | p?(read|write)v?(64)?(_chk)? | f(read|write|gets|puts|close|flush)(_chk)? | close | dup[23]?
    | f?l?stat(x|at)?(64)? | access | unlink(at)? | rename(at2?)? | mkdir(at)? | mmap(64)?
    | v?[df]?printf(_chk)? | puts | putchar | perror | v?syslog(_chk)?
    | socket(pair)? | connect | bind | listen | accept4?
    | send(to|m?msg)? | recv(from|m?msg)?(_chk)?
    | getaddrinfo | gethostby.* | if_nametoindex | if_indextoname | getifaddrs
    | ioctl | fcntl(64)? | p?poll(_chk)? | p?select | epoll_.* | eventfd.*
    | time | clock(_.*)? | gettimeofday | localtime(_r)? | timerfd_.* | u?sleep | nanosleep
    | pthread_.* | thrd_.* | mtx_.* | fork | exec(v|l).* | posix_spawn.* | system | kill
    | (secure_)?getenv | setenv | setlocale
    | s?rand(om)?(_r)? | [ejmn]?rand48 | arc4random.* | getrandom | getentropy
    | sd_.* | json_object_(from|to)_(file|fd).*
    )$''', re.VERBOSE)


def undefined_symbols(nm, archive):
    """Pairs of object file and symbol."""
    output = subprocess.run([nm, '-A', '-u', archive], check=True, text=True,
                            stdout=subprocess.PIPE).stdout
    for line in output.splitlines():
        place, kind, symbol = line.rsplit(maxsplit=2)
        if kind == 'U':
            yield place.rstrip(':').rsplit(':', 1)[-1], symbol.split('@')[0]


def main():
    sanitize, nm, *archives = sys.argv[1:]
    if sanitize != 'none':
        print(f'skipped: b_sanitize={sanitize} adds symbols of its own to each object')
        return SKIPPED

    n_symbols = n_problems = 0
    for archive in archives:
        for place, symbol in undefined_symbols(nm, archive):
            n_symbols += 1
            if FORBIDDEN.match(symbol):
                n_problems += 1
                print(f'{archive}: {place}: pure code may not call {symbol}()')
    print(f'{len(archives)} archives, {n_symbols} symbols, {n_problems} problems')
    return 1 if n_problems or not n_symbols else 0


if __name__ == '__main__':
    sys.exit(main())

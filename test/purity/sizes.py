#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the size limits: functions 80 lines, files 800.

clang-format puts the braces of functions, and only those, in the first column.
"""

import pathlib
import sys

FUNCTION_MAX = 80
FILE_MAX = 800


def check_functions(path, lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line == '{':
            start = number
        elif line == '}' and start is not None:
            n_lines = number - start + 1
            if n_lines > FUNCTION_MAX:
                yield f'{path}:{start}: a function of {n_lines} lines (limit {FUNCTION_MAX})'
            start = None


def check_file(path):
    lines = path.read_text().splitlines()
    if len(lines) > FILE_MAX:
        yield f'{path}: {len(lines)} lines (limit {FILE_MAX})'
    if path.suffix in ('.c', '.h'):
        yield from check_functions(path, lines)


def main():
    files = sorted(path for folder in sys.argv[1:] for path in pathlib.Path(folder).rglob('*')
                   if path.suffix in ('.c', '.h', '.py', '.sh'))
    if not files:
        print('no sources found')
        return 1
    problems = [problem for path in files for problem in check_file(path)]
    for problem in problems:
        print(problem)
    print(f'{len(files)} files, {len(problems)} problems')
    return 1 if problems else 0


if __name__ == '__main__':
    sys.exit(main())

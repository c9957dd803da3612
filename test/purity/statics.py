#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks that no two sources of src/ have statics of the same name, so that a name is unambiguous in
searches, debuggers and profiles. Use the file's prefix.
"""

import collections
import pathlib
import re
import sys

STATIC = re.compile(r'^(?:_\w+_(?:\([^)]*\))? )*static (?!inline )(?:const )?[\w *]*?(?:\(\*const )?(\w+)\s*(?:\[|[=;]|\((?!\*))', re.M)


def main():
    files_of = collections.defaultdict(set)
    for path in pathlib.Path(sys.argv[1]).rglob('*.c'):
        if not path.name.startswith(('test-', 'fuzz-')):
            for name in STATIC.findall(path.read_text()):
                files_of[name].add(f'{path.parent.name}/{path.name}')
    alike = {name: files for name, files in files_of.items() if len(files) > 1}
    for name, files in sorted(alike.items()):
        print(f'{name}: {" ".join(sorted(files))}')
    print(f'{len(files_of)} statics, {len(alike)} alike')
    return 1 if alike or not files_of else 0


if __name__ == '__main__':
    sys.exit(main())

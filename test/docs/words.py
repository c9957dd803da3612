#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Rejects phrases in texts for users, printed ones among them, that the manual pages of systemd and util-linux would not
use.

Usage: words.py SOURCE
"""

import pathlib
import re
import sys

# pattern, replacement
PHRASES = [
    (r'signs? of life', 'keep-alive'),
    (r'taken for (dead|unwanted|empty|invalid)', 'considered, treated as'),
    (r'holds? no hosts', 'does not support persistent connections'),
    (r'takes? the place of', 'overrides, replaces'),
    (r'tells? (of|that|why|whether|it|all|how|which|what)\b', 'reports, names, says'),
    (r'who(ever(?! made it)| asks| tells| wants| names)\b', 'a noun: the source, the program, the user'),
    (r'\b(?!there\b)\w+ (is|are) none\b', 'is not'),
    (r'counts? (as well|more|before|where)\b|\bdoes? not count\b', 'applies, takes precedence'),
    (r'(is|are) asked\b', 'is queried, is probed'),
    (r'by itself\b', 'automatically'),
    (r'of its own accord', 'automatically'),
    (r'\bhowever often\b|\bwherever\b.*\bcomes? from\b', 'regardless of'),
    (r'(is|are) tried again', 'is retried'),
    (r'\bit goes\b|\bthey go\b', 'is disconnected'),
    (r'\btheir place\b', 'replaced by'),
    (r'\bgives? up its\b', 'releases'),
    (r'\bbut for\b', 'except for'),
    (r'\bcomes? by\b', 'is received, is given'),
    (r'\btakes? \w+ for (an?|the|dead|gone)\b', 'considers, treats as'),
    (r'\bfor ever\b(?!, 0)', 'permanently, indefinitely'),
]
# Not Markdown: every line is looked at.
PRINTED = ['test/golden/*.txt', 'test/vm/demo', 'test/vm/guest/demo.sh', 'debian/NEWS', 'data/systemd/*.*',
           'data/completions/*', 'data/catalog/*.catalog']
FILES = ['README.md', 'NEWS.md', 'docs/*.md', 'man/*.scd*', 'man/keys.txt', 'data/etc/*.in']


def blocks(text):
    """Printed output and configuration are quoted literally."""
    text = re.sub(r'^```.*?^```', lambda m: '\n' * m.group().count('\n'), text, flags=re.S | re.M)
    return re.sub(r'^(    |\t\t\t).*$', '', text, flags=re.M)


def main():
    source, found = pathlib.Path(sys.argv[1]), []
    texts = {path: blocks(path.read_text()) for pattern in FILES for path in sorted(source.glob(pattern))}
    texts |= {path: path.read_text() for pattern in PRINTED for path in sorted(source.glob(pattern)) if path.is_file()}
    for path, text in texts.items():
        for pattern, better in PHRASES:
            # a phrase may continue on the next line
            for match in re.finditer(re.sub(r' ', r'[\\s#]+', pattern), text):
                line = text.count('\n', 0, match.start()) + 1
                phrase = ' '.join(match.group().split())
                found.append(f'{path.relative_to(source)}:{line}: "{phrase}": {better}')
    print('\n'.join(found))
    return 1 if found or len(texts) < 20 else 0


if __name__ == '__main__':
    sys.exit(main())

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fill the explanations of the configuration keys into a manual page or a sample; keys.txt describes its format.

Usage: keys.py page|sample stafd|stacd|sys KEYS TEMPLATE
"""

import pathlib
import re
import sys
import textwrap

KINDS = ('key', 'field', 'choice')
COLUMN = 20


class Entry:
    def __init__(self, section, kind, names):
        self.section, self.kind, self.names = section, kind, names.split(', ')
        self.files, self.value, self.examples, self.paragraphs = [], '', [], []
        self.defaults = {}

    def describe(self, word, value):
        if word == 'files':
            self.files = value.split()
        elif word == 'value':
            self.value = value
        elif word == 'example':
            self.examples.append(value)
        elif word.split()[0] == 'default':
            self.defaults[word.removeprefix('default').strip()] = value
        else:
            raise ValueError(f'{self.names[0]}: "{word}" is unknown')

    def default(self, file):
        return self.defaults.get(file, self.defaults.get(''))


def parse(text):
    entries, section, key = [], None, None
    for block in re.split(r'\n\s*\n', text.strip()):
        lines = [line for line in block.splitlines() if not line.startswith('#')]
        if not lines:
            continue
        kind, _, names = lines[0].partition(': ')
        if lines[0].startswith('['):
            section = lines[0].strip('[]')
        elif kind in KINDS:
            entry = Entry(section, kind, names)
            for line in lines[1:]:
                entry.describe(*line.split(': ', 1))
            key = entry if kind == 'key' else key
            entry.files = entry.files or key.files
            entries.append(entry)
        else:
            entries[-1].paragraphs.append(' '.join(lines))
    return entries


def words(value):
    """'a, b or c' from 'a|b|c', '' from a word in capitals."""
    *first, last = value.split('|')
    return f'{", ".join(first)} or {last}' if first else ''


def page(entry, file):
    indent = '\t' * (entry.kind != 'key')
    value = re.sub(r'([A-Z]+)', r'_\1_', entry.value)
    heading = ', '.join(f'*{name}*' + ('=' + value if entry.kind == 'key' else '') for name in entry.names)
    paragraphs = entry.paragraphs[:]
    if entry.default(file):
        paragraphs[0] += f' Default: {entry.default(file)}.'
    return f'{indent}{heading}\n' + '\n\n'.join(f'{indent}\t{paragraph}' for paragraph in paragraphs) + '\n'


def plain(text):
    text = re.sub(r'(?<![\w\\*])\*([^*\s]+)\*(?!\w)', r'\1', text)
    return re.sub(r'(?<!\w)_([^\s]+?)_(?!\w)', r'\1', text).replace('\\', '')


def wrap(text, first, others):
    return '\n'.join(textwrap.wrap(text, 99, initial_indent=first, subsequent_indent=others,
                                   break_long_words=False, break_on_hyphens=False))


def sample(entry, file):
    default, text = plain(entry.default(file) or ''), plain(entry.paragraphs[0])
    if words(entry.value):
        text += f' {words(entry.value)}.'
    if default and (' ' in default or entry.kind != 'key'):
        text += f' Default: {default}.'
    if entry.kind == 'key':
        return wrap(text, '# ', '# ')
    names, margin = ', '.join(entry.names), '#   ' + ' ' * COLUMN
    if len(names) < COLUMN:
        return wrap(text, f'#   {names:{COLUMN}}', margin)
    return wrap(names, '#   ', '#   ') + '\n' + wrap(text, margin, margin)


def assignments(key, file):
    """What follows the text of a key and of the entries below it."""
    default = plain(key.default(file) or '')
    lines = ['#', '# Examples:', *[f'#   {example}' for example in key.examples]] if key.examples else []
    lines += [f'#{name}={"" if " " in default else default}' for name in key.names]
    return '\n'.join(lines) + '\n'


def samples(entries, file):
    result, key = [], None
    for entry in entries:
        if entry.kind == 'key':
            if key:
                result.append(assignments(key, file))
            key = entry
        result.append(sample(entry, file))
    return '\n'.join([*result, assignments(key, file)])


def fill(form, file, entries, template):
    entries = [entry for entry in entries if file in entry.files]

    def part(match):
        chosen = [entry for entry in entries if entry.section == match.group(1)]
        if form == 'sample':
            return samples(chosen, file).rstrip()
        return '\n'.join(page(entry, file) for entry in chosen).rstrip()

    missing = {entry.section for entry in entries} ^ set(re.findall(r'^@\[(.*)\]@$', template, re.M))
    if missing:
        raise ValueError(f'{", ".join(sorted(missing))}: in one of the template and the keys only')
    return re.sub(r'^@\[(.*)\]@$', part, template, flags=re.M)


if __name__ == '__main__':
    form, file, keys, template = sys.argv[1:]
    sys.stdout.write(fill(form, file, parse(pathlib.Path(keys).read_text()), pathlib.Path(template).read_text()))

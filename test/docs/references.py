#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Checks the references in comments, scripts and documents: documents, their sections, files of the tree.

Usage: references.py SOURCE
"""

import pathlib
import re
import sys

source = pathlib.Path(sys.argv[1])
FOLDERS = ('src', 'test', 'data', 'man', 'packaging', 'debian', 'docs')
ROOMS = [path.name for path in (source / 'src').iterdir() if path.is_dir()]
# Inputs of tests, which may contain anything.
DATA = re.compile(r'test/(fuzz/corpus|recordings|configs|nbft)/')
BINARY = ('.bin', '.png')
# Public specifications whose clauses comments may cite; documents of this tree are cited as "docs/NAME.md §4.2".
PUBLIC = {'FIPS', 'SMBIOS'}

PATH = re.compile(r'(?<![\w/.@$}-])((?:' + '|'.join((*FOLDERS, *ROOMS)) + r')/[a-z_][\w./*-]*)')
DOCUMENT = re.compile(r'(?<![\w/])(?:docs/)?([A-Z]{4,}\.md)\b')
CLAUSE = re.compile(r'\b([A-Z]{4,}),? (?:§ ?)?\d+(?:\.\d+)*(?=[);:,.\' ]|$)')
SECTIONS = re.compile(r'(?:(?<![\w/])(?:docs/)?([A-Z]{4,}\.md)[\])(A-Z.a-z]*\s)?(§\d+(?:\.\d+)?(?:(?:,| and| or)? §\d+(?:\.\d+)?)*)')
TITLE = re.compile(r'([A-Z]{4,}\.md)[\])(A-Z.a-z]*, "([^"]+)"')

errors = []


def files():
    yield from (source / name for name in ('Makefile', 'README.md', 'NEWS.md', 'meson.build'))
    for folder in FOLDERS:
        for path in sorted((source / folder).rglob('*')):
            name = str(path.relative_to(source))
            if path.is_file() and not DATA.match(name) and not name.endswith(BINARY) and '__pycache__' not in name:
                yield path


def comments(path, text):
    """The comments of C files, and other files as a whole. A sentence may continue on the next line."""
    if path.suffix in ('.c', '.h'):
        text = '\n'.join(re.findall(r'/\*.*?\*/', text, re.S))
    return re.sub(r'\s*\n\s*(?:\*|#|//)?\s*', ' ', text)


def find_document(name):
    return next((path for path in (source / 'docs' / name, source / name) if path.exists()), None)


def headings(name, pattern):
    path = find_document(name)
    return set(re.findall(pattern, path.read_text(), re.M)) if path else set()


def exists(name):
    """The path may start at the top, at src/ or at test/, with or without its suffix. X stands for any name."""
    name = re.sub(r'\bX\b', '*', name.rstrip('.-/'))
    return name.endswith('.a') or any(any(source.glob(f'{root}{name}{suffix}'))
                                      for root in ('', 'src/', 'test/') for suffix in ('', '.c', '.h'))


def check_sections(path, text):
    own = 'SPECIFICATION.md' if path.name in ('SPECIFICATION.md', 'SCENARIOS.md') else None
    text = re.sub(r'\bcovers: (?:§[\d.]+ ?)+', ' ', text)  # checked by scenarios.py
    for name, sections in SECTIONS.findall(text):
        if not name and not own:
            yield f'{sections} of which document?'
        for section in re.findall(r'§([\d.]+\d|\d)', sections):
            if (name or own) and section not in headings(name or own, r'^#+ (\d+(?:\.\d+)?) '):
                yield f'{name or own} has no section {section}'


def check_titles(text):
    for name, title in TITLE.findall(text):
        if title not in headings(name, r'^#+ (?:\d+(?:\.\d+)? )?(.+)$'):
            yield f'{name} has no section "{title}"'


def check(path):
    text = comments(path, path.read_text(errors='replace'))
    for name in DOCUMENT.findall(text):
        if not find_document(name):
            yield f'there is no {name}'
    if path.suffix in ('.c', '.h'):
        for name in CLAUSE.findall(text):
            if name not in PUBLIC and not re.fullmatch(r'E[A-Z]+|VLAN', name):
                yield f'{name} is no public specification and no document of this tree'
    for name in PATH.findall(text):
        if not exists(name):
            yield f'there is no {name}'
    yield from check_sections(path, text)
    yield from check_titles(text)
    if path.suffix == '.md':
        for link in re.findall(r'\]\(([^)#:]+)(?:#[^)]*)?\)', text):
            if not (path.parent / link).exists():
                yield f'the link to {link} leads nowhere'


for path in files():
    if path.resolve() != pathlib.Path(__file__).resolve():
        errors += [f'{path.relative_to(source)}: {error}' for error in check(path)]
for error in sorted(set(errors)):
    print(error)
sys.exit(bool(errors))

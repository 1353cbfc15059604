#!/usr/bin/env python3
"""Checks that each code block of a page is what stands in the program it was cut from.

Usage: check_snippets.py PAGE...   Exit status 1 if a block differs, 2 if there is no block at all.

The line above a block names its source, relative to the page: `<!-- examples/streaming.cpp [handler] -->`. In the
source the part stands between two lines `// [handler]`; the page shows it without the indentation it has there. A part
that no block of the page shows is an error, too.
"""
import pathlib
import re
import sys
import textwrap

BLOCK = re.compile(r'^```(?P<language>[^\n]*)\n(?P<code>.*?)^```$', re.S | re.M)
SOURCE = re.compile(r'<!-- (?P<file>\S+) \[(?P<name>[^\]]+)\] -->\n\Z')
MARKER = re.compile(r'[ \t]*// \[(?P<name>[^\]]+)\]\n')


def parts(text):
    """{name: code} of a source; raises ValueError where a marker has no partner."""
    found, name, lines = {}, None, []
    for line in text.splitlines(keepends=True):
        marker = MARKER.fullmatch(line)
        if not marker:
            lines.append(line)
        elif name is None:
            name, lines = marker['name'], []
            if name in found:
                raise ValueError(f'has more than one part [{name}]')
        elif marker['name'] == name:
            found[name] = textwrap.dedent(''.join(lines))
            name = None
        else:
            raise ValueError(f'begins [{marker["name"]}] within [{name}]')
    if name is not None:
        raise ValueError(f'does not end [{name}]')
    return found


def problems(text, read):
    """What is wrong in the page `text`, as sentences; `read(file)` gives the text of a source or raises OSError."""
    sources, shown = {}, set()
    for block in BLOCK.finditer(text):
        line = text.count('\n', 0, block.start()) + 1
        source = SOURCE.search(text[:block.start()])
        if not source:
            yield f'line {line}: this block does not say where it comes from: put <!-- FILE [NAME] --> above it'
            continue
        file, name = source['file'], source['name']
        try:
            if file not in sources:
                sources[file] = parts(read(file))
        except (OSError, ValueError) as error:
            sources[file] = {}
            yield f'line {line}: {file}: {error}'
        shown.add((file, name))
        if name not in sources[file]:
            yield f'line {line}: {file} has no part [{name}]'
        elif sources[file][name] != block['code']:
            yield f'line {line}: this block differs from [{name}] of {file}: copy that part again'
    for file, found in sources.items():
        for name in found:
            if (file, name) not in shown:
                yield f'{file}: no block shows [{name}]: show it or remove its markers'


def main(arguments):
    failed = False
    for page in map(pathlib.Path, arguments):
        text = page.read_text(encoding='utf-8')
        if not BLOCK.search(text):
            print(f'{page}: no code block there', file=sys.stderr)
            return 2
        for problem in problems(text, lambda file, page=page: (page.parent / file).read_text(encoding='utf-8')):
            print(f'{page}: {problem}')
            failed = True
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

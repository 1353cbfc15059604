#!/usr/bin/env python3
"""Draws docs/terminal.svg, the picture of the README, from a real run: udsd on a private socket with a declared
command, udsctl in a pseudo-terminal, what they print turned into text and colour.

  scripts/picture.py [--build DIRECTORY] [FILE]

Needs a build (scripts/build.sh dev) and nothing beside Python. Writes FILE, by default docs/terminal.svg. It knows the
few control sequences that udsctl uses, and stops at any other.
"""
import argparse
import fcntl
import html
import os
import pathlib
import pty
import re
import select
import struct
import subprocess
import tempfile
import termios
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
COLUMNS, DEADLINE = 92, 30
COLOURS = {'1': 'bold', '1;31': 'bad', '32': 'good', '33': 'warning', '36': 'name'}
# The last one is looked at while it runs.
COMMANDS = ("udsctl describe site.backup",
            "udsctl run site.backup --lavel 9",
            "udsctl can-i --as games site.backup",
            "udsctl run site.bakup",
            "udsctl run site.backup --level 9")
UNTIL = ' 60% '
DECLARATION = """[command."site.backup"]
summary = "Save the pages of the site"
exec = ["PROGRAM", "{level}"]
args.level = { type = "integer", summary = "How hard to press", minimum = 1, maximum = 9, default = 6 }
timeout = "10m"
"""
# It goes no further than the picture.
PROGRAM = """#!/bin/sh
for n in 1 2 3; do
  echo "saved page-$n.html"
  printf '{"current":%d,"total":5,"unit":"pages"}\\n' "$n" >&"$UDS_PROGRESS_FD"
  sleep 0.3
done
exec sleep 60
"""

STYLE = """text{font:14px ui-monospace,'DejaVu Sans Mono',Menlo,Consolas,monospace;fill:#d8dee9;white-space:pre}
.prompt{fill:#8a93a5}.command{fill:#fff;font-weight:bold}.bold{font-weight:bold}
.bad{fill:#ff6b6b;font-weight:bold}.good{fill:#7fd88f}.warning{fill:#e5c07b}.name{fill:#56b6c2}"""


def run(arguments, environment, until=None):
    """What a terminal got from a program, to its end or until `until` was among it."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('4H', 24, COLUMNS, 0, 0))
    with subprocess.Popen(arguments, stdin=slave, stdout=slave, stderr=slave, env=environment) as child:
        os.close(slave)
        text, end = '', time.monotonic() + DEADLINE
        while until is None or until not in text:
            if not select.select([master], [], [], max(0, end - time.monotonic()))[0]:
                raise SystemExit(f'picture.py: {arguments} printed nothing more after {text!r}')
            try:
                text += os.read(master, 65536).decode()
            except OSError:  # EIO: the program has ended
                break
        child.terminate()
    os.close(master)
    return text.split(until)[0] + until + text.split(until)[1].split('\r')[0] if until else text


def lines_of(text):
    """The screen that `text` leaves behind: lines of (class, text) parts."""
    screen = []
    for raw in text.rstrip('\r\n').split('\n'):
        raw = raw.rstrip('\r').split('\r\x1b[K')[-1]
        parts, style = [], ''
        for piece in re.split(r'(\x1b\[[0-9;]*m)', raw):
            if sequence := re.fullmatch(r'\x1b\[([0-9;]*)m', piece):
                style = COLOURS.get(sequence.group(1), '')
            elif '\x1b' in piece or '\r' in piece:
                raise SystemExit(f'picture.py: does not know what a terminal makes of {piece!r}')
            elif piece:
                parts.append((style, piece))
        screen.append(parts)
    return screen


def draw(lines):
    width, height = 16 + int(COLUMNS * 8.45), 44 + 19 * len(lines)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" role="img" '
           'aria-label="A terminal with udsctl">',
           '<!-- Made by scripts/picture.py from a real run. -->', f'<style>{STYLE}</style>',
           f'<rect width="{width}" height="{height}" rx="8" fill="#1e222a"/>',
           *(f'<circle cx="{18 + 18 * i}" cy="16" r="5" fill="{colour}"/>'
             for i, colour in enumerate(('#ff6b6b', '#e5c07b', '#7fd88f')))]
    for number, parts in enumerate(lines):
        spans = ''.join(f'<tspan class="{style}">{html.escape(text)}</tspan>' if style else html.escape(text)
                        for style, text in parts)
        out.append(f'<text x="12" y="{44 + 19 * number}" xml:space="preserve">{spans}</text>')
    return '\n'.join([*out, '</svg>', ''])


def declare(directory):
    """What udsd is told so that it has the command, and nothing else of this host's."""
    commands, program, config = directory / 'commands', directory / 'program', directory / 'udsd.toml'
    commands.mkdir(mode=0o755)
    declaration = commands / 'site.toml'
    for path, text, mode in ((program, PROGRAM, 0o755), (config, '', 0o644),
                             (declaration, DECLARATION.replace('PROGRAM', str(program)), 0o644)):
        path.write_text(text, encoding='utf-8')
        path.chmod(mode)
    return ['--user', '--config', config, '--commands-dir', commands, '--state-dir', directory / 'state']


def wait_for_run(state):
    """udsctl has left, which ends the run. Its directory is in use until nobody holds its lock."""
    end = time.monotonic() + DEADLINE
    for lock in state.glob('runs/*/lock'):
        with open(lock, 'rb') as file:
            while True:
                try:
                    fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > end:
                        raise SystemExit('picture.py: the run does not end') from None
                    time.sleep(0.01)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split('\n', maxsplit=1)[0])
    parser.add_argument('--build', type=pathlib.Path, default=ROOT / 'build/dev')
    parser.add_argument('file', nargs='?', type=pathlib.Path, default=ROOT / 'docs/terminal.svg')
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix='uds-') as directory:
        path = directory + '/uds.sock'
        environment = {'PATH': f'{given.build}/cli:{os.environ["PATH"]}', 'TERM': 'xterm', 'UDS_SOCKET': path,
                       'HOME': directory, 'LANG': 'C.UTF-8'}
        log = pathlib.Path(directory, 'log')
        options = declare(pathlib.Path(directory))
        with open(log, 'wb') as stderr, \
                subprocess.Popen([given.build / 'daemon/udsd', '--socket', path, *options], stderr=stderr) as udsd:
            try:
                end = time.monotonic() + DEADLINE
                while subprocess.run(['udsctl', '--quiet', 'ping'], env=environment, check=False,
                                     stderr=subprocess.DEVNULL).returncode != 0:
                    if time.monotonic() > end or udsd.poll() is not None:
                        raise SystemExit(f'picture.py: udsd does not answer: {log.read_text()}')
                    time.sleep(0.05)
                lines = []
                for command in COMMANDS:
                    lines.append([('prompt', '$ '), ('command', command)])
                    lines += lines_of(run(command.split(), environment, UNTIL if command == COMMANDS[-1] else None))
                wait_for_run(pathlib.Path(directory, 'state'))
            finally:
                udsd.terminate()
    given.file.write_text(draw(lines), encoding='utf-8')


if __name__ == '__main__':
    main()

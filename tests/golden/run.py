#!/usr/bin/env python3
"""Replays the golden conversations beside this file against one running udsd, and says where they differ.

Usage: run.py [NAME...]   with UDSD and UDSCTL in the environment; without names every conversation is run.
The files and their notation are explained in README.md. The daemon must live through all of them: every connection
checks that the process behind the socket is still the one that was started.
"""
import codecs
import json
import pathlib
import shlex
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'integration'))

import support                                # noqa: E402
from pattern import malformed, mismatch       # noqa: E402

TERMINATORS = {'lf': b'\n', 'nul': b'\0', 'eof': b''}


class Difference(Exception):
    """A conversation went another way than its file says."""


def lines_of(path):
    """(number, mark, rest) of each line that is neither blank nor a comment."""
    for number, line in enumerate(path.read_text(encoding='utf-8').splitlines(), 1):
        if line.strip() and not line.startswith('#'):
            mark, _, rest = line.partition(' ')
            yield number, mark, rest


def unescape(text):
    """The bytes that a line with \\n, \\0, \\xff and the like stands for."""
    return codecs.escape_decode(text.encode('utf-8'))[0]


def check_form(frame):
    wrong = malformed(frame)
    if wrong:
        raise Difference(f'{wrong} in {frame!r}')


def check_response(pattern, frame):
    check_form(frame)
    difference = mismatch(json.loads(pattern), json.loads(frame))
    if difference:
        raise Difference(f'{difference} in {frame.decode()}')


class WireConversation:
    """Bytes sent and frames expected on one connection. What the file does not expect must not come."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.wire = None
        self.request_end = b'\n'
        self.response_end = b'\n'
        self.half_closed = False
        self.waiting = []   # frames that came before the one the file names next

    def step(self, mark, rest):
        if mark == 'framing:':
            self.request_end = TERMINATORS[rest]
            self.response_end = self.request_end or b'\0'
            return
        if self.wire is None:
            self.wire = support.Wire(self.daemon.socket, terminator=self.response_end)
            if support.peer_pid(self.wire.socket) != self.daemon.pid:
                raise Difference('another process answers than the daemon that was started')
        if mark == '>':
            self.wire.send(rest.encode('utf-8') + self.request_end)
        elif mark == '>>':
            self.send_raw(unescape(rest))
        elif mark == 'fill':
            count, text = rest.split(' ', 1)
            self.send_raw(unescape(text) * int(count))
        elif mark == 'half-close':
            self.half_close()
        elif mark == '<':
            if self.request_end == b'' and not self.half_closed:
                self.half_close()
            check_response(rest, self.next_frame(json.loads(rest)))
        elif mark == '<end':
            if (extra := self.waiting or self.wire.frame()):
                raise Difference(f'the daemon should have closed the connection, but sent {extra!r}')
        else:
            raise Difference(f'the mark "{mark}" means nothing')

    def next_frame(self, pattern):
        """The next frame; the next one with that id if the pattern names one: others may come in between."""
        def fits(frame):
            return 'id' not in pattern or json.loads(frame).get('id', None) == pattern['id']

        for index, frame in enumerate(self.waiting):
            if fits(frame):
                return self.waiting.pop(index)
        while (frame := self.wire.frame()) is not None:
            check_form(frame)
            if fits(frame):
                return frame
            self.waiting.append(frame)
        raise Difference(f'the connection ended, expected {json.dumps(pattern)}; '
                         f'left over: {self.waiting}')

    def send_raw(self, data):
        try:
            self.wire.send(data)
        except (BrokenPipeError, ConnectionResetError):
            pass   # the daemon may refuse before everything was sent; what it answered is still to be read

    def half_close(self):
        self.half_closed = True
        try:
            self.wire.half_close()
        except OSError:
            pass   # closed by the daemon already

    def finish(self):
        if not self.half_closed:
            self.half_close()
        rest = self.waiting + [self.wire.rest()]
        if rest != [b'']:
            raise Difference(f'more came than the file expects: {rest!r}')

    def close(self):
        if self.wire:
            self.wire.close()


class CommandConversation:
    """Runs of udsctl with their input, output and exit status."""

    def __init__(self, daemon):
        self.daemon = daemon
        self.arguments = None
        self.input = []
        self.output = None
        self.result = None

    def step(self, mark, rest):
        if mark == '$':
            self.finish()
            self.arguments = shlex.split(self.expand(rest))
            if self.arguments.pop(0) != 'udsctl':
                raise Difference('only udsctl can be run')
            self.input, self.result = [], None
        elif mark == '>':
            self.input.append(rest + '\n')
        elif mark == '<':
            self.run()
            if not self.output:
                raise Difference(f'the output ended, expected {rest}; stderr: {self.result.stderr}')
            check_response(rest, self.output.pop(0).encode('utf-8', errors='surrogateescape'))
        elif mark == '<text':
            self.run()
            got = self.output.pop(0) if self.output else 'nothing'
            if rest not in got:
                raise Difference(f'the output should contain "{rest}", is "{got}"')
        elif mark == 'stderr:':
            self.run()
            if self.expand(rest) not in self.result.stderr:
                raise Difference(f'standard error should contain "{rest}", is "{self.result.stderr}"')
        elif mark == 'exit:':
            self.run()
            if self.result.returncode != int(rest):
                raise Difference(f'the exit status should be {rest}, is {self.result.returncode}; '
                                 f'stderr: {self.result.stderr}')
        else:
            raise Difference(f'the mark "{mark}" means nothing')

    def expand(self, text):
        return text.replace('$SOCKET', self.daemon.socket).replace('$DIRECTORY', str(self.daemon.directory))

    def run(self):
        if self.result is None:
            self.result = support.udsctl(*self.arguments, input=''.join(self.input),
                                         env={'UDS_SOCKET': self.daemon.socket})
            self.output = self.result.stdout.splitlines()

    def finish(self):
        if self.arguments is None:
            return
        self.run()
        if self.output:
            raise Difference(f'more came than the file expects: {self.output}')

    def close(self):
        pass


def replay(path, daemon):
    """Plays one file. Returns what differs, or None."""
    conversation = {'.wire': WireConversation, '.cli': CommandConversation}[path.suffix](daemon)
    number = 0
    try:
        for number, mark, rest in lines_of(path):
            conversation.step(mark, rest)
        number = 'end'
        conversation.finish()
        if not daemon.alive():
            raise Difference('the daemon is gone')
    except (Difference, AssertionError, OSError, ValueError) as difference:
        return f'{path.name}:{number}: {difference or type(difference).__name__}'
    finally:
        conversation.close()
    return None


def main(names):
    paths = sorted(path for path in HERE.iterdir() if path.suffix in ('.wire', '.cli')
                   if not names or path.stem in names)
    if not paths:
        print('run.py: no such conversation', file=sys.stderr)
        return 1
    with support.Udsd() as daemon:
        differences = [difference for difference in (replay(path, daemon) for path in paths) if difference]
        status = daemon.stop()
        if status != 0:
            differences.append(f'udsd ended with status {status}')
        if differences:
            print('\n'.join(differences))
            print(f'udsd said:\n{daemon.stderr}')
    print(f'{len(paths)} conversations, {len(differences)} differences')
    return 1 if differences else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

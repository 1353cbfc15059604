#!/usr/bin/env python3
"""Clients that send nonsense, leave at the worst moment or stop reading: udsd answers what can be answered, and stays.

Every test talks to a real udsd and looks at it from outside: the answers on the wire, its pid, its open descriptors,
its processor time and memory in /proc. A session that hangs shows as a descriptor that does not come back.
"""
import array
import contextlib
import fcntl
import itertools
import json
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import support
from support import Udsd, Wire, wait_until

LF, NUL = b'\n', b'\0'
# Share of one processor that counts as idle: far above what an idle daemon uses, far below a busy loop, also where
# other work takes most of the machine.
IDLE_SHARE = 0.2
HOUR_MS = 3_600_000


def start(limits='', **arguments):
    """A udsd with these lines as its [limits]. Removes its configuration once it has been read."""
    with tempfile.NamedTemporaryFile('w', suffix='.toml') as config:
        config.write(f'[limits]\n{limits}\n')
        config.flush()
        return Udsd('--config', config.name, **arguments)


def descriptors(pid):
    return len(os.listdir(f'/proc/{pid}/fd'))


def resident_bytes(pid):
    pages = int(pathlib.Path(f'/proc/{pid}/statm').read_text().split()[1])
    return pages * os.sysconf('SC_PAGE_SIZE')


def processor_seconds(pid):
    fields = pathlib.Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def busy_share(pid, span=0.5):
    """The processor time that `pid` uses while nothing is asked of it, as a share of the time that passes."""
    used, began = processor_seconds(pid), time.monotonic()
    time.sleep(span)
    return (processor_seconds(pid) - used) / (time.monotonic() - began)


def readable_bytes(connection):
    count = array.array('i', [0])
    fcntl.ioctl(connection, termios.FIONREAD, count)
    return count[0]


def wait_until_stuck(connection):
    """Waits until the peer can send no more because nobody reads here."""
    seen = []

    def stuck():
        seen.append(readable_bytes(connection))
        if len(seen) > 4 and seen[-1] > 10_000 and len(set(seen[-4:])) == 1:
            return True
        time.sleep(0.1)
        return False
    wait_until(stuck, 'the socket to be full')


def countdown(steps, interval_ms, id=None):
    request = {} if id is None else {'id': id}
    return {**request, 'cmd': 'countdown', 'args': {'from': steps, 'interval_ms': interval_ms}}


class HostileTest(unittest.TestCase):
    """One udsd per class, which must survive every test with its descriptors back where they were."""
    LIMITS = ''

    @classmethod
    def setUpClass(cls):
        cls.udsd = start(cls.LIMITS)
        cls.addClassCleanup(cls.udsd.close)
        with Wire(cls.udsd.socket) as wire:
            wire.send({'cmd': 'hello'})
            cls.instance = wire.final()['data']['instance']
            # Earlier connections are gone: they were closed before this one was made, and udsd takes them in turn.
            cls.base = descriptors(cls.udsd.pid) - 1

    def tearDown(self):
        if self.udsd.alive():
            wait_until(lambda: descriptors(self.udsd.pid) == self.base, 'every descriptor to be closed')
        with Wire(self.udsd.socket) as wire:
            wire.send({'cmd': 'hello'})
            self.assertEqual(wire.final()['data']['instance'], self.instance)
        self.assertTrue(self.udsd.alive(), self.udsd.stderr)

    def assert_idle(self, situation):
        self.assertLess(busy_share(self.udsd.pid), IDLE_SHARE, situation)


class BadInput(HostileTest):
    CASES = (
        ('no JSON', b'nonsense', 'bad_frame'),
        ('a byte order mark', b'\xef\xbb\xbf{"cmd":"ping"}', 'bad_frame'),
        ('invalid UTF-8', b'{"cmd":"echo","args":{"v":"\xc3\x28"}}', 'bad_frame'),
        ('a UTF-8 surrogate', b'{"cmd":"echo","args":{"v":"\xed\xa0\x80"}}', 'bad_frame'),
        ('a lone surrogate', rb'{"cmd":"echo","args":{"v":"\ud800"}}', 'bad_frame'),
        ('a duplicate key', b'{"cmd":"ping","cmd":"ping"}', 'bad_frame'),
        ('a duplicate key in disguise', rb'{"cmd":"echo","args":{"a":1,"\u0061":2}}', 'bad_frame'),
        ('two objects', b'{"cmd":"ping"} {"cmd":"ping"}', 'bad_frame'),
        ('an array', b'[{"cmd":"ping"}]', 'bad_frame'),
        ('an unfinished object', b'{"cmd":"ping"', 'bad_frame'),
        ('deep nesting', b'{"cmd":"echo","args":{"v":' + b'[' * 1000 + b']' * 1000 + b'}}', 'bad_frame'),
        ('a hundred thousand brackets', b'{"cmd":"echo","args":' + b'[' * 100_000, 'bad_frame'),
        ('too many values', b'{"cmd":"echo","args":{"v":[' + b'1,' * 100_000 + b'1]}}', 'bad_frame'),
        ('a number beyond double', b'{"cmd":"echo","args":{"v":1e999}}', 'bad_frame'),
        ('an integer beyond 64 bits', b'{"cmd":"echo","args":{"v":18446744073709551616}}', 'bad_frame'),
        ('no command', b'{}', 'bad_request'),
        ('an unknown field', b'{"cmd":"ping","uid":0}', 'bad_request'),
        ('a command that is no name', rb'{"cmd":"pi\nng"}', 'bad_request'),
        ('a command that is no text', b'{"cmd":{}}', 'bad_request'),
        ('an id with a fraction', b'{"id":1.5,"cmd":"ping"}', 'bad_request'),
        ('an id beyond 2^53', b'{"id":9007199254740993,"cmd":"ping"}', 'bad_request'),
        ('a timeout of 0', b'{"cmd":"ping","timeout_ms":0}', 'bad_request'),
        ('args that are no object', b'{"cmd":"echo","args":[]}', 'bad_request'),
        ('detach where it has no meaning', b'{"cmd":"echo","detach":true}', 'bad_request'),
        ('an unknown command', b'{"cmd":"pinge"}', 'unknown_command'),
        ('help for a name of 100 kB', b'{"cmd":"help","args":{"command":"' + b'a' * 100_000 + b'"}}',
         'unknown_command'),
        ('arguments that do not fit', b'{"cmd":"countdown","args":{"from":-1}}', 'invalid_args'),
        ('an argument of the wrong type', b'{"cmd":"countdown","args":{"from":"1"}}', 'invalid_args'),
        ('a cancel of nothing', b'{"cmd":"cancel","args":{"id":"no such"}}', 'not_found'),
        ('a deadline that passes', b'{"cmd":"countdown","timeout_ms":1,"args":{"from":1,"interval_ms":3600000}}',
         'deadline_exceeded'),
    )
    PING = b'{"id":"still here","cmd":"ping"}'
    PONG = {'id': 'still here', 'status': 'OK', 'message': 'pong', 'seq': 1}

    def test_settled_framing_goes_on_after_each(self):
        for terminator in (LF, NUL):
            with Wire(self.udsd.socket, terminator) as wire:
                wire.send(self.PING + terminator)
                self.assertEqual(wire.receive()['status'], 'OK')
                for what, frame, code in self.CASES:
                    with self.subTest(what, terminator=terminator):
                        wire.send(frame + terminator + self.PING + terminator)
                        self.assertEqual(wire.final()['error']['code'], code)
                        self.assertEqual(wire.receive(), self.PONG)

    def test_end_of_file_ends_each(self):
        for what, frame, code in self.CASES:
            with self.subTest(what), Wire(self.udsd.socket, NUL) as wire:
                wire.send(frame)
                wire.half_close()
                self.assertEqual(wire.final()['error']['code'], code)
                self.assertEqual(wire.rest(), b'')

    def test_a_nul_within_a_line(self):
        with Wire(self.udsd.socket) as wire:
            wire.send(self.PING + LF + b'{"cmd":"ping"}\0{"cmd":"ping"}' + LF + self.PING + LF)
            self.assertEqual([wire.receive().get('error', {}).get('code') for _ in range(3)], [None, 'bad_frame', None])

    def test_an_id_in_use(self):
        with Wire(self.udsd.socket) as wire:
            wire.send(countdown(1, HOUR_MS, 'x'))
            self.assertEqual(wire.receive()['status'], 'PROCESSING')
            for frame in (countdown(1, 0, 'x'), {'id': 'x', 'cmd': 'ping'}, {'id': 'x', 'cmd': 'ping', 'no': 1}):
                wire.send(frame)
                answer = wire.receive()
                self.assertEqual((answer['id'], answer['error']['code'], answer['error']['id']),
                                 (None, 'duplicate_id', 'x'))
            wire.send({'id': 'c', 'cmd': 'cancel', 'args': {'id': 'x'}})
            answers = {answer['id']: answer for answer in (wire.receive(), wire.receive())}
            self.assertEqual(answers['c']['status'], 'OK')
            self.assertEqual(answers['x']['error']['code'], 'cancelled')

    def test_too_many_requests(self):
        with Wire(self.udsd.socket) as wire:
            for number in range(65):
                wire.send(countdown(1, HOUR_MS, number))
            last = wire.final()
            self.assertEqual((last['id'], last['error']['code']), (64, 'busy'))

    def test_too_large_is_answered_once_and_ends_the_connection(self):
        for terminator, first in ((LF, self.PING + LF), (NUL, self.PING + NUL), (NUL, b'')):
            with self.subTest(terminator=terminator, first=first), Wire(self.udsd.socket, terminator) as wire:
                wire.send(first)
                if first:
                    self.assertEqual(wire.receive()['status'], 'OK')
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    wire.send(b'{"cmd":"echo","args":{"v":"' + b'x' * (3 << 20))
                answers = wire.rest().split(terminator)
                self.assertEqual(len(answers), 2, answers)
                self.assertEqual(json.loads(answers[0])['error']['code'], 'too_large')

    def test_every_byte_at_every_place_of_a_frame(self):
        frame = b'{"id":7,"cmd":"echo","args":{"v":1}}'
        for terminator, blank in ((LF, b' \t\r'), (NUL, b' \t\r\n')):
            with Wire(self.udsd.socket, terminator) as wire:
                wire.send(self.PING + terminator)
                self.assertEqual(wire.receive()['message'], 'pong')
                for place in range(len(frame) + 1):
                    variants = [frame[:place] + bytes([byte]) + frame[place:] for byte in range(256)]
                    wire.send(b''.join(variant + terminator + self.PING + terminator for variant in variants))
                    for byte, variant in enumerate(variants):
                        records = sum(bool(record.strip(blank)) for record in variant.split(terminator))
                        answers = list(iter(lambda: self.answer_before_the_ping(wire), None))
                        self.assertEqual(len(answers), records, (terminator, place, byte, answers))
                        self.assertLessEqual(sum(b'"status":"OK"' in answer for answer in answers), 1, answers)

    def answer_before_the_ping(self, wire):
        answer = wire.frame()
        self.assertIsNotNone(answer, 'the connection ended')
        return None if answer.startswith(b'{"id":"still here"') else answer

    def test_every_byte_in_a_first_frame_that_end_of_file_ends(self):
        frame = b'{"id":7,"cmd":"echo"}'
        for place, byte in itertools.product((0, 1, 6, 12, len(frame)), range(256)):
            variant = frame[:place] + bytes([byte]) + frame[place:]
            with Wire(self.udsd.socket) as wire:
                wire.send(variant)
                wire.half_close()
                received = wire.rest()
            # Only a LF behind the whole object settles lines.
            terminator = LF if byte == 10 and place == len(frame) else NUL
            records = sum(bool(record.strip(b' \t\r\n')) for record in variant.split(NUL))
            answers = received.split(terminator)
            self.assertEqual((len(answers) - 1, answers[-1]), (records, b''), (place, byte, received))
            self.assertTrue(all(answers[:-1]), received)


class Departures(HostileTest):
    LIMITS = 'partial_message = "1s"\nstalled_reader = "1s"'
    FRAME = json.dumps(countdown(1, HOUR_MS, 1)).encode() + LF
    # Opens one connection per line of its input, sends that line's bytes, says that it has, and waits for its end.
    CLIENT = '''
import socket, sys, time
kept = []
for line in sys.stdin:
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(sys.argv[1])
    connection.sendall(bytes.fromhex(line))
    kept.append(connection)
print('sent', flush=True)
time.sleep(3600)
'''

    def pieces(self):
        """Every beginning of a frame, none and the whole one included."""
        return [self.FRAME[:size] for size in range(len(self.FRAME) + 1)]

    @contextlib.contextmanager
    def client_process(self, pieces):
        process = subprocess.Popen([sys.executable, '-c', self.CLIENT, self.udsd.socket], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        try:
            process.stdin.write(b''.join(piece.hex().encode() + b'\n' for piece in pieces))
            process.stdin.close()
            self.assertEqual(process.stdout.readline(), b'sent\n')
            yield process
        finally:
            process.kill()
            process.wait()
            process.stdout.close()

    def wait_for_base(self, extra=0):
        wait_until(lambda: descriptors(self.udsd.pid) == self.base + extra, f'{extra} connections to be left')

    def test_close_at_each_byte(self):
        for piece in self.pieces():
            with Wire(self.udsd.socket) as wire:
                wire.send(piece)
        self.wait_for_base()
        self.assert_idle('after connections that were closed')

    def test_close_in_the_middle_of_a_stream(self):
        for steps in range(1, 20):
            with Wire(self.udsd.socket) as wire:
                wire.send(countdown(1_000_000, 0))
                for _ in range(steps):
                    self.assertEqual(wire.receive()['status'], 'PROCESSING')
        self.wait_for_base()

    def test_no_more_reading_at_each_byte(self):
        with contextlib.ExitStack() as stack:
            for piece in self.pieces()[1:-1]:
                wire = stack.enter_context(Wire(self.udsd.socket))
                wire.socket.shutdown(socket.SHUT_RD)
                wire.send(piece)
            wire = stack.enter_context(Wire(self.udsd.socket))
            wire.send(countdown(1_000_000, 1))
            self.assertEqual(wire.receive()['status'], 'PROCESSING')
            wire.socket.shutdown(socket.SHUT_RD)
            # The clients stay. Answers that cannot be sent, and messages that do not go on, end the sessions.
            self.wait_for_base()
            self.assert_idle('after readers that left')

    def test_half_close_at_each_byte(self):
        for piece in self.pieces()[:-1]:
            with self.subTest(piece=piece), Wire(self.udsd.socket, NUL) as wire:
                wire.send(piece)
                wire.half_close()
                if piece == self.FRAME[:-1]:
                    self.assertEqual(wire.receive()['status'], 'PROCESSING')
                elif piece:
                    self.assertEqual(wire.receive()['error']['code'], 'bad_frame')
                    self.assertEqual(wire.rest(), b'')
                else:
                    self.assertEqual(wire.rest(), b'')
        self.wait_for_base()

    def test_half_close_in_the_middle_of_a_stream(self):
        with Wire(self.udsd.socket) as waiting, Wire(self.udsd.socket) as leaving:
            for wire in (waiting, leaving):
                wire.send({**countdown(2, HOUR_MS), 'timeout_ms': 1000})
                self.assertEqual(wire.receive()['status'], 'PROCESSING')
                wire.half_close()
            self.assert_idle('with half-closed peers that wait')
            leaving.close()
            self.assertEqual(waiting.final()['error']['code'], 'deadline_exceeded')
            self.assertEqual(waiting.rest(), b'')
        self.wait_for_base()

    def test_killed_at_each_byte(self):
        with self.client_process(self.pieces()) as process:
            process.kill()
            self.wait_for_base()
        self.assert_idle('after a killed client')

    def test_stopped_at_each_byte(self):
        # Without the first, which asks nothing and may stay, and with a stream that never ends instead of the last.
        stream = json.dumps(countdown(1_000_000_000, 0)).encode() + LF
        with self.client_process([*self.pieces()[1:-1], stream]) as process:
            process.send_signal(signal.SIGSTOP)
            self.wait_for_base()
            self.assert_idle('beside a stopped client')

    def test_a_reader_that_stops(self):
        with Wire(self.udsd.socket) as wire:
            wire.send(countdown(1_000_000, 0))
            self.assertEqual(wire.receive()['status'], 'PROCESSING')
            self.wait_for_base()
            self.assertIn('connection dropped', self.udsd.stderr)

    def test_passed_descriptors_are_dropped(self):
        reading, writing = os.pipe()
        with Wire(self.udsd.socket) as wire:
            for number in range(20):
                frame = json.dumps({'id': number, 'cmd': 'ping'}).encode() + LF
                socket.send_fds(wire.socket, [frame], [writing] * 3)
                self.assertEqual(wire.receive()['id'], number)
            os.close(writing)
            self.assertEqual(descriptors(self.udsd.pid), self.base + 1)
            # No copy is left anywhere: the pipe has ended.
            self.assertEqual(os.read(reading, 1), b'')
        os.close(reading)


class SlowReaders(HostileTest):
    def test_a_stream_that_nobody_reads(self):
        with Wire(self.udsd.socket) as slow, Wire(self.udsd.socket) as other:
            other.send(countdown(100, 0))
            self.assertEqual(other.final()['status'], 'OK')
            before = resident_bytes(self.udsd.pid)
            slow.send(countdown(1_000_000, 0))
            wait_until_stuck(slow.socket)
            for number in range(50):
                other.send({'id': number, 'cmd': 'ping'})
                self.assertEqual(other.receive()['id'], number)
            # The stream is 100 MB. What waits is bounded by the queue and the kernel's buffer.
            self.assertLess(resident_bytes(self.udsd.pid), 2 * before + (32 << 20))
            self.assert_idle('beside a reader that stopped')
            for step in range(1, 5000):  # and it goes on where it was, without a gap
                self.assertEqual(slow.receive()['seq'], step)

    def test_requests_whose_answers_nobody_reads(self):
        with Wire(self.udsd.socket) as slow, Wire(self.udsd.socket) as other:
            slow.socket.settimeout(0.5)
            with self.assertRaises(TimeoutError):
                while True:
                    slow.send({'cmd': 'echo', 'args': {'v': 'x' * 1000}})
            self.assert_idle('beside a client that only writes')
            other.send({'cmd': 'ping'})
            self.assertEqual(other.receive()['message'], 'pong')


class Endings(unittest.TestCase):
    def test_each_running_request_gets_its_final(self):
        with start('drain = "1s"') as udsd, contextlib.ExitStack() as stack:
            wires = [stack.enter_context(Wire(udsd.socket)) for _ in range(10)]
            for wire in wires:
                for number in range(5):
                    wire.send(countdown(5, HOUR_MS, number) if number % 2 else countdown(20, 10, number))
                seen = set()
                while len(seen) < 5:  # every one of them runs
                    seen.add(wire.receive()['id'])
            udsd.signal(signal.SIGTERM)
            for wire in wires:
                answers = [json.loads(line) for line in wire.rest().splitlines()]
                finals = {answer['id']: answer.get('error', {}).get('code') for answer in answers
                          if answer['status'] != 'PROCESSING'}
                self.assertEqual(finals, {0: None, 1: 'shutting_down', 2: None, 3: 'shutting_down', 4: None})
                self.assertEqual(sum(answer['status'] != 'PROCESSING' for answer in answers), 5)
            self.assertEqual(udsd.wait(), 0)

    def test_a_drain_beside_a_reader_that_stopped_is_idle(self):
        with start('drain = "3s"') as udsd, Wire(udsd.socket) as wire:
            # One answer at a time until the kernel takes no more: then a little waits in the daemon.
            def answered(before):
                return readable_bytes(wire.socket) > before
            taken = True
            while taken:
                before = readable_bytes(wire.socket)
                wire.send({'cmd': 'echo', 'args': {'v': 'x' * 4000}})
                try:
                    wait_until(lambda before=before: answered(before), 'an answer', deadline=1)
                except AssertionError:
                    taken = False
            udsd.signal(signal.SIGTERM)
            wait_until(lambda: 'draining' in udsd.stderr, 'the drain to begin')
            self.assertLess(busy_share(udsd.pid), IDLE_SHARE)
            received = wire.rest().splitlines()
            self.assertGreater(len(received), 10)
            self.assertTrue(all(json.loads(line)['status'] == 'OK' for line in received))
            self.assertEqual(udsd.wait(), 0)

    def test_standard_descriptors_closed_at_the_start(self):
        for closed in ((0,), (1,), (2,), (0, 1, 2)):
            with self.subTest(closed=closed), tempfile.TemporaryDirectory(prefix='uds-') as directory:
                path = os.path.join(directory, 'uds.sock')
                closing = ' '.join(f'{number}<&-' for number in closed)
                script = f'exec "$0" --socket "$1" --log-level off {closing}'
                process = subprocess.Popen(
                    ['/bin/sh', '-c', script, support.program('UDSD'), path],
                    stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                    env=support.clean_environment())
                try:
                    wait_until(lambda path=path: support.accepts(path), 'udsd to accept')
                    with Wire(path) as wire:
                        wire.send({'cmd': 'ping'})
                        self.assertEqual(wire.receive()['message'], 'pong')
                        links = [os.readlink(f'/proc/{process.pid}/fd/{number}') for number in (0, 1, 2)]
                    self.assertEqual(links, ['/dev/null'] * 3)
                finally:
                    process.terminate()
                    self.assertEqual(process.wait(support.DEADLINE), 0)


if __name__ == '__main__':
    support.main()

#!/usr/bin/env python3
"""What clients can make udsd use: memory, processor time, descriptors and log lines, each within a number.

The name of a test says which class of bug it looks for. All numbers are taken from outside, in /proc and from what udsd
wrote, and printed. Memory is judged only where the programs are not sanitized. The base class, of hostile_test.py,
checks after every test that udsd is the same process with as many descriptors as before.
"""
import array
import contextlib
import json
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import unittest
import unittest.mock

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import hostile_test
import support
from hostile_test import HOUR_MS, LF, NUL, busy_share, countdown, descriptors, start
from support import SANITIZED, Udsd, Wire, wait_until

# The share of one processor that waiting may cost, and how long it is measured.
MOST_SHARE = 0.2 if SANITIZED else 0.05
SPAN = 2.0
MOST_LINES = 100
KIB, MIB = 1 << 10, 1 << 20
PING = {'id': 'still here', 'cmd': 'ping'}


def memory(pid, key):
    """VmRSS or VmHWM (the highest VmRSS so far) in bytes."""
    for line in pathlib.Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith(key + ':'):
            return int(line.split()[1]) * KIB
    raise AssertionError(f'no {key} for {pid}')


class ResourceTest(hostile_test.HostileTest):
    """A udsd with LIMITS for each class, and what is asked about it."""

    def ask(self, request):
        with Wire(self.udsd.socket) as wire:
            wire.send(request)
            return wire.final()

    def stats(self):
        return self.ask({'cmd': 'stats'})['data']

    def lines(self, text=''):
        return sum(text in line for line in self.udsd.stderr.splitlines())

    def assert_waits(self, situation):
        share = busy_share(self.udsd.pid, SPAN)
        print(f'{situation}: {share:.1%} of a processor', flush=True)
        self.assertLess(share, MOST_SHARE, situation)

    def assert_memory(self, situation, used, most):
        print(f'{situation}: {used / MIB:.1f} MiB', flush=True)
        if not SANITIZED:
            self.assertLess(used, most, situation)

    def wires(self, stack, count, **arguments):
        return [stack.enter_context(Wire(self.udsd.socket, **arguments)) for _ in range(count)]

    def wait_for_nothing_held(self):
        """Waits until no session is left but the one that asks, and the accounts say the same."""
        nothing = {'connections': 1, 'requests_in_flight': 0}

        def held():
            now = self.stats()['now']
            return {key: now[key] for key in nothing}
        wait_until(lambda: held() == nothing, 'the accounts to be empty')
        self.assertEqual(len(self.ask({'cmd': 'connections'})['data']['connections']), 1)


class StalledReaders(ResourceTest):
    LIMITS = 'stalled_reader = "3s"'
    CLIENTS = 40 if SANITIZED else 200

    def test_memory_of_endless_streams_that_nobody_reads_and_the_share_of_a_reader_beside_them(self):
        peak = 0
        with contextlib.ExitStack() as stack:
            fast = stack.enter_context(Wire(self.udsd.socket))
            for wire in self.wires(stack, self.CLIENTS):
                wire.send(countdown(1_000_000_000, 0))
            for number in range(100):
                fast.send({**countdown(5, 0), 'id': number})
                answers = [fast.receive() for _ in range(6)]
                self.assertEqual([(answer['id'], answer['seq']) for answer in answers],
                                 [(number, step) for step in range(1, 7)])
                self.assertEqual(answers[-1]['status'], 'OK')
                peak = max(peak, memory(self.udsd.pid, 'VmRSS'))
            wait_until(lambda: descriptors(self.udsd.pid) == self.base + 1, 'the readers to be dropped')
            fast.send(PING)
            self.assertEqual(fast.receive()['message'], 'pong')
        self.assert_memory(f'{self.CLIENTS} stalled readers', max(peak, memory(self.udsd.pid, 'VmHWM')), 64 * MIB)
        self.assertIn('connection dropped: the reader takes nothing', self.udsd.stderr)
        self.assertEqual(self.stats()['connections_dropped'], {'stalled_reader': self.CLIENTS})
        self.wait_for_nothing_held()


class Bombs(ResourceTest):
    CLIENTS = 8 if SANITIZED else 64
    ROOM = MIB - 100  # what fits into a message beside the command

    @staticmethod
    def echo(value):
        return b'{"cmd":"echo","args":{"v":' + value + b'}}'

    def bombs(self):
        """Name, frame, and the code of the right answer."""
        room = self.ROOM
        return (
            ('depth 64', self.echo(b'[' * 62 + b']' * 62), 'ok'),
            ('depth 65', self.echo(b'[' * 63 + b']' * 63), 'bad_frame'),
            ('depth 100 000', self.echo(b'[' * 100_000 + b']' * 100_000), 'bad_frame'),
            ('depth 1 000 000', self.echo(b'[' * 1_000_000), 'bad_frame'),
            ('depth 200 000 of objects', self.echo(b'{"":' * 200_000), 'bad_frame'),
            ('99 000 numbers', self.echo(b'[' + b'1,' * 99_000 + b'1]'), 'ok'),
            ('99 000 objects', self.echo(b'[' + b'{},' * 99_000 + b'1]'), 'ok'),
            ('45 000 keys', self.echo(b'{' + b''.join(b'"%d":{},' % key for key in range(45_000)) + b'"x":1}'), 'ok'),
            ('too many arrays', self.echo(b'[' + b'[],' * (room // 3) + b'1]'), 'bad_frame'),
            ('a string of 1 MiB', self.echo(b'"' + b'x' * room + b'"'), 'ok'),
            ('escapes', self.echo(b'"' + rb'\u0001' * (room // 6) + b'"'), 'ok'),
            ('a string without an end', self.echo(b'"' + b'x' * room), 'bad_frame'),
            ('a number of 1 MiB', self.echo(b'9' * room), 'bad_frame'),
            ('a fraction of 1 MiB', self.echo(b'0.' + b'1' * room), 'ok'),
            ('exponents', self.echo(b'[' + b'1e999999999,' * (room // 12) + b'1]'), 'bad_frame'),
            ('a command of 1 MiB', b'{"cmd":"' + b'a' * room + b'"}', 'bad_request'),
            ('an id of 1 MiB', b'{"cmd":"ping","id":"' + b'a' * room + b'"}', 'bad_request'),
            ('1 MiB of {}', b'{}' * (MIB // 2), 'bad_frame'),
            ('more than 1 MiB', self.echo(b'"' + b'x' * (MIB + 1)), 'too_large'),
        )

    def settled(self, stack):
        """Connections that speak lines already, so that every answer is one."""
        clients = self.wires(stack, self.CLIENTS)
        for client in clients:
            client.send(PING)
            self.assertEqual(client.receive()['message'], 'pong')
        return clients

    def at_once(self, clients, step):
        """Runs step(client) for all in threads, since each blocks until udsd has taken what it sends."""
        failures = []

        def run(client):
            try:
                step(client)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused, and the answer is there to be read
            except Exception as failure:
                failures.append(failure)
        threads = [threading.Thread(target=run, args=(client,)) for client in clients]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(failures, [])

    def test_memory_of_bombs_that_explode_at_once(self):
        peak = 0
        for what, bomb, right in self.bombs():
            with self.subTest(what), contextlib.ExitStack() as stack:
                clients = self.settled(stack)
                clients[0].send(bomb + LF)
                self.assertEqual(self.code(clients[0]), right)
                clients = clients[1:] if right == 'too_large' else clients
                self.at_once(clients, lambda client, bomb=bomb: client.send(bomb))
                self.at_once(clients, lambda client: client.send(LF))
                # Nobody has read yet: the answers wait in udsd. busy is right too: each user has only so many bytes.
                codes = [self.code(client) for client in clients]
                self.assertLessEqual(set(codes), {right, 'busy'})
                now = memory(self.udsd.pid, 'VmHWM')
                if now > peak:
                    print(f'{what}: {now / MIB:.1f} MiB at most, {codes.count("busy")} busy', flush=True)
                    peak = now
                self.assertEqual(self.ask(PING)['message'], 'pong')
        self.assert_memory(f'{self.CLIENTS} bombs at once', peak, 160 * MIB)
        self.wait_for_nothing_held()

    @staticmethod
    def code(client):
        """The code of the next answer, without a parser: answers may be as large as the bombs."""
        answer = client.frame()
        found = re.search(rb'"error":{"code":"(\w+)"', answer)
        return found[1].decode() if found else 'ok' if b'"status":"OK"' in answer[:200] else answer[:200]

    def test_many_small_bad_messages_at_once(self):
        records = 2_000
        with contextlib.ExitStack() as stack:
            clients = self.settled(stack)

            def exchange(client):
                client.send(b'{}\n' * records)
                client.half_close()
                answers = client.rest().splitlines()
                self.assertEqual(len(answers), records)
                self.assertTrue(all(b'"bad_request"' in answer for answer in answers))
            self.at_once(clients, exchange)
        self.assert_memory('small bad messages', memory(self.udsd.pid, 'VmHWM'), 160 * MIB)


class SlowSenders(ResourceTest):
    LIMITS = 'partial_message = "1s"'
    CLIENTS = 64
    BEGINNING = b'{"cmd":"echo","args":{"v":"'

    def test_messages_that_never_end_are_closed_on_time_with_an_answer(self):
        with contextlib.ExitStack() as stack:
            silent = stack.enter_context(Wire(self.udsd.socket))
            settled = stack.enter_context(Wire(self.udsd.socket))
            settled.send(PING)
            self.assertEqual(settled.receive()['message'], 'pong')
            slow = self.wires(stack, self.CLIENTS, terminator=NUL)
            before = memory(self.udsd.pid, 'VmRSS')
            began = time.monotonic()
            waiting = list(enumerate(slow))
            took = []
            for step in range(10_000):
                for number, wire in waiting:
                    # They are at different places of the frame, and go on for as long as they may.
                    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                        wire.send((self.BEGINNING + b'x' * 10_000)[(number + step) % 5_000:][:1] if step else
                                  self.BEGINNING[:1 + number % len(self.BEGINNING)])
                for number, wire in waiting[:]:
                    if hostile_test.readable_bytes(wire.socket) == 0:
                        continue
                    took.append(time.monotonic() - began)
                    error = wire.receive()['error']
                    self.assertEqual((error['code'], error.get('reason')), ('bad_frame', 'timeout'))
                    waiting.remove((number, wire))
                if not waiting:
                    break
                time.sleep(0.01)
            self.assertEqual(waiting, [])
            print(f'closed after {min(took):.2f} to {max(took):.2f} s', flush=True)
            self.assertGreaterEqual(min(took), 0.99)
            self.assert_memory('growth by slow senders', memory(self.udsd.pid, 'VmRSS') - before, 4 * MIB)
            # Only they are gone: those who sent nothing, or whole messages, stay.
            wait_until(lambda: descriptors(self.udsd.pid) == self.base + 2, 'the slow senders to be closed')
            for wire in (silent, settled):
                wire.send(PING)
                self.assertEqual(wire.receive()['message'], 'pong')
        self.wait_for_nothing_held()


class OutOfDescriptors(ResourceTest):
    CLIENTS = 200

    def check_a_flood(self, stack, udsd):
        kept = stack.enter_context(Wire(udsd.socket))
        kept.send(PING)
        self.assertEqual(kept.receive()['message'], 'pong')
        with contextlib.ExitStack() as flood:
            clients = [flood.enter_context(Wire(udsd.socket, NUL)) for _ in range(self.CLIENTS)]
            share = busy_share(udsd.pid, SPAN)
            print(f'out of descriptors: {share:.1%} of a processor', flush=True)
            self.assertLess(share, MOST_SHARE)
            for number in range(10):
                kept.send({'id': number, 'cmd': 'ping'})
                self.assertEqual(kept.receive()['id'], number)
            refused = [wire for wire in clients if hostile_test.readable_bytes(wire.socket)]
            self.assertGreater(len(refused), 5)
            for wire in refused:
                error = wire.receive()['error']
                self.assertEqual((error['code'], error['retryable']), ('busy', True))
                self.assertEqual(wire.rest(), b'')
        with Wire(udsd.socket) as wire:  # as soon as the flood is over
            wire.send(PING)
            self.assertEqual(wire.receive()['message'], 'pong')

    def test_emfile_is_no_busy_loop_and_service_comes_back(self):
        _, hard = resource.prlimit(self.udsd.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.udsd.pid, resource.RLIMIT_NOFILE, (64, hard))
        try:
            with contextlib.ExitStack() as stack:
                before = self.lines()
                self.check_a_flood(stack, self.udsd)
                # The flood lasted at least two seconds, in which udsd tried twenty times.
                self.assertLessEqual(self.lines() - before, 10, 'lines about one flood')
        finally:
            resource.prlimit(self.udsd.pid, resource.RLIMIT_NOFILE, (hard, hard))
        self.wait_for_nothing_held()

    def test_a_start_with_64_descriptors_refuses_in_time(self):
        wrapper = self.udsd.directory / 'limited.sh'
        wrapper.write_text(f'#!/bin/sh\nulimit -n 64\nexec {support.program("UDSD")} "$@"\n', encoding='utf-8')
        wrapper.chmod(0o755)
        with unittest.mock.patch.dict(os.environ, UDSD=str(wrapper)):
            udsd = Udsd()
        with udsd, contextlib.ExitStack() as stack:
            self.check_a_flood(stack, udsd)


class Waiting(ResourceTest):
    """Processor time while nothing happens, whatever the peers have left behind."""
    CLIENTS = 100
    IDLE = 1_000

    def test_half_closed_peers_with_a_request_in_flight_and_then_gone(self):
        with contextlib.ExitStack() as stack:
            for number, wire in enumerate(self.wires(stack, self.CLIENTS)):
                wire.send(countdown(1, HOUR_MS, number if number % 2 else None))
                self.assertEqual(wire.receive()['status'], 'PROCESSING')
                wire.half_close()
            self.assert_waits('half-closed peers')
        # They are gone now while their sessions are parked.
        wait_until(lambda: descriptors(self.udsd.pid) == self.base, 'the parked sessions to end')
        self.assert_waits('peers that hung up while parked')
        self.wait_for_nothing_held()

    def test_full_send_buffers(self):
        with contextlib.ExitStack() as stack:
            for number, wire in enumerate(self.wires(stack, self.CLIENTS // 5)):
                if number % 2:
                    wire.send(countdown(1_000_000_000, 0))
                else:
                    wire.socket.setblocking(False)
                    with contextlib.suppress(BlockingIOError):
                        while True:
                            wire.socket.send(json.dumps({'cmd': 'echo', 'args': {'v': 'x' * 4000}}).encode() + LF)
                wire.socket.setblocking(True)
            # Until the streams have filled what they can, udsd works.
            wait_until(lambda: busy_share(self.udsd.pid, 0.2) < MOST_SHARE, 'the buffers to be full')
            self.assert_waits('full send buffers')
            stuck = self.ask({'cmd': 'connections'})['data']['connections']
            self.assertGreaterEqual(sum(entry['queued_bytes'] > 0 for entry in stuck), self.CLIENTS // 10)
        wait_until(lambda: descriptors(self.udsd.pid) == self.base, 'the sessions to end')
        self.wait_for_nothing_held()

    def test_idle_connections(self):
        with contextlib.ExitStack() as stack:
            for wire in self.wires(stack, self.IDLE):
                wire.send(PING)
                self.assertEqual(wire.receive()['message'], 'pong')
            self.assert_waits(f'{self.IDLE} idle connections')


class Vanishing(ResourceTest):
    """Peers that vanish while udsd waits for something of theirs; hostile_test.py has each byte of a frame."""
    LIMITS = 'partial_message = "1s"\nstalled_reader = "1s"\nmessage = "64KiB"'
    WAYS = {'close': None, 'shutdown(RD)': socket.SHUT_RD, 'shutdown(WR)': socket.SHUT_WR,
            'shutdown(RDWR)': socket.SHUT_RDWR}
    BIG = json.dumps({'cmd': 'echo', 'args': {'v': 'x' * 60_000}}).encode() + LF
    # What is sent, and whether the first answer is awaited before the peer vanishes. Every request ends by itself,
    # since who shuts down only one direction may still want its answer, or not care.
    SITUATIONS = {
        'a handler with id sleeps': (json.dumps(countdown(8, 100, 1)).encode() + LF, True),
        'a handler without id sleeps and the session is parked': (json.dumps(countdown(8, 100)).encode() + LF, True),
        'a handler has only begun': (json.dumps(countdown(8, 100, 1)).encode() + LF, False),
        'many handlers sleep': (b''.join(json.dumps(countdown(3, 100, n)).encode() + LF for n in range(64)), True),
        'a handler waits for the reader': (json.dumps(countdown(100_000_000, 0, 1)).encode() + LF, True),
        'answers wait to be taken': (BIG * 20, False),
        'a deadline runs': (json.dumps({**countdown(1, HOUR_MS, 1), 'timeout_ms': 700}).encode() + LF, True),
        'the framing is lost and input discarded': (b'x' * 70_000, False),
        'a second message has begun': (json.dumps(PING).encode() + LF + b'{"cmd":', True),
    }

    def vanish(self, wire, way):
        if way is None:
            wire.close()
        else:
            wire.socket.shutdown(way)

    def test_no_session_is_stuck_after_a_peer_vanished(self):
        for name, way in self.WAYS.items():
            with self.subTest(name), contextlib.ExitStack() as stack:
                for frames, answered in self.SITUATIONS.values():
                    wire = stack.enter_context(Wire(self.udsd.socket))
                    wire.socket.settimeout(0.3)  # where udsd stops reading, what was sent must do
                    with contextlib.suppress(TimeoutError, BrokenPipeError):
                        wire.send(frames)
                    wire.socket.settimeout(support.DEADLINE)
                    if answered:
                        self.assertIsNotNone(wire.receive())
                    self.vanish(wire, way)
                # Without a look at the other ends, which stay open: they may neither send nor read any more.
                wait_until(lambda: descriptors(self.udsd.pid) == self.base, 'every session to end')
                self.assert_waits(f'after {name}')
                self.wait_for_nothing_held()

    CLIENT = '''
import socket, sys, time
kept = []
for line in sys.stdin:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(0.3)
    connection.connect(sys.argv[1])
    try:
        connection.sendall(bytes.fromhex(line))
    except TimeoutError:
        pass
    kept.append(connection)
print('sent', flush=True)
time.sleep(3600)
'''

    def test_a_stopped_and_then_killed_client_leaves_nothing(self):
        process = subprocess.Popen([sys.executable, '-c', self.CLIENT, self.udsd.socket], stdin=subprocess.PIPE,
                                   stdout=subprocess.PIPE)
        try:
            for frames, _ in self.SITUATIONS.values():
                process.stdin.write(frames.hex().encode() + b'\n')
            process.stdin.close()
            self.assertEqual(process.stdout.readline(), b'sent\n')
            process.send_signal(signal.SIGSTOP)
            # Those who owe a message, or do not take their answers, are dropped. The others have what they asked for.
            wait_until(lambda: self.stats()['now']['requests_in_flight'] == 0, 'the requests to end')
            self.assert_waits('beside a stopped client')
            process.kill()
            wait_until(lambda: descriptors(self.udsd.pid) == self.base, 'every session to end')
            self.wait_for_nothing_held()
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


class IdleConnections(ResourceTest):
    COUNT = 1_000 if SANITIZED else 10_000
    MOST_EACH = 8 * KIB

    def test_memory_of_idle_connections_that_have_sent_one_ping(self):
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        support.require(os.geteuid() == 0, 'root, which has no limit of connections per user')
        support.require(hard >= self.COUNT + 100, f'a hard RLIMIT_NOFILE of more than {self.COUNT + 100}')
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        with contextlib.ExitStack() as stack:
            self.wires(stack, 100)
            before = memory(self.udsd.pid, 'VmRSS')
            wires = []
            for _ in range(self.COUNT):
                wires += self.wires(stack, 1)  # one by one: the kernel queues only so many
                wires[-1].send(PING)
                self.assertEqual(wires[-1].receive()['message'], 'pong')
            each = (memory(self.udsd.pid, 'VmRSS') - before) / self.COUNT
            print(f'{self.COUNT} idle connections: {each / KIB:.2f} KiB each', flush=True)
            for wire in wires[::10]:
                wire.send(PING)
                self.assertEqual(wire.receive()['message'], 'pong')
        if not SANITIZED:
            self.assertLessEqual(each, self.MOST_EACH)


class PassedDescriptors(ResourceTest):
    MESSAGES = 2_000 if SANITIZED else 10_000
    MOST = 253  # SCM_MAX_FD

    def test_descriptors_passed_to_ordinary_commands_are_closed(self):
        reading, writing = os.pipe()
        with Wire(self.udsd.socket) as wire:
            for number in range(self.MESSAGES):
                # The connection itself too: a descriptor that would keep its own queue alive.
                passed = [writing] * (1 + number % self.MOST)
                passed[0] = wire.socket.fileno() if number % 3 == 0 else writing
                rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', passed))]
                frame = json.dumps({'id': number, 'cmd': ('ping', 'echo', 'none')[number % 3]}).encode() + LF
                cut = number % len(frame)  # they ride with any byte of the frame
                if cut:
                    wire.socket.sendall(frame[:cut])
                sent = wire.socket.sendmsg([frame[cut:]], rights)
                self.assertEqual(sent, len(frame) - cut)
                self.assertEqual(wire.receive()['id'], number)
                if number % 500 == 0:
                    self.assertEqual(descriptors(self.udsd.pid), self.base + 1)
            self.assertEqual(descriptors(self.udsd.pid), self.base + 1)
            os.close(writing)
            self.assertEqual(os.read(reading, 1), b'')  # no copy of it is left anywhere
        os.close(reading)


class LogFloods(ResourceTest):
    """Whatever one user does, at the default log level it fills no disk."""
    LIMITS = 'message = "1KiB"\nconnections = 50\nconnections_per_uid = 10'
    REQUESTS = 20_000 if SANITIZED else 1_000_000
    REFUSED = 1_000 if SANITIZED else 5_000
    DROPPED = 500 if SANITIZED else 2_000
    BAD = (b'nonsense', b'{}', b'{"cmd":"none"}', b'{"cmd":"countdown","args":{"from":-1}}', b'{"cmd":"ping","id":1.5}',
           b'{"cmd":"cancel","args":{"id":"no such"}}', b'{"cmd":"a\\nb"}', b'{"cmd":"ping","cmd":"ping"}',
           b'{"cmd":"echo","args":[]}', b'\xff\xfe')

    def setUp(self):
        self.before = self.lines()

    def assert_few_lines(self, what):
        lines = self.lines() - self.before
        print(f'{what}: {lines} log lines', flush=True)
        self.assertLessEqual(lines, MOST_LINES, what)

    def test_bad_requests(self):
        batch = 500
        with Wire(self.udsd.socket) as wire:
            wire.send(json.dumps(PING).encode() + LF)
            self.assertEqual(wire.receive()['message'], 'pong')
            text = b''.join(self.BAD[number % len(self.BAD)] + LF for number in range(batch))
            for _ in range(self.REQUESTS // batch):
                wire.send(text)
                for _ in range(batch):
                    self.assertIn(b'"status":"ERROR"', wire.frame())
        self.assert_few_lines(f'{self.REQUESTS} bad requests')

    def test_messages_that_end_the_connection(self):
        for _ in range(self.DROPPED):
            with Wire(self.udsd.socket, NUL) as wire:
                wire.send(b'{"cmd":"echo","args":{"v":"' + b'x' * 2 * KIB)
                self.assertEqual(wire.receive()['error']['code'], 'too_large')
        self.assert_few_lines(f'{self.DROPPED} messages that were too large')

    def test_connections_above_the_limit_of_all(self):
        refused = 0
        with contextlib.ExitStack() as stack:
            for wire in self.wires(stack, 50):
                wire.send(PING)
                if wire.socket.recv(1 << 16).startswith(b'{"id":null'):
                    self.fail('refused below the limit: run this test as root')
            refused = self.refused_by_the_limit('connections')
        self.assertEqual(refused, self.REFUSED)
        self.assert_few_lines(f'{refused} connections above the limit')

    def refused_by_the_limit(self, limit):
        refused = 0
        for _ in range(self.REFUSED):
            with Wire(self.udsd.socket, NUL) as wire:
                error = wire.receive()['error']
                refused += (error['code'], error['limit']) == ('busy', limit)
        return refused

    def test_connections_above_the_limit_of_one_user(self):
        support.require(os.geteuid() == 0, 'root')
        self.udsd.directory.chmod(0o755)
        os.chmod(self.udsd.socket, 0o666)
        child = os.fork()
        if child == 0:
            self.flood_as_a_stranger()
        answered = 0
        while True:  # another user is served all the while
            self.assertEqual(self.ask(PING)['message'], 'pong')
            answered += 1
            ended, status = os.waitpid(child, os.WNOHANG)
            if ended:
                break
        self.assertEqual(os.waitstatus_to_exitcode(status), 0)
        print(f'{answered} answers to another user beside the flood', flush=True)
        self.assertGreater(answered, 10)
        self.assert_few_lines(f'{self.REFUSED} connections of one user above its limit')

    def flood_as_a_stranger(self):
        """Ends the process: with 0 if every connection above the limit was refused, and none below it."""
        status = 1
        try:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            with contextlib.ExitStack() as stack:
                for wire in self.wires(stack, 10):
                    wire.send(PING)
                    self.assertEqual(wire.receive()['message'], 'pong')
                self.assertEqual(self.refused_by_the_limit('connections_per_uid'), self.REFUSED)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)


if __name__ == '__main__':
    support.main()

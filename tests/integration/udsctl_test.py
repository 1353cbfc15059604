#!/usr/bin/env python3
"""The real udsctl against servers that do exactly what a test says: output, exit status, terminal, interruption.

The servers are threads of this script. One behaves byte for byte as the original server, which reads to end of file.
"""
import fcntl
import json
import os
import pathlib
import pty
import select
import signal
import socket
import struct
import subprocess
import tempfile
import termios
import threading
import time
import unittest

import support
from support import DEADLINE, clean_environment, program, require, udsctl

PING = '{"cmd":"ping"}'


def reply(request_id, status, message='done', **fields):
    return json.dumps({'id': request_id, 'status': status, 'message': message, **fields}).encode() + b'\n'


def error(request_id, code, message='no'):
    return reply(request_id, 'ERROR', message, error={'code': code, 'retryable': False})


class Peer:
    """The stub's side of one connection."""

    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(DEADLINE)
        self.buffer = b''

    def line(self):
        """The next request as an object; None at end of file."""
        while b'\n' not in self.buffer:
            received = self.socket.recv(65536)
            if not received:
                return None
            self.buffer += received
        line, self.buffer = self.buffer.split(b'\n', 1)
        return json.loads(line)

    def to_end(self):
        while received := self.socket.recv(65536):
            self.buffer += received
        return self.buffer

    def send(self, data):
        self.socket.sendall(data)


def is_asleep(pid):
    """Whether a process is blocked in a system call (proc(5)); who waits for what is there already never is."""
    return pathlib.Path(f'/proc/{pid}/syscall').read_text(encoding='utf-8').split()[0].isdigit()


class Stub:
    """Serves one connection after the other with `script(peer)`. What a script raises fails the test."""

    def __init__(self, script, path=None):
        self.directory = tempfile.TemporaryDirectory(prefix='uds-')
        self.path = str(path or pathlib.Path(self.directory.name) / 'stub.sock')
        self.script = script
        self.connections = 0
        self.failure = None
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(self.path)
        self.listener.listen(16)
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            with connection:
                try:
                    self.script(Peer(connection))
                except (BrokenPipeError, ConnectionResetError):
                    pass
                except BaseException as failure:  # reported by __exit__, on the thread of the test
                    self.failure = failure

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join(DEADLINE)
        self.listener.close()
        self.directory.cleanup()
        if self.failure and kind is None:
            raise self.failure


def answer(*responses):
    """A script that answers each request with `responses`, made from its id."""
    def script(peer):
        while (request := peer.line()) is not None:
            for response in responses:
                peer.send(response(request['id']))
    return script


def processing(request_id):
    return reply(request_id, 'PROCESSING', 'working')


def ok(request_id):
    return reply(request_id, 'OK')


def original_server(peer):
    """What the server before this project sends, but for its pauses of one second."""
    assert peer.to_end() == b'{"id":"request","message":"This is a request, please respond"}', peer.buffer
    wait = b'{"id":"processing","status":"PROCESSING","message":"Processing, wait ..."}'
    for _ in range(9):
        peer.send(wait + b'\0')
    peer.send(b'{"id":"response","status":"OK","message":"Roger that"}\0')


class Output(unittest.TestCase):
    def test_each_response_is_one_line_of_json(self):
        with Stub(answer(processing, ok)) as stub:
            done = udsctl('--socket', stub.path, 'send', '{"cmd":"a.b"}')
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        responses = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([response['status'] for response in responses], ['PROCESSING', 'OK'])

    def test_fields_of_a_newer_daemon_are_kept(self):
        text = b'{"id":1,"status":"OK","message":"x","novelty":[1.0]}'
        with Stub(answer(lambda _: text + b'\n')) as stub:
            self.assertEqual(udsctl('--socket', stub.path, 'ping').stdout.encode(), text + b'\n')

    def test_ping_and_the_line_of_the_mission(self):
        seen = []

        def script(peer):
            seen.append(peer.line())
            peer.send(ok(seen[-1]['id']))
        with Stub(script) as stub:
            self.assertEqual(udsctl('--socket', stub.path, 'ping').returncode, 0)
            self.assertEqual(udsctl('send', '<"cmd":"ping">', '--socket', stub.path).returncode, 0)
        self.assertEqual(seen, [{'id': 1, 'cmd': 'ping'}] * 2)

    def test_a_full_disk_is_an_io_error(self):
        with Stub(answer(ok)) as stub, open('/dev/full', 'wb') as full:
            done = subprocess.run([program('UDSCTL'), '--socket', stub.path, 'ping'], stdout=full,
                                  stderr=subprocess.PIPE, env=clean_environment(), timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 74)
        self.assertIn(b'standard output', done.stderr)

    def test_a_closed_standard_output_does_not_become_the_socket(self):
        with Stub(answer(ok)) as stub:
            done = subprocess.run(['sh', '-c', '"$0" --socket "$1" ping >&-', program('UDSCTL'), stub.path],
                                  stderr=subprocess.PIPE, env=clean_environment(), timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 74, done.stderr)

    def test_a_reader_that_leaves_ends_it_quietly(self):
        def script(peer):
            request = peer.line()
            while True:
                peer.send(processing(request['id']))
        for ignored, status in ((False, -signal.SIGPIPE), (True, 141)):
            with Stub(script) as stub, self.subTest(ignored=ignored):
                child = subprocess.Popen([program('UDSCTL'), '--socket', stub.path, 'ping'], stdout=subprocess.PIPE,
                                         stderr=subprocess.PIPE, env=clean_environment(), restore_signals=not ignored)
                child.stdout.readline()
                child.stdout.close()
                self.assertEqual(child.wait(DEADLINE), status)
                self.assertEqual(child.stderr.read(), b'')
                child.stderr.close()


class Exit(unittest.TestCase):
    def ask(self, script, *arguments):
        with Stub(script) as stub:
            return udsctl('--socket', stub.path, *arguments)

    def check(self, done, status, *parts):
        self.assertEqual(done.returncode, status, done.stderr)
        for part in parts:
            self.assertIn(part, done.stderr)
        if parts:
            self.assertTrue(done.stderr.startswith('udsctl: '), done.stderr)
            self.assertEqual(done.stderr.count('\n'), 1)

    def test_the_final_response_decides(self):
        for code, status in (('not_found', 2), ('internal', 2), ('a_code_of_the_future', 2), ('permission_denied', 77),
                             ('deadline_exceeded', 124)):
            with self.subTest(code):
                done = self.ask(answer(processing, lambda i, code=code: error(i, code)), 'ping')
                self.check(done, status)
                self.assertEqual(json.loads(done.stdout.splitlines()[-1])['error']['code'], code)

    def test_usage(self):
        for arguments in ((), ('nonsense',), ('--nonsense',), ('-x',), ('--user=1', 'ping'), ('ping', 'x'), ('send',),
                          ('send', 'a', 'b'), ('--socket',), ('--timeout', '5', 'ping'), ('--timeout', '0s', 'ping'),
                          ('--server-uid', 'no such user', 'ping'), ('--socket', '', 'ping'),
                          ('--socket', '/' + 'x' * 107, 'ping')):
            with self.subTest(arguments):
                done = udsctl(*arguments)
                self.check(done, 64, 'udsctl: ')
                self.assertEqual(done.stdout, '')

    def test_a_verb_that_there_is_not(self):
        for verb, said in (('countdown', 'a command of the daemon is run by udsctl call countdown'),
                           ('png', 'did you mean ping?'), ('shutdwn', 'did you mean shutdown?')):
            self.check(udsctl(verb), 64, said)
        for arguments in (('help',), ('-h',), ('ping', '-h'), ('--help',)):
            self.assertTrue(udsctl(*arguments).stdout.startswith('Usage: udsctl'), arguments)

    def test_help_of_a_verb(self):
        for arguments in (('help', 'run'), ('run', '--help'), ('--help', 'run')):
            done = udsctl(*arguments)
            self.check(done, 0)
            self.assertTrue(done.stdout.startswith('Usage: udsctl [OPTION]... run COMMAND '), arguments)
            self.assertIn('  --result FILE          write the final response to FILE\n', done.stdout)
        self.assertNotIn('Options of its own', udsctl('help', 'ping').stdout)
        self.check(udsctl('help', 'run', 'ping'), 64, 'one verb or one command')

    def test_what_is_no_request_is_told_without_a_daemon(self):
        for text in ('', 'ping', '[]', '{', '{"a":1,"a":2}'):
            with self.subTest(text):
                self.check(udsctl('--socket', '/nonexistent/s', 'send', text), 65, 'one JSON object')

    def test_no_daemon(self):
        with tempfile.TemporaryDirectory() as directory:
            path = directory + '/uds.sock'
            self.check(udsctl('--socket', path, 'ping'), 69, path, 'is udsd running?')
            with socket.socket(socket.AF_UNIX) as dead:
                dead.bind(path)
                self.check(udsctl('--socket', path, 'ping'), 69, path, 'nobody listens')

    def test_no_daemon_mentions_the_private_instance(self):
        with tempfile.TemporaryDirectory() as runtime:
            os.mkdir(runtime + '/uds')
            path = runtime + '/uds/uds.sock'
            environment = {'XDG_RUNTIME_DIR': runtime}
            self.check(udsctl('--user', 'ping', env=environment), 69, path, 'udsd --user')
            with Stub(answer(ok), path=path):
                self.check(udsctl('--user', 'ping', env=environment), 0)
                done = udsctl('--socket', runtime + '/other.sock', 'ping', env=environment)
                self.check(done, 69, runtime + '/other.sock', path, 'try --user')

    def test_the_end_before_a_final_response(self):
        self.check(self.ask(lambda peer: peer.line(), 'ping'), 76, 'outcome is unknown')
        done = self.ask(lambda peer: peer.send(processing(peer.line()['id'])), 'ping')
        self.check(done, 76, 'outcome is unknown')
        self.assertEqual(json.loads(done.stdout)['status'], 'PROCESSING')

    def test_something_else_than_a_response(self):
        self.check(self.ask(lambda peer: (peer.line(), peer.send(b'\x1b[2J\n')), 'ping'), 76, 'no response')

    def test_an_answer_before_the_close_is_shown(self):
        def busy(peer):
            peer.send(error(None, 'busy', 'too many connections')[:-1] + b'\0')
        done = self.ask(busy, 'ping')
        self.check(done, 2)
        self.assertEqual(json.loads(done.stdout)['error']['code'], 'busy')

    def test_timeout_is_told_to_the_daemon_and_enforced_here(self):
        seen = []

        def silent(peer):
            seen.append(peer.line())
            peer.to_end()
        start = time.monotonic()
        self.check(self.ask(silent, 'ping', '--timeout', '50ms'), 124, 'time')
        self.assertGreaterEqual(time.monotonic() - start, 1.0, 'the daemon gets a second to say it itself')
        self.assertEqual(seen[0]['timeout_ms'], 50)

    def test_timeout_in_the_request_is_kept(self):
        seen = []

        def script(peer):
            seen.append(peer.line())
            peer.send(ok(seen[-1]['id']))
        self.check(self.ask(script, '--timeout', '5s', 'send', '{"cmd":"a.b","timeout_ms":7}'), 0)
        self.assertEqual(seen[0]['timeout_ms'], 7)

    def test_denied(self):
        self.check(self.ping_as_nobody(0o600), 77, 'may not open')

    def test_a_server_of_root_is_trusted(self):
        self.check(self.ping_as_nobody(0o666), 0)

    def ping_as_nobody(self, mode):
        """What uid 65534 gets of root's server behind a socket of this mode."""
        require(os.geteuid() == 0, 'root')
        with Stub(answer(ok)) as stub:
            os.chmod(stub.path, mode)
            os.chmod(stub.directory.name, 0o755)
            return subprocess.run([program('UDSCTL'), '--socket', stub.path, 'ping'], user=65534, group=65534,
                                  capture_output=True, encoding='utf-8', env=clean_environment(), timeout=DEADLINE,
                                  check=False)

    def test_a_server_of_another_user_is_not_trusted(self):
        require(os.geteuid() == 0, 'root')
        fake = ('import os, socket, sys; os.setgid(65534); os.setuid(65534); s = socket.socket(socket.AF_UNIX); '
                's.bind(sys.argv[1]); s.listen(); print(flush=True)\n'
                'c, _ = s.accept(); print(c.recv(99), flush=True)\n'
                'c, _ = s.accept(); c.recv(99); c.sendall(sys.argv[2].encode())')
        with tempfile.TemporaryDirectory() as directory:
            os.chmod(directory, 0o777)
            path = directory + '/fake.sock'
            arguments = ['python3', '-c', fake, path, ok(1).decode()]
            with subprocess.Popen(arguments, stdout=subprocess.PIPE, encoding='utf-8') as server:
                server.stdout.readline()
                self.check(udsctl('--socket', path, 'ping'), 77, 'uid 65534', '--server-uid')
                self.assertEqual(server.stdout.readline().strip(), "b''", 'a byte reached the fake server')
                self.check(udsctl('--socket', path, '--server-uid', '65534', 'ping'), 0)

    def test_help_and_version(self):
        done = udsctl('--help')
        self.check(done, 0)
        lines = done.stdout.splitlines()
        self.assertLessEqual(len(lines), 24, 'fits one screen')
        self.assertLessEqual(max(map(len, lines)), 80)
        self.assertRegex(udsctl('--version').stdout, r'^udsctl \d+\.\d+\.\d+\n$')


class SocketChoice(unittest.TestCase):
    def test_precedence(self):
        with tempfile.TemporaryDirectory() as runtime:
            os.mkdir(runtime + '/uds')
            paths = [runtime + '/option.sock', runtime + '/uds/uds.sock', runtime + '/environment.sock']
            environment = {'XDG_RUNTIME_DIR': runtime, 'UDS_SOCKET': paths[2]}
            for arguments, expected in ((('--socket', paths[0], '--user'), paths[0]), (('--user',), paths[1]),
                                        ((), paths[2])):
                done = udsctl(*arguments, 'ping', env=environment)
                self.assertEqual(done.returncode, 69)
                self.assertIn(f'no socket at {expected}:', done.stderr)

    def test_a_relative_path_is_taken_from_here(self):
        with Stub(answer(ok)) as stub:
            done = subprocess.run([os.path.abspath(program('UDSCTL')), '--socket', 'stub.sock', 'ping'],
                                  cwd=stub.directory.name, capture_output=True, env=clean_environment(),
                                  timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_user_without_a_session(self):
        environment = clean_environment()
        environment.pop('XDG_RUNTIME_DIR', None)
        done = subprocess.run([program('UDSCTL'), '--user', 'ping'], capture_output=True, env=environment,
                              timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 64)
        self.assertIn(b'XDG_RUNTIME_DIR', done.stderr)


class Batch(unittest.TestCase):
    """send -: lines in flight together, or with --parallel 1 one after another."""

    def send(self, stub, *arguments, input):
        return udsctl('send', '-', '--socket', stub.path, *arguments, input=input)

    def start(self, stub, *arguments):
        child = subprocess.Popen([program('UDSCTL'), '--socket', stub.path, *arguments, 'send', '-'],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=clean_environment())
        for cleanup in (child.stdout.close, child.stdin.close, child.wait, child.kill):
            self.addCleanup(cleanup)
        return child

    def test_one_after_another_on_one_connection(self):
        for arguments in ((), ('--parallel', '1')):
            with Stub(answer(processing, ok)) as stub, self.subTest(arguments):
                done = self.send(stub, *arguments, input='{"cmd":"a.a"}\n\n  \n<"cmd":"b.b">\n{"cmd":"c.c"}')
                self.assertEqual(stub.connections, 1)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual([json.loads(line)['id'] for line in done.stdout.splitlines()], [1, 1, 2, 2, 3, 3])

    def test_lines_are_in_flight_together_and_answers_are_matched_by_id(self):
        def script(peer):
            ids = [peer.line()['id'] for _ in range(3)]
            for i in reversed(ids):
                peer.send(processing(i) + reply(i, 'OK', f'done {i}'))
            self.assertIsNone(peer.line())
        with Stub(script) as stub:
            done = self.send(stub, input='{"cmd":"a.a"}\n{"cmd":"a.a","id":"own"}\n{"cmd":"a.a"}\n')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual([json.loads(line)['id'] for line in done.stdout.splitlines()], [3, 3, 'own', 'own', 1, 1])

    def test_no_more_than_parallel_are_in_flight(self):
        def script(peer):
            first, second = peer.line()['id'], peer.line()['id']
            peer.socket.setblocking(False)
            with self.assertRaises(BlockingIOError):
                peer.socket.recv(1)
            peer.socket.settimeout(DEADLINE)
            self.assertEqual(peer.buffer, b'')
            peer.send(ok(second))
            third = peer.line()['id']
            peer.send(ok(first) + ok(third))
        with Stub(script) as stub:
            self.assertEqual(self.send(stub, '--parallel', '2', input=(PING + '\n') * 3).returncode, 0)

    def test_an_id_that_is_in_flight_waits(self):
        def script(peer):
            for _ in range(2):
                peer.send(ok(peer.line()['id']))
                self.assertEqual(peer.buffer, b'')
        with Stub(script) as stub:
            done = self.send(stub, input='{"cmd":"a.a","id":7}\n{"cmd":"a.a","id":7}\n')
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (0, 2))

    def test_a_real_daemon_with_a_smaller_limit_gets_no_more_than_it_takes(self):
        with tempfile.NamedTemporaryFile(suffix='.toml') as config:
            config.write(b'[limits]\nrequests_in_flight = 3\n')
            config.flush()
            with support.Udsd('--config', config.name) as udsd:
                lines = '{"cmd":"countdown","args":{"from":1,"interval_ms":1}}\n' * 40
                done = udsctl('--socket', udsd.socket, 'send', '-', '--field', '/status', input=lines)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertEqual(sorted(done.stdout.split()), ['OK'] * 40 + ['PROCESSING'] * 40)

    def test_waiting_for_room_takes_no_processor(self):
        seen = threading.Event()

        def script(peer):
            first, second = peer.line()['id'], peer.line()['id']
            peer.send(reply(second, 'ERROR', 'busy', error={'code': 'busy', 'retryable': True,
                                                            'limit': 'requests_in_flight'}))
            peer.send(processing(first))
            self.assertTrue(seen.wait(DEADLINE))
            peer.send(ok(first))
            peer.send(ok(peer.line()['id']))
        with Stub(script) as stub:
            child = self.start(stub)
            child.stdin.write((PING + '\n').encode() * 2)
            child.stdin.flush()
            # It has taken the answer before this one, too.
            self.assertIn(b'PROCESSING', child.stdout.readline())
            support.wait_until(lambda: is_asleep(child.pid), 'udsctl to sleep')
            seen.set()
            child.stdin.close()
            self.assertEqual(child.wait(DEADLINE), 0)

    def test_ids_that_udsctl_might_use_itself(self):
        with Stub(answer(ok)) as stub:
            done = self.send(stub, input='{"cmd":"a.a","id":"udsctl.cancel.1"}\n')
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (0, 1))

    def test_a_field_of_each_stream(self):
        def script(peer):
            a, b = peer.line()['id'], peer.line()['id']
            for i in (a, b):
                peer.send(reply(i, 'PROCESSING', progress={'current': 1, 'total': 2, 'unit': 'x'}))
            peer.send(ok(a) + ok(b))
        with Stub(script) as stub:
            done = self.send(stub, '--field', '/progress/current', input=(PING + '\n') * 2)
            self.assertEqual((done.returncode, done.stdout), (0, '1\n1\n'), done.stderr)

        def one_has_it(peer):
            a, b = peer.line()['id'], peer.line()['id']
            peer.send(reply(a, 'PROCESSING', progress={'current': 1, 'total': 2, 'unit': 'x'}) + ok(b) + ok(a))
        with Stub(one_has_it) as stub:
            done = self.send(stub, '--field', '/progress/current', input=(PING + '\n') * 2)
        self.assertEqual((done.returncode, done.stdout), (65, '1\n'))

    def test_a_busy_daemon_does_not_make_it_read_everything(self):
        answered = threading.Event()
        peers = []

        def script(peer):
            ids = [peer.line()['id'] for _ in range(2)]
            for i in ids:
                peer.send(reply(i, 'ERROR', 'busy', error={'code': 'busy', 'retryable': True,
                                                           'retry_after_ms': 3_600_000}))
            peers.append(peer)
            answered.set()
            self.assertIsNone(peer.line(), 'a line more, while two wait to be repeated')
        with Stub(script) as stub:
            child = self.start(stub, '--retry', '9', '--parallel', '2', '--quiet')
            child.stdin.write((PING + '\n').encode() * 100)
            child.stdin.flush()
            self.assertTrue(answered.wait(DEADLINE))

            def has_taken_the_answers():
                unread = struct.unpack('i', fcntl.ioctl(peers[0].socket, termios.TIOCOUTQ, b'\0' * 4))[0]
                return unread == 0 and is_asleep(child.pid)
            support.wait_until(has_taken_the_answers, 'udsctl to take the answers and sleep')
            child.kill()

    def test_what_is_typed_is_answered_at_once(self):
        with Stub(answer(ok)) as stub:
            child = self.start(stub)
            for _ in range(2):
                child.stdin.write(PING.encode() + b'\n')
                child.stdin.flush()
                self.assertIn(b'"OK"', child.stdout.readline())
            child.stdin.close()
            self.assertEqual(child.wait(DEADLINE), 0)

    def test_much_in_both_directions_does_not_block(self):
        with support.Udsd() as udsd:
            line = json.dumps({'cmd': 'echo', 'args': {'text': 'x' * 300_000}}) + '\n'
            done = udsctl('--socket', udsd.socket, 'send', '-', '--field', '/status', input=line * 40)
        self.assertEqual((done.returncode, done.stdout.split()), (0, ['OK'] * 40), done.stderr)

    def test_a_request_that_is_not_answered_in_time(self):
        def script(peer):
            peer.send(ok(peer.line()['id']))
            peer.to_end()
        with Stub(script) as stub:
            done = self.send(stub, '--timeout', '50ms', input=(PING + '\n') * 2)
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (124, 1))

    def test_the_first_status_that_is_not_0_counts_and_the_rest_is_sent(self):
        for arguments in ((), ('--parallel', '1')):
            answers = iter([ok, lambda i: error(i, 'permission_denied'), lambda i: error(i, 'not_found'), ok])

            def script(peer, answers=answers):
                while (request := peer.line()) is not None:
                    peer.send(next(answers)(request['id']))
            with Stub(script) as stub, self.subTest(arguments):
                done = self.send(stub, *arguments, input=(PING + '\n') * 4)
            self.assertEqual(done.returncode, 77)
            self.assertEqual(len(done.stdout.splitlines()), 4)

    def test_a_bad_line_ends_it(self):
        for arguments in ((), ('--parallel', '1')):
            with Stub(answer(ok)) as stub, self.subTest(arguments):
                done = self.send(stub, *arguments, input=f'{PING}\n\nnonsense\n{PING}\n')
            self.assertEqual(done.returncode, 65)
            self.assertEqual(len(done.stdout.splitlines()), 1)
            self.assertIn('udsctl: line 3: ', done.stderr)

    def test_a_lost_connection_ends_it(self):
        with Stub(lambda peer: peer.send(ok([peer.line() for _ in range(3)][0]['id']))) as stub:
            done = self.send(stub, input=(PING + '\n') * 3)
        self.assertEqual(done.returncode, 76)
        self.assertEqual(len(done.stdout.splitlines()), 1)

    def test_a_connection_that_ends_with_nothing_in_flight_is_made_again(self):
        ended = threading.Event()

        def script(peer):
            peer.send(ok(peer.line()['id']))
            peer.socket.shutdown(socket.SHUT_WR)
            peer.to_end()  # udsctl has seen the end, and closed
            ended.set()
        with Stub(script) as stub:
            child = self.start(stub)
            for _ in range(2):
                child.stdin.write(PING.encode() + b'\n')
                child.stdin.flush()
                self.assertIn(b'"OK"', child.stdout.readline())
                self.assertTrue(ended.wait(DEADLINE))
                ended.clear()
            child.stdin.close()
            self.assertEqual((child.wait(DEADLINE), stub.connections), (0, 2))

    def test_an_answer_to_nobody_ends_it(self):
        with Stub(lambda peer: (peer.line(), peer.send(error(None, 'bad_frame')))) as stub:
            done = self.send(stub, input=(PING + '\n') * 2)
        self.assertEqual((done.returncode, len(done.stdout.splitlines())), (2, 1))

    def test_nothing_to_send(self):
        with Stub(lambda peer: self.assertEqual(peer.to_end(), b'')) as stub:
            self.assertEqual(self.send(stub, input='').returncode, 0)
        self.assertEqual(udsctl('send', '-', '--socket', '/nonexistent/s', input='').returncode, 69)


class Retry(unittest.TestCase):
    """--retry repeats what the daemon says may be repeated, and nothing else."""

    @staticmethod
    def busy(request_id, retryable=True):
        return reply(request_id, 'ERROR', 'busy', error={'code': 'busy', 'retryable': retryable, 'retry_after_ms': 1})

    def check(self, answers, *arguments, status, sent, **options):
        """What a server that gives `answers`, and then OK, has been asked; each function may close by returning None."""
        seen = []
        rest = iter(answers)

        def script(peer):
            while (request := peer.line()) is not None:
                seen.append(request['id'])
                text = next(rest, ok)(request['id'])
                if text is None:
                    return
                peer.send(text)
        with Stub(script) as stub:
            done = udsctl('--socket', stub.path, *arguments, **options)
        self.assertEqual(done.returncode, status, done.stderr)
        self.assertEqual(len(seen), sent)
        return done

    def test_until_it_works(self):
        for arguments, options in ((('ping',), {}), (('send', '-'), {'input': PING})):
            done = self.check([self.busy] * 2, '--retry', '2', *arguments, status=0, sent=3, **options)
            self.assertEqual([json.loads(line)['status'] for line in done.stdout.splitlines()], ['OK'])

    def test_the_last_answer_is_shown(self):
        for arguments, options in ((('ping',), {}), (('send', '-'), {'input': PING})):
            done = self.check([self.busy] * 9, '--retry', '1', *arguments, status=2, sent=2, **options)
            self.assertEqual(json.loads(done.stdout)['error']['code'], 'busy')

    def test_not_what_may_not_be_repeated(self):
        self.check([self.busy], 'ping', status=2, sent=1)
        self.check([lambda i: self.busy(i, False)], '--retry', '3', 'ping', status=2, sent=1)
        self.check([lambda _: None], '--retry', '3', 'ping', status=76, sent=1)

    def test_a_daemon_that_starts_again(self):
        seen = []

        def script(peer):
            i = peer.line()['id']
            seen.append(i)
            peer.send(reply(i, 'ERROR', 'stopping', error={'code': 'shutting_down', 'retryable': True})
                      if len(seen) == 1 else ok(i))
        for arguments, options in ((('ping',), {}), (('send', '-'), {'input': PING})):
            seen.clear()
            with Stub(script) as stub:
                done = udsctl('--socket', stub.path, '--retry', '2', *arguments, **options)
                self.assertEqual((done.returncode, stub.connections), (0, 2), done.stderr)

    def test_a_wait_can_be_interrupted(self):
        def script(peer):
            while (request := peer.line()) is not None:
                peer.send(reply(request['id'], 'ERROR', 'busy',
                                error={'code': 'busy', 'retryable': True, 'retry_after_ms': 60_000}))
        with Stub(script) as stub, Terminal('--socket', stub.path, '--retry', '9', 'ping') as terminal:
            terminal.read_until('busy; trying again in 1m')
            terminal.child.send_signal(signal.SIGINT)
            self.assertEqual(terminal.child.wait(DEADLINE), 130)


class Formats(unittest.TestCase):
    """--json, --collect, --field, --quiet, and colour."""

    DATA = {'text': 'a"b', 'list': [1, 2], 'n': 1.5, 'a/b': {'~': None}}

    def ask(self, *arguments, script=None, **options):
        with Stub(script or answer(processing, lambda i: reply(i, 'OK', data=self.DATA))) as stub:
            return udsctl('--socket', stub.path, *arguments, **options)

    def test_collect_is_one_array(self):
        done = self.ask('--collect', 'ping')
        self.assertEqual([each['status'] for each in json.loads(done.stdout)], ['PROCESSING', 'OK'])
        done = self.ask('--collect', 'send', '-', input='')
        self.assertEqual((done.returncode, json.loads(done.stdout)), (0, []))
        done = self.ask('--collect', 'ping', script=lambda peer: peer.send(processing(peer.line()['id'])))
        self.assertEqual((done.returncode, len(json.loads(done.stdout))), (76, 1), 'an array in any case')

    def test_pretty(self):
        done = self.ask('--json=pretty', 'ping')
        self.assertTrue(done.stdout.startswith('{\n  "id": 1,\n'), done.stdout)
        self.assertNotIn('\x1b', done.stdout)

    def test_field_prints_the_bare_value(self):
        for pointer, shown in (('/data/text', 'a"b\n'), ('/data/list', '[1,2]\n'), ('/data/list/1', '2\n'),
                               ('/data/n', '1.5\n'), ('/data/a~1b/~0', 'null\n'), ('/status', 'PROCESSING\nOK\n')):
            with self.subTest(pointer):
                done = self.ask('--field', pointer, 'ping')
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, shown, ''))

    def test_field_that_is_not_there(self):
        for pointer in ('/data/x', '/data/list/x', '/data/list/9'):
            done = self.ask('--field', pointer, 'ping')
            self.assertEqual((done.returncode, done.stdout), (65, ''), done.stderr)
            self.assertIn(f'no response has a {pointer}', done.stderr)

    def test_field_tells_an_error_as_such(self):
        done = self.ask('--field', '/data/x', 'ping', script=answer(lambda i: error(i, 'not_found', 'no such thing')))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (2, '', 'udsctl: no such thing (not_found)\n'))

    def test_quiet(self):
        done = self.ask('--quiet', 'ping')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, '', ''))
        done = self.ask('--quiet', 'ping', script=answer(lambda i: error(i, 'permission_denied')))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (77, '', 'udsctl: no (permission_denied)\n'))

    def test_errors_are_json_with_json(self):
        for arguments, status, code in ((('--socket', '/nonexistent/s', 'ping'), 69, 'no_daemon'),
                                        (('--nonsense',), 64, 'usage'), (('nonsense',), 64, 'usage'),
                                        (('send', 'x'), 65, 'bad_data')):
            done = udsctl('--json', *arguments)
            said = json.loads(done.stderr)
            self.assertEqual((done.returncode, done.stdout, said['error']), (status, '', {'code': code, 'exit': status}))
        done = self.ask('--json', '--quiet', 'ping', script=answer(lambda i: error(i, 'not_found')))
        self.assertEqual(json.loads(done.stderr)['error']['code'], 'not_found')

    def test_colour_is_for_people(self):
        def shown(*arguments, **environment):
            with Stub(answer(lambda i: reply(i, 'OK', data=self.DATA))) as stub, \
                    Terminal('--socket', stub.path, *arguments, 'ping', env=environment) as terminal:
                return terminal.read_until()
        self.assertIn('\x1b[36m', shown())
        self.assertIn('\x1b[36m', shown('--json=pretty'))
        for arguments, environment in (((), {'NO_COLOR': '1'}), ((), {'TERM': 'dumb'}), ((), {'CLICOLOR': '0'}),
                                       (('--json',), {}), (('--field', '/data'), {}),
                                       ((), {'NO_COLOR': '1', 'CLICOLOR_FORCE': '1'})):
            self.assertNotIn('\x1b[3', shown(*arguments, **environment), (arguments, environment))

    def test_colour_can_be_forced_but_not_into_lines(self):
        force = {'CLICOLOR_FORCE': '1'}
        self.assertIn('\x1b[36m', self.ask('--json=pretty', 'ping', env=force).stdout)
        self.assertNotIn('\x1b', self.ask('ping', env=force).stdout)
        self.assertIn('\x1b[1;31mudsctl:', udsctl('nonsense', env=force).stderr)

    def test_an_error_on_a_terminal_says_what_it_knows(self):
        def script(peer):
            peer.send(reply(peer.line()['id'], 'ERROR', 'it is full',
                            error={'code': 'busy', 'retryable': True, 'limit': 'connections'}))
        with Stub(script) as stub, Terminal('--socket', stub.path, 'ping', env={'NO_COLOR': '1'}) as terminal:
            self.assertEqual(terminal.read_until(), 'udsctl: it is full (busy)\r\nlimit  connections\r\n')

    def test_an_array_in_any_case(self):
        for arguments in (('ping',), ('send', '-'), ('send', 'x')):
            done = udsctl('--socket', '/nonexistent/s', '--collect', *arguments, input='')
            self.assertEqual(json.loads(done.stdout), [], arguments)
        with Stub(answer(ok)) as stub, open('/dev/full', 'wb') as full:
            done = subprocess.run([program('UDSCTL'), '--socket', stub.path, '--collect', 'ping'], stdout=full,
                                  stderr=subprocess.PIPE, env=clean_environment(), timeout=DEADLINE, check=False)
        self.assertEqual((done.returncode, done.stderr.count(b'\n')), (74, 1))

    def test_json_on_a_terminal_is_harmless(self):
        def script(peer):
            raw = {'id': peer.line()['id'], 'status': 'ERROR', 'message': '\x9b2J\u202e',
                   'error': {'code': 'x', 'retryable': False}}
            peer.send(json.dumps(raw, ensure_ascii=False).encode() + b'\n')
        with Stub(script) as stub, Terminal('--socket', stub.path, '--json', '--quiet', 'ping') as terminal:
            self.assertIn('\\u009b2J\\u202e', terminal.read_until())

    def test_connect_timeout(self):
        with tempfile.TemporaryDirectory() as directory:
            path = directory + '/full.sock'
            with socket.socket(socket.AF_UNIX) as listener, socket.socket(socket.AF_UNIX) as waiting:
                listener.bind(path)
                listener.listen(0)
                waiting.connect(path)
                done = udsctl('--socket', path, '--connect-timeout', '20ms', 'ping')
        self.assertEqual(done.returncode, 69, done.stderr)


class Administration(unittest.TestCase):
    def test_log_level_and_shutdown(self):
        with support.Udsd() as udsd:
            def field(*arguments):
                return udsctl('--socket', udsd.socket, '--field', '/data/level', *arguments).stdout
            self.assertEqual(field('log-level'), 'info\n')
            self.assertEqual(field('log-level', 'debug'), 'debug\n')
            self.assertEqual(field('log-level'), 'debug\n')
            self.assertEqual(udsctl('--socket', udsd.socket, 'log-level', 'loud').returncode, 2)
            self.assertEqual(udsctl('--socket', udsd.socket, 'shutdown', 'later').returncode, 2)
            self.assertEqual(udsctl('--socket', udsd.socket, 'shutdown', 'drain').returncode, 0)
            self.assertEqual(udsd.wait(), 0)

    def test_usage(self):
        for verb, what in (('log-level', 'level'), ('shutdown', 'mode')):
            done = udsctl(verb, 'a', 'b')
            self.assertEqual((done.returncode, done.stderr),
                             (64, f'udsctl: {verb} takes one {what} at most; see udsctl --help\n'))


class HalfClose(unittest.TestCase):
    REQUEST = '{"id":"request","message":"This is a request, please respond"}'

    def test_the_original_server(self):
        with Stub(original_server) as stub:
            done = udsctl('send', '--half-close', self.REQUEST, '--socket', stub.path, '--timeout', '30s')
        self.assertEqual(done.returncode, 0, done.stderr)
        responses = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual([each['status'] for each in responses], ['PROCESSING'] * 9 + ['OK'])
        self.assertEqual(responses[-1]['message'], 'Roger that')

    def test_each_line_gets_its_own_connection(self):
        with Stub(original_server) as stub:
            done = udsctl('send', '--half-close', '-', '--socket', stub.path, input=(self.REQUEST + '\n') * 2)
            self.assertEqual(stub.connections, 2)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 20)


class Terminal:
    """udsctl with standard output and error on a pseudo-terminal of 60 columns."""

    def __init__(self, *arguments, stdout=None, env=None, user=None):
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack('4H', 24, 60, 0, 0))
        self.child = subprocess.Popen([program('UDSCTL'), *arguments], stdin=slave, stdout=stdout or slave,
                                      stderr=slave, start_new_session=True, user=user,
                                      env=clean_environment({'TERM': 'xterm', **(env or {})}))
        os.close(slave)
        self.text = ''

    def read_until(self, part=None):
        """Everything shown so far, once `part` is among it; without `part` at the end."""
        while part is None or part not in self.text:
            ready, _, _ = select.select([self.master], [], [], DEADLINE)
            if not ready:
                raise AssertionError(f'waited in vain for {part!r} after {self.text!r}')
            try:
                self.text += os.read(self.master, 65536).decode()
            except OSError:  # EIO: the other side is closed
                break
        return self.text

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.child.kill()
        self.child.wait()
        os.close(self.master)


class OnTerminal(unittest.TestCase):
    def test_a_live_line_and_a_laid_out_result(self):
        shown = threading.Event()

        def script(peer):
            i = peer.line()['id']
            peer.send(reply(i, 'PROCESSING', 'one of two', progress={'current': 1, 'total': 2, 'unit': 'steps'}))
            peer.send(reply(i, 'PROCESSING', 'x' * 100))
            shown.wait(DEADLINE)
            peer.send(reply(i, 'OK', 'done', data={'b': [1]}))
        with Stub(script) as stub, Terminal('--socket', stub.path, 'ping') as terminal:
            text = terminal.read_until('…')
            self.assertIn('\r\x1b[K[##########----------]  50% one of two', text)
            self.assertIn('\r\x1b[K' + 'x' * 58 + '…', text)
            self.assertNotIn('\n', text, 'one line only')
            shown.set()
            text = terminal.read_until()
            self.assertEqual(terminal.child.wait(DEADLINE), 0)
        self.assertEqual(text.split('\r\x1b[K')[-1], 'done\r\n\x1b[36mb\x1b[0m  [1]\r\n')

    def test_each_stream_has_its_line(self):
        first, second = threading.Event(), threading.Event()

        def script(peer):
            a, b = peer.line()['id'], peer.line()['id']
            peer.send(reply(a, 'PROCESSING', 'one') + reply(b, 'PROCESSING', 'other'))
            first.wait(DEADLINE)
            peer.send(reply(a, 'OK', 'done'))
            second.wait(DEADLINE)
            peer.send(reply(b, 'OK', 'done, too'))
        with Stub(script) as stub, Terminal('--socket', stub.path, 'send', '-') as terminal:
            os.write(terminal.master, (PING + '\n' + PING + '\n\x04').encode())
            self.assertIn('\r\x1b[K1: one\r\n2: other', terminal.read_until('2: other'))
            first.set()
            terminal.read_until('1: done\r\n\r\x1b[Kother')
            second.set()
            self.assertTrue(terminal.read_until().endswith('\r\x1b[K2: done, too\r\n'))

    def test_json_forces_lines(self):
        with Stub(answer(processing, ok)) as stub, Terminal('--socket', stub.path, '--json', 'ping') as terminal:
            lines = terminal.read_until().splitlines()
        self.assertEqual([json.loads(line)['status'] for line in lines], ['PROCESSING', 'OK'])

    def test_a_dumb_terminal_gets_plain_lines(self):
        with Stub(answer(processing, ok)) as stub, \
                Terminal('--socket', stub.path, 'ping', env={'TERM': 'dumb'}) as terminal:
            text = terminal.read_until()
        self.assertEqual(text, 'working\r\ndone\r\n')

    def test_escapes_of_others_are_made_visible(self):
        def script(peer):
            i = peer.line()['id']
            peer.send(reply(i, 'PROCESSING', '\x1b[2J'))
            raw = {'id': i, 'status': 'OK', 'message': 'a\x7fb\x9b31m\u202ec'}
            peer.send(json.dumps(raw, ensure_ascii=False).encode() + b'\n')
        for arguments in (('ping',), ('--json', 'ping')):
            with Stub(script) as stub, Terminal('--socket', stub.path, *arguments) as terminal:
                text = terminal.read_until()
            self.assertIn('\\u001b[2J', text)
            self.assertIn('a\\u007fb\\u009b31m\\u202ec', text)
            self.assertFalse(any(hidden in text for hidden in ('\x1b[2J', '\x7f', '\x9b', '\u202e')))

    def test_no_live_line_when_the_output_goes_elsewhere(self):
        with Stub(answer(processing, ok)) as stub, tempfile.TemporaryFile() as output, \
                Terminal('--socket', stub.path, 'ping', stdout=output) as terminal:
            self.assertEqual(terminal.read_until(), '')
            self.assertEqual(terminal.child.wait(DEADLINE), 0)
            output.seek(0)
            self.assertEqual(len(output.read().splitlines()), 2)


class Events(unittest.TestCase):
    """events follows a real udsd over its end and its next start."""

    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='uds-')
        self.addCleanup(directory.cleanup)
        self.path = os.path.join(directory.name, 'uds.sock')

    def serve(self):
        udsd = support.Udsd(socket_path=self.path)
        self.addCleanup(udsd.close)
        return udsd

    def follow(self):
        child = subprocess.Popen([program('UDSCTL'), '--socket', self.path, 'events'], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=clean_environment())
        for cleanup in (child.stdout.close, child.stderr.close, child.wait, child.kill):
            self.addCleanup(cleanup)
        self.assertEqual(json.loads(child.stdout.readline())['message'], 'watching')
        return child

    def interrupt(self, child):
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(DEADLINE), 130)

    def await_again(self, child):
        self.assertEqual(child.stderr.readline(), b'udsctl: connection lost; connecting again\n')
        self.serve()
        self.assertEqual(child.stderr.readline(), b'udsctl: connected again; events in between are not known\n')
        while b'watching' not in child.stdout.readline():
            pass
        self.assertEqual(udsctl('--socket', self.path, 'ping').returncode, 0)
        while b'"ping"' not in child.stdout.readline():
            pass
        self.interrupt(child)

    def test_what_happens_is_a_line_each(self):
        self.serve()
        child = self.follow()
        self.assertEqual(udsctl('--socket', self.path, 'ping').returncode, 0)
        events = [json.loads(child.stdout.readline())['data'] for _ in range(3)]
        self.assertEqual([(event['event'], event['action']) for event in events],
                         [('connection', 'opened'), ('request', 'finished'), ('connection', 'closed')])
        self.interrupt(child)

    def test_it_follows_over_an_orderly_restart(self):
        udsd = self.serve()
        child = self.follow()
        udsd.close()
        self.await_again(child)

    def test_it_follows_over_a_crash(self):
        udsd = self.serve()
        child = self.follow()
        udsd.process.kill()
        udsd.process.wait()
        self.await_again(child)

    def test_a_server_that_is_busy_at_first_is_tried_again(self):
        scripts = iter((lambda peer: peer.send(processing(peer.line()['id'])),
                        lambda peer: peer.send(error(None, 'busy')),
                        lambda peer: peer.send(error(peer.line()['id'], 'permission_denied'))))
        with Stub(lambda peer: next(scripts)(peer)) as stub:
            done = udsctl('--socket', stub.path, 'events')
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertEqual(done.stderr.count('connected again'), 2)

    def test_waiting_for_the_next_start_can_be_interrupted(self):
        udsd = self.serve()
        child = self.follow()
        udsd.close()
        self.assertEqual(child.stderr.readline(), b'udsctl: connection lost; connecting again\n')
        self.interrupt(child)

    def test_nobody_there_at_first(self):
        self.assertEqual(udsctl('--socket', self.path, 'events').returncode, 69)

    def test_usage(self):
        for verb in ('events', 'reload', 'ping'):
            done = udsctl('--socket', self.path, verb, 'more')
            self.assertEqual((done.returncode, done.stderr), (64, f'udsctl: {verb} takes no argument; see udsctl --help\n'))


class Call(unittest.TestCase):
    """call, list and describe, against what a real udsd says of its commands."""

    def setUp(self):
        self.udsd = support.Udsd()
        self.addCleanup(self.udsd.close)

    def ask(self, *arguments):
        return udsctl('--socket', self.udsd.socket, *arguments)

    def test_call_runs_a_command_with_typed_arguments(self):
        for words in (('--from', '2', '--interval-ms', '0'), ('from=2', 'interval_ms=0'), ('from:=2', '--interval_ms=0')):
            done = self.ask('call', 'countdown', *words)
            self.assertEqual(done.returncode, 0, done.stderr)
            lines = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual([line['status'] for line in lines], ['PROCESSING', 'PROCESSING', 'OK'])
            self.assertEqual(lines[-1]['data'], {'from': 2})

    def test_a_file_and_nested_values(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write('ä text'.encode())
            file.flush()
            done = self.ask('call', 'echo', 'a.b=c', f'file=@{file.name}', 'list:=[1,null]')
        self.assertEqual(json.loads(done.stdout)['data'], {'a': {'b': 'c'}, 'file': 'ä text', 'list': [1, None]})
        gone = self.ask('call', 'echo', 'file=@/nonexistent')
        self.assertEqual(gone.returncode, 74)
        self.assertIn('cannot read /nonexistent: No such file', gone.stderr)

    def test_slips(self):
        for words, status, said in ((['countdown', 'form=3'], 64, 'there is no argument form (did you mean from?)'),
                                    (['countdwn'], 2, 'did you mean countdown?'),
                                    (['countdown', '--from', 'x'], 64, 'from must be an integer'),
                                    ([], 64, 'needs the name of a command')):
            done = self.ask('call', *words)
            self.assertEqual(done.returncode, status, done.stderr)
            # What the daemon answers is a line; what udsctl itself has to say is not.
            self.assertIn(said, json.loads(done.stdout)['message'] if status == 2 else done.stderr)

    def test_what_is_no_utf_8_is_not_sent_as_something_else(self):
        with tempfile.NamedTemporaryFile() as file:
            file.write(b'a\xffb')
            file.flush()
            for word in (f'file=@{file.name}', b'text=a\xff'):
                done = subprocess.run([program('UDSCTL'), '--socket', self.udsd.socket, 'call', 'echo', word],
                                      capture_output=True, timeout=DEADLINE, env=clean_environment(), check=False)
                self.assertEqual((done.returncode, done.stdout), (64, b''), done.stderr)
                self.assertIn(b'is no UTF-8', done.stderr)

    def test_a_flag_takes_its_value_as_it_is(self):
        done = self.ask('call', 'echo', '--text', '@/etc/hostname')
        self.assertEqual(json.loads(done.stdout)['data'], {'text': '@/etc/hostname'})

    def test_an_interrupt_while_a_file_is_read(self):
        child = subprocess.Popen([program('UDSCTL'), '--socket', self.udsd.socket, 'call', 'echo', 'text=@/dev/stdin'],
                                 stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 env=clean_environment())
        for cleanup in (child.stdin.close, child.stdout.close, child.stderr.close, child.wait, child.kill):
            self.addCleanup(cleanup)
        # It reads when it has taken this.
        child.stdin.write(b'x' * (1 << 17))
        child.stdin.flush()
        child.send_signal(signal.SIGTERM)
        self.assertEqual(child.wait(DEADLINE), 130)
        self.assertEqual(child.stdout.read(), b'')

    def test_names_that_nest_without_end(self):
        done = self.ask('call', 'echo', 'a.' * 60_000 + 'a=1')
        self.assertEqual(done.returncode, 64)
        self.assertIn('nests too deep', done.stderr)

    def test_answers_of_another_shape(self):
        def script(peer):
            peer.send(reply(peer.line()['id'], 'OK', data={'commands': [1, {'name': 5}, {'name': 'a', 'summary': 'b'}]}))
        with Stub(script) as stub, Terminal('--socket', stub.path, 'list') as terminal:
            self.assertEqual(terminal.read_until(), 'a  b\r\n')
            self.assertEqual(terminal.child.wait(DEADLINE), 0)

    def test_options_of_udsctl_in_the_wrong_place(self):
        for words in (('--timeout', '5s', 'countdown'), ('--', 'countdown'), ('countdown', 'from=1', '--timeout', '5s')):
            done = self.ask('call', *words)
            self.assertEqual(done.returncode, 64, words)
            self.assertIn('options of udsctl stand before call', done.stderr)
        self.assertEqual(self.ask('call', 'countdown', 'from=1', '--help').returncode, 0)
        self.assertIn('takes the name of one command', self.ask('describe', 'a', 'b').stderr)

    def test_help_of_a_command(self):
        done = self.ask('call', 'countdown', '--help')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('--interval-ms', done.stdout)

    def test_list_and_describe_are_lines_where_nobody_reads_along(self):
        names = [command['name'] for command in json.loads(self.ask('list').stdout)['data']['commands']]
        self.assertIn('ping', names)
        self.assertEqual(json.loads(self.ask('describe', 'ping').stdout)['data']['name'], 'ping')


class Reload(unittest.TestCase):
    def test_what_is_wrong_is_told(self):
        with tempfile.TemporaryDirectory(prefix='uds-') as directory:
            config = pathlib.Path(directory, 'udsd.toml')
            config.write_text('[log]\nlevel = "info"\n', encoding='utf-8')
            with support.Udsd('--config', str(config)) as udsd:
                self.assertEqual(udsctl('--socket', udsd.socket, 'reload').returncode, 0)
                config.write_text('[log]\nlevel = "loud"\n', encoding='utf-8')
                done = udsctl('--socket', udsd.socket, 'reload')
                self.assertEqual(done.returncode, 2)
                self.assertIn(f'{config}:2:', json.loads(done.stdout)['message'])


class Interruption(unittest.TestCase):
    def start(self, stub, *arguments, **options):
        child = subprocess.Popen([program('UDSCTL'), '--socket', stub.path, *arguments], stdout=subprocess.PIPE,
                                 stderr=subprocess.PIPE, env=clean_environment(), **options)
        self.addCleanup(child.stdout.close)
        self.addCleanup(child.stderr.close)
        self.addCleanup(child.wait)
        self.addCleanup(child.kill)
        return child

    def test_the_first_signal_cancels_and_waits_for_the_final(self):
        seen = []

        def script(peer):
            i = peer.line()['id']
            peer.send(processing(i))
            cancel = peer.line()
            seen.append(cancel)
            peer.send(ok(cancel['id']) + error(i, 'cancelled'))
        for number in (signal.SIGINT, signal.SIGTERM):
            with Stub(script) as stub:
                child = self.start(stub, 'send', '{"cmd":"a.b","id":"mine"}')
                child.stdout.readline()
                child.send_signal(number)
                self.assertEqual(child.wait(DEADLINE), 130)
                self.assertEqual(json.loads(child.stdout.read())['error']['code'], 'cancelled')
        self.assertEqual([(each['cmd'], each['args']) for each in seen], [('cancel', {'id': 'mine'})] * 2)

    def test_connecting_again_is_interrupted(self):
        with tempfile.TemporaryDirectory() as directory:
            path = directory + '/full.sock'
            listener = socket.socket(socket.AF_UNIX)
            self.addCleanup(listener.close)
            listener.bind(path)
            listener.listen(0)
            child = subprocess.Popen([program('UDSCTL'), '--socket', path, '--connect-timeout', '1h', 'events'],
                                     stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
            for cleanup in (child.stdout.close, child.stderr.close, child.wait, child.kill):
                self.addCleanup(cleanup)
            peer = Peer(listener.accept()[0])
            self.addCleanup(peer.socket.close)
            peer.send(processing(peer.line()['id']))
            child.stdout.readline()
            waiting = socket.socket(socket.AF_UNIX)
            self.addCleanup(waiting.close)
            waiting.connect(path)  # the backlog is full now
            peer.socket.close()
            self.assertIn(b'connecting again', child.stderr.readline())
            # It is past the first pause when it sleeps in connecting, or in the pause; both end.
            child.send_signal(signal.SIGINT)
            self.assertEqual(child.wait(DEADLINE), 130)

    def test_the_second_signal_ends_it_at_once(self):
        cancelled = threading.Event()

        def script(peer):
            peer.send(processing(peer.line()['id']))
            peer.line()
            cancelled.set()
            peer.to_end()
        with Stub(script) as stub:
            child = self.start(stub, 'ping')
            child.stdout.readline()
            child.send_signal(signal.SIGINT)
            self.assertTrue(cancelled.wait(DEADLINE))
            child.send_signal(signal.SIGINT)
            self.assertEqual(child.wait(DEADLINE), 130)

    def test_a_half_closed_request_is_cancelled_by_leaving(self):
        def script(peer):
            peer.to_end()
            while True:
                peer.send(reply('x', 'PROCESSING', 'wait')[:-1] + b'\0')
        with Stub(script) as stub:
            child = self.start(stub, '--half-close', 'send', PING)
            child.stdout.readline()
            child.send_signal(signal.SIGINT)
            threading.Thread(target=child.stdout.read).start()
            self.assertEqual(child.wait(DEADLINE), 130)

    def test_the_batch_ends(self):
        def one(peer):
            i = peer.line()['id']
            peer.send(processing(i))
            self.assertEqual(peer.line()['args'], {'id': i})
            peer.send(error(i, 'cancelled'))
            self.assertIsNone(peer.line())

        def many(peer):
            ids = [peer.line()['id'] for _ in range(3)]
            peer.send(processing(ids[0]))
            cancels = [peer.line() for _ in range(3)]
            self.assertEqual([cancel['args']['id'] for cancel in cancels], ids)
            for i, cancel in zip(ids, cancels):
                peer.send(ok(cancel['id']) + error(i, 'cancelled'))
            self.assertIsNone(peer.line())
        for script, arguments, shown in ((one, ('--parallel', '1'), 1), (many, (), 3)):
            with Stub(script) as stub, self.subTest(arguments):
                child = self.start(stub, 'send', '-', *arguments, stdin=subprocess.PIPE)
                child.stdin.write((PING + '\n').encode() * 3)
                child.stdin.flush()
                child.stdout.readline()
                child.send_signal(signal.SIGINT)
                self.assertEqual(child.wait(DEADLINE), 130)
                self.assertEqual(child.stdout.read().count(b'"cancelled"'), shown)
                child.stdin.close()

    def test_waiting_for_input_can_be_interrupted(self):
        with Stub(answer(ok)) as stub:
            child = self.start(stub, 'send', '-', stdin=subprocess.PIPE)
            child.stdin.write((PING + '\n').encode())
            child.stdin.flush()
            child.stdout.readline()
            child.send_signal(signal.SIGINT)
            self.assertEqual(child.wait(DEADLINE), 130)
            child.stdin.close()

    def test_a_signal_that_is_ignored_stays_ignored(self):
        go = threading.Event()

        def script(peer):
            i = peer.line()['id']
            peer.send(processing(i))
            go.wait(DEADLINE)
            peer.send(ok(i))
        with Stub(script) as stub:
            child = self.start(stub, 'ping', preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN))
            child.stdout.readline()
            child.send_signal(signal.SIGINT)
            go.set()
            self.assertEqual(child.wait(DEADLINE), 0)


if __name__ == '__main__':
    support.main()

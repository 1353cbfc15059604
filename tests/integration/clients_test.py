#!/usr/bin/env python3
"""The clients of docs/clients.md, one in each language, against a real udsd and against servers that misbehave.

Each language runs the same tests. What is compiled is compiled once, into a temporary directory.
"""
import contextlib
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

import support

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / 'docs/clients.md'
CLIENTS = ROOT / 'docs/examples/clients'

# Everything that a client that splits, decodes or escapes badly would change.
HOSTILE_TEXT = ('quote " backslash \\ \\n tab \t newline \n ü € 😀 separators \u2028 \u2029 \x85 NUL \0 '
                '{"id":1,"status":"OK"}')


@contextlib.contextmanager
def server(answer):
    """The path of a server that takes one connection, reads a line, calls `answer(connection)` and closes."""
    with tempfile.TemporaryDirectory(prefix='uds-') as directory:
        path = os.path.join(directory, 'stub.sock')
        failures = []
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(path)
            listener.settimeout(support.DEADLINE)
            listener.listen()

            def serve():
                try:
                    connection, _ = listener.accept()
                    with connection:
                        connection.settimeout(support.DEADLINE)
                        while (received := connection.recv(65536)) and not received.endswith(b'\n'):
                            pass
                        answer(connection)
                except Exception as failure:  # raised below, on the thread of the test
                    failures.append(failure)
            thread = threading.Thread(target=serve)
            thread.start()
            try:
                yield path
            finally:
                listener.shutdown(socket.SHUT_RDWR)  # wakes a thread to which no client came
                thread.join()
        if failures:
            raise failures[0]


def sending(*parts):
    """An answer that sends these bytes, part by part."""
    def answer(connection):
        for part in parts:
            connection.sendall(part)
    return answer


def environment(extra=None):
    """What a client starts with: nothing that steers udsd, or does what the client has to do itself."""
    return {key: value for key, value in support.clean_environment(extra).items() if key != 'PYTHONUNBUFFERED'}


class Client:
    """The tests that each language runs. `prepare(source)` returns the words that start the client in that file."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix='uds-client-')
        cls.addClassCleanup(holder.cleanup)
        cls.directory = pathlib.Path(holder.name)
        cls.command = cls.prepare(CLIENTS / cls.file)
        cls.udsd = support.Udsd()
        cls.addClassCleanup(cls.udsd.close)

    @staticmethod
    def compile(*command, env=None):
        done = subprocess.run([str(word) for word in command], env={**os.environ, **(env or {})}, capture_output=True,
                              text=True, timeout=4 * support.DEADLINE, check=False)
        if done.returncode != 0:
            raise AssertionError(f'{command}: {done.stdout}{done.stderr}')

    def run_client(self, *words, env=None, command=None):
        return subprocess.run([*(command or self.command), *words], stdin=subprocess.DEVNULL, capture_output=True,
                              encoding='utf-8', env=environment(env), timeout=support.DEADLINE, check=False)

    def ask(self, command, args=None, path=None):
        return self.run_client(command, json.dumps(args or {}), path or self.udsd.socket)

    def check_ok(self, done, output):
        self.assertEqual((done.returncode, done.stdout), (0, output), done.stderr)

    def check_error(self, done, code):
        self.assertEqual((done.returncode, done.stdout), (2, ''), done.stderr)
        self.assertRegex(done.stderr, rf'(?m)^{code}: .')

    check_refused = check_error

    def check_no_final(self, done, output=''):
        self.assertEqual((done.returncode, done.stdout), (76, output), done.stderr)
        self.assertIn('no final response', done.stderr)

    def test_ping_with_the_path_in_the_environment(self):
        self.check_ok(self.run_client('ping', env={'UDS_SOCKET': self.udsd.socket}), 'pong\n')

    def test_a_stream(self):
        done = self.ask('countdown', {'from': 3, 'interval_ms': 1})
        *messages, data = done.stdout.splitlines()
        self.assertEqual((done.returncode, messages), (0, ['3', '2', '1']), done.stderr)
        self.assertEqual(json.loads(data), {'from': 3})

    def test_a_message_is_printed_while_the_request_still_runs(self):
        # Only a client that prints at once gets here before the deadline: the second message is an hour away.
        with subprocess.Popen([*self.command, 'countdown', '{"from":2,"interval_ms":3600000}', self.udsd.socket],
                              stdout=subprocess.PIPE, env=environment(), start_new_session=True) as process:
            watchdog = threading.Timer(support.DEADLINE, os.killpg, (process.pid, signal.SIGKILL))
            watchdog.start()
            try:
                self.assertEqual(process.stdout.readline(), b'2\n')
                self.assertIsNone(process.poll())
            finally:
                watchdog.cancel()
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    def test_an_error(self):
        self.check_error(self.ask('pong'), 'unknown_command')
        self.check_error(self.ask('an "odd" \\ name\n'), 'bad_request')
        self.check_error(self.ask('countdown', {'from': 'x'}), 'invalid_args')

    def test_arguments_come_back_unchanged(self):
        args = {'text': HOSTILE_TEXT, HOSTILE_TEXT: [], 'nested': [{'a': [1, -2.5, True, None]}, {}], 'empty': ''}
        for text in (json.dumps(args), json.dumps(args, ensure_ascii=False), json.dumps(args, indent=2)):
            with self.subTest(text):
                done = self.run_client('echo', text, self.udsd.socket)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(json.loads(done.stdout), args)

    def test_a_large_response(self):
        args = {'text': '€' * 40000}  # the kernel takes no word of a command line above 128 KiB
        done = self.run_client('echo', json.dumps(args, ensure_ascii=False), self.udsd.socket)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), args)

    def test_a_larger_response_whose_characters_arrive_in_parts(self):
        text = ('ü€😀' * 40000) + HOSTILE_TEXT
        line = json.dumps({'id': 1, 'status': 'OK', 'message': 'x', 'data': text}, ensure_ascii=False).encode() + b'\n'
        with server(sending(*(line[at:at + 4093] for at in range(0, len(line), 4093)))) as path:
            done = self.ask('ping', path=path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(done.stdout), text)

    def test_what_a_later_version_or_another_request_may_add(self):
        responses = sending(
            b'{"id":2,"status":"OK","message":"of another request"}\n',
            b'{ "new" : {"id":2,"status":"ERROR","a":"}"} , "id" : 1 , "status" : "PROCESSING", "message" : "a"}\n',
            r'{"id":1,"status":"PROCESSING","message":"é \u00e9 \ud83d\ude00 \"status\":\"OK\" \\"}'.encode() + b'\n',
            b'{"id":1,"status":"OK","message":"done","new":[{"data":1}]}\n')
        with server(responses) as path:
            self.check_ok(self.ask('ping', path=path), 'a\né é 😀 "status":"OK" \\\ndone\n')

    def test_a_connection_that_ends_before_the_final_response(self):
        working = b'{"id":1,"status":"PROCESSING","message":"working"}\n'
        final = b'{"id":1,"status":"OK","message":"x","data":{"a":"b"}}'
        for cut in (b'', *(final[:-length] for length in (1, 2, 3, 30)), b'no JSON\n'):
            with self.subTest(cut), server(sending(working + cut)) as path:
                self.check_no_final(self.ask('ping', path=path), 'working\n')

    def test_a_server_that_says_nothing(self):
        # The same client with one second instead of thirty.
        impatient, count = re.subn(r'(?i)(\bsilence\b.*?)\b30', r'\g<1>1', (CLIENTS / self.file).read_text('utf-8'), 1)
        self.assertEqual(count, 1)
        source = self.directory / 'impatient' / self.file
        source.parent.mkdir()
        source.write_text(impatient, encoding='utf-8')
        left = threading.Event()
        with server(lambda _: left.wait(support.DEADLINE)) as path:
            done = self.run_client('ping', '{}', path, command=self.prepare(source))
            left.set()
        self.check_no_final(done)

    def test_a_server_that_is_busy_at_connect(self):
        configuration = self.directory / 'udsd.toml'
        configuration.write_text('[limits]\nconnections = 1\n', encoding='utf-8')
        with support.Udsd('--config', str(configuration), wait=False) as udsd:
            def the_only_connection():
                try:
                    return support.connect(udsd.socket)
                except (FileNotFoundError, ConnectionRefusedError):
                    return None
            with support.wait_until(the_only_connection, 'udsd to accept'):
                self.check_refused(self.ask('ping', path=udsd.socket), 'busy')

    def test_a_wrong_command_line_and_no_server(self):
        for words in ((), ('ping', '{'), ('ping', '{"a":{}'), ('ping', '{}', self.udsd.socket, 'more')):
            with self.subTest(words):
                done = self.run_client(*words)
                self.assertEqual((done.returncode, done.stdout), (1, ''), done.stderr)
        done = self.ask('ping', path=str(self.directory / 'none.sock'))
        self.assertEqual((done.returncode, done.stdout), (self.status_without_server, ''), done.stderr)
        self.assertNotEqual(done.stderr, '')

    status_without_server = 1


class ChecksTheServer:
    """For the clients that ask the kernel who runs the server."""

    def test_a_server_of_another_user_is_not_trusted(self):
        support.require(os.geteuid() == 0, 'root')
        fake = ('import os, socket, sys; os.setgid(65534); os.setuid(65534); s = socket.socket(socket.AF_UNIX); '
                's.bind(sys.argv[1]); s.listen(); print(flush=True); c, _ = s.accept(); print(c.recv(99), flush=True)')
        with tempfile.TemporaryDirectory(prefix='uds-') as directory:
            os.chmod(directory, 0o777)
            path = os.path.join(directory, 'fake.sock')
            with subprocess.Popen(['python3', '-c', fake, path], stdout=subprocess.PIPE, encoding='utf-8') as process:
                process.stdout.readline()
                done = self.ask('ping', path=path)
                self.assertEqual(process.stdout.readline().strip(), "b''", 'a byte reached the fake server')
        self.assertEqual((done.returncode, done.stdout), (1, ''), done.stderr)
        self.assertIn('uid 65534', done.stderr)


class Shell(Client, unittest.TestCase):
    file = 'client.sh'
    # The shell does not see whether it was socat that failed.
    status_without_server = 76

    @classmethod
    def prepare(cls, source):
        support.require(shutil.which('socat') and shutil.which('jq'), 'socat and jq')
        return ['sh', str(source)]

    def test_a_stream_with_longer_pauses_than_socat_waits_by_itself(self):
        self.check_ok(self.ask('countdown', {'from': 1, 'interval_ms': 800}), '1\n{"from":1}\n')


class Python(ChecksTheServer, Client, unittest.TestCase):
    file = 'client.py'

    @classmethod
    def prepare(cls, source):
        return ['python3', str(source)]


@unittest.skipIf(support.SANITIZED, 'a sanitized udsd gives the same answers')
class Node(Client, unittest.TestCase):
    file = 'client.js'

    @classmethod
    def prepare(cls, source):
        support.require(shutil.which('node'), 'node (Debian package nodejs)')
        return ['node', str(source)]

    def check_refused(self, done, code):
        # Where the server has closed already when Node writes, Node drops what it has not read yet.
        if 'EPIPE' in done.stderr:
            self.check_no_final(done)
        else:
            self.check_error(done, code)


@unittest.skipIf(support.SANITIZED, 'a sanitized udsd gives the same answers')
class Go(ChecksTheServer, Client, unittest.TestCase):
    file = 'client.go'

    @classmethod
    def prepare(cls, source):
        support.require(shutil.which('go'), 'go (Debian package golang-go)')
        program = cls.directory / f'{source.parent.name}.program'
        cls.compile('go', 'build', '-o', program, source,
                    env={'GOCACHE': str(cls.directory / 'cache'), 'GO111MODULE': 'off', 'GOFLAGS': ''})
        return [str(program)]


@unittest.skipIf(support.SANITIZED, 'a sanitized udsd gives the same answers')
class Rust(Client, unittest.TestCase):
    file = 'client.rs'

    @classmethod
    def prepare(cls, source):
        support.require(shutil.which('rustc'), 'rustc')
        program = cls.directory / f'{source.parent.name}.program'
        cls.compile('rustc', '--edition', '2021', '-D', 'warnings', '-o', program, source)
        return [str(program)]


class Page(unittest.TestCase):
    def test_it_shows_each_client_whole(self):
        shown = re.findall(r'^```(\w+)\n(.*?)^```$', PAGE.read_text(encoding='utf-8'), re.M | re.S)
        programs = {language: text for language, text in shown if language != 'console'}
        files = {file.suffix[1:]: file.read_text(encoding='utf-8') for file in CLIENTS.iterdir()}
        self.assertEqual(programs, files)


if __name__ == '__main__':
    support.main()

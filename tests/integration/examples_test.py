#!/usr/bin/env python3
"""The programs of docs/examples, run for real: each server is asked by the example clients, by udsctl, or byte by byte.

What docs/cookbook.md says of them is asserted here: what they print, who is refused, what a cancelled handler leaves,
and that every wait ends.
"""
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import unittest

import support

STRANGER = 12345  # a user and a group that nobody has


class Server:
    """A running example on a socket of its own directory. A context manager: at the end it gets SIGTERM."""

    def __init__(self, name, *arguments):
        self._holder = tempfile.TemporaryDirectory(prefix='uds-example-')
        self.directory = pathlib.Path(self._holder.name)
        self.directory.chmod(0o755)  # for clients of another user
        self.socket = str(self.directory / 'control.sock')
        arguments = [str(argument).replace('DIRECTORY', str(self.directory)) for argument in arguments]
        self.stderr_path = self.directory / 'stderr'
        with open(self.stderr_path, 'wb') as stderr:
            self.process = subprocess.Popen([program(name), self.socket, *arguments], stdin=subprocess.DEVNULL,
                                            stderr=stderr, env=support.clean_environment())
        try:
            support.wait_until(self._listens, f'{name} to listen')
        except BaseException:
            self.close()
            raise

    def _listens(self):
        """Whether the socket is there; connecting to ask would count as a client."""
        if self.process.poll() is not None:
            raise AssertionError(f'ended with status {self.process.returncode}: {self.stderr_path.read_text()}')
        return listens(self.socket)

    def wait(self):
        return self.process.wait(support.DEADLINE)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._holder.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()


def program(name):
    return str(pathlib.Path(support.program('UDS_EXAMPLES')) / name)


def listens(path):
    """Whether a socket with this path listens, as the kernel tells it (flag __SO_ACCEPTCON in proc(5))."""
    for line in pathlib.Path('/proc/net/unix').read_text(encoding='utf-8').splitlines():
        words = line.split()
        if words[-1] == path and words[3] == '00010000':
            return True
    return False


def run(name, *arguments, **options):
    """Runs an example client to its end."""
    return subprocess.run([program(name), *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          env=support.clean_environment(), timeout=support.DEADLINE, check=False, **options)


def as_stranger(*groups):
    return {'user': STRANGER, 'group': STRANGER, 'extra_groups': list(groups)}


class Daemon(unittest.TestCase):
    def test_asio_daemon_answers_and_stops_on_command(self):
        with Server('asio_daemon') as server:
            def rounds():
                return int(run('call', server.socket, 'demo.status').stdout.split(':')[1].rstrip('}\n'))
            first = rounds()
            support.wait_until(lambda: rounds() > first, 'the daemon to go on with its work')
            self.assertEqual(os.stat(server.socket).st_mode & 0o777, 0o660)
            asked = support.udsctl('--socket', server.socket, 'call', 'demo.status')
            self.assertEqual(asked.returncode, 0, asked.stderr)
            stopped = run('call', server.socket, 'demo.stop')
            self.assertEqual((stopped.returncode, stopped.stdout), (0, 'stopping null\n'))
            self.assertEqual(server.wait(), 0)
            self.assertFalse(os.path.exists(server.socket))

    def test_asio_daemon_stops_on_a_signal(self):
        with Server('asio_daemon') as server:
            with support.Wire(server.socket) as idle:
                idle.send({'cmd': 'ping'})
                self.assertEqual(idle.receive()['message'], 'pong')
                self.assertEqual(server.stop(), 0)
                self.assertEqual(idle.rest(), b'')

    def test_poll_daemon_answers_beside_its_work_and_stops_on_a_signal(self):
        with Server('poll_daemon') as server, support.Wire(server.socket) as wire:
            def rounds():
                wire.send({'cmd': 'demo.status', 'id': 1})
                return wire.receive()['data']['rounds']
            first = rounds()
            support.wait_until(lambda: rounds() > first, 'the daemon to go on with its work')
            self.assertEqual(server.stop(), 0)
            self.assertEqual(wire.rest(), b'')
            self.assertFalse(os.path.exists(server.socket))

    def test_a_second_daemon_is_told_why_it_cannot_start(self):
        with Server('asio_daemon') as server:
            second = run('asio_daemon', server.socket)
            self.assertEqual(second.returncode, 1)
            self.assertIn(str(server.process.pid), second.stderr)


class Streaming(unittest.TestCase):
    LONG = 100_000

    def setUp(self):
        self.server = Server('streaming', 'DIRECTORY/backup')
        self.addCleanup(self.server.close)
        self.target = self.server.directory / 'backup'

    def partial(self):
        return list(self.server.directory.glob('backup.partial*'))

    def begin(self, wire):
        """A long backup that has begun to write."""
        wire.send({'cmd': 'backup.run', 'id': 1, 'args': {'steps': self.LONG}})
        self.assertEqual(wire.receive()['progress'], {'current': 1, 'total': self.LONG, 'unit': 'steps'})
        self.assertEqual(len(self.partial()), 1)

    def assert_nothing_is_left(self):
        support.wait_until(lambda: not self.partial(), 'the destructor of the partial file')
        self.assertFalse(self.target.exists())

    def test_it_reports_progress_and_keeps_the_file(self):
        done = run('blocking_client', self.server.socket, 'backup.run', '{"steps":3}')
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = done.stdout.splitlines()
        self.assertEqual([line.split()[:2] for line in lines[:3]],
                         [['PROCESSING', '1/3'], ['PROCESSING', '2/3'], ['PROCESSING', '3/3']])
        self.assertEqual(lines[3:], ['OK backup written'])
        self.assertEqual(self.target.read_text(encoding='utf-8'), 'step 1\nstep 2\nstep 3\n')
        self.assertEqual(self.partial(), [])

    def test_a_file_that_cannot_be_written_is_a_failed_command(self):
        self.target.mkdir()
        failed = run('blocking_client', self.server.socket, 'backup.run', '{"steps":1}')
        self.assertEqual(failed.returncode, 2)
        self.assertIn('ERROR cannot write the backup', failed.stdout)

    def test_cancel_runs_the_destructors(self):
        with support.Wire(self.server.socket) as wire:
            self.begin(wire)
            wire.send({'cmd': 'cancel', 'id': 2, 'args': {'id': 1}})
            finals = {reply['id']: reply for reply in (wire.final(), wire.final())}
            self.assertEqual(finals[2]['status'], 'OK')
            self.assertEqual(finals[1]['error']['code'], 'cancelled')
            self.assert_nothing_is_left()

    def test_a_client_that_leaves_cancels(self):
        with support.Wire(self.server.socket) as wire:
            self.begin(wire)
        self.assert_nothing_is_left()

    def test_a_deadline_cancels(self):
        with support.Wire(self.server.socket) as wire:
            wire.send({'cmd': 'backup.run', 'id': 1, 'args': {'steps': self.LONG}, 'timeout_ms': 300})
            self.assertEqual(wire.final()['error']['code'], 'deadline_exceeded')
            self.assert_nothing_is_left()

    def test_the_end_of_the_server_cancels(self):
        with support.Wire(self.server.socket) as wire:
            self.begin(wire)
            self.assertEqual(self.server.stop(), 0)
            self.assertEqual(wire.final()['error']['code'], 'shutting_down')
        self.assert_nothing_is_left()

    def test_arguments_are_checked_before_the_handler_runs(self):
        for arguments in ('{"steps":0}', '{"steps":"3"}', '{"step":3}'):
            refused = run('blocking_client', self.server.socket, 'backup.run', arguments)
            self.assertEqual(refused.returncode, 2)
            self.assertIn('the arguments do not fit', refused.stdout)
        self.assertEqual(self.partial(), [])

    def test_ctrl_c_cancels_and_waits_for_the_last_word(self):
        client = subprocess.Popen([program('blocking_client'), self.server.socket, 'backup.run',
                                   json.dumps({'steps': self.LONG})], stdout=subprocess.PIPE, text=True)
        self.addCleanup(client.stdout.close)
        self.addCleanup(client.kill)
        self.assertIn('PROCESSING 1/', client.stdout.readline())
        client.send_signal(signal.SIGINT)
        rest, _ = client.communicate(timeout=support.DEADLINE)
        self.assertEqual(rest.splitlines()[-1], 'ERROR the request was cancelled')
        self.assertEqual(client.returncode, 2)
        self.assert_nothing_is_left()

    def test_the_coroutine_client_sets_a_deadline(self):
        in_time = run('async_client', self.server.socket, 'backup.run', f'{support.DEADLINE:.0f}s')
        self.assertEqual((in_time.returncode, in_time.stdout.splitlines()[-1]), (0, 'OK backup written'))
        self.target.unlink()
        late = run('async_client', self.server.socket, 'backup.run', '50ms')
        self.assertEqual(late.returncode, 2)
        self.assertTrue(late.stdout.splitlines()[-1].startswith('ERROR the request took longer'), late.stdout)
        self.assert_nothing_is_left()


class Access(unittest.TestCase):
    GROUP = 12346  # of the writers; nobody has it either

    def setUp(self):
        self.server = Server('access', self.GROUP)
        self.addCleanup(self.server.close)

    def ask(self, command, text=None, **who):
        """The exit status of the client and what it printed."""
        arguments = [] if text is None else [json.dumps({'text': text})]
        done = run('blocking_client', self.server.socket, command, *arguments, **who)
        return done.returncode, done.stdout.strip()

    def test_an_administrator_may_do_everything(self):
        self.assertEqual(self.ask('note.write', 'mine')[0], 0)
        self.assertEqual(self.ask('note.read'), (0, 'OK mine'))
        self.assertEqual(self.ask('note.clear')[0], 0)

    def test_others_are_refused(self):
        support.require(os.geteuid() == 0, 'root')
        self.assertEqual(self.ask('note.read', **as_stranger())[0], 0)
        status, text = self.ask('note.write', 'x', **as_stranger())
        self.assertEqual(status, 2)
        self.assertTrue(text.startswith('ERROR you may not run note.write'), text)
        refused = run('call', self.server.socket, 'note.write', **as_stranger())
        self.assertTrue(refused.stderr.startswith('permission_denied: '), refused.stderr)
        hidden = run('call', self.server.socket, 'note.clear', **as_stranger())
        self.assertTrue(hidden.stderr.startswith('unknown_command: '), hidden.stderr)

    def test_the_group_and_the_rule_of_the_handler(self):
        support.require(os.geteuid() == 0, 'root')
        self.assertEqual(self.ask('note.write', 'ours', **as_stranger(self.GROUP))[0], 0)
        other = {**as_stranger(self.GROUP), 'user': STRANGER + 7}
        self.assertIn('another user wrote this note', self.ask('note.write', 'x', **other)[1])
        self.assertEqual(self.ask('note.read', **other), (0, 'OK ours'))


class Clients(unittest.TestCase):
    def silent_server(self):
        """A socket whose server never answers."""
        holder = tempfile.TemporaryDirectory(prefix='uds-silent-')
        self.addCleanup(holder.cleanup)
        path = f'{holder.name}/s'
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.addCleanup(listener.close)
        listener.bind(path)
        listener.listen()
        return path

    def test_a_silent_server_keeps_nobody_waiting(self):
        late = run('async_client', self.silent_server(), 'ping', '1ms')
        self.assertEqual((late.returncode, late.stdout), (1, ''))
        self.assertIn('the time for the operation ran out', late.stderr)

    def test_without_a_server_each_says_so(self):
        for name, *arguments in (['call', 'ping'], ['blocking_client', 'ping'], ['async_client', 'ping', '1s'],
                                 ['pass_file', '/']):
            done = run(name, '/nonexistent/socket', *arguments)
            self.assertEqual(done.returncode, 1)
            self.assertIn('no socket at /nonexistent/socket', done.stderr)

    def test_what_the_server_refuses_has_a_code(self):
        with Server('passed_file') as server:
            refused = run('call', server.socket, 'nothing.here')
            self.assertEqual(refused.returncode, 2)
            self.assertTrue(refused.stderr.startswith('unknown_command: '), refused.stderr)


class Sockets(unittest.TestCase):
    def test_listen_blocking(self):
        with Server('listen_blocking') as server:
            for text in (b'hello', b'stop'):
                with support.Wire(server.socket) as wire:
                    wire.send(text)
                    self.assertEqual(wire.rest(), text)
            self.assertEqual(server.wait(), 0)
            self.assertFalse(os.path.exists(server.socket))

    def test_listen_blocking_takes_over_after_a_kill(self):
        with Server('listen_blocking') as server:
            server.process.kill()
            server.wait()
            self.assertTrue(os.path.exists(server.socket))
            again = subprocess.Popen([program('listen_blocking'), server.socket])
            self.addCleanup(again.wait)
            self.addCleanup(again.kill)
            support.wait_until(lambda: listens(server.socket), 'the next one to take over')
            with support.Wire(server.socket) as wire:
                wire.send(b'stop')
                self.assertEqual(wire.rest(), b'stop')
            self.assertEqual(again.wait(support.DEADLINE), 0)

    def test_listen_poll(self):
        with Server('listen_poll') as server:
            for number in range(3):
                with support.Wire(server.socket) as wire:
                    self.assertEqual(wire.frame(), str(number).encode())
            self.assertEqual(server.stop(), 0)
            self.assertFalse(os.path.exists(server.socket))


class Work(unittest.TestCase):
    def test_it_runs_beside_the_loop_and_stops_when_cancelled(self):
        with Server('blocking_work') as server, support.Wire(server.socket) as wire:
            file = server.directory / 'lines'
            file.write_text('a\nb\nc\n', encoding='utf-8')
            wire.send({'cmd': 'file.count', 'id': 1, 'args': {'path': str(file)}})
            self.assertEqual(wire.receive()['data'], {'lines': 3})
            wire.send({'cmd': 'file.count', 'id': 2, 'args': {'path': str(server.directory / 'none')}})
            self.assertEqual(wire.receive()['error']['code'], 'not_found')

            wire.send({'cmd': 'file.count', 'id': 3, 'args': {'path': '/dev/zero'}})
            wire.send({'cmd': 'ping', 'id': 4})
            self.assertEqual(wire.receive()['id'], 4)
            wire.send({'cmd': 'cancel', 'id': 5, 'args': {'id': 3}})
            finals = {reply['id']: reply for reply in (wire.final(), wire.final())}
            self.assertEqual(finals[3]['error']['code'], 'cancelled')
            self.assertEqual(server.stop(), 0)  # would hang if the work went on


class Descriptors(unittest.TestCase):
    def test_an_open_file_is_passed(self):
        with Server('passed_file') as server:
            file = server.directory / 'file'
            file.write_bytes(b'12345')
            done = run('pass_file', server.socket, file)
            self.assertEqual((done.returncode, done.stdout), (0, '{"bytes":5}\n'), done.stderr)
            refused = run('pass_file', server.socket, '/dev/null')
            self.assertEqual(refused.returncode, 2)
            self.assertTrue(refused.stderr.startswith('invalid_args: '), refused.stderr)
            without = run('call', server.socket, 'file.size')
            self.assertTrue(without.stderr.startswith('bad_request: '), without.stderr)


if __name__ == '__main__':
    support.main()

#!/usr/bin/env python3
"""udsctl doctor against a real udsd and against what can be in its place; what it finds, how to mend it, and that its
exit status is that of ping."""
import fcntl
import json
import os
import pathlib
import pty
import shutil
import signal
import socket
import subprocess
import tempfile
import unittest

import support
from support import DEADLINE, Udsd, clean_environment, program, require, udsctl

NOBODY = 65534  # uid of nobody, gid of nogroup


def findings(done):
    """{check: (state, message, fix)} of a run whose standard output is no terminal."""
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line['check']: (line['state'], line['message'], line.get('fix', '')) for line in lines}


class Base(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix='uds-')
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.path = self.directory / 'uds.sock'

    def examine(self, *options, env=None, run=udsctl):
        """The findings, after the exit status was compared with that of ping."""
        options = ('--timeout', f'{DEADLINE:.0f}s', *options)  # the last one counts
        done = run(*options, 'doctor', env=env)
        self.assertEqual(done.stderr, '')
        self.assertEqual(done.returncode, run(*options, 'ping', env=env).returncode)
        found = findings(done)
        failed = [check for check, (state, _, _) in found.items() if state == 'failed']
        self.assertEqual(failed, [] if done.returncode == 0 else [list(found)[-1]])
        return found

    def fails(self, check, message, fix, *options, **how):
        found = self.examine(*options, **how)[check]
        self.assertEqual(found[0], 'failed')
        self.assertIn(message, found[1])
        self.assertIn(fix, found[2])


class Doctor(Base):
    def test_all_is_well(self):
        with Udsd() as udsd:
            found = self.examine('--socket', udsd.socket)
        self.assertEqual({state for state, _, _ in found.values()}, {'ok'}, found)
        self.assertEqual(list(found), ['choice', 'path', 'directories', 'socket', 'permission', 'connection', 'answer',
                                       'version', 'caller'])
        self.assertIn(f'uid {os.geteuid()}', found['caller'][1])

    def test_a_terminal_gets_columns(self):
        master, terminal = pty.openpty()
        with os.fdopen(master, 'rb', buffering=0) as master:
            done = subprocess.run([program('UDSCTL'), '--socket', '/none/x.sock', 'doctor'], stdin=subprocess.DEVNULL,
                                  stdout=terminal, env=clean_environment({'NO_COLOR': '1'}), timeout=DEADLINE, check=False)
            os.close(terminal)
            shown = master.read(65536).decode().splitlines()
        self.assertEqual(done.returncode, 69)
        self.assertEqual(shown[0], 'ok       choice       /none/x.sock: named with --socket')
        self.assertEqual(shown[-2], 'failed   directories  there is no directory /none')
        self.assertTrue(shown[-1].endswith('udsd --socket /none/x.sock'), shown)

    def test_which_socket_and_why(self):
        private = self.directory / 'uds/uds.sock'
        for options, env, expected in ((['--socket', self.path], {}, (self.path, 'named with --socket')),
                                       ([], {'UDS_SOCKET': str(self.path)}, (self.path, 'named by UDS_SOCKET')),
                                       (['--user'], {'XDG_RUNTIME_DIR': str(self.directory)},
                                        (private, 'the private instance, by --user'))):
            choice = self.examine(*map(str, options), env=env)['choice']
            self.assertEqual(choice, ('ok', ': '.join(map(str, expected)), ''))
        self.fails('choice', 'XDG_RUNTIME_DIR is not set', '--socket PATH', '--user', env={'XDG_RUNTIME_DIR': ''})

    def test_there_is_no_socket(self):
        self.fails('socket', 'nothing at', f'udsd --socket {self.path}', '--socket', str(self.path))
        self.fails('directories', 'there is no directory', 'make that directory', '--socket', f'{self.path}/x/y')

    def test_what_stands_there_is_no_socket(self):
        self.path.write_text('precious', encoding='utf-8')
        self.fails('socket', 'is a regular file', 'correct the path', '--socket', str(self.path))
        self.fails('socket', 'is a directory', 'correct the path', '--socket', str(self.directory))
        self.fails('directories', 'no directory', 'correct the path', '--socket', str(self.path / 'x'))
        self.assertEqual(self.path.read_text(encoding='utf-8'), 'precious')

    def test_links(self):
        link = self.directory / 'link'
        link.symlink_to(self.directory / 'gone')
        self.fails('socket', f'{link}, a symbolic link to {self.directory}/gone', 'udsd', '--socket', str(link))
        loop = self.directory / 'loop'
        loop.symlink_to('loop')
        self.fails('directories', 'in a circle', 'correct', '--socket', str(loop))
        with Udsd() as udsd:
            link.unlink()
            link.symlink_to(udsd.socket)
            self.assertEqual(self.examine('--socket', str(link))['caller'][0], 'ok')

    def test_no_path(self):
        for path, message in (('/' + 'x' * 107, '108 bytes'), ('@abstract', 'abstract'), ('', 'empty'),
                              (f'{self.directory}/', 'names a directory')):
            self.fails('path', message, '', '--socket', path)
        self.assertEqual(udsctl('doctor', 'alice').returncode, 64)

    def test_a_socket_that_was_left_behind(self):
        with Udsd(socket_path=self.path) as udsd:
            udsd.signal(signal.SIGKILL)
            udsd.wait()
        self.fails('connection', 'left behind', f'udsd --socket {self.path}', '--socket', str(self.path))
        lock = self.path.with_name('uds.sock.lock')
        with open(lock, 'rb') as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            status = lock.stat()
            name = f'{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}:{status.st_ino} '
            require(name in pathlib.Path('/proc/locks').read_text(encoding='ascii'), 'locks that the kernel shows')
            self.fails('connection', f'process {os.getpid()} holds', 'try again', '--socket', str(self.path))
        # To look at the lock leaves it alone, and the daemon starts with it.
        with Udsd(socket_path=self.path):
            self.assertEqual(self.examine('--socket', str(self.path))['answer'][0], 'ok')

    def test_a_daemon_that_says_nothing(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(self.path))
            listener.listen(64)
            self.fails('answer', 'not answered within', 'start it again', '--timeout', '50ms', '--socket',
                       str(self.path))

    def test_a_daemon_that_hangs_up(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(str(self.path))
            listener.listen(64)
            child = os.fork()
            if child == 0:
                try:
                    while True:
                        listener.accept()[0].close()
                finally:
                    os._exit(0)
            try:
                self.fails('answer', 'connection', 'start it again', '--socket', str(self.path))
            finally:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)

    def test_a_directory_that_everybody_may_write_to(self):
        self.directory.chmod(0o777)
        with Udsd(socket_path=self.path):
            found = self.examine('--socket', str(self.path))
        self.assertEqual(found['directories'][::2], ('warning', f'chmod o-w {self.directory}'))
        self.assertEqual(found['caller'][0], 'ok')


class AsSomebodyElse(Base):
    """What only root can set up."""

    def setUp(self):
        require(os.geteuid() == 0, 'root')
        super().setUp()
        self.directory.chmod(0o755)
        # A copy, since the build directory may be closed to others.
        self.program = shutil.copy(program('UDSCTL'), self.directory / 'udsctl')

    def as_nobody(self, group=NOBODY):
        def run(*arguments, env=None):
            return subprocess.run([self.program, *arguments], stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                  env=clean_environment(env), user=NOBODY, group=group, extra_groups=[],
                                  timeout=DEADLINE, check=False)
        return run

    def test_a_socket_for_others(self):
        with Udsd('--mode', '0600', socket_path=self.path):
            self.fails('permission', 'mode 0600, owner root', 'run udsctl as root', '--socket', str(self.path),
                       run=self.as_nobody())

    def test_the_group_is_missing(self):
        with Udsd('--group', '1', socket_path=self.path):
            self.fails('permission', 'not in that group', 'usermod --append --groups', '--socket', str(self.path),
                       run=self.as_nobody())

    def test_the_group_is_missing_in_this_session(self):
        with Udsd('--group', str(NOBODY), socket_path=self.path):
            self.fails('permission', 'this session', 'log in again', '--socket', str(self.path),
                       run=self.as_nobody(group=1))
            found = self.examine('--socket', str(self.path), run=self.as_nobody())
        self.assertIn(f'uid {NOBODY}', found['caller'][1])
        self.assertIn('no administrator', found['caller'][1])

    def test_a_directory_that_is_closed(self):
        closed = self.directory / 'closed'
        closed.mkdir(0o700)
        self.fails('directories', f'may not search {closed}', 'chmod a+x', '--socket', str(closed / 'x/uds.sock'),
                   run=self.as_nobody())

    def test_a_server_that_is_not_trusted(self):
        self.directory.chmod(0o777)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            os.seteuid(NOBODY)
            try:
                listener.bind(str(self.path))
                listener.listen(16)
            finally:
                os.seteuid(0)
            self.fails('connection', f'uid {NOBODY}', '--server-uid USER doctor', '--socket', str(self.path))


if __name__ == '__main__':
    support.main()

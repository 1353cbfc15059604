#!/usr/bin/env python3
"""System calls that fail, one after the other, by strace's fault injection.

At the start: udsd ends with a documented status and one sentence, and leaves no socket behind. While it serves: the
connection that was hit may be lost, the daemon is not, and the next caller is answered.
"""
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import support  # noqa: E402

# LeakSanitizer does not work under ptrace, which strace uses too.
WITHOUT_LEAKS = {'ASAN_OPTIONS': 'detect_leaks=0:detect_stack_use_after_return=1'}
PING = {'cmd': 'ping', 'id': 1}


class Faults(unittest.TestCase):
    def setUp(self):
        support.require(shutil.which('strace') is not None, 'strace')
        holder = tempfile.TemporaryDirectory(prefix='uds-')
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)
        self.spawned = 0

    def spawn(self, call, error, when):
        """udsd, whose calls of `call` fail with `error`: all of them, or those that `when` counts (strace(1))."""
        # A path of its own: a udsd that was killed may hold the lock of its path a moment longer.
        self.spawned += 1
        self.socket = self.directory / f'{self.spawned}.sock'
        command = ['strace', '--follow-forks', '--quiet=all', f'--trace={call}', '--output=/dev/null',
                   f'--inject={call}:error={error}{when}', support.program('UDSD'), '--socket', str(self.socket)]
        log = open(self.directory / 'stderr', 'wb')
        self.addCleanup(log.close)
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                                   env=support.clean_environment(WITHOUT_LEAKS))
        self.addCleanup(self.kill, process)
        return process

    @staticmethod
    def kill(process):
        """Ends strace and udsd: without strace, udsd would go on."""
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def stderr(self):
        return (self.directory / 'stderr').read_text()

    def test_a_start_that_fails_says_so_and_leaves_no_socket(self):
        for call, error, status in (('socket', 'EMFILE', 73), ('bind', 'EACCES', 77), ('bind', 'ENOSPC', 73),
                                    ('listen', 'EADDRINUSE', 73), ('fchmod', 'EIO', 73), ('flock', 'ENOLCK', 73),
                                    ('epoll_create1', 'EMFILE', 71)):
            with self.subTest(call=call, error=error):
                process = self.spawn(call, error, '')
                self.assertEqual(process.wait(support.DEADLINE), status, self.stderr())
                self.assertEqual(self.stderr().count('\n'), 1, self.stderr())
                self.assertTrue(self.stderr().startswith('udsd: '), self.stderr())
                self.assertFalse(self.socket.exists())

    def answered(self):
        """Whether a caller gets pong; one whose connection is lost does not."""
        try:
            with support.Wire(self.socket) as wire:
                wire.send(PING)
                wire.half_close()
                return b'pong' in wire.rest()
        except (BrokenPipeError, ConnectionResetError):
            return False

    def test_a_call_that_fails_while_serving_ends_one_connection_at_most(self):
        sweeps = {'accept4': ('EMFILE', 'ENOMEM', 'ECONNABORTED', 'EINTR', 'EIO'), 'getsockopt': ('EIO', 'ENOMEM'),
                  'recvmsg': ('ECONNRESET', 'ENOMEM', 'EIO', 'EINTR'), 'sendto': ('EPIPE', 'ENOMEM', 'EINTR', 'EAGAIN'),
                  'epoll_ctl': ('ENOMEM', 'ENOSPC')}
        for call, errors in sweeps.items():
            for error in errors:
                with self.subTest(call=call, error=error):
                    # Every third call fails, the first ones not: the loop itself has to be set up.
                    first = 12 if call == 'epoll_ctl' else 2
                    process = self.spawn(call, error, f':when={first}+3')
                    support.wait_until(lambda: support.accepts(self.socket), 'udsd to accept')
                    outcomes = []

                    def asked_enough():
                        outcomes.append(self.answered())
                        return len(outcomes) >= 12 and outcomes.count(True) >= 4
                    support.wait_until(asked_enough, f'four answers beside failing calls: {self.stderr()}')
                    self.assertIsNone(process.poll(), self.stderr())
                    self.kill(process)


if __name__ == '__main__':
    support.main()

#!/usr/bin/env python3
"""System calls that fail, one after the other, by strace's fault injection.

At the start: udsd ends with a documented status and one sentence, and leaves no socket behind. While it serves: the
connection that was hit may be lost, the daemon is not, no answer is wrong, and the next caller is answered. UDS_FULL=1
asks for every single call of the conversation with every error, instead of several at once.
"""
import contextlib
import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
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
                  'recvfrom': ('ECONNRESET', 'ENOMEM', 'EIO', 'EINTR'),
                  'sendto': ('EPIPE', 'ENOMEM', 'EINTR', 'EAGAIN'),
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


class Conversation:
    """The same requests each time, over several connections. What is heard must be right, or the lack of an answer.

    A connection that ends before its answers is fine while calls fail; an answer that does not fit is not, nor is a
    connection on which nothing happens.
    """
    BIG = 'x' * 400_000
    STEPS = 3
    # Of each request: what to send, and what the final response must have. `busy` and `internal` are
    # right as well, and for reload that the file could not be read.
    REQUESTS = {
        1: ({'cmd': 'ping'}, {'status': 'OK', 'message': 'pong'}),
        2: ({'cmd': 'echo', 'args': {'v': [1, {'w': 'ä'}]}}, {'status': 'OK', 'data': {'v': [1, {'w': 'ä'}]}}),
        3: ({'cmd': 'countdown', 'args': {'from': STEPS, 'interval_ms': 1}}, {'status': 'OK', 'data': {'from': STEPS}}),
        4: ({'cmd': 'countdown', 'args': {'from': 1, 'interval_ms': 3_600_000}, 'timeout_ms': 5},
            {'status': 'ERROR', 'code': 'deadline_exceeded'}),
        5: ({'cmd': 'connections'}, {'status': 'OK', 'message': 'open connections'}),
        6: ({'cmd': 'stats'}, {'status': 'OK', 'message': 'statistics since the start'}),
        7: ({'cmd': 'none'}, {'status': 'ERROR', 'code': 'unknown_command'}),
        8: ({'cmd': 'reload'}, {'status': 'OK', 'message': 'configuration reloaded'}),
    }

    def __init__(self, path, pid, patience=support.DEADLINE):
        self.path = path
        self.pid = pid
        self.patience = patience

    def hold(self):
        """How many of the answers came; fails if one is wrong."""
        return self.many_at_once() + self.in_order() + self.big() + self.leave() + self.reload()

    # What complete() returns when nothing fails: REQUESTS and a bad frame, three in order, and one each.
    COMPLETE = len(REQUESTS) + 1 + 3 + 1 + 1 + 1

    @contextlib.contextmanager
    def wire(self):
        try:
            with support.Wire(self.path, timeout=self.patience) as wire:
                yield wire
        except (BrokenPipeError, ConnectionResetError):
            pass  # what was sent is lost with the connection
        except TimeoutError:
            raise AssertionError(f'nothing happens on a connection for {self.patience} s') from None

    @staticmethod
    def answers(wire):
        """All responses up to the end of the connection, also when it ends within one."""
        received = wire.rest().replace(b'\0', b'\n')  # busy at connect ends with NUL
        return [json.loads(line) for line in received.split(b'\n')[:-1]]

    @staticmethod
    def check(answer, right):
        code = answer.get('error', {}).get('code')
        if code in ('busy', 'internal') or (code == 'command_failed' and answer['id'] == 8):
            return 0
        seen = {'code': code, **answer}
        for key, value in right.items():
            assert seen[key] == value, f'{answer} instead of {right}'
        return 1

    def many_at_once(self):
        right = 0
        finals = set()
        steps = 0
        with self.wire() as wire:
            for id, (request, _) in self.REQUESTS.items():
                wire.send({'id': id, **request})
            wire.send(b'nonsense\n')
            wire.half_close()
            for answer in self.answers(wire):
                id = answer['id']
                if answer['status'] == 'PROCESSING':
                    steps += id == 3
                    assert id in (3, 4) and id not in finals, answer
                    assert id == 4 or answer['seq'] == steps, answer
                elif id is None:
                    right += self.check(answer, {'status': 'ERROR', 'code': 'bad_frame'})
                else:
                    assert id not in finals, answer
                    finals.add(id)
                    right += self.check(answer, self.REQUESTS[id][1])
        return right

    def in_order(self):
        right = 0
        with self.wire() as wire:
            for number in range(3):
                wire.send({'cmd': 'echo', 'args': {'v': number}})
            wire.half_close()
            for number, answer in enumerate(self.answers(wire)):
                right += self.check(answer, {'id': None, 'status': 'OK', 'data': {'v': number}})
        return right

    def big(self):
        right = 0
        with self.wire() as wire:
            wire.send({'id': 1, 'cmd': 'echo', 'args': {'v': self.BIG}})
            for answer in self.answers_of_one(wire):
                right += self.check(answer, {'id': 1, 'status': 'OK', 'data': {'v': self.BIG}})
        return right

    def answers_of_one(self, wire):
        wire.half_close()
        return self.answers(wire)

    def leave(self):
        """A peer that goes while its request is in flight, and one that stays."""
        with self.wire() as wire:
            wire.send({'id': 1, 'cmd': 'countdown', 'args': {'from': 1, 'interval_ms': 3_600_000}})
        right = 0
        with self.wire() as wire:
            wire.send({'cmd': 'ping'})
            for answer in self.answers_of_one(wire):
                right += self.check(answer, {'id': None, 'status': 'OK', 'message': 'pong'})
        return right

    def reload(self):
        """A signal while a request runs: that one is answered nevertheless."""
        right = 0
        with self.wire() as wire:
            wire.send({'id': 1, 'cmd': 'countdown', 'args': {'from': 2, 'interval_ms': 1}})
            os.kill(self.pid, signal.SIGHUP)
            for answer in self.answers_of_one(wire):
                if answer['status'] != 'PROCESSING':
                    right += self.check(answer, {'id': 1, 'status': 'OK', 'data': {'from': 2}})
        return right


class Sweep(unittest.TestCase):
    """One udsd, to which strace is attached again and again: it must survive all of it."""
    # Calls that udsd makes while it serves, and errors that they may have. What it really makes is counted first;
    # a call that is not made in this build costs nothing.
    CALLS = {
        'accept4': ('EMFILE', 'ENFILE', 'ENOMEM', 'ECONNABORTED', 'EINTR', 'EAGAIN', 'EPERM'),
        # Not EAGAIN: where there is something to read the kernel does not say so, and epoll tells only once.
        'recvfrom': ('EINTR', 'ENOMEM', 'ECONNRESET', 'EIO'),
        'recvmsg': ('EINTR', 'ENOMEM', 'ECONNRESET', 'EIO'),
        'sendto': ('EINTR', 'EAGAIN', 'ENOMEM', 'EPIPE', 'EIO'),
        'sendmsg': ('EINTR', 'EAGAIN', 'ENOMEM', 'EPIPE', 'EIO'),
        'epoll_ctl': ('ENOMEM', 'ENOSPC'),
        'epoll_wait': ('EINTR',),
        'getsockopt': ('ENOMEM', 'EIO'),
        'ioctl': ('EIO', 'ENOMEM'),
        'fcntl': ('EMFILE', 'EINTR', 'EIO'),
        'openat': ('EMFILE', 'ENFILE', 'ENOMEM', 'EINTR', 'EIO', 'EACCES'),
        'newfstatat': ('EIO', 'ENOMEM', 'EACCES'),
        'fstat': ('EIO', 'ENOMEM'),
        'read': ('EINTR', 'EIO'),
        'pread64': ('EIO',),
        'lseek': ('EIO',),
        'shutdown': ('EIO',),
        'poll': ('EINTR', 'ENOMEM'),
        'write': ('EINTR', 'EAGAIN', 'EIO', 'ENOSPC', 'EPIPE'),
        'socket': ('EMFILE', 'ENOMEM'),
        'connect': ('ECONNREFUSED', 'EINTR'),
    }
    # These cannot fail when they are called rightly, or nothing depends on their result; and mmap and brk, which
    # OutOfMemory makes fail.
    HARMLESS = {'timerfd_settime', 'mmap', 'brk', 'mremap', 'munmap', 'madvise', 'mprotect', 'close', 'futex', 'getpid',
                'geteuid', 'getegid', 'getuid', 'getgid', 'gettid', 'rt_sigreturn', 'rt_sigaction', 'rt_sigprocmask',
                'sigaltstack', 'restart_syscall', 'sched_yield', 'clock_gettime', 'getrandom', 'readlink', 'exit',
                'exit_group'}

    def setUp(self):
        support.require(shutil.which('strace') is not None, 'strace')
        support.require(os.geteuid() == 0, 'root, to trace a process that is running')
        holder = tempfile.TemporaryDirectory(prefix='uds-')
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)
        config = self.directory / 'udsd.toml'
        config.write_text('[limits]\nstalled_reader = "2s"\n[admin]\nusers = ["root"]\n', encoding='utf-8')
        self.udsd = support.Udsd('--config', str(config), '--log-level', 'debug')
        self.addCleanup(self.udsd.close)
        self.conversation = Conversation(self.udsd.socket, self.udsd.pid, patience=10)

    @contextlib.contextmanager
    def traced(self, *arguments):
        """udsd as long as strace is attached to it."""
        process = subprocess.Popen(['strace', '--follow-forks', *arguments, f'--attach={self.udsd.pid}'],
                                   stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            line = process.stderr.readline()
            self.assertIn(b'attached', line)
            yield
        finally:
            process.terminate()  # strace detaches
            process.stderr.read()
            process.wait()
            process.stderr.close()

    def descriptors(self):
        return len(os.listdir(f'/proc/{self.udsd.pid}/fd'))

    def counts(self):
        """How often each call is made in one conversation."""
        trace = self.directory / 'trace'
        with self.traced(f'--output={trace}'):
            self.conversation.hold()
        counts = {}
        for name in re.findall(r'^\d+ +(\w+)\(', trace.read_text(errors='replace'), re.MULTILINE):
            counts[name] = counts.get(name, 0) + 1
        return counts

    def serves_again(self):
        self.assertTrue(self.udsd.alive(), self.udsd.stderr)
        # The listening socket may rest for a moment, and a signal may still be on its way.
        support.wait_until(lambda: self.conversation.hold() == Conversation.COMPLETE, 'complete answers again')

    def converse_while_failing(self, call, error, when):
        """One conversation while some calls fail. What it lacks is told by nobody, so the next ones show it."""
        with self.subTest(call=call, error=error, when=when):
            with self.traced(f'--trace={call}', '--output=/dev/null', f'--inject={call}:error={error}:when={when}'):
                self.conversation.hold()
            self.serves_again()

    def test_calls_that_fail_while_serving(self):
        self.assertEqual(self.conversation.hold(), Conversation.COMPLETE)
        base = self.descriptors()
        counts = self.counts()
        unknown = counts.keys() - self.CALLS.keys() - self.HARMLESS
        self.assertEqual(unknown, set(), 'calls that are neither swept nor harmless')
        for call, errors in self.CALLS.items():
            if call not in counts:
                continue
            began = time.monotonic()
            runs = 0
            for error in errors:
                for when in self.moments(counts[call]):
                    self.converse_while_failing(call, error, when)
                    runs += 1
            print(f'{call}: {counts[call]} calls, {runs} conversations, {time.monotonic() - began:.1f} s', flush=True)
        support.wait_until(lambda: self.descriptors() == base, 'every descriptor to be closed')
        self.assertEqual(self.udsd.stop(), 0)

    @staticmethod
    def moments(count):
        """When a call of which there are `count` is to fail: in the full sweep each alone, else each beside others."""
        if os.environ.get('UDS_FULL') == '1':
            return [str(number) for number in range(1, count + 1)]
        step = 4
        return [f'{first}+{step}' for first in range(1, min(step, count) + 1)]


class OutOfMemory(unittest.TestCase):
    """The kernel gives udsd no more memory, by RLIMIT_DATA: the real thing, but no single allocation of our choice.

    alloc_fault_test.cpp has those.
    """

    @unittest.skipIf(support.SANITIZED, 'the sanitizers themselves end where memory does')
    def test_requests_beyond_the_memory_are_refused_and_the_others_served(self):
        # Every block of some size comes from the kernel and goes back to it.
        small = {'MALLOC_MMAP_THRESHOLD_': '4096', 'MALLOC_TOP_PAD_': '0', 'MALLOC_TRIM_THRESHOLD_': '0'}
        with support.Udsd(env=small) as udsd:
            conversation = Conversation(udsd.socket, udsd.pid, patience=30)
            self.assertEqual(conversation.hold(), Conversation.COMPLETE)
            outcomes = []
            for room in (0, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 16384):
                _, hard = resource.prlimit(udsd.pid, resource.RLIMIT_DATA)
                used = int(re.search(r'VmData:\s+(\d+)', pathlib.Path(f'/proc/{udsd.pid}/status').read_text())[1])
                resource.prlimit(udsd.pid, resource.RLIMIT_DATA, ((used + room) << 10, hard))
                outcomes.append(conversation.hold())
                resource.prlimit(udsd.pid, resource.RLIMIT_DATA, (hard, hard))
                support.wait_until(lambda: conversation.hold() == Conversation.COMPLETE, 'complete answers again')
            print('answers with ever more memory:', *outcomes, flush=True)
            self.assertLess(outcomes[0], Conversation.COMPLETE)
            self.assertEqual(outcomes[-1], Conversation.COMPLETE)
            self.assertEqual(udsd.stop(), 0)


if __name__ == '__main__':
    support.main()

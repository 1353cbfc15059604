#!/usr/bin/env python3
"""udsctl run, attach and what else it has for runs, against a server that speaks of runs as a test says: exact bytes,
exit statuses, real signals, connections that are lost."""
import base64
import contextlib
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import time
import unittest

import support
from support import DEADLINE, clean_environment, program, udsctl, wait_until
from udsctl_test import Stub, Terminal, reply

RUN = '0194c2f6a1b25e6f7081'
SCHEMA = {'type': 'object', 'additionalProperties': False, 'required': ['unit'],
          'properties': {'unit': {'type': 'string'}, 'count': {'type': 'integer'}}}
EVERY_BYTE = bytes(range(256))


def described(peer, **more):
    """Answers the question what the command takes."""
    request = peer.line()
    assert request['cmd'] == 'help', request
    data = {'name': 'web.restart', 'summary': 'Restart', 'args': SCHEMA, 'detachable': True, **more}
    peer.send(reply(request['id'], 'OK', data=data))


def started(peer, **more):
    """Answers help, takes the request that starts the run and says so. Gives a function that sends what follows."""
    described(peer, **more)
    request = peer.line()
    say = speaker(peer, request)
    say('PROCESSING', 'started', data={'run': RUN, 'state': 'started'})
    return say


def speaker(peer, request):
    def say(status, message='x', **fields):
        peer.send(reply(request['id'], status, message, **fields))
    say.request = request
    return say


def output(number, stream, data):
    try:
        coded = {'text': data.decode()}
    except UnicodeDecodeError:
        coded = {'base64': base64.b64encode(data).decode()}
    return {'output': {'stream': stream, **coded}, 'data': {'event': number}}


def finished(status=0, **more):
    return {'data': {'run': RUN, 'exit': status, 'started': True, 'outcome': 'exit', **more}}


def failed(code, **more):
    return {'error': {'code': code, 'retryable': False, 'run': RUN, **more}, 'data': {'run': RUN, **more}}


def has_socket(pid):
    for entry in pathlib.Path(f'/proc/{pid}/fd').iterdir():
        # It may close a descriptor while its folder is read.
        with contextlib.suppress(FileNotFoundError):
            if os.readlink(entry).startswith('socket:'):
                return True
    return False


class WithServer(unittest.TestCase):
    verb = ('run', 'web.restart', '--unit', 'nginx')

    def ask(self, script, *arguments, **options):
        with Stub(script) as stub:
            return udsctl('--socket', stub.path, *(arguments or self.verb), **options)

    def start(self, stub, *arguments, **options):
        child = subprocess.Popen([program('UDSCTL'), '--socket', stub.path, *(arguments or self.verb)],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 env=clean_environment(), **options)
        for cleanup in (child.stdout.close, child.stderr.close, child.wait, child.kill):
            self.addCleanup(cleanup)
        return child

    def end(self, child):
        """(status, standard error) of a process that ends."""
        said = child.stderr.read().decode()
        return child.wait(DEADLINE), said


class Streams(WithServer):
    def test_bytes_are_passed_on_as_they_are(self):
        pieces = [('stdout', EVERY_BYTE), ('stderr', b'a warning'), ('stdout', 'ä\n\0'.encode()),
                  ('stderr', EVERY_BYTE), ('stdout', EVERY_BYTE * 256), ('stdout', b'no line end')]

        def script(peer):
            say = started(peer)
            self.assertEqual(say.request['cmd'], 'web.restart')
            self.assertEqual(say.request['args'], {'unit': 'nginx', 'count': 3})
            for number, (stream, data) in enumerate(pieces, 1):
                say('PROCESSING', stream, **output(number, stream, data))
            say('PROCESSING', 'progress', progress={'current': 1, 'total': 2, 'unit': 'files'}, data={'event': 7})
            say('PROCESSING', 'a notice', data={'event': 8})
            say('OK', **finished())
        with Stub(script) as stub:
            done = subprocess.run([program('UDSCTL'), '--socket', stub.path, *self.verb, 'count=3'],
                                  stdin=subprocess.DEVNULL, capture_output=True, env=clean_environment(),
                                  timeout=DEADLINE, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertEqual(done.stdout, b''.join(data for stream, data in pieces if stream == 'stdout'))
        self.assertEqual(done.stderr, b''.join(data for stream, data in pieces if stream == 'stderr'))

    def test_bytes_come_when_they_are_written(self):
        with tempfile.TemporaryDirectory() as directory:
            gate = pathlib.Path(directory, 'gate')

            def script(peer):
                say = started(peer)
                say('PROCESSING', 'stdout', **output(1, 'stdout', b'half a li'))
                wait_until(gate.exists, 'the test to have read')
                say('PROCESSING', 'stdout', **output(2, 'stdout', b'ne\n'))
                say('OK', **finished())
            with Stub(script) as stub:
                child = self.start(stub)
                self.assertEqual(child.stdout.read(9), b'half a li')
                gate.touch()
                self.assertEqual(child.stdout.read(), b'ne\n')
                self.assertEqual(self.end(child), (0, ''))

    def test_output_that_was_discarded_is_said(self):
        for status, end in (('OK', finished(dropped=17)), ('ERROR', failed('command_failed', exit=3, dropped=17))):
            done = self.ask(lambda peer, status=status, end=end: started(peer)(status, **end))
            self.assertEqual(done.returncode, end['data']['exit'])
            self.assertRegex(done.stderr, '^udsctl: some of the output was discarded, [^\n]*\n$')

    def test_standard_input_goes_with_commands_that_take_it(self):
        def script(peer):
            described(peer, descriptors={'min': 0, 'max': 1})
            line, passed, _, _ = socket.recv_fds(peer.socket, 65536, 4)
            say = speaker(peer, json.loads(line))
            with open(passed[0], 'rb') as file:
                say('PROCESSING', 'stdout', **output(1, 'stdout', file.read()))
            say('OK', **finished())
        self.assertEqual(self.ask(script, input='from here').stdout, 'from here')

        def without(peer):
            described(peer)
            line, passed, _, _ = socket.recv_fds(peer.socket, 65536, 4)
            self.assertEqual(passed, [])
            speaker(peer, json.loads(line))('OK', **finished())
        self.assertEqual(self.ask(without, input='from here').returncode, 0)

    def test_a_reader_that_leaves_ends_it_quietly(self):
        def script(peer):
            say = started(peer)
            for number in range(1, 100_000):
                say('PROCESSING', 'stdout', **output(number, 'stdout', b'y\n' * 1000))
        for ignored, status in ((False, -signal.SIGPIPE), (True, 141)):
            with Stub(script) as stub, self.subTest(ignored=ignored):
                child = self.start(stub, restore_signals=not ignored)
                self.assertEqual(child.stdout.readline(), b'y\n')
                child.stdout.close()
                self.assertEqual(self.end(child), (status, ''))

    def test_a_full_disk(self):
        def script(peer):
            say = started(peer)
            say('PROCESSING', 'stdout', **output(1, 'stdout', b'y\n'))
            peer.line()
        with Stub(script) as stub, open('/dev/full', 'wb') as full:
            done = subprocess.run([program('UDSCTL'), '--socket', stub.path, *self.verb], stdin=subprocess.DEVNULL,
                                  stdout=full, stderr=subprocess.PIPE, env=clean_environment(), timeout=DEADLINE,
                                  check=False)
        self.assertEqual(done.returncode, 125)
        self.assertRegex(done.stderr.decode(), rf'^udsctl: cannot write to standard output: [^\n]* so run {RUN} was left; '
                                               rf'[^\n]* attach {RUN} --from 1\n$')

    def test_output_that_cannot_be_written_is_125_with_the_verbs_of_runs(self):
        def detached(peer):
            described(peer)
            speaker(peer, peer.line())('OK', data={'run': RUN})

        def waited(peer):
            speaker(peer, peer.line())('OK', data={'runs': [{'run': RUN, 'state': 'ended', 'outcome': 'exit'}]})
        for script, words, status in ((detached, ('run', '--detach', 'web.restart'), 125), (waited, ('wait', RUN), 125),
                                      (waited, ('--collect', 'wait', RUN), 125), (waited, ('show', RUN), 74)):
            with self.subTest(words=words), Stub(script) as stub:
                done = subprocess.run(['sh', '-c', 'exec "$0" "$@" >&-', program('UDSCTL'), '--socket', stub.path, *words],
                                      stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, env=clean_environment(),
                                      timeout=DEADLINE, check=False)
                self.assertEqual(done.returncode, status)
                self.assertRegex(done.stderr.decode(), '^udsctl: cannot write to standard output: [^\n]*\n$')

    def noisy(self, gate=None):
        """A run that writes to both streams; all of its output is sent once `gate` exists."""
        def script(peer):
            say = started(peer)
            say('PROCESSING', 'stderr', **output(1, 'stderr', b'E'))
            if gate:
                wait_until(gate.exists, 'the reader to leave')
            for number in range(2, 6):
                say('PROCESSING', 'stderr', **output(number, 'stderr', b'E' * 100_000))
            say('PROCESSING', 'stdout', **output(6, 'stdout', b'all of it'))
            say('ERROR', **failed('command_failed', exit=3))
        return script

    def test_a_closed_standard_error_is_no_reason_to_end(self):
        with Stub(self.noisy()) as stub:
            done = subprocess.run(['sh', '-c', 'exec "$0" "$@" 2>&-', program('UDSCTL'), '--socket', stub.path, *self.verb],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=clean_environment(),
                                  timeout=DEADLINE, check=False)
        self.assertEqual((done.returncode, done.stdout), (3, b'all of it'))

    def test_nor_is_a_reader_of_it_that_leaves(self):
        with tempfile.TemporaryDirectory() as directory:
            for ignored in (False, True):
                gate = pathlib.Path(directory, f'gate-{ignored}')
                with Stub(self.noisy(gate)) as stub, self.subTest(ignored=ignored):
                    child = self.start(stub, restore_signals=not ignored)
                    self.assertEqual(child.stderr.read(1), b'E')
                    child.stderr.close()
                    gate.touch()
                    self.assertEqual(child.stdout.read(), b'all of it')
                    self.assertEqual(child.wait(DEADLINE), 3)

    def test_nor_is_one_whose_disk_is_full(self):
        with Stub(self.noisy()) as stub, open('/dev/full', 'wb') as full:
            done = subprocess.run([program('UDSCTL'), '--socket', stub.path, *self.verb], stdin=subprocess.DEVNULL,
                                  stdout=subprocess.PIPE, stderr=full, env=clean_environment(), timeout=DEADLINE,
                                  check=False)
        self.assertEqual((done.returncode, done.stdout), (3, b'all of it'))


class Statuses(WithServer):
    def test_the_command_s_own_is_passed_on_in_silence(self):
        for end, status in (({'exit': 3}, 3), ({'exit': 255}, 255), ({'exit': 125}, 125), ({'signal': 9}, 137),
                            ({'signal': 15}, 143)):
            with self.subTest(end=end):
                done = self.ask(lambda peer, end=end: started(peer)('ERROR', 'it failed',
                                                                    **failed('command_failed', **end)))
                self.assertEqual((done.returncode, done.stdout, done.stderr), (status, '', ''))

    def test_those_of_uds_are_told(self):
        for code, more, status in (('deadline_exceeded', {'signal': 15}, 124), ('output_limit', {'signal': 15}, 125),
                                   ('internal', {}, 125), ('busy', {}, 125), ('invalid_args', {}, 125),
                                   ('cancelled', {}, 125), ('permission_denied', {}, 126),
                                   ('command_failed', {'started': False, 'stage': 'exec'}, 126),
                                   ('command_failed', {'started': False, 'stage': 'chdir'}, 125)):
            with self.subTest(code=code):
                done = self.ask(lambda peer, code=code, more=more: started(peer)('ERROR', 'so it is',
                                                                                 **failed(code, **more)))
                self.assertEqual((done.returncode, done.stdout, done.stderr),
                                 (status, '', f'udsctl: so it is ({code})\n'))

    def test_an_unknown_command(self):
        def script(peer):
            speaker(peer, peer.line())('ERROR', 'none such', error={'code': 'unknown_command', 'retryable': False})
        done = self.ask(script)
        self.assertEqual((done.returncode, done.stdout, done.stderr),
                         (127, '', 'udsctl: none such (unknown_command)\n'))

    def test_nobody_there(self):
        done = udsctl('--socket', '/none/such', 'run', 'a.b')
        self.assertEqual((done.returncode, done.stdout), (125, ''))
        said = json.loads(udsctl('--json', '--socket', '/none/such', 'run', 'a.b').stderr)
        self.assertEqual(said['error'], {'code': 'failed', 'exit': 125})

    def test_slips(self):
        for words, said in (((), 'needs the name of a command'), (('web.restart', '--untt', 'x'), 'did you mean unit'),
                            (('web.restart', '--count', 'x'), 'must be an integer'),
                            (('web.restart', '--unit', 'a', '--unit', 'b'), 'unit is given twice; give it once'),
                            (('web.restart', '--timeout', '5s'), 'udsctl run --timeout 5s')):
            with self.subTest(words=words):
                done = self.ask(described, 'run', *words) if words else udsctl('run')
                self.assertEqual((done.returncode, done.stdout), (64, ''))
                self.assertIn(said, done.stderr)
        self.assertIn('Usage: udsctl run web.restart', self.ask(described, 'run', 'web.restart', '--help').stdout)

    def test_what_was_not_started_may_be_tried_again(self):
        def script(peer):
            say = started(peer)
            say('ERROR', 'full', error={'code': 'busy', 'retryable': True, 'retry_after_ms': 1, 'started': False})
            speaker(peer, peer.line())('OK', **finished())
        self.assertEqual(self.ask(script, 'run', '--retry', '1', 'web.restart').returncode, 0)

    def test_the_final_response_in_a_file(self):
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory, 'result')
            done = self.ask(lambda peer: started(peer)('ERROR', **failed('command_failed', exit=3)),
                            'run', '--result', str(file), 'web.restart')
            self.assertEqual(done.returncode, 3)
            final = json.loads(file.read_text(encoding='utf-8'))
            self.assertEqual((final['status'], final['error']['exit']), ('ERROR', 3))
            # Before anything runs.
            done = self.ask(described, 'run', '--result', directory, 'web.restart')
            self.assertEqual(done.returncode, 125)
            self.assertIn('Is a directory', done.stderr)

    def test_detached_it_prints_the_id(self):
        def script(peer):
            described(peer)
            request = peer.line()
            self.assertEqual((request['detach'], request['timeout_ms']), (True, 5000))
            speaker(peer, request)('OK', data={'run': RUN})
        done = self.ask(script, 'run', '--detach', '--timeout', '5s', 'web.restart')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, RUN + '\n', ''))


class Signals(WithServer):
    """Real signals to a real process, which has shown the first event when they come."""

    def interrupted(self, script, *arguments, signals=(signal.SIGINT,), stdout=b'1'):
        def whole(peer):
            say = started(peer)
            say('PROCESSING', 'stdout', **output(1, 'stdout', b'1'))
            script(peer, say)
        with Stub(whole) as stub:
            self.attach = f'udsctl --socket {stub.path} attach {RUN} --from 2'
            child = self.start(stub, *arguments)
            self.assertEqual(child.stdout.read(1), b'1')
            for number in signals:
                child.send_signal(number)
            rest = child.stdout.read()
            return (*self.end(child), rest)

    @staticmethod
    def cancelled(peer):
        request = peer.line()
        assert (request['cmd'], request['args']) == ('run.cancel', {'run': RUN, 'signal': 'INT'}), request
        speaker(peer, request)('OK')

    def test_the_first_cancels_and_the_end_is_waited_for(self):
        for end, status in (({'signal': 2}, 130), ({'exit': 7}, 7), ({'exit': 0}, 130), ({}, 130),
                            ({'signal': 9}, 137)):
            def script(peer, say, end=end):
                self.cancelled(peer)
                say('PROCESSING', 'stdout', **output(2, 'stdout', b'cleaning up'))
                say('ERROR', 'cancelled', **failed('cancelled', **end))
            with self.subTest(end=end):
                self.assertEqual(self.interrupted(script), (status, '', b'cleaning up'))

    def test_a_command_that_ends_well_all_the_same(self):
        def script(peer, say):
            self.cancelled(peer)
            say('OK', **finished())
        self.assertEqual(self.interrupted(script)[0], 0)

    def test_the_second_leaves_at_once(self):
        with tempfile.TemporaryDirectory() as directory:
            seen = pathlib.Path(directory, 'seen')

            def script(peer):
                say = started(peer)
                say('PROCESSING', 'stdout', **output(1, 'stdout', b'1'))
                self.cancelled(peer)
                say('PROCESSING', 'stdout', **output(2, 'stdout', b'2'))
                seen.touch()
                self.assertIsNone(peer.line())
            with Stub(script) as stub:
                child = self.start(stub)
                self.assertEqual(child.stdout.read(1), b'1')
                child.send_signal(signal.SIGINT)
                wait_until(seen.exists, 'the run to be cancelled')
                self.assertEqual(child.stdout.read(1), b'2')
                # What counts as shown is known a moment after it was written.
                child.send_signal(signal.SIGINT)
                status, said = self.end(child)
                self.assertEqual(status, 130)
                self.assertRegex(said, rf'^udsctl: left run {RUN}; follow it with udsctl --socket {stub.path} '
                                       rf'attach {RUN} --from [23]\n$')

    def test_one_that_cannot_write_is_cancelled_too(self):
        with tempfile.TemporaryDirectory() as directory:
            seen = pathlib.Path(directory, 'seen')

            def script(peer):
                say = started(peer)
                say('PROCESSING', 'stdout', **output(1, 'stdout', b'1' * 200_000))
                self.cancelled(peer)
                seen.touch()
                say('ERROR', **failed('cancelled', signal=2))
            with Stub(script) as stub:
                child = self.start(stub)
                self.assertEqual(child.stdout.read(1), b'1')
                child.send_signal(signal.SIGINT)
                wait_until(seen.exists, 'the run to be cancelled')
                self.assertEqual(len(child.stdout.read()), 199_999)
                self.assertEqual(self.end(child), (130, ''))

    def test_detach_on_interrupt(self):
        def script(peer, _):
            request = peer.line()
            self.assertEqual((request['cmd'], request['args']), ('run.detach', {'run': RUN}))
            speaker(peer, request)('OK')
            self.assertIsNone(peer.line())
        status, said, _ = self.interrupted(script, 'run', '--detach-on-interrupt', 'web.restart')
        self.assertEqual((status, said), (130, f'udsctl: left run {RUN}; follow it with {self.attach}\n'))

    def test_a_run_that_cannot_be_detached_is_followed_on(self):
        def script(peer, _):
            speaker(peer, peer.line())('ERROR', 'not yours', error={'code': 'not_found', 'retryable': False})
            request = peer.line()
            self.assertEqual((request['cmd'], request['args']), ('run.attach', {'run': RUN, 'from': 2}))
            say = speaker(peer, request)
            say('PROCESSING', 'stdout', **output(2, 'stdout', b'2'))
            say('OK', **finished())
        self.assertEqual(self.interrupted(script, 'run', '--detach-on-interrupt', 'web.restart'),
                         (0, 'udsctl: the run cannot be left to itself: not yours\n', b'2'))

    def test_before_the_run_is_known(self):
        with tempfile.TemporaryDirectory() as directory:
            asked = pathlib.Path(directory, 'asked')

            def cancelled(peer):
                described(peer)
                request = peer.line()
                asked.touch()
                cancel = peer.line()
                self.assertEqual((cancel['cmd'], cancel['args']), ('cancel', {'id': request['id']}))
                speaker(peer, request)('ERROR', error={'code': 'cancelled', 'retryable': False, 'started': False})

            def detached(peer):
                described(peer)
                request = peer.line()
                asked.touch()
                wait_until(lambda: not asked.exists(), 'the signal')
                speaker(peer, request)('PROCESSING', 'started', data={'run': RUN, 'state': 'started'})
                detach = peer.line()
                self.assertEqual(detach['cmd'], 'run.detach')
                speaker(peer, detach)('OK')
            for script, words, said in ((cancelled, (), ''), (detached, ('--detach-on-interrupt',), '--from 1\n')):
                with self.subTest(words=words), Stub(script) as stub:
                    child = self.start(stub, 'run', *words, 'web.restart')
                    wait_until(asked.exists, 'the request')
                    child.send_signal(signal.SIGINT)
                    asked.unlink()
                    status, text = self.end(child)
                    self.assertEqual(status, 130)
                    self.assertTrue(text.endswith(said), text)

    def test_others_end_the_connection(self):
        for number in (signal.SIGTERM, signal.SIGHUP):
            with self.subTest(signal=number):
                ended = self.interrupted(lambda peer, _: self.assertIsNone(peer.line()), signals=(number,))
                self.assertEqual(ended, (128 + number, '', b''))

    def test_who_watches_only_leaves(self):
        def script(peer):
            request = peer.line()
            self.assertEqual((request['cmd'], request['args']), ('run.attach', {'run': RUN, 'from': 4}))
            speaker(peer, request)('PROCESSING', 'stdout', **output(4, 'stdout', b'4'))
            self.assertIsNone(peer.line())
        with Stub(script) as stub:
            child = self.start(stub, 'attach', RUN, '--from', '4')
            self.assertEqual(child.stdout.read(1), b'4')
            child.send_signal(signal.SIGINT)
            status, said = self.end(child)
        self.assertEqual(status, 130)
        self.assertIn(f'attach {RUN} --from 5\n', said)


class Restarts(WithServer):
    """Connections that are lost, and daemons that come back."""

    def test_the_status_is_true_over_a_crash(self):
        def first(peer):
            say = started(peer)
            for number in (1, 2):
                say('PROCESSING', 'stdout', **output(number, 'stdout', b'%d' % number))

        def second(peer):
            request = peer.line()
            self.assertEqual((request['cmd'], request['args']), ('run.attach', {'run': RUN, 'from': 3}))
            say = speaker(peer, request)
            say('PROCESSING', 'started', data={'run': RUN, 'state': 'started'})
            for number in (2, 3):  # a daemon that says too much
                say('PROCESSING', 'stdout', **output(number, 'stdout', b'%d' % number))
            say('ERROR', **failed('command_failed', exit=9))
        scripts = iter((first, second))
        done = self.ask(lambda peer: next(scripts)(peer))
        self.assertEqual((done.returncode, done.stdout, done.stderr), (9, '123', ''))

    def test_over_an_orderly_restart(self):
        def first(peer):
            say = started(peer)
            say('ERROR', 'I stop', error={'code': 'shutting_down', 'retryable': False, 'run': RUN})

        def still_there(peer):
            speaker(peer, peer.line())('ERROR', 'I stop', error={'code': 'shutting_down', 'retryable': True})

        def busy(peer):
            speaker(peer, peer.line())('ERROR', 'full', error={'code': 'busy', 'retryable': True})

        def second(peer):
            request = peer.line()
            self.assertEqual(request['args'], {'run': RUN, 'from': 1})
            self.assertNotIn('timeout_ms', request)
            speaker(peer, request)('OK', **finished())
        scripts = iter((first, still_there, busy, second))
        done = self.ask(lambda peer: next(scripts)(peer), 'run', '--timeout', '60s', 'web.restart')
        self.assertEqual((done.returncode, done.stderr), (0, ''))

    def test_a_daemon_that_does_not_come_back(self):
        with tempfile.TemporaryDirectory() as directory:
            gone = pathlib.Path(directory, 'stub.sock')

            def script(peer):
                say = started(peer)
                say('PROCESSING', 'stdout', **output(1, 'stdout', b'1'))
                gone.unlink()
            with Stub(script, gone) as stub:
                done = udsctl('--socket', stub.path, *self.verb)
        self.assertEqual((done.returncode, done.stdout), (125, '1'))
        self.assertIn(f'how run {RUN} ends is not known', done.stderr)
        self.assertIn(f'attach {RUN} --from 2\n', done.stderr)
        self.assertEqual(done.stderr.count('\n'), 1)

    def test_a_connection_that_is_lost_too_early(self):
        def script(peer):
            described(peer)
            peer.line()
        done = self.ask(script)
        self.assertEqual(done.returncode, 125)
        self.assertIn('udsctl runs shows whether it was started', done.stderr)

    def test_waiting_for_the_daemon_can_be_interrupted(self):
        with tempfile.TemporaryDirectory() as directory:
            gone = pathlib.Path(directory, 'stub.sock')

            def script(peer):
                say = started(peer)
                say('PROCESSING', 'stdout', **output(1, 'stdout', b'1'))
                gone.unlink()
            with Stub(script, gone) as stub:
                child = self.start(stub)
                child.stdout.read(1)
                wait_until(lambda: not has_socket(child.pid), 'udsctl to have lost its connection')
                child.send_signal(signal.SIGINT)
                status, said = self.end(child)
        self.assertEqual(status, 130)
        self.assertIn(f'attach {RUN} --from 2\n', said)


class OnTerminal(WithServer):
    """What is told of a run, where standard error is a terminal."""

    def test_the_queue_progress_and_notices(self):
        def script(peer):
            described(peer)
            say = speaker(peer, peer.line())
            say('PROCESSING', 'queued', data={'run': RUN, 'state': 'queued', 'position': 2})
            say('PROCESSING', 'started', data={'run': RUN, 'state': 'started'})
            say('PROCESSING', 'half', progress={'current': 1, 'total': 2, 'unit': 'files'}, data={'event': 1})
            say('PROCESSING', 'stdout', **output(2, 'stdout', b'a line\n'))
            say('PROCESSING', 'a \x1b notice', data={'event': 3})
            say('PROCESSING', 'stdout', **output(4, 'stdout', b'no line end'))
            # It must not erase what the command has written.
            say('PROCESSING', 'whole', progress={'current': 2, 'total': 2, 'unit': 'files'}, data={'event': 5})
            say('ERROR', 'ended by a signal', **failed('command_failed', signal=9))
        with Stub(script) as stub, Terminal('--socket', stub.path, *self.verb, env={'NO_COLOR': '1'}) as terminal:
            text = terminal.read_until()
            self.assertEqual(terminal.child.wait(DEADLINE), 137)
        self.assertEqual(text, 'udsctl: queued at position 2\r\n'
                               '\r\x1b[K[##########----------]  50% half\r\x1b[Ka line\r\n'
                               'udsctl: a \\u001b notice\r\n'
                               'no line end\r\nudsctl: ended by a signal\r\n')

    def test_the_connection(self):
        def first(peer):
            started(peer)('PROCESSING', 'stdout', **output(1, 'stdout', b'1\n'))

        def second(peer):
            speaker(peer, peer.line())('OK', **finished())
        scripts = iter((first, second))
        with Stub(lambda peer: next(scripts)(peer)) as stub, \
                Terminal('--socket', stub.path, *self.verb, env={'NO_COLOR': '1'}) as terminal:
            text = terminal.read_until()
            self.assertEqual(terminal.child.wait(DEADLINE), 0)
        self.assertEqual(text, '1\r\nudsctl: the connection was lost; connecting again\r\n')

    def test_tables(self):
        def script(peer):
            request = peer.line()
            say = speaker(peer, request)
            if request['cmd'] == 'audit':
                say('PROCESSING', data={'time': 'T', 'event': 'start', 'run': RUN, 'command': 'a.b'})
            say('OK', data={'runs': [{'run': RUN, 'state': 'running', 'command': 'a.b'}], 'argv': ['a', 'b c'],
                            'allowed': False, 'reason': 'so it is'})
        for words, part, status in ((('runs',), f'{RUN}  running ', 0), (('wait', RUN), f'{RUN}  running ', 0),
                                    (('audit',), f'T     start  {RUN} ', 0), (('can-i', 'a.b'), 'no: so it is', 1)):
            with self.subTest(words=words), Stub(script) as stub, \
                    Terminal('--socket', stub.path, *words, env={'NO_COLOR': '1'}) as terminal:
                self.assertIn(part, terminal.read_until())
                self.assertEqual(terminal.child.wait(DEADLINE), status)


class Verbs(WithServer):
    """Verbs that ask about runs: the request, and what becomes of the answer."""

    def check(self, words, request, *answers, status=0):
        """Runs udsctl and compares the request; gives what it prints as objects."""
        def script(peer):
            asked = peer.line()
            self.assertEqual({'cmd': asked['cmd'], 'args': asked['args']}, request)
            say = speaker(peer, asked)
            for kind, fields in answers:
                say(kind, **fields)
        done = self.ask(script, *words)
        self.assertEqual((done.returncode, done.stderr), (status, ''))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def test_runs(self):
        answer = ('OK', {'data': {'runs': []}})
        self.check(('runs',), {'cmd': 'run.list', 'args': {}}, answer)
        self.check(('runs', '--running', '--command', 'a.b'),
                   {'cmd': 'run.list', 'args': {'state': 'running', 'command': 'a.b'}}, answer)
        shown = self.check(('runs', '--all'), {'cmd': 'run.list', 'args': {'limit': 10000}}, answer)
        self.assertEqual(shown[0]['data'], {'runs': []})

    def test_one_run(self):
        self.check(('show', RUN), {'cmd': 'run.show', 'args': {'run': RUN}}, ('OK', {'data': {'run': RUN}}))
        self.check(('cancel', RUN), {'cmd': 'run.cancel', 'args': {'run': RUN}}, ('OK', {}))
        self.check(('cancel', RUN, '--signal', 'SIGINT'), {'cmd': 'run.cancel', 'args': {'run': RUN, 'signal': 'INT'}},
                   ('OK', {}))

    def test_ids_that_are_none(self):
        for words in (('show',), ('show', RUN, RUN), ('cancel', 'web.restart'), ('attach', RUN.upper()), ('wait',),
                      ('wait', RUN, 'x'), ('audit', '--run', 'x')):
            with self.subTest(words=words):
                done = udsctl('--socket', '/none', *words)
                self.assertEqual((done.returncode, done.stdout), (64, ''))
                self.assertIn('udsctl runs shows them', done.stderr)

    def test_wait_has_the_first_status_that_is_not_0(self):
        other = RUN[:-1] + '2'
        runs = [{'run': RUN, 'state': 'ended', 'outcome': 'exit', 'exit': 0},
                {'run': other, 'state': 'ended', 'outcome': 'signal', 'signal': 9},
                {'run': RUN, 'state': 'ended', 'outcome': 'exit', 'exit': 1}]
        request = {'cmd': 'run.wait', 'args': {'runs': [RUN, other], 'any': False}}
        self.check(('wait', RUN, other), request, ('OK', {'data': {'runs': runs}}), status=137)
        shown = self.check(('wait', RUN, other), request, ('OK', {'data': {'runs': runs[:1]}}))
        self.assertEqual(shown[0]['data']['runs'], runs[:1])
        request['args']['any'] = True
        self.check(('wait', '--any', RUN, other), request,
                   ('OK', {'data': {'runs': [{'run': RUN, 'state': 'running'}, runs[2]]}}), status=1)

    def test_wait_gives_up_in_time(self):
        def script(peer):
            request = peer.line()
            self.assertEqual(request['timeout_ms'], 5000)
            speaker(peer, request)('ERROR', error={'code': 'deadline_exceeded', 'retryable': False})
        self.assertEqual(self.ask(script, 'wait', '--timeout', '5s', RUN).returncode, 124)

    def test_wait_goes_on_over_restarts(self):
        def stopping(peer):
            speaker(peer, peer.line())('ERROR', 'I stop', error={'code': 'shutting_down', 'retryable': True})

        def ended(peer):
            data = {'runs': [{'run': RUN, 'state': 'ended', 'outcome': 'exit', 'exit': 5}]}
            speaker(peer, peer.line())('OK', data=data)
        scripts = iter((lambda peer: peer.line(), stopping, ended))
        done = self.ask(lambda peer: next(scripts)(peer), 'wait', RUN)
        self.assertEqual((done.returncode, done.stderr, done.stdout.count('\n')), (5, '', 1))

    def test_can_i(self):
        request = {'cmd': 'can-i', 'args': {'command': 'a.b'}}
        self.check(('can-i', 'a.b'), request, ('OK', {'data': {'allowed': True, 'rule': 'users deploy'}}))
        self.check(('can-i', 'a.b'), request, ('OK', {'data': {'allowed': False}}), status=1)
        request['args']['user'] = 'root'
        self.check(('can-i', '--as', 'root', 'a.b'), request, ('OK', {'data': {'allowed': True}}))

    def after_help(self, cmd, answer):
        def script(peer):
            described(peer)
            request = peer.line()
            self.assertEqual((request['cmd'], request['args']),
                             (cmd, {'command': 'web.restart', 'args': {'unit': 'nginx', 'count': 2}}))
            speaker(peer, request)('OK', data=answer)
        return script

    def test_can_i_with_arguments(self):
        script = self.after_help('can-i', {'allowed': True})
        self.assertEqual(self.ask(script, 'can-i', 'web.restart', '--unit', 'nginx', '--count', '2').returncode, 0)

    def test_explain(self):
        script = self.after_help('explain', {'argv': ['/bin/true']})
        done = self.ask(script, 'explain', 'web.restart', '--unit', 'nginx', '--count', '2')
        self.assertEqual((done.returncode, json.loads(done.stdout)['data']), (0, {'argv': ['/bin/true']}))

    def test_audit(self):
        record = {'event': 'start', 'command': 'a.b'}
        words = ('audit', '--caller', '4711', '--command', 'a.b', '--run', RUN)
        shown = self.check(words, {'cmd': 'audit', 'args': {'user': '4711', 'command': 'a.b', 'run': RUN}},
                           ('PROCESSING', {'data': record}), ('OK', {'data': {'records': 1}}))
        self.assertEqual([line['data'] for line in shown], [record, {'records': 1}])
        now = time.time() * 1000
        for since, milliseconds in (('2h', now - 7_200_000), ('0s', now), ('400000d', 0), ('99999999999999999999d', 0)):
            def script(peer, milliseconds=milliseconds):
                request = peer.line()
                self.assertAlmostEqual(request['args']['since_ms'], milliseconds, delta=DEADLINE * 1000)
                speaker(peer, request)('OK')
            with self.subTest(since=since):
                self.assertEqual(self.ask(script, 'audit', '--since', since).returncode, 0)


if __name__ == '__main__':
    support.main()

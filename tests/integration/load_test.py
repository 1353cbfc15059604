#!/usr/bin/env python3
"""udsd under load, with a ledger of every request: streams, failing calls, SIGTERM, reloads, a flood, fairness.

uds-load keeps the ledger and fails if a request has not exactly one final response, a gap in its numbers, or an answer
that belongs to none. Random choices come from a seed that is printed; UDS_LOAD_SEED repeats it.

`load_test.py --measure` prints, in paired rounds, what one user at its limits does to another's ping.
"""
import contextlib
import os
import pathlib
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import load_tools  # noqa: E402
import support  # noqa: E402
from load_tools import Flood, Load, OpenUdsd, load, request  # noqa: E402

SEED = int(os.environ.get('UDS_LOAD_SEED', random.SystemRandom().randrange(1 << 32)))


def scaled(plain, sanitized):
    return sanitized if support.SANITIZED else plain


def number_in(report, key):
    return sum(report[key].values())


class LoadTest(unittest.TestCase):
    def setUp(self):
        load_tools.require_load()
        directory = tempfile.TemporaryDirectory(prefix='uds-')
        self.addCleanup(directory.cleanup)
        self.config = pathlib.Path(directory.name, 'udsd.toml')

    def start(self, text=''):
        self.config.write_text(text)
        return support.Udsd('--config', str(self.config), '--log-level', 'warn')


class Streams(LoadTest):
    def test_a_thousand_streams_of_a_thousand_steps_are_complete_and_in_order(self):
        connections, steps = scaled((20, 1000), (10, 200))
        with self.start() as udsd:
            report = load(udsd.socket, '--connections', connections, '--outstanding', 50, '--requests', 50,
                          *request('countdown', **{'from': steps, 'interval_ms': 0}))
        streams = connections * 50
        self.assertEqual((report['ok'], report['processing']), (streams, streams * steps))
        print(f'\n{streams} streams of {steps}: {report["processing"] / report["seconds"]:.0f} PROCESSING/s, '
              f'{streams / report["seconds"]:.0f} streams/s', flush=True)


class Faults(LoadTest):
    """System calls that fail beside a load: what a request may lose by it is nothing."""

    # A call that is to be tried again, or waited for. Every third one fails, once udsd has started.
    FAULTS = (('sendto', 'EINTR'), ('sendto', 'EAGAIN'), ('recvfrom', 'EINTR'), ('accept4', 'EINTR'),
              ('accept4', 'ECONNABORTED'), ('accept4', 'EMFILE'))

    def test_failing_calls_under_load_leave_no_request_without_its_final(self):
        support.require(shutil.which('strace') is not None, 'strace')
        requests = scaled(300, 60)
        for call, error in self.FAULTS:
            # A probe per connection attempt, and one refusal for each that finds no descriptor: --expect-close.
            lenient = ['--expect-close'] if error == 'EMFILE' else []
            with self.subTest(call=call, error=error), self.start() as udsd:
                with self.failing(udsd, call, error):
                    report = load(udsd.socket, '--connections', 6, '--outstanding', 8, '--requests', requests, *lenient,
                                  *request('ping'), *request('countdown', **{'from': 5, 'interval_ms': 0}))
                if not lenient:
                    self.assertEqual(report['ok'], 6 * requests)
                self.assertEqual(load(udsd.socket, '--requests', 50)['ok'], 50, 'served once nothing fails any more')

    @contextlib.contextmanager
    def failing(self, udsd, call, error):
        command = ['strace', '--attach', str(udsd.pid), '--quiet=all', f'--trace={call}', '--output=/dev/null',
                   f'--inject={call}:error={error}:when=2+3']
        with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as strace:
            try:
                traced = pathlib.Path(f'/proc/{udsd.pid}/status')
                support.wait_until(lambda: 'TracerPid:\t0' not in traced.read_text(), 'strace to attach')
                yield
            finally:
                strace.send_signal(signal.SIGTERM)
                strace.communicate()


class Terminations(LoadTest):
    MIX = [*request('ping'), *request('echo', v='x' * 100), *request('countdown', **{'from': 20, 'interval_ms': 0}),
           *request('countdown', **{'from': 3, 'interval_ms': 4})]
    # Only an end by force stops this one.
    LONG = request('countdown', **{'from': 1_000_000, 'interval_ms': 1})
    MOMENT_S = 0.03

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.sums = {'requests': 0, 'ok': 0, 'error': 0, 'unread': 0}
        print(f'\nUDS_LOAD_SEED={SEED}', flush=True)

    def moment(self):
        time.sleep(self.random.uniform(0, self.MOMENT_S))

    def run_round(self, end, drain, requests):
        """One udsd, several clients that never stop by themselves, and `end(udsd)` at a random moment."""
        with self.start(f'[limits]\ndrain = "{drain}"\n') as udsd:
            with Load(udsd.socket, '--connections', self.random.randint(2, 8), '--outstanding',
                      self.random.choice((1, 4, 16)), '--expect-close', *requests) as clients:
                self.moment()
                end(udsd)
                self.assertEqual(udsd.wait(), 0)
                report = clients.report()
        self.assertEqual(set(report['closed']) - {'eof', 'reset'}, set())
        self.assertEqual(set(report['codes']) - {'shutting_down'}, set())
        self.assertEqual((report['unattributed'], report['cut']), ({}, 0))
        unread = sum(lost['unread'] for lost in report['lost'].values())
        self.assertEqual(report['requests'], report['ok'] + report['error'] + unread)
        for key in self.sums:
            self.sums[key] += unread if key == 'unread' else report[key]
        return report

    def rounds(self, count, end, drain, requests):
        began = time.monotonic()
        for number in range(count):
            with self.subTest(round=number):
                self.run_round(end, drain, requests)
        print(f'{count} rounds in {time.monotonic() - began:.0f} s: {self.sums}', flush=True)
        self.assertGreater(self.sums['ok'], count)

    def test_two_hundred_sigterms_under_load_leave_no_request_without_its_final(self):
        # What runs ends by itself, far within the limit: reaching that would be waiting for ever.
        self.rounds(scaled(200, 30), lambda udsd: udsd.signal(signal.SIGTERM), '1h', self.MIX)

    def test_at_the_drain_limit_what_still_runs_gets_its_final(self):
        self.rounds(scaled(20, 5), lambda udsd: udsd.signal(signal.SIGTERM), '50ms', self.MIX + self.LONG)

    def test_a_second_sigterm_under_load_leaves_no_request_without_its_final(self):
        def end(udsd):
            with support.Wire(udsd.socket) as wire:
                wire.send({'cmd': 'countdown', 'id': 1, 'args': {'from': 2, 'interval_ms': 3_600_000}})
                wire.receive()  # what keeps the drain from ending by itself
                udsd.signal(signal.SIGTERM)
                # The kernel would make one signal of two that wait.
                support.wait_until(lambda: not support.accepts(udsd.socket), 'the drain')
                self.moment()
                udsd.signal(signal.SIGTERM)
                self.assertEqual(wire.final()['error']['code'], 'shutting_down')
        self.rounds(scaled(20, 5), end, '1h', self.MIX + self.LONG)

    def test_shutdown_now_under_load_leaves_no_request_without_its_final(self):
        def end(udsd):
            with support.Wire(udsd.socket) as wire:
                wire.send({'cmd': 'shutdown', 'id': 1, 'args': {'mode': 'now'}})
                self.assertEqual(wire.receive()['message'], 'stopping')
        self.rounds(scaled(20, 5), end, '1h', self.MIX + self.LONG)


class Reloads(LoadTest):
    # What is wrong in line 5, the column where, and a word of the sentence about it.
    BROKEN = (('json_values = "many"', 15, 'json_values'), ('json_values = -1', 15, 'json_values'),
              ('nosuch = 1', 1, 'nosuch'), ('drain = "1 parsec"', 9, 'drain'), ('json_values = = 1', 15, ''),
              ('[access]\nping = "nobody special"', 8, 'ping'))

    def test_a_thousand_reloads_under_load_with_a_tenth_broken(self):
        chance = random.Random(SEED)
        count = scaled(1000, 200)
        print(f'\nUDS_LOAD_SEED={SEED}', flush=True)
        with self.start() as udsd, support.Wire(udsd.socket) as wire, \
                Load(udsd.socket, '--connections', 4, '--outstanding', 8, *Terminations.MIX) as clients:
            def ask(cmd):
                wire.send({'cmd': cmd, 'id': cmd})
                return wire.receive()

            limit, broken, began = None, 0, time.monotonic()
            for number in range(count):
                good = number == 0 or chance.random() >= 0.1
                if good:
                    limit = 10_000 + number
                    self.config.write_text(f'[limits]\njson_values = {limit}\n')
                    self.assertEqual(ask('reload')['status'], 'OK')
                else:
                    broken += 1
                    self.refused(ask, *chance.choice(self.BROKEN))
                self.assertEqual(ask('hello')['data']['limits']['json_values'], limit)
            print(f'{count} reloads, {broken} of them broken, in {time.monotonic() - began:.1f} s', flush=True)
            self.assertTrue(clients.running())
            clients.stop_sending()
            report = clients.report()
            self.assertEqual(report['requests'], report['ok'])
            self.assertGreater(report['ok'], count)

    def refused(self, ask, text, column, word):
        self.config.write_text(f'[log]\nformat = "text"\n[limits]\njson_depth = 5\n{text}\n')
        reply = ask('reload')
        line = 5 + text.count('\n')
        self.assertEqual(reply['error']['code'], 'command_failed')
        self.assertEqual(len(reply['error']['errors']), 1, reply)
        error = reply['error']['errors'][0]
        self.assertTrue(error.startswith(f'{self.config}:{line}:{column}: '), error)
        self.assertIn(word, error)


class FloodByOneUser(LoadTest):
    def test_its_limit_is_exact_and_others_are_served_meanwhile(self):
        support.require(os.geteuid() == 0, 'root')
        total, limit = scaled((load_tools.FLOOD_CONNECTIONS, 1024), (1500, 1024))
        with OpenUdsd() as udsd, Flood(udsd.socket, total) as flood:
            self.assertEqual(flood.counts(), {'served': limit, 'busy connections_per_uid': total - limit})
            # It goes on trying, and each try is refused, while others are served whole.
            for uid in (0, 1000):
                with udsd.load_as(uid, '--connections', 20, '--outstanding', 10, '--requests', 500) as other:
                    self.assertEqual(other.report()['ok'], 20 * 500)
            flood.stop()
            tried = flood.counts()
            self.assertEqual(set(tried), {'busy connections_per_uid'})
            print(f'\n{total} connections and {tried} while others were served', flush=True)


class Fairness(LoadTest):
    # As many as one turn takes; more than one batch in one write, which udsd reads at once.
    TURN = 64
    ASKED = 4 * TURN

    def test_between_two_turns_at_most_64_frames_of_a_flood_are_handled(self):
        with self.start() as udsd, support.Wire(udsd.socket) as wire, \
                Load(udsd.socket, '--outstanding', 100_000, '--requests', scaled(300_000, 100_000)) as flood:
            worst, between = 0, 0
            while flood.running():
                wire.send(b'{"cmd":"stats","id":1}\n' * self.ASKED)
                handled = [wire.receive()['data']['requests'].get('ping', {}).get('ok', 0)
                           for _ in range(self.ASKED)]
                steps = [later - earlier for earlier, later in zip(handled, handled[1:])]
                worst = max(worst, *steps)
                between += sum(steps)
            report = flood.report()
        print(f'\n{between} of {report["ok"]} frames of the flood between two frames of another: {worst} at most')
        self.assertEqual(report['ok'], report['requests'])
        self.assertGreater(between, 0)
        self.assertLessEqual(worst, self.TURN)


def measure(rounds=15):
    """What NOBODY does to the p99 of another user's ping: rounds without and with it by turns.

    The first kind is the control: what a process costs that uses the processor and not udsd."""
    if os.geteuid() != 0:
        sys.exit('load_test.py --measure needs root')
    waiting = request('countdown', **{'from': 2, 'interval_ms': 3_600_000})

    @contextlib.contextmanager
    def loop(_):
        with subprocess.Popen([sys.executable, '-c', 'while True: pass']) as process:
            yield
            process.kill()

    @contextlib.contextmanager
    def held(udsd):
        with udsd.load_as(load_tools.NOBODY, '--connections', 1000, '--outstanding', 8, *waiting), \
                support.Wire(udsd.socket) as wire:
            def all_wait():
                wire.send({'cmd': 'stats'})
                return wire.receive()['data']['now']['requests_in_flight'] == 8_000
            support.wait_until(all_wait, 'every request to wait')
            yield

    @contextlib.contextmanager
    def attempts(udsd):
        with Flood(udsd.socket, 1100) as flood:
            flood.counts()
            yield

    def pings(connections, outstanding):
        return lambda udsd: udsd.load_as(load_tools.NOBODY, '--connections', connections, '--outstanding', outstanding)

    kinds = {
        'a process that uses the processor and not udsd': loop,
        '1000 connections with 8 requests that wait, each': held,
        'connections at the limit, and attempts without end': attempts,
        'one connection that floods with pings': pings(1, 100_000),
        '10 connections that flood with pings': pings(10, 1000),
        '1000 connections that flood with pings': pings(1000, 64),
    }
    for kind, disturb in kinds.items():
        with OpenUdsd() as udsd:
            def p99(udsd=udsd):
                with udsd.load_as(1000, '--seconds', 0.5) as asking:
                    return asking.report()['latency_us']['p99']
            pairs = []
            for _ in range(rounds):
                alone = p99()
                with disturb(udsd):
                    beside = p99()
                support.wait_until(lambda pid=udsd.pid: len(os.listdir(f'/proc/{pid}/fd')) < 30,
                                   'the connections to end')
                pairs.append((beside / max(alone, 1), alone, beside))
            print(f'{kind}: p99 {statistics.median(pair[1] for pair in pairs)} us alone, '
                  f'{statistics.median(pair[2] for pair in pairs)} us beside it (medians); ratio '
                  f'min {min(pairs)[0]:.2f}, median {statistics.median(pair[0] for pair in pairs):.2f}, max {max(pairs)[0]:.2f}',
                  flush=True)


if __name__ == '__main__':
    if '--measure' in sys.argv[1:]:
        measure()
    else:
        support.main()

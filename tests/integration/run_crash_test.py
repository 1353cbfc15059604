#!/usr/bin/env python3
"""What is left when udsd or either process of a udsd-exec is killed at any moment: a command is never started twice, a
status is true or said to be unknown, and no process is left that nobody owns. And many runs: one after the other, and at
once.

UDS_CRASH_ROUNDS and UDS_RUNS say how many; by default as many as a test suite has time for.
"""
import os
import pathlib
import random
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import support  # noqa: E402
from run_tools import MARK, WithRuns, declaration, exec_processes, processes_with  # noqa: E402

ROUNDS = int(os.environ.get('UDS_CRASH_ROUNDS', '5' if support.SANITIZED else '30'))
RUNS = int(os.environ.get('UDS_RUNS', '40' if support.SANITIZED else '300'))
CRASHES = (signal.SIGILL, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGSEGV)


# At exit LeakSanitizer runs in a clone of the process; if that clone is the one killed, its parent waits for ever.
if support.SANITIZED:
    os.environ['ASAN_OPTIONS'] = os.environ.get('ASAN_OPTIONS', '') + ':detect_leaks=0'


class Crash(WithRuns):
    def command(self):
        script = (f'echo $UDS_RUN_ID >> {self.directory}/started; sleep 0.03; '
                  f'echo $UDS_RUN_ID >> {self.directory}/ended; exit $0')
        return declaration('t.work', '', exec=['/bin/sh', '-c', script, '{status}', MARK], on_disconnect='"detach"',
                           grace='"100ms"').replace(
            'timeout', 'args.status = { type = "integer", minimum = 0, maximum = 255 }\ntimeout')

    def start_again(self):
        """A new udsd. One that is killed as it starts a udsd-exec leaves its lock and its socket with that for a moment:
        then another cannot begin, and whoever connects finds nobody."""
        def started():
            self.daemon = None
            try:
                self.start()
                if self.ask('ping')['status'] == 'OK' and self.daemon.alive():
                    return True
            except (AssertionError, OSError) as problem:
                self.assertNotRegex(str(problem), 'status -(4|6|7|8|11)', 'udsd crashed')
            if self.daemon:
                self.daemon.close()
                # It may be asked to stop before it has caught that signal.
                self.assertNotIn(-self.daemon.process.returncode, CRASHES, 'udsd crashed')
            return False
        support.wait_until(started, 'a udsd after the one that was killed')

    def test_killed_at_random_moments(self):
        seed = int(os.environ.get('UDS_SEED', time.time_ns() % 2**32))
        print(f'UDS_SEED={seed}', flush=True)
        chance = random.Random(seed)
        self.declare(self.command())
        self.start()
        for _ in range(ROUNDS):
            wires = []
            for _ in range(chance.randint(1, 3)):
                wires.append(self.send('t.work', args={'status': chance.randint(0, 255)}))
            end = time.monotonic() + chance.uniform(0, 0.06)
            while time.monotonic() < end:
                pass  # a moment of the round is the point of it
            victims = [self.daemon.pid, *exec_processes(self.state)]
            victim = chance.choice(victims)
            try:
                os.kill(victim, signal.SIGKILL)
            except ProcessLookupError:
                pass
            for wire in wires:
                wire.close()
            if victim == self.daemon.pid:
                self.daemon.wait()
                self.start_again()
            self.assertTrue(self.daemon.alive(), f'udsd ended by itself:\n{self.daemon.stderr}')
        support.wait_until(lambda: not exec_processes(self.state), 'every udsd-exec to end')
        self.assertEqual(processes_with(MARK), [])
        self.check_all()
        # And nothing is left in the way of one more.
        self.assertEqual(self.ask('t.work', status=7)['data']['exit'], 7)

    def check_all(self):
        started = self.lines('started')
        ended = self.lines('ended')
        self.assertEqual(len(started), len(set(started)), 'a command was started twice')
        outcomes = {}
        for entry in self.ask('run.list', limit=10000)['data']['runs']:
            shown = self.ask('run.show', run=entry['run'])['data']
            run, outcome = shown['run'], shown.get('outcome', shown['state'])
            outcomes[outcome] = outcomes.get(outcome, 0) + 1
            if outcome == 'exit':
                self.assertEqual(shown['exit'], int(shown['args']['status']), shown)
                self.assertIn(run, ended)
            elif outcome == 'signal':
                # A child that udsd-exec has just forked looks like it, and may be the command when it is killed.
                self.assertEqual(shown['signal'], signal.SIGKILL)
                self.assertNotIn(run, ended, shown)
            elif outcome == 'not_started':
                self.assertNotIn(run, started, shown)
            else:
                self.assertEqual(outcome, 'lost', shown)
        print(f'outcomes: {outcomes}', flush=True)

    def lines(self, name):
        path = self.directory / name
        return path.read_text(encoding='ascii').split() if path.exists() else []


class Many(WithRuns):
    def test_one_after_the_other_leaves_nothing(self):
        self.declare(declaration('t.status', '', exec=['/bin/sh', '-c', 'exit $0', '{status}']).replace(
            'timeout', 'args.status = { type = "integer", minimum = 0, maximum = 255 }\ntimeout'))
        self.start()
        self.run_command('t.status', {'status': 0})
        base = len(os.listdir(f'/proc/{self.daemon.pid}/fd'))
        wire = self.connect()
        for number in range(RUNS):
            status = number % 256
            last = self.stream(self.send('t.status', wire=wire, args={'status': status}))[-1]
            self.assertEqual(last['data']['exit'], status)
        wire.close()
        support.wait_until(lambda: not exec_processes(self.state), 'every udsd-exec to end')
        support.wait_until(lambda: len(os.listdir(f'/proc/{self.daemon.pid}/fd')) <= base, 'descriptors to be closed')
        # One that is ending has no command line any more.
        children = pathlib.Path(f'/proc/{self.daemon.pid}/task/{self.daemon.pid}/children')
        support.wait_until(lambda: not children.read_text(encoding='ascii'), 'udsd to have no child')

    def test_two_hundred_at_once(self):
        self.declare(declaration('t.gate', f'read x < {self.directory}/go; exit 3'))
        os.mkfifo(self.directory / 'go')
        self.start()
        wires = [self.send('t.gate') for _ in range(200)]
        for wire in wires:
            self.assertEqual(wire.receive()['data']['state'], 'started')
        self.assertEqual(len(self.ask('run.list', state='running', limit=1000)['data']['runs']), 200)
        self.assertEqual(self.ask('ping')['status'], 'OK')
        # Each takes the end of the file for its line; who comes late finds the writer still there.
        gate = os.open(self.directory / 'go', os.O_RDWR)
        os.write(gate, b'\n' * 200)
        for wire in wires:
            self.assertEqual(self.stream(wire)[-1]['error']['exit'], 3)
        os.close(gate)


if __name__ == '__main__':
    support.main()

#!/usr/bin/env python3
"""What a ping costs udsd, in instructions and system calls, against tests/budgets.json: counts, so no clock is asked.

A cost is the difference of two runs that differ only in the number of pings; that of udsctl is one whole run. More than
5 % above its budget fails; who makes udsd cheaper lowers the budget. Instructions depend on the compiler, and are judged
for the one that the file names.
"""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import support  # noqa: E402

BUDGETS = json.loads(pathlib.Path(__file__).parent.parent.joinpath('budgets.json').read_text())
TOLERANCE = 1.05
PING = b'{"id":"42","cmd":"ping"}\n'


@unittest.skipIf(support.SANITIZED, 'sanitizers count for more than the program')
class Budget(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix='uds-')
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)
        self.runs = 0

    def run_under(self, tool, rounds, at_once):
        """Runs udsd under `tool`, sends `rounds` times so many pings at once, and stops it."""
        self.runs += 1
        path = self.directory / f'{self.runs}.sock'
        process = subprocess.Popen([*tool, support.program('UDSD'), '--socket', str(path)], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=support.clean_environment())
        try:
            support.wait_until(lambda: support.accepts(path), f'udsd to accept under {tool[0]}')
            with support.Wire(path) as wire:
                for _ in range(rounds):
                    wire.send(PING * at_once)
                    for _ in range(at_once):
                        self.assertIn(b'pong', wire.frame())
                process_id = support.peer_pid(wire.socket)
            os.kill(process_id, signal.SIGTERM)
            self.assertEqual(process.wait(support.DEADLINE), 0)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    def cost(self, count, at_once, few, many):
        """Of one ping: `count(rounds, at_once)` is what a whole run costs."""
        return (count(many, at_once) - count(few, at_once)) / ((many - few) * at_once)

    def judge(self, kind, name, cost):
        budget = BUDGETS[kind][name]
        print(f'{kind} of a {name}: {cost:.1f}, budget {budget}', flush=True)
        self.assertLessEqual(cost, budget * TOLERANCE)

    def instructions(self, rounds, at_once):
        out = self.directory / 'callgrind.log'
        self.run_under(['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', f'--log-file={out}'], rounds,
                       at_once)
        return int(re.search(r'Collected : (\d+)', out.read_text())[1])

    def system_calls(self, rounds, at_once):
        out = self.directory / 'strace.log'
        self.run_under(['strace', '--follow-forks', '--quiet=all', f'--output={out}'], rounds, at_once)
        return len(out.read_text().splitlines())

    def test_instructions(self):
        support.require(shutil.which('valgrind') is not None, 'valgrind')
        compiler = os.environ.get('UDS_COMPILER')
        ping = self.cost(self.instructions, 1, 100, 1100)
        pipelined = self.cost(self.instructions, 64, 5, 45)
        # simdjson and the C library choose their code by the processor, too.
        avx2 = 'avx2' in pathlib.Path('/proc/cpuinfo').read_text().split()
        if compiler != BUDGETS['compiler'] or not avx2:
            self.skipTest(f'the budget is for {BUDGETS["compiler"]} with AVX2; here: {ping:.0f}, {pipelined:.0f}')
        self.judge('instructions', 'ping', ping)
        self.judge('instructions', 'pipelined_ping', pipelined)

    def test_system_calls(self):
        support.require(shutil.which('strace') is not None, 'strace')
        self.judge('system_calls', 'ping', self.cost(self.system_calls, 1, 50, 550))

    def test_udsctl(self):
        support.require(shutil.which('valgrind') is not None, 'valgrind')
        out = self.directory / 'callgrind.log'
        with support.Udsd() as udsd:
            tool = ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', f'--log-file={out}']
            done = subprocess.run([*tool, support.program('UDSCTL'), '--socket', udsd.socket, 'ping'],
                                  stdout=subprocess.PIPE, timeout=support.DEADLINE,
                                  env={'PATH': os.environ['PATH']})  # the dynamic linker reads each variable
        self.assertEqual(done.returncode, 0)
        self.assertIn(b'pong', done.stdout)
        instructions = int(re.search(r'Collected : (\d+)', out.read_text())[1])
        # The start is most of it, so what the dynamic linker has to do counts.
        avx2 = 'avx2' in pathlib.Path('/proc/cpuinfo').read_text().split()
        built = (os.environ.get('UDS_COMPILER'), os.environ.get('UDS_STATIC_RUNTIME'))
        if built != (BUDGETS['compiler'], '1') or not avx2:
            self.skipTest(f'the budget is for {BUDGETS["compiler"]}, UDS_STATIC_RUNTIME, AVX2; here: {instructions}')
        self.judge('instructions', 'udsctl_ping', instructions)


if __name__ == '__main__':
    support.main()

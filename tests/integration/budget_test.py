#!/usr/bin/env python3
"""What a ping costs udsd, in instructions and system calls, against tests/budgets.json: counts, not times.

More than 5 % above its budget fails; who makes udsd cheaper lowers the budget. Instructions depend on the compiler, and
are judged for the one that the file names. How it is counted is in bench/measure/counts.py; udsctl is counted as one
whole run, in which it polls for 50 µs: far less than what is tolerated.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / 'tests/integration'), str(ROOT / 'bench')]

import support  # noqa: E402
from measure import counts  # noqa: E402

BUDGETS = json.loads((ROOT / 'tests/budgets.json').read_text())
TOLERANCE = 1.05


@unittest.skipIf(support.SANITIZED, 'sanitizers count for more than the program')
class Budget(unittest.TestCase):
    def setUp(self):
        self.counts = counts.Counts(support.program('UDSD'), support.clean_environment())

    def judge(self, kind, name, cost):
        budget = BUDGETS[kind][name]
        print(f'{kind} of a {name}: {cost:.1f}, budget {budget}', flush=True)
        self.assertLessEqual(cost, budget * TOLERANCE)

    def test_instructions(self):
        support.require(counts.have('callgrind'), 'valgrind')
        compiler = os.environ.get('UDS_COMPILER')
        ping = self.counts.instructions()
        pipelined = self.counts.instructions(at_once=64, few=5, many=45)
        # simdjson and the C library choose their code by the processor, too.
        avx2 = 'avx2' in pathlib.Path('/proc/cpuinfo').read_text().split()
        if compiler != BUDGETS['compiler'] or not avx2:
            self.skipTest(f'the budget is for {BUDGETS["compiler"]} with AVX2; here: {ping:.0f}, {pipelined:.0f}')
        self.judge('instructions', 'ping', ping)
        self.judge('instructions', 'pipelined_ping', pipelined)

    def test_system_calls(self):
        support.require(counts.have('strace'), 'strace')
        self.judge('system_calls', 'ping', sum(self.counts.system_calls().values()))

    def test_udsctl(self):
        support.require(counts.have('callgrind'), 'valgrind')
        with support.Udsd() as udsd, tempfile.TemporaryDirectory(prefix='uds-') as directory:
            log = pathlib.Path(directory, 'log')
            done = subprocess.run([*counts.callgrind(log), support.program('UDSCTL'), '--socket', udsd.socket, 'ping'],
                                  stdout=subprocess.PIPE, timeout=support.DEADLINE,
                                  env={'PATH': os.environ['PATH']})  # the dynamic linker reads each variable
            instructions = counts.collected(log)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b'pong', done.stdout)
        # The start is most of it, so what the dynamic linker has to do counts.
        avx2 = 'avx2' in pathlib.Path('/proc/cpuinfo').read_text().split()
        built = (os.environ.get('UDS_COMPILER'), os.environ.get('UDS_STATIC_RUNTIME'))
        if built != (BUDGETS['compiler'], '1') or not avx2:
            self.skipTest(f'the budget is for {BUDGETS["compiler"]}, UDS_STATIC_RUNTIME, AVX2; here: {instructions}')
        self.judge('instructions', 'udsctl_ping', instructions)


if __name__ == '__main__':
    support.main()

#!/usr/bin/env python3
"""Declared commands where there is much of something: clients, commands, output, input."""
import hashlib
import json
import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import support  # noqa: E402
import surroundings  # noqa: E402
from run_tools import WithRuns, declaration, output_bytes  # noqa: E402

CLIENTS = 200
COMMANDS = 20
CAP = 4 << 20


class Crowd(WithRuns):
    maxDiff = None

    def test_a_command_sees_nothing_of_the_others(self):
        rules = dict(line.split(' = ', 1) for line in surroundings.RULES.splitlines())
        # -S -I: Python itself then reads no environment and catches only SIGINT.
        python = [sys.executable, '-I', '-S', '-c', surroundings.SELF]
        self.declare(declaration('t.waits', '', exec=['/bin/sleep', '1000'], env='{ SECRET_OF_ANOTHER = "x" }') +
                     declaration('t.self', '', exec=python, **rules))
        self.start()
        clients = [self.connect() for _ in range(CLIENTS - COMMANDS)]
        others = [self.begin('t.waits')[0] for _ in range(COMMANDS)]
        for wire in clients:
            self.assertEqual(self.send('ping', wire=wire).final()['status'], 'OK')
        responses = self.run_command('t.self')
        self.assertEqual(responses[-1]['status'], 'OK', responses)
        seen = json.loads(output_bytes(responses))
        self.assertEqual(seen, surroundings.expected(seen, 't.self', responses[-1]['data']['run']))
        for wire in others:
            wire.close()

    def test_endless_output(self):
        self.declare(declaration('t.yes', '', exec=['/usr/bin/yes'], timeout='"5s"',
                                 output=f'{{ max = "{CAP >> 20}MiB", on_limit = "drop" }}'))
        self.start()
        self.run_command('ping')
        before = self.peak_kib()
        wire, run = self.begin('t.yes')
        slow = self.send('run.attach', args={'run': run})  # and reads nothing until the end
        other = self.connect()
        answered = 0
        while self.send('run.show', wire=other, args={'run': run}).final()['data']['state'] == 'running':
            answered += 1
        self.assertGreater(answered, 10, 'of an endless run of five seconds')
        seen = []
        for each in (wire, slow):
            responses = self.stream(each)
            self.assertEqual(responses[-1]['error']['code'], 'deadline_exceeded', responses[-1])
            self.assertTrue(any('discarded' in r.get('message', '') for r in responses), 'nobody said that bytes are lost')
            seen.append(output_bytes(responses))
        self.assertEqual(seen[0], seen[1])
        self.assertTrue(CAP - (64 << 10) < len(seen[0]) <= CAP, len(seen[0]))
        spool = (self.state / 'runs' / run / 'output').stat().st_size
        self.assertLess(spool, CAP + (CAP >> 3))
        if not support.SANITIZED:
            self.assertLess(self.peak_kib() - before, 4096)

    def test_a_large_input_is_the_callers_own(self):
        size = 1 << 30 if os.environ.get('UDS_FULL') == '1' and not support.SANITIZED else 64 << 20
        self.declare(declaration('db.restore', '', exec=['/usr/bin/sha256sum'], stdin='"caller"'))
        self.start()
        self.run_command('ping')
        before = self.peak_kib()
        dump = self.directory / 'dump'
        digest = hashlib.sha256()
        with open(dump, 'wb') as file:
            while file.tell() < size:
                block = os.urandom(1 << 20) * 8
                file.write(block)
                digest.update(block)
        with open(dump, 'rb') as file:
            done = subprocess.run([support.program('UDSCTL'), '--socket', self.daemon.socket, 'run', 'db.restore'],
                                  stdin=file, capture_output=True, text=True, check=False, timeout=support.DEADLINE)
        self.assertEqual((done.returncode, done.stdout.split()[:1]), (0, [digest.hexdigest()]), done.stderr)
        if not support.SANITIZED:
            self.assertLess(self.peak_kib() - before, 4096, 'udsd has read it itself')

    def peak_kib(self):
        status = pathlib.Path(f'/proc/{self.daemon.pid}/status').read_text(encoding='utf-8')
        return int(status.split('VmHWM:')[1].split()[0])


if __name__ == '__main__':
    support.main()

#!/usr/bin/env python3
"""udsctl run and its like with a real udsd that really runs commands: what udsctl_run_test.py says in small, once over
the whole way."""
import json
import re
import signal
import subprocess

import support
from run_tools import WithRuns, declaration
from support import DEADLINE, clean_environment, program

SLOW = 'echo begin; while [ ! -e "$0" ]; do sleep 0.05; done; echo end; exit 5'


class Runs(WithRuns):
    def setUp(self):
        super().setUp()
        self.gate = self.directory / 'gate'
        slow = json.dumps(['/bin/sh', '-c', SLOW, str(self.gate)])
        self.declare(
            declaration('t.both', 'echo out; echo err >&2; exit 3') +
            declaration('t.bytes', 'head -c 300000 /dev/urandom | tee /dev/stderr') +
            declaration('t.input', 'cat', stdin='"caller"') +
            declaration('t.killed', 'kill -9 $$') +
            declaration('t.late', 'exec sleep 60', timeout='"200ms"') +
            declaration('t.absent', '', exec=['/none/such']) +
            declaration('t.trap', 'trap "echo got; exit 7" INT; echo begin; while :; do sleep 0.05; done') +
            declaration('t.slow', '', on_disconnect='"detach"').replace('["/bin/sh", "-c", ""]', slow))
        self.start()

    def udsctl(self, *arguments, **options):
        return subprocess.run([program('UDSCTL'), '--socket', self.daemon.socket, *arguments], capture_output=True,
                              env=clean_environment(), timeout=DEADLINE, check=False,
                              **({'stdin': subprocess.DEVNULL} | options))

    def begin(self, *arguments):
        """A udsctl that has shown the first line of its run."""
        child = subprocess.Popen([program('UDSCTL'), '--socket', self.daemon.socket, *arguments],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 env=clean_environment())
        for cleanup in (child.stdout.close, child.stderr.close, child.wait, child.kill):
            self.addCleanup(cleanup)
        self.assertEqual(child.stdout.readline(), b'begin\n')
        return child

    def rest(self, child):
        shown, said = child.stdout.read(), child.stderr.read()
        return child.wait(DEADLINE), shown, said

    def test_streams_and_statuses(self):
        done = self.udsctl('run', 't.both')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (3, b'out\n', b'err\n'))
        done = self.udsctl('run', 't.bytes')
        self.assertEqual((done.returncode, len(done.stdout)), (0, 300_000))
        self.assertEqual(done.stdout, done.stderr)
        for name, status in (('killed', 137), ('late', 124), ('absent', 126), ('nothing', 127)):
            self.assertEqual(self.udsctl('run', f't.{name}').returncode, status, name)

    def test_only_what_is_declared_is_run(self):
        result = self.directory / 'result'
        result.write_text('of an earlier run')
        done = self.udsctl('run', '--result', str(result), 'ping')
        self.assertEqual((done.returncode, done.stdout), (127, b''))
        self.assertIn(b'udsctl call ping', done.stderr)
        self.assertEqual(result.read_text(), '')

    def test_standard_input(self):
        self.assertEqual(self.udsctl('run', 't.input', stdin=None, input=b'from here').stdout, b'from here')

    def test_an_interrupt_goes_to_the_run(self):
        child = self.begin('run', 't.trap')
        child.send_signal(signal.SIGINT)
        self.assertEqual(self.rest(child), (7, b'got\n', b''))

    def test_left_by_an_interrupt_and_found_again(self):
        child = self.begin('run', '--detach-on-interrupt', 't.trap')
        child.send_signal(signal.SIGINT)
        status, _, said = self.rest(child)
        self.assertEqual(status, 130)
        run = re.search(rb' attach ([0-9a-f]{20}) --from 2\n', said).group(1).decode()
        self.assertEqual(self.udsctl('cancel', run, '--signal', 'INT').returncode, 0)
        self.assertEqual(self.udsctl('wait', run).returncode, 7)
        self.assertEqual(self.udsctl('attach', run).stdout, b'begin\ngot\n')

    def test_detached(self):
        run = self.udsctl('run', '--detach', 't.slow').stdout.decode().strip()
        listed = self.udsctl('--field', '/data/runs/0/run', 'runs', '--running').stdout.decode().strip()
        self.assertEqual(listed, run)
        self.assertEqual(self.udsctl('wait', '--timeout', '50ms', run).returncode, 124)
        self.gate.touch()
        self.assertEqual(self.udsctl('wait', run).returncode, 5)
        done = self.udsctl('attach', run, '--from', '2')
        self.assertEqual((done.returncode, done.stdout), (5, b'end\n'))
        self.assertEqual(json.loads(self.udsctl('show', run).stdout)['data']['exit'], 5)
        records = [json.loads(line) for line in self.udsctl('audit', '--run', run).stdout.splitlines()]
        self.assertEqual([record['data'].get('event') for record in records], ['start', 'end', None])

    def test_over_restarts_of_the_daemon(self):
        for number in (signal.SIGKILL, signal.SIGTERM):
            with self.subTest(signal=number):
                child = self.begin('run', 't.slow')
                self.daemon.signal(number)
                self.daemon.wait()
                self.start()
                self.gate.touch()
                self.assertEqual(self.rest(child), (5, b'end\n', b''))
                self.gate.unlink()

    def test_who_may_and_what_would_be_run(self):
        self.assertEqual(self.udsctl('can-i', 't.both').returncode, 0)
        self.assertEqual(self.udsctl('can-i', 't.nothing').returncode, 1)
        explained = json.loads(self.udsctl('explain', 't.absent').stdout)['data']
        self.assertEqual((explained['argv'], explained['rule'] != ''), (['/none/such'], True))


if __name__ == '__main__':
    support.main()

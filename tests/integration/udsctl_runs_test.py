#!/usr/bin/env python3
"""udsctl run and its like with a real udsd that really runs commands: what udsctl_run_test.py says in small, once over
the whole way."""
import json
import os
import re
import signal
import subprocess

import support
from run_tools import USER, WithRuns, declaration
from support import DEADLINE, clean_environment, program
from udsctl_test import Terminal

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
            declaration('t.secret', 'cat', stdin='"arg:key"').replace(
                'timeout', 'args.key = { type = "string", secret = true }\ntimeout') +
            declaration('t.echo', '', exec=['/bin/echo', '{word}']).replace(
                'timeout', 'args.word = { type = "string", pattern = "[a-z]+" }\ntimeout') +
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
        self.assertEqual(self.udsctl('cancel', run, '--signal', 'FOO').returncode, 64)
        self.assertEqual(self.udsctl('cancel', run, '--signal', 'int').returncode, 0)
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

    def test_audit_of_a_caller(self):
        run = self.udsctl('run', '--detach', 't.killed').stdout.decode().strip()
        self.assertEqual(self.udsctl('wait', run).returncode, 137)
        for caller, count in ((USER, 2), (str(os.geteuid()), 2), ('4000000000', 0)):
            done = self.udsctl('audit', '--caller', caller)
            self.assertEqual((done.returncode, len(done.stdout.splitlines())), (0, count + 1), caller)
        done = self.udsctl('audit', '--caller', 'no-such-user')
        self.assertEqual((done.returncode, done.stdout), (64, b''))
        self.assertIn(b'--caller no-such-user is no user of this host', done.stderr)

    def test_the_signals_to_cancel_with_are_those_of_the_daemon(self):
        described = json.loads(self.udsctl('describe', 'run.cancel').stdout)
        names = described['data']['args']['properties']['signal']['enum']
        refused = self.udsctl('cancel', '0' * 20, '--signal', 'x')
        self.assertIn('is none of ' + ', '.join(names) + '\n', refused.stderr.decode())

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

    def on_terminal(self, *arguments):
        """(status, what is shown)."""
        with Terminal('--socket', self.daemon.socket, *arguments, env={'TERM': 'dumb', 'NO_COLOR': '1'}) as terminal:
            shown = terminal.read_until().replace('\r\n', '\n')
            return terminal.child.wait(DEADLINE), shown

    def test_shown_to_people(self):
        run = self.udsctl('run', '--detach', 't.both').stdout.decode().strip()
        self.assertEqual(self.udsctl('wait', run).returncode, 3)
        status, shown = self.on_terminal('show', run)
        self.assertEqual(status, 0)
        self.assertRegex(shown, rf'^run +{run}\ncommand +t\.both\nstate +ended, exit 3\n')
        self.assertRegex(shown, r'\noutput +4 B of standard output, 4 B of standard error\n')
        status, shown = self.on_terminal('explain', 't.absent')
        self.assertEqual(status, 0)
        self.assertRegex(shown, rf'^/none/such\nuser +{USER} \(uid {os.geteuid()}, ')
        self.assertRegex(shown, r'\nenvironment:\n(  .*\n)*  UDS_RUN_ID=RUN\n')

    def test_call_shows_output_to_people(self):
        status, shown = self.on_terminal('call', 't.both')
        self.assertEqual(status, 2)
        self.assertRegex(shown, r'(?s)started.*\nstdout  out\n.*udsctl: the command failed with exit status 3')
        self.assertIn('\nstderr  err\n', shown)

    def test_call_passes_no_input_on(self):
        done = self.udsctl('call', 't.input')
        self.assertEqual((done.returncode, done.stdout), (64, b''))
        self.assertIn(b'udsctl run t.input', done.stderr)

    def test_what_is_built_in_executes_nothing(self):
        status, shown = self.on_terminal('explain', 'ping')
        self.assertEqual((status, 'ping is built in and not declared' in shown), (2, True))

    def test_a_secret(self):
        done = self.udsctl('run', 't.secret')
        self.assertEqual((done.returncode, done.stdout), (64, b''))
        self.assertIn(b'key is a secret and is needed: write key=@FILE, or key=@/dev/stdin ', done.stderr)
        done = self.udsctl('run', 't.secret', 'key=@/dev/stdin', stdin=None, input=b'a key\n')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, b'a key', b''))

    def test_help(self):
        for words in (('help', 't.secret'), ('run', 't.secret', '--help')):
            done = self.udsctl(*words)
            self.assertEqual((done.returncode, done.stderr), (0, b''))
            self.assertIn(b'Usage: udsctl run t.secret ', done.stdout)
            self.assertIn(b'--key                  secret string, required\n', done.stdout)
        self.assertIn(b'Usage: udsctl call countdown ', self.udsctl('help', 'countdown').stdout)
        status, shown = self.on_terminal('describe', 't.secret')
        self.assertEqual((status, shown.startswith('Usage: udsctl run t.secret ')), (0, True))
        done = self.udsctl('help', 't.nothing')
        self.assertEqual((done.returncode, done.stdout), (2, b''))
        self.assertIn(b'udsctl list shows', done.stderr)

    def test_advice_names_verbs_of_udsctl(self):
        for words in (('run', 't.echo'), ('run', 't.echo', '--word', 'A')):
            done = self.udsctl(*words)
            self.assertEqual(done.returncode, 125)
            self.assertRegex(done.stderr, rb'^udsctl: the arguments do not fit: word .*; udsctl describe t.echo says ')


if __name__ == '__main__':
    support.main()

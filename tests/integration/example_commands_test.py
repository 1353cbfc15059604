#!/usr/bin/env python3
"""The declarations of docs/examples/commands, run: copies in which paths and users are those of the test. Stand-ins
take the place of systemctl, journalctl, psql and pg_dump, also where the host has them: no test restarts its services."""
import json
import pathlib
import re
import signal
import subprocess
import tarfile
import unittest

import support
from run_tools import USER, WithRuns, is_supervised, output_bytes
from support import DEADLINE, clean_environment, program, wait_until

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / 'docs/examples/commands'

# Each notes in calls/NAME, beside its own directory, that it was called.
NOTES = '#!/bin/sh\ncalls=$(dirname "$0")/../calls\nprintf "%s\\n" "$@" >> "$calls/$(basename "$0")"\n'
SYSTEMCTL = '''for last; do :; done
[ "$last" = php8.2-fpm.service ] || exit 0
echo "Job for $last failed." >&2
exit 1
'''
JOURNALCTL = 'echo "a line of the log"\nexec sleep 1000\n'
PSQL = 'echo 3\n'
PG_DUMP = '''echo "-- a dump"
for table in a b c; do
  echo "pg_dump: dumping contents of table \\"public.$table\\"" >&2
  echo "COPY public.$table FROM stdin;"
done
for last; do :; done
[ "$last" != --dbname=broken ] || { echo "pg_dump: error: no such block" >&2; exit 1; }
'''
# Waits for the gate; what stands in that is how it ends.
TAR = '''while [ ! -s "$calls/gate" ]; do sleep 0.02; done
/usr/bin/tar "$@"
exit "$(cat "$calls/gate")"
'''


class Examples(WithRuns):
    def setUp(self):
        super().setUp()
        self.addCleanup(wait_until, lambda: not is_supervised(self.state), 'every run to be over')
        self.bin = self.directory / 'bin'
        self.calls = self.directory / 'calls'
        for directory in (self.bin, self.calls):
            directory.mkdir()

    def stand_in(self, name, script):
        path = self.bin / name
        path.write_text(NOTES + script)
        path.chmod(0o755)
        return path

    def called(self, name):
        """The arguments that a stand-in was given, of all its calls."""
        path = self.calls / name
        return path.read_text().splitlines() if path.exists() else []

    def use(self, name, replaced=(), env=None):
        """Declares a copy of an example and starts udsd. `replaced`: pairs of texts, each of which must be there."""
        text = (EXAMPLES / name).read_text()
        text = text.replace('/usr/local/lib/uds', str(EXAMPLES))
        for old, new in replaced:
            self.assertIn(old, text)
            text = text.replace(old, str(new))
        text = re.sub(r'^user = ".*"', f'user = "{USER}"', text, flags=re.MULTILINE)
        text = re.sub(r'^allow = \{ users.*', f'allow = {{ users = ["{USER}"] }}', text, flags=re.MULTILINE)
        env = {'PATH': f'{self.bin}:/usr/bin:/bin'} | (env or {})
        pairs = ', '.join(f'{key} = {json.dumps(str(value))}' for key, value in env.items())
        self.declare(text + f'env = {{ {pairs} }}\n', name)
        self.start()

    def udsctl(self, *arguments):
        return support.udsctl('--socket', self.daemon.socket, *arguments)

    def begin(self, *arguments):
        child = subprocess.Popen([program('UDSCTL'), '--socket', self.daemon.socket, *arguments],
                                 stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                 env=clean_environment())
        for cleanup in (child.stdout.close, child.stderr.close, child.wait, child.kill):
            self.addCleanup(cleanup)
        return child

    def ends(self, arguments, status, stdout='', stderr=''):
        done = self.udsctl('run', *arguments)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (status, stdout, stderr))

    def refused(self, *arguments):
        """uds refuses the arguments, and there is no run of them."""
        before = self.ask('run.list')['data']['runs']
        done = self.udsctl('run', *arguments)
        self.assertEqual((done.returncode, done.stdout), (125, ''), done.stderr)
        self.assertEqual(self.ask('run.list')['data']['runs'], before)

    def test_service_restart(self):
        systemctl = self.stand_in('systemctl', SYSTEMCTL)
        self.use('service-restart.toml', [('/usr/bin/systemctl', systemctl)])
        self.ends(['web.restart', '--unit', 'nginx.service'], 0)
        self.assertEqual(self.called('systemctl'), ['restart', '--', 'nginx.service'])
        self.ends(['web.restart', '--unit', 'php8.2-fpm.service'], 1, stderr='Job for php8.2-fpm.service failed.\n')
        for unit in ('ssh.service', 'nginx', 'nginx.service php8.2-fpm.service', '--now', ''):
            self.refused('web.restart', f'--unit={unit}')
        self.assertEqual(len(self.called('systemctl')), 6)

    def test_log_tail(self):
        journalctl = self.stand_in('journalctl', JOURNALCTL)
        self.use('log-tail.toml', [('/usr/bin/journalctl', journalctl)])
        child = self.begin('run', 'log.tail', '--unit', 'nginx.service', '--lines', '5', '--search', '-f /etc')
        self.assertEqual(child.stdout.readline(), 'a line of the log\n')
        self.assertEqual(self.called('journalctl'), ['--follow', '--no-pager', '--output=short-iso', '--lines=5',
                                                     '--unit=nginx.service', '--grep=-f /etc'])
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(DEADLINE), 128 + signal.SIGINT)
        for search in ('x' * 65, '$(id)', '.*', 'a\nb', ''):
            self.refused('log.tail', '--unit', 'nginx.service', f'--search={search}')
        self.refused('log.tail', '--unit', 'nginx.service', '--lines', '1001')
        self.refused('log.tail', '--unit', 'ssh.service')

    def test_db_dump(self):
        self.stand_in('psql', PSQL)
        self.stand_in('pg_dump', PG_DUMP)
        self.use('db-dump.toml')
        dump = '-- a dump\n' + ''.join(f'COPY public.{table} FROM stdin;\n' for table in 'abc')
        responses = self.run_command('db.dump', {'database': 'shop'})
        self.assertEqual(responses[-1]['status'], 'OK', responses[-1])
        self.assertEqual(output_bytes(responses).decode(), dump)
        self.assertEqual([each['progress'] for each in responses if 'progress' in each],
                         [{'current': done, 'total': 3, 'unit': 'tables'} for done in (1, 2, 3)])
        self.assertEqual(self.called('pg_dump'), ['--verbose', '--dbname=shop'])
        self.ends(['db.dump', '--database', 'broken'], 1, dump, 'pg_dump: error: no such block\n')
        for database in ('--help', 'a b', 'dbname=x', 'Shop', 'x' * 64):
            self.refused('db.dump', f'--database={database}')

    def test_cert_renewed(self):
        self.stand_in('systemctl', SYSTEMCTL)
        fetched, installed = self.directory / 'acme', self.directory / 'ssl'
        (fetched / 'www.example.org').mkdir(parents=True)
        for name in ('fullchain.pem', 'privkey.pem'):
            (fetched / 'www.example.org' / name).write_text(name)
        self.use('cert-renewed.toml', env={'CERT_FROM': fetched, 'CERT_TO': installed})
        for _ in range(2):
            self.ends(['cert.renewed', '--domain', 'www.example.org'], 0,
                      'installed the certificate of www.example.org\nreloaded nginx.service\n')
        key = installed / 'www.example.org/privkey.pem'
        self.assertEqual((key.read_text(), key.stat().st_mode & 0o777), ('privkey.pem', 0o600))
        self.assertEqual(self.called('systemctl')[-2:], ['reload', 'nginx.service'])
        done = self.udsctl('run', 'cert.renewed', '--domain', 'absent.example.org')
        self.assertEqual((done.returncode, done.stdout), (1, ''))
        self.assertIn('absent.example.org', done.stderr)
        for domain in ('../../etc', '-x.org', 'localhost', 'a/b.org', 'a.org b.org'):
            self.refused('cert.renewed', f'--domain={domain}')

    def with_backup(self):
        self.stand_in('tar', TAR)
        site = self.directory / 'srv/site'
        site.mkdir(parents=True)
        (site / 'index.html').write_text('hello')
        (self.directory / 'srv/out').symlink_to('/etc')
        self.use('backup.toml', [('/srv', self.directory / 'srv')], env={'BACKUP_TO': self.directory / 'backups'})

    def test_backup_outlives_its_client(self):
        self.with_backup()
        for status in (0, 2):
            with self.subTest(status=status):
                gate = self.calls / 'gate'
                gate.unlink(missing_ok=True)
                before = len(self.called('tar'))
                client = self.begin('run', 'backup.run', '--directory', 'site')
                wait_until(lambda known=before: len(self.called('tar')) > known, 'tar to be called')
                client.kill()
                client.wait(DEADLINE)
                running = self.ask('run.list', state='running')['data']['runs']
                self.assertEqual([run['command'] for run in running], ['backup.run'])
                wait_until(lambda: 'backup.run' not in json.dumps(self.ask('connections')), 'udsd to miss udsctl')
                run = running[0]['run']
                watcher = self.begin('attach', run)
                gate.write_text(str(status))
                shown = watcher.stdout.read()
                self.assertEqual(watcher.wait(DEADLINE), status)
                self.assertEqual(self.udsctl('attach', run).returncode, status)
                self.assertEqual(self.ask('run.show', run=run)['data']['exit'], status)
                archives = list((self.directory / 'backups').glob(f'*{run}*'))
                if status == 0:
                    self.assertEqual(shown, f'wrote {archives[0]}\n')
                    with tarfile.open(archives[0]) as archive:
                        self.assertIn('./index.html', archive.getnames())
                else:
                    self.assertEqual((shown, archives), ('', []))

    def test_backup_of_nothing_but_its_directory(self):
        self.with_backup()
        for directory in ('..', '../etc', '/etc', 'site/../../etc', '-C'):
            self.refused('backup.run', f'--directory={directory}')
        # A link is found when the path is opened: there is a run, and its command was not executed.
        for directory in ('out', 'absent'):
            error = self.run_command('backup.run', {'directory': directory})[-1]['error']
            self.assertEqual((error['code'], error['started'], error['stage']), ('command_failed', False, 'path'))
        self.assertEqual(self.called('tar'), [])


if __name__ == '__main__':
    support.main()

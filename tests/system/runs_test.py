#!/usr/bin/env python3
"""Declared commands under a real systemd: each run in a unit of its own, as installed by CMake and by the packages.

Usage: runs_test.py   as boot_test.py, whose machines these are.
"""
import json
import re

import boot_test
from boot_test import MEMBER, OUTSIDER, support
from run_tools import declaration

EXEC_SOCKET = '/run/udsd/exec.sock'
STATE = '/var/lib/uds'
STRANGER = 'uds-stranger'  # may connect, and may run nothing

# An end that leaves nothing behind is one that found all of these.
SCATTERS = "setsid sleep 98765 & (sleep 98765 &) ; echo here; exec sleep 98765"
# Takes its time after a first signal, and tells how many there were.
PATIENT = '''
import signal, time
seen = []
signal.signal(signal.SIGTERM, lambda *_: seen.append(1))
print("here", flush=True)
while not seen:
    time.sleep(0.01)
time.sleep(0.5)
print(len(seen))'''
GATE = 'echo begin; while [ ! -e /run/gate ]; do sleep 0.05; done; echo end; exit 5'
STATUS = "id; grep -E '^(CapEff|NoNewPrivs|Seccomp):' /proc/self/status"
GREEDY = ['/usr/bin/python3', '-c', 'x = bytearray(200 << 20); print(len(x))']


def declared():
    def one(name, script='', user='root', **keys):
        return declaration(name, script, user=f'"{user}"', admins='false', allow=f'{{ users = ["{MEMBER}"] }}', **keys)
    return ''.join((
        one('t.both', 'echo out; echo err >&2; exit 3'),
        one('t.who', STATUS, user='nobody'),
        one('t.host', exec=['/usr/bin/readlink', '/proc/self/ns/mnt', '/proc/self/ns/net']),
        one('t.scatters', SCATTERS, user='nobody', timeout='"none"'),
        one('t.patient', exec=['/usr/bin/python3', '-c', PATIENT], timeout='"none"'),
        one('t.gate', GATE, timeout='"none"'),
        one('t.fallback', 'echo ran', audit_fallback='"journal"'),
        one('t.memory', exec=GREEDY, user='nobody', limits='{ memory = "64MiB" }')))


def common_filter(case):
    """The mode of seccomp in all of the machine, which is a container."""
    return re.search(r'(?m)^Seccomp:\s*(\d)', case.must('cat', '/proc/1/status'))[1]


class Runs(boot_test.Booted):
    """Without tests, for those that say how uds is installed."""

    COMMANDS = '/etc/uds/commands.d'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.must('useradd', '--groups', 'uds', STRANGER)
        (cls.machine.inside(cls.COMMANDS) / 'test.toml').write_text(declared(), encoding='utf-8')

    @classmethod
    def journal(cls):
        return cls.machine.run('journalctl', '--no-pager', '--unit=udsd*', '--output=short-monotonic').stdout[-8000:]

    def setUp(self):
        super().setUp()
        self.machine.run('rm', '-f', '/run/gate')
        self.addCleanup(self.open_gate)
        self.ping()

    def run_it(self, command, *options, user=MEMBER):
        return self.udsctl('run', *options, command, user=user)

    def begin(self, command):
        """A run that goes on by itself, once its first line is there."""
        started = self.run_it(command, '--detach')
        self.assertEqual(started.returncode, 0, f'{started.stderr}\n{self.journal()}')
        run = started.stdout.strip()
        support.wait_until(lambda: self.machine.run('test', '-s', f'{STATE}/runs/{run}/output').returncode == 0,
                           'the first output')
        return run

    def open_gate(self):
        self.must('touch', '/run/gate')

    def result(self, run):
        support.wait_until(lambda: self.machine.run('test', '-e', f'{STATE}/runs/{run}/result.json').returncode == 0,
                           f'the end of {run}')
        return json.loads(self.must('cat', f'{STATE}/runs/{run}/result.json'))

    def entries(self, run):
        """What the journal has of the run, once it is there."""
        def find():
            shown = self.must('journalctl', '--output=json', '--no-pager', f'UDS_RUN={run}')
            return [json.loads(line) for line in shown.splitlines()]
        return support.wait_until(find, 'the run in the journal')

    def unit(self, run):
        return self.entries(run)[0]['_SYSTEMD_UNIT']

    def check_nothing_is_left(self, unit, cgroup):
        support.wait_until(lambda: self.machine.run('test', '-e', f'/sys/fs/cgroup{cgroup}').returncode != 0,
                           f'the end of {cgroup}')
        self.assertEqual(self.machine.run('pgrep', '--full', '--exact', 'sleep 98765').stdout, '')
        # Collected, even one that has failed.
        self.assertEqual(self.must('systemctl', 'list-units', '--all', '--no-legend', unit), '')


class OfRuns:
    """The tests of every kind of installation."""

    # --- what is where

    def test_the_private_socket_is_udsds_alone(self):
        self.assertEqual(self.must('stat', '--format=%a %U', EXEC_SOCKET), '600 udsd\n')
        self.assertEqual(self.must('stat', '--format=%a %U', '/run/udsd'), '755 root\n')
        refused = self.machine.run('python3', '-c', f'import socket; socket.socket(socket.AF_UNIX, '
                                   f'socket.SOCK_SEQPACKET).connect("{EXEC_SOCKET}")', user=MEMBER)
        self.assertIn('PermissionError', refused.stderr)

    def test_state_is_for_root_and_read_by_udsd(self):
        run = self.begin('t.gate')
        self.open_gate()
        self.result(run)
        for path, mode in (('', '750'), ('/runs', '750'), ('/audit.log', '640'), (f'/runs/{run}', '750'),
                           (f'/runs/{run}/output', '640')):
            self.assertEqual(self.must('stat', '--format=%a %U:%G', STATE + path), f'{mode} root:udsd\n', path)

    # --- what a caller sees

    def test_output_and_status(self):
        done = self.run_it('t.both')
        self.assertEqual((done.returncode, done.stdout, done.stderr), (3, 'out\n', 'err\n'), self.journal())

    def test_rights_are_the_targets_and_nothing_else_is_restricted(self):
        done = self.run_it('t.who')
        self.assertEqual(done.returncode, 0, f'{done.stderr}\n{self.journal()}')
        first, *status = done.stdout.splitlines()
        nobody = self.must('setpriv', '--reuid=nobody', '--regid=nogroup', '--init-groups', 'id')
        self.assertEqual(first, nobody.strip())
        self.assertEqual([line.split() for line in status],
                         [['CapEff:', '0' * 16], ['NoNewPrivs:', '1'], ['Seccomp:', common_filter(self)]])

    def test_it_is_the_host_that_it_works_on(self):
        done = self.run_it('t.host')
        self.assertEqual(done.stdout, self.must('readlink', '/proc/1/ns/mnt', '/proc/1/ns/net'), done.stderr)

    def test_others_are_refused(self):
        self.assertNotEqual(self.run_it('t.both', user=OUTSIDER).returncode, 0)
        self.assertEqual(self.run_it('t.both', user=STRANGER).returncode,
                         self.run_it('t.absent', user=STRANGER).returncode)
        self.assertNotIn(STRANGER, self.machine.run('cat', f'{STATE}/audit.log').stdout)

    # --- what an operator sees

    def test_the_journal_tells_of_the_run(self):
        run = self.begin('t.gate')
        self.open_gate()
        self.result(run)
        found = support.wait_until(lambda: len(self.entries(run)) >= 2 and self.entries(run), 'its end in the journal')
        uid = self.must('id', '--user', MEMBER).strip()
        self.assertEqual([entry['UDS_EVENT'] for entry in found], ['start', 'end'])
        # Of the second journald may not find out the unit, since its sender ends at once.
        self.assertRegex(found[0]['_SYSTEMD_UNIT'], r'^udsd-exec@.*\.service$')
        for entry in found:
            self.assertEqual((entry['UDS_COMMAND'], entry['UDS_PEER_UID'], entry['_UID']), ('t.gate', uid, '0'))
        self.assertEqual((found[0]['UDS_USER'], found[1]['UDS_EXIT']), ('root', '5'))

    def test_without_its_log_the_journal_counts_where_it_may(self):
        log = f'{STATE}/audit.log'
        self.run_it('t.both')  # so that there is a log
        self.must('mv', log, f'{log}.away')
        self.addCleanup(self.must, 'mv', f'{log}.away', log)
        self.must('mkdir', log)
        self.addCleanup(self.must, 'rmdir', log)
        refused = self.run_it('t.both')
        self.assertEqual((refused.returncode, refused.stdout), (125, ''))
        self.assertIn('nothing runs without a record', refused.stderr)
        done = self.run_it('t.fallback')
        self.assertEqual((done.returncode, done.stdout), (0, 'ran\n'), done.stderr)
        run = self.udsctl('--field', '/data/runs/0/run', 'runs').stdout.strip()
        found = support.wait_until(lambda: len(self.entries(run)) >= 2 and self.entries(run), 'its end in the journal')
        self.assertEqual([(entry['UDS_COMMAND'], entry['UDS_EVENT']) for entry in found],
                         [('t.fallback', 'start'), ('t.fallback', 'end')])

    # --- ends

    def test_a_cancelled_run_leaves_nothing(self):
        run = self.begin('t.scatters')
        unit = self.unit(run)
        cgroup = self.show(unit, 'ControlGroup')['ControlGroup']
        self.assertEqual(len(self.must('cat', f'/sys/fs/cgroup{cgroup}/run/cgroup.procs').split()), 3)
        cancelled = self.udsctl('cancel', run)
        self.assertEqual(cancelled.returncode, 0, cancelled.stderr)
        self.assertEqual(self.result(run)['outcome'], 'cancelled')
        self.check_nothing_is_left(unit, cgroup)

    def test_a_killed_guardian_takes_everything_along(self):
        run = self.begin('t.scatters')
        unit = self.unit(run)
        shown = self.show(unit, 'ControlGroup', 'MainPID')
        self.must('kill', '-KILL', shown['MainPID'])
        self.check_nothing_is_left(unit, shown['ControlGroup'])
        waited = self.udsctl('wait', run)
        self.assertEqual(waited.returncode, 125, f'{waited.stdout}{waited.stderr}')

    def test_a_stopped_unit_is_a_cancelled_run_with_its_grace(self):
        run = self.begin('t.patient')
        unit = self.unit(run)
        self.must('systemctl', 'stop', unit)
        # One signal, and the time to end after it.
        self.assertEqual(self.udsctl('attach', run).stdout, 'here\n1\n')
        self.assertEqual((self.result(run)['outcome'], self.result(run)['exit']), ('cancelled', 0))

    def test_more_at_once_than_systemd_would_let(self):
        started = self.machine.run('sh', '-c', 'i=0; while [ $i -lt 80 ]; do udsctl run --detach t.gate & i=$((i+1)); '
                                   'done; wait', user=MEMBER)
        runs = started.stdout.split()
        self.assertEqual(len(runs), 80, f'{started.stderr}\n{self.journal()}')
        self.open_gate()
        for run in runs:
            self.assertEqual(self.result(run)['exit'], 5)

    # --- restarts of udsd

    def follows_over(self, act):
        """`act()` happens to udsd while somebody waits for a run, which would end if that caller left."""
        watching = self.machine.start('udsctl', 'run', 't.gate', user=MEMBER)
        self.assertEqual(watching.stdout.readline(), 'begin\n')
        run = self.udsctl('--field', '/data/runs/0/run', 'runs', '--running').stdout.strip()
        unit = self.unit(run)
        before = self.show(unit, 'MainPID')
        act()
        self.ping()
        self.assertEqual(self.show(unit, 'MainPID'), before)
        self.open_gate()
        output, errors = watching.communicate(timeout=support.DEADLINE)
        self.assertEqual((watching.returncode, output), (5, 'end\n'), f'{errors}\n{self.journal()}')
        attached = self.udsctl('attach', run)
        self.assertEqual((attached.returncode, attached.stdout), (5, 'begin\nend\n'))

    def test_a_restart_of_udsd(self):
        self.follows_over(lambda: self.must('systemctl', 'restart', 'udsd.service'))

    def test_a_killed_udsd(self):
        self.follows_over(lambda: self.must('systemctl', 'kill', '--signal=KILL', 'udsd.service'))

    def test_a_stopped_private_socket(self):
        self.follows_over(lambda: self.must('systemctl', 'stop', 'udsd-exec.socket'))
        done = self.run_it('t.both')
        self.assertEqual(done.returncode, 125)
        self.assertIn('udsd-exec.socket', done.stderr)
        self.must('systemctl', 'restart', 'udsd.service')
        self.assertEqual(self.run_it('t.both').returncode, 3)

    def test_without_the_private_socket_udsd_serves(self):
        self.must('systemctl', 'stop', 'udsd.service')
        self.must('systemctl', 'mask', '--now', 'udsd-exec.socket')
        self.addCleanup(self.machine.run, 'systemctl', 'unmask', 'udsd-exec.socket')
        self.ping()
        self.assertIn('udsd-exec.socket', self.run_it('t.both').stderr)

    # --- limits

    def test_memory(self):
        by_cgroup = 'memory' in self.must('cat', '/sys/fs/cgroup/cgroup.controllers').split()
        print(f'memory is limited {"by its cgroup" if by_cgroup else "for each process"}', flush=True)
        # Killed by the kernel, or told by Python that there is no memory.
        self.assertEqual(self.run_it('t.memory').returncode, 137 if by_cgroup else 1)


class RunsFromCMake(OfRuns, Runs, boot_test.ByCMake):
    @classmethod
    def put(cls):
        super().put()
        cls.COMMANDS = next(f'/{folder}' for folder in ('etc/uds/commands.d', 'usr/local/etc/uds/commands.d')
                            if (cls.machine.root / folder).is_dir())


class RunsOfAUser(boot_test.ByCMake):
    """udsd in a user's own service manager, where it starts udsd-exec itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.must('mktemp', '--directory').strip()
        commands = cls.machine.inside(f'{cls.home}/config/uds/commands.d')
        commands.mkdir(parents=True)
        text = declaration('t.gate', GATE, user=f'"{MEMBER}"', timeout='"none"')
        text += declaration('t.limits', STATUS + '; ulimit -c; ulimit -Hc', user=f'"{MEMBER}"')
        (commands / 'test.toml').write_text(text, encoding='utf-8')
        cls.must('mkdir', f'{cls.home}/run')
        cls.must('chown', '--recursive', f'{MEMBER}:{MEMBER}', cls.home)
        cls.environment = [f'HOME={cls.home}', f'XDG_RUNTIME_DIR={cls.home}/run', f'XDG_CONFIG_HOME={cls.home}/config']
        cls.must('systemd-run', '--unit=uds-user', f'--uid={MEMBER}', '--property=Delegate=yes',
                 *(f'--setenv={each}' for each in cls.environment), '/lib/systemd/systemd', '--user')
        support.wait_until(lambda: cls.as_user('systemctl', '--user', 'start', 'udsd.socket').returncode == 0,
                           'the manager of the user')

    @classmethod
    def as_user(cls, *command):
        return cls.machine.run('env', *cls.environment, *command, user=MEMBER)

    @classmethod
    def journal(cls):
        return cls.machine.run('journalctl', '--no-pager', '--output=short-monotonic').stdout[-8000:]

    def udsctl(self, *arguments):
        return self.as_user('udsctl', '--user', *arguments)

    def setUp(self):
        self.machine.run('rm', '-f', '/run/gate')

    def test_a_command_is_restricted_by_nothing_but_its_declaration(self):
        done = self.udsctl('run', 't.limits')
        self.assertEqual(done.returncode, 0, f'{done.stderr}\n{self.journal()}')
        self.assertIn(f'Seccomp:\t{common_filter(self)}\n0\nunlimited\n', done.stdout)

    def test_a_run_goes_on_over_a_restart_and_a_crash(self):
        run = self.udsctl('run', '--detach', 't.gate').stdout.strip()
        for act in (('restart',), ('kill', '--signal=KILL', '--kill-whom=main'), ('stop',)):
            done = self.as_user('systemctl', '--user', *act, 'udsd.service')
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(self.udsctl('--field', '/data/runs/0/run', 'runs', '--running').stdout.strip(), run, act)
        self.must('touch', '/run/gate')
        attached = self.udsctl('attach', run)
        self.assertEqual((attached.returncode, attached.stdout), (5, 'begin\nend\n'), self.journal())


class RunsFromPackages(OfRuns, Runs, boot_test.Packaged):
    pass


class RunsOverUpgrade(Runs, boot_test.Upgradable):
    def test_upgrade_remove_purge(self):
        run, other = self.begin('t.gate'), self.begin('t.gate')
        unit = self.unit(run)
        before = self.show(unit, 'MainPID')
        watching = self.machine.start('udsctl', 'attach', other, user=MEMBER)
        self.assertEqual(watching.stdout.readline(), 'begin\n')
        self.upgrade()
        self.assertEqual(self.show(unit, 'MainPID'), before)
        self.assertEqual(self.state('udsd-exec.socket'), 'active')
        self.assertEqual(self.run_it('t.both').returncode, 3)
        self.assertEqual(self.udsctl('cancel', other).returncode, 0)
        _, errors = watching.communicate(timeout=support.DEADLINE)
        self.assertEqual(watching.returncode, 143, errors)

        self.must('dpkg', '--remove', 'udsd')
        self.assertEqual(self.state('udsd-exec.socket'), 'inactive')
        self.assertEqual(self.show(unit, 'MainPID'), before)
        self.must('dpkg', '--install', *(f'/root/later/{package.name}' for package in self.packages))
        self.open_gate()
        attached = self.udsctl('attach', run)
        self.assertEqual((attached.returncode, attached.stdout), (5, 'begin\nend\n'), attached.stderr)

        self.must('rm', f'{self.COMMANDS}/test.toml')
        self.must('dpkg', '--purge', 'udsd')
        for path in (STATE, '/etc/uds', '/usr/lib/uds', '/run/udsd'):
            self.assertNotEqual(self.machine.run('test', '-e', path).returncode, 0, path)


if __name__ == '__main__':
    boot_test.main()

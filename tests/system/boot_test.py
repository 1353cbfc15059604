#!/usr/bin/env python3
"""udsd under a real systemd: installs it into a copy of the machine, boots that, and uses it as its users would.

Usage: boot_test.py   with UDSD in the environment (or UDS_BUILD_DIR), and the packages of scripts/package.sh in
UDS_PACKAGES. Needs root and systemd-nspawn. Exit status 77: skipped. Nothing of the host is changed: see machine.py.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / 'integration'))

import support                                     # noqa: E402
from machine import Machine, cgroup2_mount         # noqa: E402

PRIVATE = 'UDS_TEST_PRIVATE_MOUNTS'
MEMBER, OUTSIDER = 'uds-member', 'uds-outsider'
SOCKET = '/run/uds/uds.sock'
WORKERS = 4
LOAD = '/usr/local/libexec/uds-test-load.py'


def build_directory():
    given = os.environ.get('UDS_BUILD_DIR')
    return pathlib.Path(given) if given else pathlib.Path(support.program('UDSD')).resolve().parent.parent


def packages():
    folder = pathlib.Path(os.environ.get('UDS_PACKAGES') or HERE.parent.parent / 'build/packages')
    found = [sorted(folder.glob(f'{name}_*.deb'), key=os.path.getmtime) for name in ('udsctl', 'udsd')]
    return [versions[-1] for versions in found] if all(found) else None


class Booted(unittest.TestCase):
    """A machine for all tests of a class, which says what is installed."""

    @classmethod
    def setUpClass(cls):
        support.require(os.environ.get(PRIVATE) == '1', 'root with the right to mount')
        support.require(shutil.which('systemd-nspawn') is not None, 'systemd-nspawn (package systemd-container)')
        support.require(cgroup2_mount() is not None, 'a cgroup2 hierarchy')
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.close)
        load = cls.machine.root / LOAD.lstrip('/')
        load.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(HERE / 'load.py', load)
        cls.put()
        cls.machine.boot()
        cls.install()
        for command in (f'useradd --groups uds {MEMBER}', f'useradd {OUTSIDER}'):
            cls.must(*command.split())

    @classmethod
    def put(cls):
        """Puts files in place before the machine boots."""

    @classmethod
    def install(cls):
        """Installs what is tested in the running machine."""

    @classmethod
    def must(cls, *command, user=None):
        done = cls.machine.run(*command, user=user)
        if done.returncode != 0:
            raise AssertionError(f'{command}: {done.stdout}{done.stderr}\n{cls.journal()}')
        return done.stdout

    @classmethod
    def journal(cls):
        return cls.machine.run('journalctl', '--no-pager', '--unit=udsd.service', '--unit=udsd.socket',
                               '--output=short-monotonic').stdout

    def setUp(self):
        # Tests start the socket more often than systemd lets a person.
        self.must('systemctl', 'reset-failed')
        self.must('systemctl', 'start', 'udsd.socket')
        self.addCleanup(self.machine.run, 'systemctl', 'stop', 'udsd.service', 'udsd.socket')

    def udsctl(self, *arguments, user=MEMBER):
        return self.machine.run('udsctl', *arguments, user=user)

    def ping(self):
        answered = self.udsctl('ping')
        self.assertEqual(answered.returncode, 0, f'{answered.stderr}\n{self.journal()}')

    def show(self, unit, *properties):
        shown = self.must('systemctl', 'show', '--property=' + ','.join(properties), unit)
        return dict(line.split('=', 1) for line in shown.splitlines())

    def state(self, unit='udsd.service'):
        return self.show(unit, 'ActiveState')['ActiveState']

    def await_state(self, wanted, unit='udsd.service'):
        support.wait_until(lambda: self.state(unit) == wanted, f'{unit} to be {wanted}')

    def drop_in(self, unit, text):
        """Changes a unit for the rest of the test."""
        folder = f'/run/systemd/system/{unit}.d'
        path = self.machine.inside(folder)
        path.mkdir(parents=True, exist_ok=True)
        (path / 'test.conf').write_text(text, encoding='utf-8')
        self.must('systemctl', 'daemon-reload')
        self.addCleanup(self.undo_drop_in, unit)

    def undo_drop_in(self, unit):
        self.machine.run('rm', '-rf', f'/run/systemd/system/{unit}.d')
        self.machine.run('systemctl', 'daemon-reload')

    def check_socket_file(self):
        self.assertEqual(self.must('stat', '--format=%a %U:%G', SOCKET), '660 udsd:uds\n')
        self.assertEqual(self.must('stat', '--format=%a %U', os.path.dirname(SOCKET)), '755 root\n')

    def under_load(self, act):
        """How the attempts of a load that goes on while `act()` runs have ended."""
        load = self.machine.start('python3', LOAD, SOCKET, str(WORKERS), user=MEMBER)
        try:
            act()
        finally:
            output, errors = load.communicate(timeout=support.DEADLINE)
        self.assertEqual(load.returncode, 0, errors)
        ends = json.loads(output)
        self.assertGreater(ends['answered'], 0, ends)
        return ends


class ByCMake(Booted):
    @classmethod
    def put(cls):
        subprocess.run(['cmake', '--install', str(build_directory())], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, 'DESTDIR': str(cls.machine.root)})

    @classmethod
    def install(cls):
        cls.must('systemd-sysusers')


class FromCMake(ByCMake):
    """`cmake --install` alone gives a system that works."""

    def test_a_member_starts_it(self):
        self.assertEqual(self.state(), 'inactive')
        self.ping()
        self.assertEqual(self.state(), 'active')
        self.check_socket_file()
        self.must('systemctl', 'reload', 'udsd.service')


class Packaged(Booted):
    @classmethod
    def setUpClass(cls):
        cls.packages = packages()
        support.require(cls.packages is not None, 'packages (scripts/package.sh, or UDS_PACKAGES)')
        super().setUpClass()

    @classmethod
    def put(cls):
        for package in cls.packages:
            shutil.copy(package, cls.machine.root / 'root')

    @classmethod
    def install(cls):
        cls.must('dpkg', '--install', *(f'/root/{package.name}' for package in cls.packages))


class FromPackages(Packaged):
    # --- who may, and what is where

    def test_the_installation_enables_the_socket_and_starts_nothing_else(self):
        self.assertEqual(self.must('systemctl', 'is-enabled', 'udsd.socket'), 'enabled\n')
        self.assertEqual(self.state(), 'inactive')

    def test_the_socket_file(self):
        self.check_socket_file()

    def test_a_member_starts_it_and_an_outsider_is_refused(self):
        self.assertEqual(self.state(), 'inactive')
        refused = self.udsctl('ping', user=OUTSIDER)
        self.assertEqual(refused.returncode, 77, refused.stderr)
        self.assertEqual(self.state(), 'inactive')
        self.ping()
        self.assertEqual(self.show('udsd.service', 'ActiveState', 'SubState'),
                         {'ActiveState': 'active', 'SubState': 'running'})

    def test_the_caller_is_who_he_is(self):
        uid = int(self.must('id', '--user', MEMBER))
        said = self.udsctl('send', '{"cmd":"hello"}')
        self.assertEqual(said.returncode, 0, said.stderr)
        caller = json.loads(said.stdout.splitlines()[-1])['data']['caller']
        self.assertEqual((caller['uid'], caller['admin']), (uid, False))

    def test_the_socket_unit_alone_moves_the_socket(self):
        moved = '/run/moved/x.sock'
        self.must('systemctl', 'stop', 'udsd.socket')
        self.drop_in('udsd.socket', f'[Socket]\nListenStream=\nListenStream={moved}\nSocketMode=0600\n')
        self.must('systemctl', 'start', 'udsd.socket')
        self.addCleanup(self.machine.run, 'systemctl', 'stop', 'udsd.service', 'udsd.socket')
        self.assertEqual(self.must('stat', '--format=%a %U:%G', moved), '600 udsd:uds\n')
        self.assertEqual(self.udsctl('--socket', moved, 'ping').returncode, 77)
        answered = self.udsctl('--socket', moved, 'ping', user='root')
        self.assertEqual(answered.returncode, 0, f'{answered.stderr}\n{self.journal()}')
        self.must('systemctl', 'reload', 'udsd.service')

    # --- its life

    def test_ready_and_status(self):
        self.ping()
        support.wait_until(lambda: self.show('udsd.service', 'StatusText')['StatusText'] ==
                           f'serving {SOCKET}; connections: 0, requests in flight: 0', 'the status text')
        times = self.show('udsd.service', 'InactiveExitTimestampMonotonic', 'ActiveEnterTimestampMonotonic')
        took = int(times['ActiveEnterTimestampMonotonic']) - int(times['InactiveExitTimestampMonotonic'])
        print(f'from the start to READY: {took / 1000:.1f} ms', flush=True)

    def test_cold_activation(self):
        self.ping()
        self.must('systemctl', 'stop', 'udsd.service')
        warm, cold = [], []
        for _ in range(5):
            begin = time.monotonic()
            self.ping()
            cold.append(time.monotonic() - begin)
            begin = time.monotonic()
            self.ping()
            warm.append(time.monotonic() - begin)
            self.must('systemctl', 'stop', 'udsd.service')
        print(f'udsctl ping that starts udsd: {1000 * min(cold):.0f} to {1000 * max(cold):.0f} ms; one that finds it '
              f'running: {1000 * min(warm):.0f} to {1000 * max(warm):.0f} ms', flush=True)

    def test_stop_is_clean_and_leaves_the_socket(self):
        self.ping()
        self.must('systemctl', 'stop', 'udsd.service')
        self.assertEqual(self.show('udsd.service', 'Result', 'ExecMainStatus'),
                         {'Result': 'success', 'ExecMainStatus': '0'})
        self.check_socket_file()
        self.ping()
        self.assertEqual(self.state(), 'active')

    def test_reload(self):
        self.ping()
        self.must('systemctl', 'reload', 'udsd.service')
        config = self.machine.inside('/etc/uds/udsd.toml')
        before = config.read_text(encoding='utf-8')
        config.write_text('[log]\nlevel = "loud"\n', encoding='utf-8')
        try:
            refused = self.machine.run('systemctl', 'reload', 'udsd.service')
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn('the configuration is wrong and the old one stays', self.journal())
        finally:
            config.write_text(before, encoding='utf-8')
        self.assertEqual(self.state(), 'active')
        self.ping()
        self.must('systemctl', 'reload', 'udsd.service')

    def test_the_watchdog_restarts_a_loop_that_hangs(self):
        self.drop_in('udsd.service', '[Service]\nWatchdogSec=1s\n')
        self.ping()
        first = self.show('udsd.service', 'MainPID')['MainPID']
        self.must('kill', '-STOP', first)
        support.wait_until(lambda: int(self.show('udsd.service', 'NRestarts')['NRestarts']) >= 1, 'a restart')
        self.ping()
        self.assertNotEqual(self.show('udsd.service', 'MainPID')['MainPID'], first)

    def test_a_crash_loop_does_not_take_the_socket_along(self):
        self.drop_in('udsd.service', '[Service]\nExecStart=\nExecStart=/bin/false\nRestartSec=50ms\n')
        waiting = self.machine.start('udsctl', '--timeout', '50s', 'ping', user=MEMBER)
        support.wait_until(lambda: int(self.show('udsd.service', 'NRestarts')['NRestarts']) >= 10, 'ten restarts')
        self.assertEqual(self.state('udsd.socket'), 'active')
        self.undo_drop_in('udsd.service')
        output, errors = waiting.communicate(timeout=support.DEADLINE)
        self.assertEqual(waiting.returncode, 0, f'{output}{errors}\n{self.journal()}')

    def test_restarts_under_load(self):
        def restart():
            for _ in range(5):
                self.must('systemctl', 'restart', 'udsd.service')
        ends = self.under_load(restart)
        print(f'5 restarts: {ends}', flush=True)
        self.assertEqual((ends['refused'], ends['lost']), (0, 0), ends)

    def test_kills_under_load(self):
        kills = 3

        def kill():
            for count in range(1, kills + 1):
                self.await_state('active')
                self.ping()
                self.must('systemctl', 'kill', '--signal=KILL', 'udsd.service')
                support.wait_until(lambda goal=count: int(self.show('udsd.service', 'NRestarts')['NRestarts']) >= goal,
                                   'a restart')
            self.ping()
        ends = self.under_load(kill)
        print(f'{kills} kills: {ends}', flush=True)
        self.assertEqual(ends['refused'], 0, ends)
        # What was on its way when the process died; nobody can answer that.
        self.assertLessEqual(ends['lost'] + ends['unsent'], WORKERS * kills, ends)

    def test_a_new_start_is_another_instance(self):
        def instance():
            return json.loads(self.udsctl('send', '{"cmd":"hello"}').stdout)['data']['instance']
        first = instance()
        self.must('systemctl', 'restart', 'udsd.service')
        self.assertNotEqual(instance(), first)

    def test_what_was_in_flight_when_it_died(self):
        self.ping()
        waiting = self.machine.start('udsctl', 'send',
                                     '{"cmd":"countdown","args":{"from":1000,"interval_ms":1000}}', user=MEMBER)
        waiting.stdout.readline()
        self.must('systemctl', 'kill', '--signal=KILL', 'udsd.service')
        _, errors = waiting.communicate(timeout=support.DEADLINE)
        self.assertEqual(waiting.returncode, 76, errors)
        self.assertIn('the connection ended before the final response', errors)

    # --- the journal

    def test_the_journal_has_levels_and_fields(self):
        self.ping()
        self.must('udsctl', 'send', '{"cmd":"log-level","args":{"level":"debug"}}')
        self.assertEqual(self.udsctl('send', '{"cmd":"echo","id":"find-me"}').returncode, 0)
        uid = self.must('id', '--user', MEMBER).strip()

        def entries(*match):
            shown = self.must('journalctl', '--output=json', '--no-pager', '--unit=udsd.service', *match)
            return [json.loads(line) for line in shown.splitlines()]
        found = support.wait_until(lambda: entries('UDS_REQUEST_ID=find-me'), 'the request in the journal')
        self.assertEqual(len(found), 1)
        self.assertEqual([found[0].get(name) for name in ('UDS_CMD', 'UDS_CODE', 'UDS_PEER_UID', 'PRIORITY')],
                         ['echo', 'ok', uid, '7'])
        self.assertRegex(found[0]['UDS_DURATION_US'], '^[0-9]+$')
        serving = [entry for entry in entries() if entry['MESSAGE'].startswith('serving ')]
        self.assertEqual(serving[-1]['PRIORITY'], '6')


class Upgradable(Packaged):
    @classmethod
    def put(cls):
        super().put()
        for package in cls.packages:
            later(package, cls.machine.root / 'root/later')

    def upgrade(self):
        self.must('dpkg', '--install', *(f'/root/later/{package.name}' for package in self.packages))
        self.assertIn('+later', self.must('dpkg-query', '--show', '--showformat=${Version}', 'udsd'))


class Upgrade(Upgradable):
    """What changes the installation, in one order, on a machine of its own."""

    CONFIG = '/etc/uds/udsd.toml'

    def test_upgrade_remove_purge(self):
        self.ping()
        first = self.show('udsd.service', 'MainPID')['MainPID']
        self.must('sh', '-c', f'echo "# kept" >> {self.CONFIG}')
        ends = self.under_load(self.upgrade)
        print(f'upgrade: {ends}', flush=True)
        self.assertEqual((ends['refused'], ends['lost']), (0, 0), ends)
        self.assertNotEqual(self.show('udsd.service', 'MainPID')['MainPID'], first)
        self.check_socket_file()
        self.assertIn('# kept', self.must('cat', self.CONFIG))

        self.must('dpkg', '--remove', 'udsd')
        self.assertEqual(self.state('udsd.socket'), 'inactive')
        self.assertEqual(self.udsctl('ping').returncode, 69)
        self.assertIn('# kept', self.must('cat', self.CONFIG))

        self.must('dpkg', '--purge', 'udsd')
        self.assertNotEqual(self.machine.run('test', '-e', '/etc/uds').returncode, 0)
        self.assertNotEqual(self.machine.run('test', '-e', SOCKET).returncode, 0)
        self.assertEqual(self.machine.run('systemctl', 'list-unit-files', '--no-legend', 'udsd*').stdout, '')
        # Files may still belong to the accounts, so they stay, as everywhere.
        self.must('getent', 'passwd', 'udsd')

        self.must('dpkg', '--install', *(f'/root/{package.name}' for package in self.packages))
        self.ping()


def later(package, folder):
    """The same package with a higher version."""
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix='uds-') as holder:
        tree = pathlib.Path(holder, 'tree')
        subprocess.run(['dpkg-deb', '--raw-extract', package, tree], check=True)
        control = tree / 'DEBIAN/control'
        # Its own version, and that of the package of the same source that it depends on.
        text = re.sub(r'(?m)^Version: .*|(?<=udsctl \(= )[^)]*', lambda found: found[0] + '+later',
                      control.read_text(encoding='utf-8'))
        control.write_text(text, encoding='utf-8')
        subprocess.run(['dpkg-deb', '--build', '--root-owner-group', tree, folder / package.name], check=True,
                       stdout=subprocess.DEVNULL)


def in_private_mounts():
    """Starts this script again where its mounts are seen by nobody else. Returns only if that is not possible."""
    probe = ['unshare', '--mount', '--propagation', 'private']
    if os.geteuid() != 0 or shutil.which('unshare') is None:
        return
    if subprocess.run([*probe, 'true'], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return
    os.execvpe('unshare', [*probe, sys.executable, *sys.argv], {**os.environ, PRIVATE: '1'})


def main():
    """Runs the tests of the calling script."""
    if os.environ.get(PRIVATE) != '1':
        in_private_mounts()
    support.main()


if __name__ == '__main__':
    main()

#!/usr/bin/env python3
"""udsd under a real systemd: installs this build into a copy of the machine, boots it, and uses it as its users would.

Usage: boot_test.py   with UDSD in the environment (or UDS_BUILD_DIR). Needs root and systemd-nspawn. Exit status 77:
skipped. Nothing of the host is changed: see machine.py.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'integration'))

import support                                     # noqa: E402
from machine import Machine, cgroup2_mount         # noqa: E402

PRIVATE = 'UDS_TEST_PRIVATE_MOUNTS'
MEMBER, OUTSIDER = 'uds-member', 'uds-outsider'


def build_directory():
    given = os.environ.get('UDS_BUILD_DIR')
    return pathlib.Path(given) if given else pathlib.Path(support.program('UDSD')).resolve().parent.parent


def socket_path(machine):
    shown = machine.run('systemctl', 'show', '--property=Listen', '--value', 'udsd.socket').stdout
    return shown.split()[0]


class Boot(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.require(os.environ.get(PRIVATE) == '1', 'root with the right to mount')
        support.require(shutil.which('systemd-nspawn') is not None, 'systemd-nspawn (package systemd-container)')
        support.require(cgroup2_mount() is not None, 'a cgroup2 hierarchy')
        cls.machine = Machine()
        cls.addClassCleanup(cls.machine.close)
        subprocess.run(['cmake', '--install', str(build_directory())], check=True, stdout=subprocess.DEVNULL,
                       env={**os.environ, 'DESTDIR': str(cls.machine.root)})
        cls.machine.boot()
        for command in ('systemd-sysusers', f'useradd --groups uds {MEMBER}', f'useradd {OUTSIDER}'):
            done = cls.machine.run(*command.split())
            if done.returncode != 0:
                raise AssertionError(f'{command}: {done.stderr}')

    def setUp(self):
        self.succeed('systemctl', 'start', 'udsd.socket')
        self.path = socket_path(self.machine)
        self.addCleanup(self.machine.run, 'systemctl', 'stop', 'udsd.service', 'udsd.socket')

    def succeed(self, *command, user=None):
        done = self.machine.run(*command, user=user)
        self.assertEqual(done.returncode, 0, f'{command}: {done.stdout}{done.stderr}\n{self.journal()}')
        return done.stdout

    def udsctl(self, *arguments, user):
        return self.machine.run('udsctl', '--socket', self.path, *arguments, user=user)

    def journal(self):
        return self.machine.run('journalctl', '--no-pager', '--unit=udsd.service', '--unit=udsd.socket',
                                '--output=short-monotonic').stdout

    def state(self):
        return self.machine.run('systemctl', 'is-active', 'udsd.service').stdout.strip()

    def test_the_socket_file(self):
        self.assertEqual(self.succeed('stat', '--format=%a %U:%G', self.path), '660 udsd:uds\n')
        self.assertEqual(self.succeed('stat', '--format=%a', os.path.dirname(self.path)), '755\n')

    def test_a_member_starts_it_and_an_outsider_is_refused(self):
        self.assertEqual(self.state(), 'inactive')
        refused = self.udsctl('ping', user=OUTSIDER)
        self.assertEqual(refused.returncode, 77, refused.stderr)
        self.assertEqual(self.state(), 'inactive')

        answered = self.udsctl('ping', user=MEMBER)
        self.assertEqual(answered.returncode, 0, f'{answered.stderr}\n{self.journal()}')
        self.assertIn('Active: active (running)', self.succeed('systemctl', 'status', 'udsd.service'))

    def test_the_caller_is_who_he_is(self):
        uid = int(self.succeed('id', '--user', MEMBER))
        said = self.udsctl('send', '{"cmd":"hello"}', user=MEMBER)
        self.assertEqual(said.returncode, 0, said.stderr)
        caller = json.loads(said.stdout.splitlines()[-1])['data']['caller']
        self.assertEqual((caller['uid'], caller['admin']), (uid, False))

    def test_stop_is_clean_and_leaves_the_socket(self):
        self.assertEqual(self.udsctl('ping', user=MEMBER).returncode, 0)
        self.succeed('systemctl', 'stop', 'udsd.service')
        shown = self.succeed('systemctl', 'show', '--property=Result,ExecMainStatus', 'udsd.service')
        self.assertEqual(sorted(shown.split()), ['ExecMainStatus=0', 'Result=success'])
        self.test_the_socket_file()
        self.assertEqual(self.udsctl('ping', user=MEMBER).returncode, 0)
        self.assertEqual(self.state(), 'active')

    def test_reload_and_restart(self):
        self.assertEqual(self.udsctl('ping', user=MEMBER).returncode, 0)
        self.succeed('systemctl', 'reload', 'udsd.service')
        self.succeed('systemctl', 'restart', 'udsd.service')
        self.assertEqual(self.udsctl('ping', user=MEMBER).returncode, 0)

    def test_the_socket_unit_alone_moves_the_socket(self):
        drop_in = '[Socket]\\nListenStream=\\nListenStream=/run/moved/x.sock\\nSocketMode=0600\\n'
        folder = '/run/systemd/system/udsd.socket.d'
        self.succeed('systemctl', 'stop', 'udsd.socket')
        self.succeed('sh', '-c', f"mkdir -p {folder} && printf '{drop_in}' > {folder}/move.conf")
        self.addCleanup(self.machine.run, 'sh', '-c', f'rm -r {folder} && systemctl daemon-reload')
        self.succeed('systemctl', 'daemon-reload')
        self.succeed('systemctl', 'start', 'udsd.socket')
        self.path = socket_path(self.machine)
        self.assertEqual(self.path, '/run/moved/x.sock')
        self.assertEqual(self.succeed('stat', '--format=%a %U:%G', self.path), '600 udsd:uds\n')
        self.assertEqual(self.udsctl('ping', user=MEMBER).returncode, 77)
        answered = self.udsctl('ping', user='root')
        self.assertEqual(answered.returncode, 0, f'{answered.stderr}\n{self.journal()}')

    def test_the_journal_has_levels(self):
        self.assertEqual(self.udsctl('ping', user=MEMBER).returncode, 0)
        entries = self.succeed('journalctl', '--unit=udsd.service', '--output=json', '--no-pager')
        serving = [entry for entry in map(json.loads, entries.splitlines())
                   if str(entry.get('MESSAGE', '')).startswith('serving ')]
        self.assertTrue(serving, entries)
        self.assertEqual(serving[-1]['PRIORITY'], '6')


def in_private_mounts():
    """Starts this script again where its mounts are seen by nobody else. Returns only if that is not possible."""
    probe = ['unshare', '--mount', '--propagation', 'private']
    if os.geteuid() != 0 or shutil.which('unshare') is None:
        return
    if subprocess.run([*probe, 'true'], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        return
    os.execvpe('unshare', [*probe, sys.executable, *sys.argv], {**os.environ, PRIVATE: '1'})


if __name__ == '__main__':
    if os.environ.get(PRIVATE) != '1':
        in_private_mounts()
    support.main()

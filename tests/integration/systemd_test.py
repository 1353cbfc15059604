#!/usr/bin/env python3
"""udsd under a service manager, without one: the installed units are checked offline, and systemd-socket-activate
stands in for PID 1. A real systemd is booted by tests/system/boot_test.py."""
import fcntl
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

import support
from support import Wire, wait_until

# Becomes udsd with the given descriptors at 3 and up, and with the pid that only it knows.
LAUNCHER = '''
import os, sys
descriptors = [int(number) for number in sys.argv[1].split(',') if number]
for place, descriptor in enumerate(descriptors, 3):
    os.dup2(descriptor, place)
    os.set_inheritable(descriptor, False)
os.environ.setdefault('LISTEN_PID', str(os.getpid()))
os.execv(sys.argv[2], sys.argv[2:])
'''


class NotifySocket:
    """The receiving end of a NOTIFY_SOCKET, always reading, as systemd does."""

    def __init__(self, path):
        self.path = str(path)
        self.lines = []
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(self.path)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        while True:
            try:
                self.lines += self._socket.recv(4096).decode().split('\n')
            except OSError:
                return

    def expect(self, line):
        wait_until(lambda: line in list(self.lines), f'{line} on the NOTIFY_SOCKET')

    def close(self):
        self._socket.close()


class WithDirectory(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix='uds-')
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)
        self.path = self.directory / 'uds.sock'
        self.stderr_path = self.directory / 'stderr'

    @property
    def stderr(self):
        return self.stderr_path.read_text(encoding='utf-8', errors='replace')

    def spawn(self, command, env=None, descriptors=()):
        with open(self.stderr_path, 'wb') as stderr:
            process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr,
                                       env=support.clean_environment(env), pass_fds=descriptors)
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def activate(self, passed, *arguments, env=None):
        """udsd with the sockets or files `passed`."""
        high = [fcntl.fcntl(item.fileno(), fcntl.F_DUPFD_CLOEXEC, 50) for item in passed]
        try:
            return self.spawn([sys.executable, '-c', LAUNCHER, ','.join(map(str, high)), support.program('UDSD'),
                               *map(str, arguments)], {'LISTEN_FDS': str(len(passed)), **(env or {})}, high)
        finally:
            for descriptor in high:
                os.close(descriptor)

    def listening(self, path=None, kind=socket.SOCK_STREAM):
        made = socket.socket(socket.AF_UNIX, kind)
        self.addCleanup(made.close)
        made.bind(str(path or self.path))
        if kind == socket.SOCK_STREAM:
            made.listen()
        return made

    def ping(self, path=None):
        with Wire(path or self.path) as wire:
            wire.send({'cmd': 'ping', 'id': 1})
            self.assertEqual(wire.final()['status'], 'OK')
            return support.peer_pid(wire.socket)


class PassedSocket(WithDirectory):
    def test_serves_it_and_leaves_the_file_alone(self):
        passed = self.listening()
        before = self.path.stat()
        process = self.activate([passed])
        self.ping()
        process.terminate()
        self.assertEqual(process.wait(support.DEADLINE), 0, self.stderr)
        after = self.path.stat()
        self.assertEqual((before.st_ino, before.st_mode), (after.st_ino, after.st_mode))
        self.assertIn('socket_from=systemd', self.stderr)
        self.assertEqual(list(self.directory.glob('*.lock')), [])

    def test_the_path_is_compared_only_when_it_is_configured(self):
        process = self.activate([self.listening()], '--socket', self.path)
        self.ping()
        process.terminate()
        self.assertEqual(process.wait(support.DEADLINE), 0, self.stderr)
        self.refused([self.listening(self.directory / 'other.sock')], str(self.path), '--socket', self.path)

    def refused(self, passed, reason, *arguments):
        process = self.activate(passed, *arguments)
        self.assertEqual(process.wait(support.DEADLINE), 78, self.stderr)
        self.assertIn(reason, self.stderr)

    def test_what_is_no_listening_stream_socket_is_refused(self):
        with open(self.directory / 'file', 'wb') as file:
            self.refused([file], 'regular file')
        self.refused([self.listening(self.directory / 'dgram', socket.SOCK_DGRAM)], 'no stream socket')
        left, right = socket.socketpair()
        with left, right:
            self.refused([left], 'does not listen')
        with socket.socket(socket.AF_INET) as internet:
            self.refused([internet], 'no Unix socket')

    def test_two_sockets_are_refused(self):
        self.refused([self.listening(), self.listening(self.directory / 'b')], 'passed 2 sockets')

    def test_a_socket_that_was_promised_and_is_not_there(self):
        process = self.activate([], env={'LISTEN_FDS': '1'})
        self.assertEqual(process.wait(support.DEADLINE), 78, self.stderr)
        self.assertIn('descriptor 3 is not open', self.stderr)

    def test_sockets_for_another_process_are_ignored(self):
        own = self.directory / 'own.sock'
        process = self.activate([self.listening()], '--socket', own, env={'LISTEN_PID': '1'})
        wait_until(own.exists, 'the socket that udsd makes itself')
        wait_until(lambda: 'socket_from=udsd' in self.stderr, 'the start line')
        self.ping(own)
        process.terminate()
        self.assertEqual(process.wait(support.DEADLINE), 0)


class RestartUnderLoad(WithDirectory):
    """What systemctl restart does, with this script in the place of systemd: it keeps the socket."""

    LOAD = pathlib.Path(__file__).resolve().parent.parent / 'system/load.py'

    def test_nobody_is_refused_or_left_without_an_answer(self):
        passed = self.listening()
        load = subprocess.Popen([sys.executable, str(self.LOAD), str(self.path), '4'], stdin=subprocess.PIPE,
                                stdout=subprocess.PIPE, text=True)
        self.addCleanup(load.stdout.close)
        self.addCleanup(load.wait)
        self.addCleanup(load.kill)
        for _ in range(5):
            process = self.activate([passed])
            for _ in range(100):  # among those of the load
                self.ping()
            process.terminate()
            self.assertEqual(process.wait(support.DEADLINE), 0, self.stderr)
        # What waits now is served by the last one.
        process = self.activate([passed])
        ends = json.loads(load.communicate(timeout=support.DEADLINE)[0])
        print(f'5 restarts: {ends}', flush=True)
        self.assertGreater(ends['answered'], 0, ends)
        self.assertEqual((ends['refused'], ends['lost']), (0, 0), ends)


class Notifications(WithDirectory):
    def setUp(self):
        super().setUp()
        self.notify = NotifySocket(self.directory / 'notify')
        self.addCleanup(self.notify.close)

    def test_ready_reloading_stopping(self):
        process = self.spawn([support.program('UDSD'), '--socket', str(self.path)],
                             {'NOTIFY_SOCKET': self.notify.path})
        self.notify.expect('READY=1')
        self.ping()
        process.send_signal(signal.SIGHUP)
        self.notify.expect('RELOADING=1')
        wait_until(lambda: self.notify.lines.count('READY=1') == 2, 'READY=1 after the reload')
        process.terminate()
        self.notify.expect('STOPPING=1')
        self.assertEqual(process.wait(support.DEADLINE), 0)

    def test_the_status_says_who_is_there(self):
        process = self.spawn([support.program('UDSD'), '--socket', str(self.path)],
                             {'NOTIFY_SOCKET': self.notify.path})
        self.notify.expect(f'STATUS=serving {self.path}; connections: 0, requests in flight: 0')
        with Wire(self.path) as wire:
            wire.send({'cmd': 'countdown', 'id': 1, 'args': {'from': 100, 'interval_ms': 1000}})
            self.notify.expect(f'STATUS=serving {self.path}; connections: 1, requests in flight: 1')
        wait_until(lambda: self.notify.lines[-1].endswith('connections: 0, requests in flight: 0'), 'the last status')
        process.terminate()
        self.assertEqual(process.wait(support.DEADLINE), 0)

    def test_the_watchdog_is_fed_by_the_loop(self):
        process = self.spawn([support.program('UDSD'), '--socket', str(self.path)],
                             {'NOTIFY_SOCKET': self.notify.path, 'WATCHDOG_USEC': '100000'})
        wait_until(lambda: self.notify.lines.count('WATCHDOG=1') >= 3, 'the third WATCHDOG=1')
        process.send_signal(signal.SIGSTOP)
        process.send_signal(signal.SIGCONT)
        fed = self.notify.lines.count('WATCHDOG=1')
        wait_until(lambda: self.notify.lines.count('WATCHDOG=1') > fed, 'WATCHDOG=1 after a pause')
        process.terminate()
        self.assertEqual(process.wait(support.DEADLINE), 0)

    def test_a_failed_start_is_never_ready(self):
        process = self.spawn([support.program('UDSD'), '--socket', str(self.directory / 'missing' / 'uds.sock')],
                             {'NOTIFY_SOCKET': self.notify.path})
        self.assertEqual(process.wait(support.DEADLINE), 73)
        self.assertNotIn('READY=1', self.notify.lines)

    def test_a_manager_that_does_not_read_stops_nothing(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as deaf:
            deaf.bind(str(self.directory / 'deaf'))
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as filler:
                filler.setblocking(False)
                with self.assertRaises(BlockingIOError):
                    while True:
                        filler.sendto(b'x', str(self.directory / 'deaf'))
            process = self.spawn([support.program('UDSD'), '--socket', str(self.path)],
                                 {'NOTIFY_SOCKET': str(self.directory / 'deaf')})
            wait_until(lambda: 'serving' in self.stderr, 'the start line')
            self.ping()
            process.terminate()
            self.assertEqual(process.wait(support.DEADLINE), 0)

    def test_activation_by_a_connection(self):
        tool = shutil.which('systemd-socket-activate')
        support.require(tool is not None, 'systemd-socket-activate')
        # It clears the environment, so what a sanitized udsd needs is passed on by name.
        sanitizers = [f'--setenv={name}' for name in os.environ if name.endswith('SAN_OPTIONS')]
        process = self.spawn([tool, f'--listen={self.path}', '--fdname=control',
                              f'--setenv=NOTIFY_SOCKET={self.notify.path}', *sanitizers, support.program('UDSD')])
        wait_until(lambda: 'Listening on' in self.stderr, 'systemd-socket-activate to listen')
        self.assertNotIn('READY=1', self.notify.lines)
        self.ping()
        self.notify.expect('READY=1')
        # It becomes udsd by exec, so the pid stays.
        process.terminate()
        self.notify.expect('STOPPING=1')
        self.assertEqual(process.wait(support.DEADLINE), 0, self.stderr)
        self.assertTrue(self.path.exists())


class InstalledUnits(WithDirectory):
    """What `cmake --install` puts in place, in a tree of its own."""

    # Each of these breaks the socket, the identity of callers or the restart of udsd; see systemd/README.md.
    FORBIDDEN = ('RuntimeDirectory=', 'DynamicUser=', 'PrivateUsers=', 'Also=', 'StartLimitBurst=', 'Accept=')
    # All that udsd-exec@.service says: whatever else it said would hold for every declared command.
    OF_RUNS = {'Type', 'ExecStart', 'StandardInput', 'StandardOutput', 'StandardError', 'SyslogLevel', 'Delegate',
               'OOMPolicy', 'KillMode', 'TimeoutStopSec', 'UMask'}

    @classmethod
    def setUpClass(cls):
        build = os.environ.get('UDS_BUILD_DIR') or pathlib.Path(support.program('UDSD')).resolve().parent.parent
        holder = tempfile.TemporaryDirectory(prefix='uds-install-')
        cls.addClassCleanup(holder.cleanup)
        cls.root = pathlib.Path(holder.name)
        support.require((pathlib.Path(build) / 'CMakeCache.txt').exists(), 'the build directory beside udsd')
        subprocess.run(['cmake', '--install', str(build)], env={**os.environ, 'DESTDIR': holder.name}, check=True,
                       stdout=subprocess.DEVNULL)
        cls.units = next(cls.root.rglob('system/udsd.service')).parent
        cls.user_units = next(cls.root.rglob('user/udsd.service')).parent

    def unit(self, name):
        return (self.units / name).read_text(encoding='utf-8').splitlines()

    def test_verify_has_nothing_to_say(self):
        tool = shutil.which('systemd-analyze')
        support.require(tool is not None, 'systemd-analyze')
        # The units of the system that ours refer to.
        system = next(path for path in map(pathlib.Path, ('/lib/systemd/system', '/usr/lib/systemd/system'))
                      if path.is_dir())
        target = self.root / 'lib/systemd/system'
        target.mkdir(parents=True, exist_ok=True)
        for needed in ('sockets', 'multi-user', 'sysinit', 'basic', 'shutdown'):
            if not (target / f'{needed}.target').exists():
                shutil.copy(system / f'{needed}.target', target)
        for name in ('udsd.service', 'udsd.socket', 'udsd-exec.socket', 'udsd-exec@.service'):
            checked = subprocess.run([tool, 'verify', '--man=no', f'--root={self.root}', '--recursive-errors=no',
                                      '/' + str((self.units / name).relative_to(self.root))],
                                     capture_output=True, text=True, timeout=support.DEADLINE, check=False)
            self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, '', ''))

    def test_verify_has_nothing_to_say_of_the_user_units(self):
        tool = shutil.which('systemd-analyze')
        support.require(tool is not None, 'systemd-analyze')
        # --user knows no --root: copies that refer to the programs where they are.
        copies = []
        for unit in sorted(self.user_units.iterdir()):
            text = unit.read_text(encoding='utf-8')
            for program in ('sbin/udsd', 'bin/udsctl'):
                installed = next(self.root.rglob(program))
                text = text.replace('/' + str(installed.relative_to(self.root)), str(installed))
            copies.append(self.directory / unit.name)
            copies[-1].write_text(text, encoding='utf-8')
        self.assertEqual([copy.name for copy in copies], ['udsd.service', 'udsd.socket'])
        checked = subprocess.run([tool, '--user', 'verify', '--man=no', *map(str, copies)], capture_output=True,
                                 text=True, timeout=support.DEADLINE, check=False,
                                 env={**support.clean_environment(), 'XDG_RUNTIME_DIR': str(self.directory)})
        self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, '', ''))

    def exposures(self, name):
        """What systemd says of each thing that a unit could forbid: how much it is exposed there."""
        tool = shutil.which('systemd-analyze')
        support.require(tool is not None, 'systemd-analyze')
        checked = subprocess.run([tool, 'security', '--offline=true', '--json=short', '--no-pager',
                                  str(self.units / name)],
                                 capture_output=True, text=True, timeout=support.DEADLINE, check=True)
        return {entry['json_field']: float(entry['exposure'] or 0) for entry in json.loads(checked.stdout)}

    def test_the_sandbox_is_as_strict_as_it_was(self):
        """What systemd still finds open, and no more than that; each with its reason in systemd/README.md."""
        tool = shutil.which('systemd-analyze')
        found = {field: exposure for field, exposure in self.exposures('udsd.service').items() if exposure > 0}
        print(f'security: {found}', flush=True)
        self.assertEqual(found, {'RootDirectoryOrRootImage': 0.1, 'RestrictAddressFamilies_AF_UNIX': 0.1,
                                 'PrivateUsers': 0.2, 'DeviceAllow': 0.1})
        within = subprocess.run([tool, 'security', '--offline=true', '--threshold=5', '--no-pager',
                                 str(self.units / 'udsd.service')],
                                capture_output=True, text=True, timeout=support.DEADLINE, check=False)
        self.assertEqual(within.returncode, 0, within.stdout[-200:])
        print(within.stdout.strip().splitlines()[-1], flush=True)

    def test_commands_are_in_no_sandbox(self):
        """All but these is open, since a command may be anything that root does; see systemd/README.md."""
        closed = {field for field, exposure in self.exposures('udsd-exec@.service').items() if exposure == 0}
        self.assertEqual(closed, {'AmbientCapabilities', 'KeyringMode', 'NotifyAccess', 'RemoveIPC',
                                  'SupplementaryGroups', 'UMask'})
        unit = self.unit('udsd-exec@.service')
        service = unit[unit.index('[Service]') + 1:]
        self.assertEqual({line.split('=', 1)[0] for line in service if '=' in line}, self.OF_RUNS)
        # What ties it to udsd or its socket would end runs with them.
        for line in unit:
            self.assertNotRegex(line, '^(BindsTo|PartOf|Requires|Requisite|WantedBy|RequiredBy)=')
        start = next(line for line in unit if line.startswith('ExecStart='))
        program, *arguments = start.removeprefix('ExecStart=').split()
        user = next(line.split('=', 1)[1] for line in self.unit('udsd.service') if line.startswith('User='))
        self.assertEqual(arguments, ['--daemon', user])
        self.assertTrue(os.access(self.root / program.lstrip('/'), os.X_OK), program)

    def test_the_private_socket_is_for_udsd_alone(self):
        unit = self.unit('udsd-exec.socket')
        service = self.unit('udsd.service')
        path = next(line.split('=', 1)[1] for line in unit if line.startswith('ListenSequentialPacket='))
        user = next(line.split('=', 1)[1] for line in service if line.startswith('User='))
        for line in ('SocketMode=0600', f'SocketUser={user}', 'Accept=yes', 'MaxConnections=1024',
                     'TriggerLimitIntervalSec=0'):
            self.assertIn(line, unit)
        self.assertIn(f'Environment=UDSD_EXEC_SOCKET={path}', service)
        # udsd starts without it.
        self.assertIn('Wants=udsd-exec.socket', service)
        clients = next(line.split('=', 1)[1] for line in self.unit('udsd.socket') if line.startswith('ListenStream='))
        self.assertNotEqual(os.path.dirname(path), os.path.dirname(clients))

    def test_directories_for_declarations(self):
        made = sorted(self.root.rglob('uds/commands.d'))
        self.assertEqual(len(made), 2)
        for directory in made:
            self.assertEqual((directory.stat().st_mode & 0o7777, list(directory.iterdir())), (0o755, []))

    def test_the_user_service_restricts_no_command(self):
        """udsd starts udsd-exec itself there, and a filter is inherited."""
        unit = (self.user_units / 'udsd.service').read_text(encoding='utf-8').splitlines()
        self.assertIn('KillMode=process', unit)
        settings = {line.split('=', 1)[0] for line in unit[unit.index('[Service]'):] if '=' in line}
        self.assertEqual({key for key in settings if key.startswith(
            ('Limit', 'Lock', 'Memory', 'Private', 'Protect', 'Restrict', 'SystemCall', 'Tasks'))}, {'LimitCORE'})

    def test_what_the_service_must_and_must_not_say(self):
        service = self.unit('udsd.service')
        for line in ('Type=notify', 'StartLimitIntervalSec=0', 'RestartSec=1s', 'ReadOnlyPaths=/run'):
            self.assertIn(line, service)
        for line in service + self.unit('udsd.socket'):
            for forbidden in self.FORBIDDEN:
                self.assertFalse(line.startswith(forbidden), line)
        start = next(line for line in service if line.startswith('ExecStart='))
        program = self.root / start.removeprefix('ExecStart=').split()[0].lstrip('/')
        self.assertTrue(os.access(program, os.X_OK), program)

    def test_the_socket_unit_is_the_place_of_path_mode_and_group(self):
        unit = self.unit('udsd.socket')
        keys = [line.split('=', 1)[0] for line in unit]
        for key in ('ListenStream', 'SocketMode', 'SocketUser', 'SocketGroup', 'DirectoryMode'):
            self.assertEqual(keys.count(key), 1, key)
        self.assertFalse([line for line in unit if '@' in line])

    def test_sysusers_accepts_the_accounts(self):
        tool = shutil.which('systemd-sysusers')
        support.require(tool is not None, 'systemd-sysusers')
        file = next(self.root.rglob('sysusers.d/*.conf'))
        unit = self.unit('udsd.service') + self.unit('udsd.socket')
        text = file.read_text(encoding='utf-8')
        for key in ('User', 'SocketUser', 'SocketGroup'):
            name = next(line.split('=', 1)[1] for line in unit if line.startswith(key + '='))
            self.assertRegex(text, rf'(?m)^[ug] {name} ')
        checked = subprocess.run([tool, '--dry-run', str(file)], capture_output=True, text=True,
                                 timeout=support.DEADLINE, check=False)
        self.assertEqual(checked.returncode, 0, checked.stderr)


if __name__ == '__main__':
    support.main()

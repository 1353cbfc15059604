#!/usr/bin/env python3
"""udsd as its administrator sees it: options, configuration, signals, exit codes, the socket file, the log."""
import collections
import grp
import json
import os
import pathlib
import re
import shutil
import signal
import stat
import subprocess
import tempfile
import unittest

import support
from support import Udsd, Wire, wait_until


def run(*arguments, env=None):
    """Runs a udsd that is expected to end by itself."""
    return subprocess.run([support.program('UDSD'), *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, env=support.clean_environment(env), timeout=support.DEADLINE,
                          check=False)


def ask_as_stranger(path, request, groups=()):
    """The first line that is answered when a user without any rights, but in these groups, sends `request`."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setgroups(groups)
            os.setresgid(4_000_000, 4_000_000, 4_000_000)
            os.setresuid(4_000_000, 4_000_000, 4_000_000)
            with Wire(path) as wire:
                wire.send(request)
                os.write(writer, wire.frame())
        finally:
            os._exit(0)
    os.close(writer)
    with os.fdopen(reader, 'rb') as answer:
        line = answer.read()
    os.waitpid(child, 0)
    return line.decode()


class WithDirectory(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix='uds-')
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)

    def config(self, text):
        path = self.directory / 'udsd.toml'
        path.write_text(text, encoding='utf-8')
        return path


class Options(WithDirectory):
    def test_help_and_version(self):
        helped = run('--help')
        self.assertEqual((helped.returncode, helped.stderr), (0, ''))
        self.assertIn('--check-config', helped.stdout)
        self.assertIn('Exit status:', helped.stdout)
        version = run('--version')
        self.assertEqual(version.returncode, 0)
        self.assertRegex(version.stdout, r'^udsd \d+\.\d+\.\d+\n$')

    def test_wrong_usage_is_64_and_one_line(self):
        for arguments, env in ((['--frobnicate'], {}), (['stray'], {}), (['--mode', 'rw'], {}),
                               (['--socket', 'relative'], {}), ([], {'UDSD_LOG_LEVEL': 'loud\nx'})):
            with self.subTest(arguments=arguments, env=env):
                ended = run(*arguments, env=env)
                self.assertEqual((ended.returncode, ended.stdout), (64, ''))
                self.assertRegex(ended.stderr, r'\Audsd: [^\n]+; see udsd --help\n\Z')

    def test_precedence_command_line_environment_file(self):
        config = self.config('[socket]\nmode = "0640"\n[log]\nlevel = "debug"\nformat = "json"\n')
        with Udsd('--config', str(config), '--log-format', 'text', env={'UDSD_LOG_LEVEL': 'info',
                                                                        'UDSD_LOG_FORMAT': 'journal'}) as daemon:
            with Wire(daemon.socket) as wire:
                wire.send({'cmd': 'ping', 'id': 1})
                self.assertEqual(wire.final()['status'], 'OK')
            self.assertEqual(stat.S_IMODE(os.stat(daemon.socket).st_mode), 0o640)
            self.assertEqual(daemon.stop(), 0)
            self.assertRegex(daemon.stderr, r'^\d{4}-\S+ info serving socket=')
            self.assertNotIn(' debug ', daemon.stderr)

    def test_the_start_line(self):
        with Udsd() as daemon:
            line = wait_until(lambda: re.search(r'serving .*', daemon.stderr), 'the start line').group()
            for part in (f'socket={daemon.socket}', 'mode=0660', f'daemon_pid={daemon.pid}', 'version='):
                self.assertIn(part, line)

    def test_private_instance(self):
        runtime = self.directory / 'runtime'
        runtime.mkdir(mode=0o700)
        env = support.clean_environment({'XDG_RUNTIME_DIR': str(runtime), 'XDG_CONFIG_HOME': str(self.directory)})
        socket_path = runtime / 'uds' / 'uds.sock'
        process = subprocess.Popen([support.program('UDSD'), '--user'], env=env, stdin=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, text=True)
        try:
            wait_until(lambda: support.accepts(socket_path), 'the private socket')
            self.assertEqual(stat.S_IMODE(socket_path.stat().st_mode), 0o600)
            self.assertEqual(stat.S_IMODE(socket_path.parent.stat().st_mode), 0o700)
        finally:
            process.terminate()
            _, said = process.communicate(timeout=support.DEADLINE)
        self.assertEqual(process.returncode, 0, said)
        self.assertFalse(socket_path.exists())

    def test_private_instance_without_a_runtime_directory(self):
        ended = run('--user', env={'XDG_RUNTIME_DIR': ''})
        self.assertEqual(ended.returncode, 78)
        self.assertIn('XDG_RUNTIME_DIR', ended.stderr)


class Configuration(WithDirectory):
    def test_check_config(self):
        config = self.config('[log]\nlevel = "warn"\n')
        fine = run('--check-config', '--config', config, '--commands-dir', self.directory / 'none')
        said = f'configuration is fine: {config}\nno commands are declared in {self.directory}/none\n'
        self.assertEqual((fine.returncode, fine.stdout, fine.stderr), (0, said, ''))

    def test_check_config_lists_every_error_with_its_position(self):
        config = self.config('[log]\nlevel = "loud"\n\n[socket]\n  pfad = "/x"\n[limits]\ndrain = 30\n')
        ended = run('--check-config', '--config', config)
        self.assertEqual((ended.returncode, ended.stdout), (78, ''))
        lines = sorted(ended.stderr.splitlines())
        self.assertEqual([line.split(' ')[1] for line in lines], [f'{config}:2:9:', f'{config}:5:3:', f'{config}:7:9:'])

    def commands(self, text, name='web.toml'):
        """The options for a directory of declarations with this file in it."""
        directory = self.directory / 'commands.d'
        directory.mkdir(mode=0o755, exist_ok=True)
        (directory / name).write_text(text, encoding='utf-8')
        (directory / name).chmod(0o644)
        return ['--check-config', '--config', self.config(''), '--commands-dir', directory,
                '--socket', self.directory / 'uds.sock']

    RESTART = ('[command."web.restart"]\nsummary = "Restart"\nexec = ["/bin/echo", "--", "{unit}"]\n'
               'args.unit = { type = "string", enum = ["nginx.service"] }\ntimeout = "60s"\n')

    def own(self):
        """The line that names the user of a command: this one, whoever runs the test."""
        return f'user = "{os.geteuid()}"\n'

    def test_check_config_lists_declared_commands(self):
        options = self.commands(self.RESTART + self.own())
        (self.directory / 'commands.d' / 'other.toml').write_text(
            self.RESTART.replace('web.restart', 'a.b') + self.own(), encoding='utf-8')
        (self.directory / 'commands.d' / 'other.toml').chmod(0o644)
        fine = run(*options)
        self.assertEqual((fine.returncode, fine.stderr), (0, ''))
        directory = self.directory / 'commands.d'
        self.assertEqual(fine.stdout.splitlines()[1:], ['declared commands: 2', f'  {directory}/other.toml: a.b',
                                                        f'  {directory}/web.toml: web.restart'])

    def test_check_config_says_what_is_wrong_with_a_declared_command(self):
        options = self.commands(self.RESTART + self.own() + 'colour = 1\n  grace = 5\n')
        ended = run(*options)
        self.assertEqual((ended.returncode, ended.stdout), (78, ''))
        file = self.directory / 'commands.d' / 'web.toml'
        lines = ended.stderr.splitlines()
        self.assertEqual(sorted(line.split(' ')[1] for line in lines), [f'{file}:7:1:', f'{file}:8:11:'])
        file.chmod(0o664)
        ended = run(*options)
        self.assertEqual(ended.returncode, 78)
        self.assertIn(f'{file}: others may write to it', ended.stderr)

    def test_check_config_warns_and_succeeds(self):
        options = self.commands(self.RESTART + self.own() + 'allow = { users = ["daemon"] }\nunsafe_exec = true\n')
        fine = run(*options, '--group', 'sys', '--mode', '0660')
        self.assertEqual(fine.returncode, 0, fine.stderr)
        file = self.directory / 'commands.d' / 'web.toml'
        self.assertEqual(fine.stderr.splitlines(), [
            f'udsd: warning: {file}:1: daemon may run web.restart but cannot connect: adduser daemon sys',
            f'udsd: warning: {file}:1: web.restart says unsafe_exec = true: see that /bin/echo can take no value for '
            'code, a command or an option'])
        self.assertEqual(run(*options, '--mode', '0666').stderr.count('cannot connect'), 0)

    def test_check_config_warns_of_what_no_run_can_start(self):
        text = self.RESTART.replace('/bin/echo', '/nonexistent/echo') + self.own() + 'cwd = "/bin/sh"\n'
        fine = run(*self.commands(text))
        self.assertEqual(fine.returncode, 0, fine.stderr)
        place = f'udsd: warning: {self.directory}/commands.d/web.toml:1:'
        self.assertEqual(fine.stderr.splitlines(), [
            f'{place} web.restart: /nonexistent/echo does not exist, so no run can start it',
            f'{place} web.restart: cwd /bin/sh is no directory, so no run can start there'])

    def test_check_config_refuses_what_refuses_every_run(self):
        options = [*self.commands(self.RESTART + self.own()), '--state-dir', self.directory / 'state']
        (self.directory / 'state').mkdir(mode=0o700)
        self.assertEqual(run(*options).returncode, 0)
        places = [self.directory, self.directory / 'state']
        if os.geteuid() == 0:
            places.append(options[2])
        for place in places:
            with self.subTest(place=place):
                before = stat.S_IMODE(place.stat().st_mode)
                place.chmod(before | 0o022)
                refused = run(*options)
                place.chmod(before)
                self.assertEqual((refused.returncode, refused.stdout), (78, ''))
                self.assertEqual(refused.stderr, f'udsd: {place}: others may write to it; take that away '
                                                 '(chmod go-w); until then no declared command runs\n')

    def test_check_config_judges_the_state_directory_as_udsd_exec_does(self):
        options = self.commands(self.RESTART + self.own())
        state = self.directory / 'state'
        elsewhere = self.directory / 'elsewhere'
        elsewhere.mkdir(mode=0o700)
        for make in (state.touch, lambda: state.symlink_to(elsewhere)):
            make()
            refused = run(*options, '--state-dir', state)
            self.assertEqual(refused.returncode, 78)
            self.assertEqual(refused.stderr, f'udsd: {state}: is no directory, or a symbolic link to one; put a directory '
                                             'there; until then no declared command runs\n')
            state.unlink()
        (elsewhere / 'runs').mkdir()
        (elsewhere / 'runs').chmod(0o770)
        self.assertIn(f'{elsewhere}/runs: others may write to it', run(*options, '--state-dir', elsewhere).stderr)

    def test_check_config_answers_who_may_run_what(self):
        options = self.commands(self.RESTART + self.own() + 'allow = { users = ["daemon"], groups = ["sys"] }\n')
        ask = [*options, '--mode', '0666', '--as']
        for words, status, said in (
                (['daemon', 'web.restart'], 0, 'daemon may run web.restart: user daemon'),
                (['sys', 'web.restart'], 0, 'sys may run web.restart: group sys'),
                (['bin', 'web.restart'], 1, 'bin may not run web.restart: needs user daemon or group sys'),
                (['root', 'web.restart'], 1, 'root may not run web.restart: needs user daemon or group sys'),
                (['daemon', 'web.stop'], 1, 'no command "web.stop" is declared'),
                (['daemon', 'web.restart', 'unit=nginx.service'], 0, 'daemon may run web.restart: user daemon'),
                (['daemon', 'web.restart', 'unit=ssh.service'], 1,
                 'daemon may run web.restart, but not with these arguments: unit: '),
                (['daemon', 'web.restart', 'colour=red'], 1,
                 'daemon may run web.restart, but not with these arguments: ')):
            with self.subTest(words=words):
                asked = run(*ask, *words)
                self.assertEqual((asked.returncode, asked.stderr), (status, ''))
                self.assertTrue(asked.stdout.startswith(said), asked.stdout)
                self.assertEqual(asked.stdout.count('\n'), 1)
        self.assertEqual(run(*ask, 'no-such-user', 'web.restart').returncode, 64)

    def test_errors_end_a_start_too(self):
        for text, position in (('[log\n', ':1:5: '), ('[admin]\nusers = ["no-such-user"]\n', ':2:10: ')):
            with self.subTest(text=text):
                config = self.config(text)
                ended = run('--config', config, '--socket', self.directory / 'uds.sock')
                self.assertEqual(ended.returncode, 78)
                self.assertIn(f'udsd: {config}{position}', ended.stderr)
                self.assertFalse((self.directory / 'uds.sock').exists())

    def test_a_named_file_must_exist(self):
        ended = run('--check-config', '--config', self.directory / 'missing.toml')
        self.assertEqual(ended.returncode, 78)
        self.assertIn('missing.toml: cannot open the file', ended.stderr)

    def test_access_rules_apply(self):
        config = self.config('[access]\necho = { users = ["4000000000"] }\n')
        with Udsd('--config', str(config)) as daemon, Wire(daemon.socket) as wire:
            # The user that udsd runs as is an administrator: the rule lets it pass.
            wire.send({'cmd': 'echo', 'id': 1})
            self.assertEqual(wire.final()['status'], 'OK')

    def test_a_supplementary_group_is_enough(self):
        support.require(os.geteuid() == 0, 'root')
        group = grp.getgrnam('daemon')
        config = self.config('[access]\necho = { groups = ["daemon"] }\n')
        with Udsd('--config', str(config), '--mode', '0666') as daemon:
            daemon.directory.chmod(0o755)
            self.assertIn('"OK"', ask_as_stranger(daemon.socket, {'cmd': 'echo'}, [4_000_001, group.gr_gid]))
            self.assertIn('"permission_denied"', ask_as_stranger(daemon.socket, {'cmd': 'echo'}, [4_000_001]))
            self.assertIn('"permission_denied"', ask_as_stranger(daemon.socket, {'cmd': 'echo'}))

    def test_limits_apply(self):
        config = self.config('[limits]\nmessage = "1KiB"\n')
        with Udsd('--config', str(config)) as daemon, Wire(daemon.socket) as wire:
            wire.send({'cmd': 'ping', 'id': 1})
            self.assertEqual(wire.final()['status'], 'OK')
            wire.send(b'{"cmd":"echo","args":{"x":"' + b'x' * 2000 + b'"}}\n')
            self.assertEqual(wire.final()['error']['code'], 'too_large')


class SocketFile(WithDirectory):
    def test_a_second_daemon_does_not_start(self):
        with Udsd() as daemon:
            ended = run('--socket', daemon.socket)
            self.assertEqual(ended.returncode, 69)
            self.assertIn(str(daemon.pid), ended.stderr)
            with Wire(daemon.socket) as wire:
                self.assertEqual(support.peer_pid(wire.socket), daemon.pid)

    def test_the_socket_of_a_killed_daemon_is_replaced(self):
        path = self.directory / 'uds.sock'
        first = Udsd(socket_path=path)
        first.process.kill()
        first.process.wait()
        self.assertTrue(path.exists())
        with Udsd(socket_path=path) as second, Wire(second.socket) as wire:
            self.assertEqual(support.peer_pid(wire.socket), second.pid)
        first.close()

    def test_the_socket_is_removed_at_the_end(self):
        path = self.directory / 'uds.sock'
        with Udsd(socket_path=path) as daemon:
            self.assertEqual(daemon.stop(), 0)
            self.assertFalse(path.exists())

    def test_every_descriptor_is_closed_on_exec(self):
        with Udsd() as daemon, Wire(daemon.socket) as wire:
            wire.send({'cmd': 'ping'})
            self.assertEqual(wire.final()['status'], 'OK')
            folder = pathlib.Path(f'/proc/{daemon.pid}/fdinfo')
            flags = {int(entry.name): int(re.search(r'flags:\s*(\d+)', entry.read_text())[1], 8)
                     for entry in folder.iterdir()}
            inherited = [number for number, value in flags.items() if number > 2 and not value & os.O_CLOEXEC]
            self.assertGreater(len(flags), 6)
            self.assertEqual(inherited, [])

    def test_what_cannot_be_created(self):
        missing = run('--socket', self.directory / 'missing' / 'uds.sock')
        self.assertEqual(missing.returncode, 73)
        self.assertIn('missing', missing.stderr)
        (self.directory / 'file').write_text('precious', encoding='utf-8')
        taken = run('--socket', self.directory / 'file')
        self.assertEqual(taken.returncode, 73)
        self.assertEqual((self.directory / 'file').read_text(encoding='utf-8'), 'precious')

    def test_no_permission_is_77(self):
        support.require(os.geteuid() == 0, 'root')
        self.directory.chmod(0o755)
        # A copy, since the build directory may be closed to others.
        copy = shutil.copy(support.program('UDSD'), self.directory / 'udsd')
        ended = subprocess.run([copy, '--socket', str(self.directory / 'uds.sock')],
                               capture_output=True, text=True, env=support.clean_environment(), user=65534,
                               group=65534, extra_groups=[], timeout=support.DEADLINE, check=False)
        self.assertEqual(ended.returncode, 77, ended.stderr)

    def test_closed_standard_descriptors(self):
        path = self.directory / 'uds.sock'
        script = 'exec "$0" --socket "$1" <&- >&- 2>&-'
        process = subprocess.Popen(['/bin/sh', '-c', script, support.program('UDSD'), str(path)],
                                   env=support.clean_environment())
        try:
            wait_until(lambda: support.accepts(path), 'udsd to accept')
            with Wire(path) as wire:
                wire.send({'cmd': 'ping', 'id': 1})
                self.assertEqual(wire.final()['status'], 'OK')
            targets = [os.readlink(f'/proc/{process.pid}/fd/{number}') for number in (0, 1, 2)]
            self.assertEqual(targets, ['/dev/null'] * 3)
        finally:
            process.terminate()
        self.assertEqual(process.wait(support.DEADLINE), 0)


class Signals(WithDirectory):
    def start_countdown(self, wire, steps, interval_ms):
        wire.send({'cmd': 'countdown', 'id': 'c', 'args': {'from': steps, 'interval_ms': interval_ms}})
        self.assertEqual(wire.receive()['status'], 'PROCESSING')

    def test_drain_finishes_what_runs(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with self.subTest(signal=number), Udsd() as daemon, Wire(daemon.socket) as wire:
                self.start_countdown(wire, 5, 50)
                daemon.signal(number)
                self.assertEqual(wire.final()['status'], 'OK')
                self.assertEqual(wire.rest(), b'')
                self.assertEqual(daemon.wait(), 0)
                self.assertIn('draining', daemon.stderr)

    def test_the_drain_limit_ends_what_does_not_finish(self):
        config = self.config('[limits]\ndrain = "200ms"\n')
        with Udsd('--config', str(config)) as daemon, Wire(daemon.socket) as wire:
            self.start_countdown(wire, 1000, 3_600_000)
            daemon.signal(signal.SIGTERM)
            self.assertEqual(wire.final()['error']['code'], 'shutting_down')
            self.assertEqual(daemon.wait(), 0)

    def test_a_second_signal_stops_at_once(self):
        with Udsd() as daemon, Wire(daemon.socket) as wire:
            self.start_countdown(wire, 1000, 3_600_000)
            daemon.signal(signal.SIGTERM)
            wait_until(lambda: 'draining' in daemon.stderr, 'the drain')
            self.assertTrue(daemon.alive())
            daemon.signal(signal.SIGINT)
            self.assertEqual(wire.final()['error']['code'], 'shutting_down')
            self.assertEqual(daemon.wait(), 0)

    def test_signals_without_end_do_not_cut_the_end_short(self):
        for _ in range(20):
            with Udsd() as daemon:
                while daemon.alive():
                    daemon.signal(signal.SIGTERM)
                self.assertEqual(daemon.wait(), 0)

    def test_reload(self):
        config = self.config('[log]\nlevel = "info"\n')
        with Udsd('--config', str(config)) as daemon, Wire(daemon.socket) as wire:
            def ping():
                wire.send({'cmd': 'ping', 'id': 'one\nline'})
                self.assertEqual(wire.final()['status'], 'OK')

            ping()
            self.config('[log]\nlevel = "debug"\n')
            daemon.signal(signal.SIGHUP)
            wait_until(lambda: 'configuration reloaded' in daemon.stderr, 'the reload')
            self.assertNotIn('cmd=ping', daemon.stderr)
            ping()
            wait_until(lambda: daemon.stderr.count('cmd=ping') == 1, 'the line of the request')

            self.config('[log]\nlevel = "error"\n\n[limits]\nmessage = 5\n')
            daemon.signal(signal.SIGHUP)
            wait_until(lambda: 'was not changed' in daemon.stderr, 'the refusal')
            self.assertIn(f'error {config}:5:11: limits.message: must be', daemon.stderr)
            ping()
            wait_until(lambda: daemon.stderr.count('cmd=ping') == 2, 'the old log level still in force')

    def test_reload_changes_access_and_back(self):
        support.require(os.geteuid() == 0, 'root')
        config = self.config('')
        self.directory.chmod(0o755)
        with Udsd('--config', str(config), '--mode', '0666') as daemon:
            daemon.directory.chmod(0o755)

            def echo():
                return ask_as_stranger(daemon.socket, {'cmd': 'echo'})

            self.assertIn('"OK"', echo())
            self.config('[access]\necho = "admin"\n')
            daemon.signal(signal.SIGHUP)
            wait_until(lambda: daemon.stderr.count('configuration reloaded') == 1, 'the reload')
            self.assertIn('"permission_denied"', echo())
            self.config('[access]\necho = { hidden = true }\n')
            daemon.signal(signal.SIGHUP)
            wait_until(lambda: daemon.stderr.count('configuration reloaded') == 2, 'the reload')
            hidden, unknown = (json.loads(ask_as_stranger(daemon.socket, {'cmd': cmd})) for cmd in ('echo', 'ecko'))
            self.assertEqual(hidden, unknown, 'a hidden command looks like none')
            self.config('')
            daemon.signal(signal.SIGHUP)
            wait_until(lambda: daemon.stderr.count('configuration reloaded') == 3, 'the reload')
            self.assertIn('"OK"', echo())


class LogLines(WithDirectory):
    def test_foreign_text_is_one_quoted_line(self):
        with Udsd('--log-level', 'debug') as daemon, Wire(daemon.socket) as wire:
            hostile = 'x\nforged\r\x1b[31m\u202e'
            wire.send({'cmd': 'ping', 'id': hostile})
            self.assertEqual(wire.final()['id'], hostile)
            wire.send({'cmd': hostile, 'id': 2})
            self.assertEqual(wire.final()['status'], 'ERROR')
            wait_until(lambda: 'cmd=ping' in daemon.stderr, 'the line of the request')
            self.assertEqual(daemon.stop(), 0)
            for line in daemon.stderr_path.read_bytes().split(b'\n')[:-1]:
                self.assertRegex(line, rb'\A\d{4}-[ -~]+\Z')
                self.assertFalse(line.startswith(b'forged'))

    def test_a_path_is_one_quoted_line(self):
        path = self.directory / 'x\nforged \x1b[31m\u202e'
        with Udsd(socket_path=path) as daemon:
            second = run('--socket', path)
            self.assertEqual(second.returncode, 69)
            self.assertEqual(daemon.stop(), 0)
            for line in [*daemon.stderr_path.read_bytes().split(b'\n')[:-1], second.stderr.encode().rstrip(b'\n')]:
                self.assertRegex(line, rb'\A[ -~]+\Z')
                self.assertFalse(line.startswith(b'forged'))
            self.assertIn(r'x\nforged', daemon.stderr)
            self.assertIn(r'x\nforged', second.stderr)

    def test_a_log_that_nobody_reads_stops_nothing(self):
        reader, writer = os.pipe()
        path = self.directory / 'uds.sock'
        process = subprocess.Popen([support.program('UDSD'), '--socket', str(path), '--log-level', 'trace'],
                                   stdin=subprocess.DEVNULL, stdout=writer, stderr=writer,
                                   env=support.clean_environment())
        os.close(writer)
        try:
            wait_until(lambda: support.accepts(path), 'udsd to accept')
            with Wire(path) as wire:
                for number in range(2000):
                    wire.send({'cmd': 'ping', 'id': number})
                    self.assertEqual(wire.final()['status'], 'OK')
                os.close(reader)
                wire.send({'cmd': 'ping', 'id': 'after'})
                self.assertEqual(wire.final()['status'], 'OK')
        finally:
            process.terminate()
        self.assertEqual(process.wait(support.DEADLINE), 0)


class LastMoment(unittest.TestCase):
    def test_a_message_that_is_not_finished_is_not_called_malformed(self):
        with Udsd() as udsd, Wire(udsd.socket) as wire:
            wire.send(b'{"cmd":"ping","id":1}\n{"cmd":"echo","args":{"te')
            self.assertEqual(wire.final()['status'], 'OK')
            udsd.signal(signal.SIGTERM)
            answer = wire.final()
            self.assertEqual((answer['id'], answer['error']['code'], answer['error']['retryable']),
                             (None, 'shutting_down', True))
            self.assertIsNone(wire.frame())
            self.assertEqual(udsd.wait(), 0)

    def test_what_is_sent_as_it_stops_is_answered_or_fails_to_be_sent(self):
        """Many idle connections: each sends at another moment of the stop. What the kernel took must be answered."""
        ends = collections.Counter()
        for _ in range(10):
            with support.Udsd() as udsd:
                wires = [support.Wire(udsd.socket) for _ in range(100)]
                support.wait_until(lambda: len(os.listdir(f'/proc/{udsd.pid}/fd')) > 100, 'all to be accepted')
                udsd.signal(signal.SIGTERM)
                sent = []
                for wire in wires:
                    try:
                        wire.send({'cmd': 'ping', 'id': 1})
                        sent.append(wire)
                    except OSError:
                        ends['unsent'] += 1
                for wire in sent:
                    response = wire.receive()
                    ends['lost' if response is None else 'answered'] += 1
                for wire in wires:
                    wire.close()
        print(dict(ends), flush=True)
        self.assertEqual(ends['lost'], 0)


if __name__ == '__main__':
    support.main()

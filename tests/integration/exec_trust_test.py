"""Whom and what udsd-exec believes: the kernel about the caller, the files of the owner, and nothing of what udsd says."""
import array
import os
import pathlib
import pwd
import shutil
import socket
import stat
import subprocess
import unittest

import support
from exec_tools import Host, encode, program

ROOT = os.getuid() == 0
MARK = 'ran'


def declare(host, more='', name='a.b'):
    return (f'[command."{name}"]\nsummary = "x"\nexec = ["/usr/bin/touch", "{host.directory}/{MARK}"]\n'
            f'timeout = "30s"\n{more}\n')


class Refusals(unittest.TestCase):
    """Refused, for the reason that is named, and nothing has run."""

    def setUp(self):
        self.host = Host()
        self.addCleanup(self.host.__exit__, None, None, None)
        self.host.declare(declare(self.host))

    def refused(self, code, *words, **options):
        run = self.host.run('a.b', **options)
        refusal = run.refused()
        self.assertEqual(refusal[0], code, refusal)
        for word in words:
            self.assertIn(word, refusal[1])
        run.wait()
        self.nothing_ran()
        return refusal

    def nothing_ran(self):
        self.assertFalse((self.host.directory / MARK).exists())
        self.assertEqual(self.host.audit(), [])
        runs = self.host.state / 'runs'
        self.assertEqual(list(runs.iterdir()) if runs.exists() else [], [])

    def test_the_same_order_is_carried_out(self):
        self.assertEqual(self.host.run('a.b').finish()['exit'], 0)
        self.assertTrue((self.host.directory / MARK).exists())

    def test_declarations_that_others_may_write(self):
        self.host.file.chmod(0o664)
        refusal = self.refused('internal', 'check-config')
        self.assertNotIn(str(self.host.commands), refusal[1], 'callers may not know all commands')
        self.host.file.chmod(0o644)
        self.host.commands.chmod(0o777)
        self.refused('internal', 'check-config')

    def test_a_declaration_that_is_a_link(self):
        elsewhere = self.host.directory / 'elsewhere.toml'
        self.host.file.rename(elsewhere)
        self.host.file.symlink_to(elsewhere)
        self.refused('internal', 'check-config')

    def test_declarations_that_have_changed(self):
        before = self.host.hash
        self.host.declare(declare(self.host) + '# changed\n')
        self.refused('busy', 'reload', hash=before)

    def test_a_foreign_owner(self):
        support.require(ROOT, 'root')
        os.chown(self.host.file, pwd.getpwnam('daemon').pw_uid, 0)
        self.refused('internal', 'check-config')

    def test_a_command_that_there_is_not(self):
        self.host.declare(declare(self.host, name='a.other'))
        self.refused('unknown_command', 'a.b')

    def test_a_caller_who_may_not(self):
        # Somebody else only, and administrators do not count.
        self.host.declare(declare(self.host, 'allow = { users = ["sys"] }'))
        refusal = self.refused('permission_denied', 'user sys')
        self.assertEqual(refusal[2], 'needs user sys')

    def test_the_near_end_of_a_connection(self):
        # A udsd that was taken over connects to another service, whose process may be root's.
        caller, accepted = self.host.connection()
        with caller, accepted:
            self.refused('permission_denied', 'not the accepted end', connection=caller.dup())

    def test_a_near_end_that_has_a_name(self):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as near:
            near.bind('\0uds-exec-test-' + str(os.getpid()))
            near.connect(str(self.host.path))
            self.refused('permission_denied', 'not the accepted end', connection=near.dup())

    def test_one_of_a_pair(self):
        left, right = socket.socketpair()
        with left, right:
            self.refused('permission_denied', 'not the accepted end', connection=left.dup())

    def test_a_listening_socket(self):
        # Its peer, says the kernel, is whoever listens.
        self.refused('permission_denied', 'listening', connection=self.host.listener.dup())

    def test_other_sockets_and_no_socket(self):
        left, right = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with left, right, socket.socket(socket.AF_INET) as internet, open('/dev/null', 'rb') as file:
            self.refused('permission_denied', 'stream', connection=left.dup())
            self.refused('permission_denied', 'stream', connection=internet.dup())
            wrapped = socket.socket(fileno=left.dup().detach())
            os.dup2(file.fileno(), wrapped.fileno())
            self.refused('permission_denied', 'stream', connection=wrapped)

    def test_a_listener_where_others_may_put_one(self):
        for mode in (0o777, 0o1777, 0o770):
            self.host.directory.chmod(mode)
            self.refused('permission_denied', 'where others could put one')

    def test_a_listener_that_is_gone(self):
        caller, accepted = self.host.connection()
        with caller:
            self.host.path.unlink()
            self.refused('permission_denied', 'any more', connection=accepted)

    def test_a_caller_who_has_left(self):
        caller, accepted = self.host.connection()
        caller.close()
        self.refused('permission_denied', 'has left', connection=accepted)

    def test_an_audit_log_that_cannot_be_written(self):
        self.host.state.mkdir(mode=0o700)
        log = self.host.state / 'audit.log'
        for make in (lambda: log.mkdir(), lambda: log.symlink_to('/dev/null'), lambda: os.mkfifo(log)):
            make()
            run = self.host.run('a.b')
            code, message, _ = run.refused()
            self.assertEqual(code, 'internal')
            self.assertIn('audit log', message)
            self.assertFalse((self.host.directory / MARK).exists())
            self.assertEqual(list((self.host.state / 'runs').iterdir()), [])
            log.rmdir() if log.is_dir() and not log.is_symlink() else log.unlink()

    def test_a_state_directory_that_others_may_write(self):
        self.host.state.mkdir()
        self.host.state.chmod(0o777)
        self.refused('internal', 'chmod go-w')

    def test_directories_above_the_state_directory_are_made(self):
        above = self.host.directory / '.local'
        self.host.state = above / 'state/uds'
        self.host.run('a.b').until('ended')
        for path in (above, above / 'state', self.host.state):
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o700, path)

    def test_a_user_that_a_private_instance_cannot_become(self):
        before = []
        if ROOT:
            support.require(shutil.which('setpriv'), 'setpriv')
            self.host.directory.chmod(0o711)
            before = ['setpriv', '--reuid=65533', '--regid=65533', '--clear-groups']
        self.host.declare(declare(self.host, 'user = "root"'))
        self.refused('permission_denied', 'has the rights of uid', before=before)

    def test_what_is_no_order(self):
        for packet in (b'', b'\xff', encode('go'), encode('start', 'a.b')):
            ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            with ours, theirs:
                if packet:
                    ours.send(packet)
                else:
                    ours.shutdown(socket.SHUT_WR)
                done = subprocess.run([program(), '--private', '--commands-dir', str(self.host.commands), '--state-dir',
                                       str(self.host.state)], stdin=theirs, capture_output=True, timeout=support.DEADLINE)
                self.assertIn(b'refused', done.stderr)
        self.nothing_ran()

    def test_three_descriptors_are_too_many(self):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        caller, accepted = self.host.connection()
        with ours, theirs, caller, accepted:
            order = encode('start', 'a.b', self.host.hash, '1', '', '0', '0')
            ours.sendmsg([order], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', [accepted.fileno()] * 3))])
            done = subprocess.run([program(), '--private', '--commands-dir', str(self.host.commands), '--state-dir',
                                   str(self.host.state)], stdin=theirs, capture_output=True, timeout=support.DEADLINE)
            self.assertIn(b'too many descriptors', done.stderr)
        self.nothing_ran()


class Files(unittest.TestCase):
    def test_nobody_else_reads_a_private_run(self):
        with Host() as host:
            host.declare(declare(host))
            run = host.run('a.b')
            run.finish()
            modes = {path.name: stat.S_IMODE(path.lstat().st_mode) for path in run.directory.iterdir()}
            self.assertEqual(modes, {'facts': 0o600, 'lock': 0o600, 'output': 0o600,
                                     'result.json': 0o600, 'control': 0o600})
            for path in (host.state, host.state / 'runs', run.directory):
                self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o700)

    def test_half_a_record_in_the_audit_log_does_not_spoil_the_next(self):
        with Host() as host:
            host.declare(declare(host))
            host.state.mkdir(mode=0o700)
            (host.state / 'audit.log').write_text('{"event":"sta')
            host.run('a.b').finish()
            lines = (host.state / 'audit.log').read_text(encoding='utf-8').splitlines()
            self.assertEqual(len(lines), 3)

    def test_two_runs_at_once(self):
        with Host() as host:
            host.declare(declare(host))
            runs = [host.run('a.b') for _ in range(20)]
            self.assertEqual([run.finish()['exit'] for run in runs], [0] * 20)
            self.assertEqual(len({run.id for run in runs}), 20)
            self.assertEqual(len(host.audit()), 40)


class System(unittest.TestCase):
    """As root, with a udsd of its own user: what it gives udsd to read, and whom it lets be an administrator."""

    def setUp(self):
        support.require(ROOT, 'root')
        self.host = Host()
        self.addCleanup(self.host.__exit__, None, None, None)
        self.host.directory.chmod(0o755)
        self.config = self.host.directory / 'udsd.toml'
        self.config.write_text('')
        self.config.chmod(0o644)
        self.host.declare(declare(self.host, 'user = "root"'))

    def run_it(self, **options):
        return self.host.run('a.b', private=False, options=['--daemon', 'daemon', '--config', str(self.config)],
                             **options)

    def test_udsd_may_read_a_run(self):
        run = self.run_it()
        self.assertEqual(run.finish()['exit'], 0)
        group = pwd.getpwnam('daemon').pw_gid
        for path in run.directory.iterdir():
            status = path.lstat()
            mode = 0o660 if path.name == 'control' else 0o640
            self.assertEqual((stat.S_IMODE(status.st_mode), status.st_uid, status.st_gid), (mode, 0, group), path)
        for path in (self.host.state, self.host.state / 'runs', run.directory):
            self.assertEqual((stat.S_IMODE(path.stat().st_mode), path.stat().st_gid), (0o750, group))
        self.assertEqual(stat.S_IMODE((self.host.state / 'audit.log').stat().st_mode), 0o640)

    def test_a_configuration_that_others_may_write(self):
        self.config.chmod(0o666)
        self.assertIn('chmod go-w', self.run_it().refused()[1])

    def test_a_command_as_udsd_itself(self):
        self.host.declare(declare(self.host, 'user = "daemon"'))
        self.assertEqual(self.run_it().refused()[0], 'internal')

    def test_only_udsd_gives_orders(self):
        # The kernel remembers who made the pair: a process that was nobody then, and is root again.
        code = ('import socket, os, sys\nos.setresuid(65533, 65533, 0)\n'
                'a, b = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)\nos.setresuid(0, 0, 0)\n'
                'os.dup2(b.fileno(), 0)\nos.set_inheritable(0, True)\na.set_inheritable(True)\n'
                'os.execv(sys.argv[1], sys.argv[1:])\n')
        done = subprocess.run(['python3', '-c', code, program(), '--daemon', 'daemon', '--config', str(self.config)],
                              capture_output=True, timeout=support.DEADLINE)
        self.assertEqual(done.returncode, 77, done.stderr)
        self.assertIn(b'may give no orders', done.stderr)

    def test_a_socket_of_another_mount_namespace(self):
        """A path means another file there: its near end has the name of the real listener."""
        support.require(shutil.which('unshare') and subprocess.run(
            ['unshare', '-m', 'true'], capture_output=True).returncode == 0, 'the right to make a mount namespace')
        code = ('import socket, sys\nnear = socket.socket(socket.AF_UNIX)\nnear.bind(sys.argv[1])\n'
                'far = socket.socket(socket.AF_UNIX)\nfar.connect("\\0" + sys.argv[2])\n'
                'near.connect("\\0" + sys.argv[3])\nsocket.send_fds(far, [b"x"], [near.fileno()])\nfar.recv(1)\n')
        names = [f'uds-exec-test-{kind}-{os.getpid()}' for kind in ('pass', 'service')]
        listeners = []
        for name in names:
            listener = socket.socket(socket.AF_UNIX)
            listener.bind('\0' + name)
            listener.listen()
            listener.settimeout(support.DEADLINE)
            self.addCleanup(listener.close)
            listeners.append(listener)
        script = f'mount -t tmpfs none {self.host.directory} && exec "$@"'
        intruder = subprocess.Popen(['unshare', '-m', 'sh', '-c', script, 'sh', 'python3', '-c', code,
                                     str(self.host.path), *names])
        try:
            passing, _ = listeners[0].accept()
            with passing:
                passing.settimeout(support.DEADLINE)
                _, descriptors, _, _ = socket.recv_fds(passing, 1, 1)
                refusal = self.run_it(connection=socket.socket(fileno=descriptors[0])).refused()
                self.assertEqual(refusal[0], 'permission_denied')
                self.assertIn('another file', refusal[1])
                self.assertEqual(self.host.audit(), [])
        finally:
            intruder.kill()
            intruder.wait()


if __name__ == '__main__':
    support.main()

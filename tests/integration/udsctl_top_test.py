#!/usr/bin/env python3
"""udsctl stats and udsctl top against a real udsd: in a pipe, on a pseudo-terminal, and on a screen that tmux keeps."""
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import unittest

import support
from support import DEADLINE, clean_environment, program, require, udsctl, wait_until
from udsctl_test import Terminal

SLOW = {'cmd': 'countdown', 'id': 'slow', 'args': {'from': 1000, 'interval_ms': 60000}}
QUICKLY = ('--interval', '50ms')


class WithDaemon(unittest.TestCase):
    def setUp(self):
        self.daemon = support.Udsd()
        self.addCleanup(self.daemon.close)

    def serve_everybody(self):
        """Another daemon, which answers strangers, too."""
        self.daemon.close()
        self.daemon = support.Udsd('--mode', '0666')
        self.addCleanup(self.daemon.close)
        self.daemon.directory.chmod(0o755)

    def connect(self, *requests):
        """A connection with these requests in flight."""
        wire = support.Wire(self.daemon.socket)
        self.addCleanup(wire.close)
        for request in requests:
            wire.send(request)
            wire.receive()
        return wire

    def open_connections(self):
        """What the daemon says of them, oldest first, without the one that asks."""
        with support.Wire(self.daemon.socket) as wire:
            wire.send({'cmd': 'connections'})
            return wire.receive()['data']['connections'][:-1]

    def numbers(self):
        """Of the connections that are open now, oldest first."""
        return [each['connection'] for each in self.open_connections()]

    def udsctl(self, *arguments):
        return udsctl('--socket', self.daemon.socket, *arguments)


class Stats(WithDaemon):
    def terminal(self, *arguments, **options):
        return Terminal('--socket', self.daemon.socket, 'stats', *arguments, **options)

    def test_elsewhere_it_is_the_response(self):
        done = self.udsctl('stats')
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        self.assertEqual(json.loads(done.stdout)['data']['now']['connections'], 1)
        self.assertEqual(done.stdout.count('\n'), 1)

    def test_on_a_terminal_it_is_a_table(self):
        self.connect(SLOW)
        self.udsctl('ping')
        self.udsctl('call', 'nosuch')
        with self.terminal() as terminal:
            text = terminal.read_until()
            self.assertEqual(terminal.child.wait(DEADLINE), 0)
        lines = text.splitlines()
        self.assertIn('in flight   1', lines)
        self.assertRegex(text, r'(?m)^ping +1\r$')
        self.assertRegex(text, r'(?m)^help +0 +unknown_command 1\r$')
        self.assertRegex(text, r'(?m)^in all +\d+ +\d+.* at most ')
        self.assertNotIn('/s', text, 'one sample has no rates')
        self.assertNotIn('\x1b', text)

    def test_others_see_what_they_hold(self):
        require(os.geteuid() == 0, 'root')
        self.serve_everybody()
        with self.terminal(user=65534) as terminal:
            text = terminal.read_until()
            self.assertEqual(terminal.child.wait(DEADLINE), 0)
        self.assertEqual([line.split()[0] for line in text.splitlines()],
                         ['connections', 'in', 'buffered', 'descriptors'])

    def test_watching_is_a_line_each_until_it_is_interrupted(self):
        child = subprocess.Popen([program('UDSCTL'), '--socket', self.daemon.socket, 'stats', '--watch', *QUICKLY],
                                 stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment())
        for cleanup in (child.stdout.close, child.stderr.close, child.wait, child.kill):
            self.addCleanup(cleanup)
        answered = [json.loads(child.stdout.readline())['data']['durations']['count'] for _ in range(3)]
        self.assertEqual([count - answered[0] for count in answered], [0, 1, 2])
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(DEADLINE), 130)
        self.assertEqual(child.stderr.read(), b'')

    def test_watching_redraws_the_terminal_with_rates(self):
        with self.terminal('--watch', *QUICKLY) as terminal:
            text = terminal.read_until('lately')
            self.assertGreaterEqual(text.count('\x1b[H'), 2)
            terminal.read_until('/s\x1b[K')
            terminal.child.send_signal(signal.SIGINT)
            self.assertEqual(terminal.child.wait(DEADLINE), 130)

    def test_watching_on_a_dumb_terminal_goes_on_below(self):
        with self.terminal('--watch', *QUICKLY, env={'TERM': 'dumb'}) as terminal:
            self.assertNotIn('\x1b', terminal.read_until('lately'))

    def test_watching_ends_with_the_daemon(self):
        with self.terminal('--watch', *QUICKLY) as terminal:
            terminal.read_until('lately')
            self.daemon.close()
            terminal.read_until('udsctl: ')
            self.assertNotEqual(terminal.child.wait(DEADLINE), 0)


class Tmux:
    """A shell line on a screen of tmux, which is of no other use. A context manager."""

    def __init__(self, command, columns=100, rows=30):
        require(shutil.which('tmux') is not None, 'tmux')
        self._directory = tempfile.TemporaryDirectory(prefix='uds-')
        self.environment = clean_environment({'LANG': 'C.UTF-8', 'LC_ALL': 'C.UTF-8', 'TERM': 'xterm',
                                              'SHELL': '/bin/sh'})
        self.environment.pop('TMUX', None)
        # What stands on the screen at the end shows that it was restored; a shell that waits keeps tmux.
        self.tmux('new-session', '-d', '-x', str(columns), '-y', str(rows),
                  f'stty -echo; echo before; {command}; echo "ended $?"; stty -a | tr ";" "\\n" | grep -w icanon; read x')

    def tmux(self, *arguments):
        done = subprocess.run(['tmux', '-S', self._directory.name + '/tmux', '-f', '/dev/null', *arguments],
                              capture_output=True, encoding='utf-8', env=self.environment, timeout=DEADLINE, check=False)
        if done.returncode != 0:
            raise AssertionError(f'tmux {arguments}: {done.stderr}')
        return done.stdout

    def press(self, *keys):
        self.tmux('send-keys', *keys)

    def resize(self, columns, rows):
        self.tmux('resize-window', '-x', str(columns), '-y', str(rows))

    def lines(self):
        return self.tmux('capture-pane', '-p').splitlines()

    def wait_for(self, pattern):
        """The lines of the screen, once one of them matches."""
        shown = []

        def matches():
            shown[:] = self.lines()
            return any(re.search(pattern, line) for line in shown)
        try:
            wait_until(matches, f'{pattern!r} on the screen')
        except AssertionError as failure:
            raise AssertionError(f'{failure}:\n' + '\n'.join(shown)) from None
        return list(shown)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.tmux('kill-server')
        self._directory.cleanup()


class Top(WithDaemon):
    def top(self, *arguments, prefix='', **size):
        words = [program('UDSCTL'), '--socket', self.daemon.socket, 'top', *QUICKLY, *arguments]
        return Tmux(f'{prefix} {" ".join(map(os.path.abspath, words[:1]))} {" ".join(words[1:])}', **size)

    def end(self, screen, status=0):
        lines = screen.wait_for('^ended ')
        self.assertIn(f'ended {status}', lines)
        self.assertIn('before', lines, 'the screen of before is back')
        screen.wait_for(r'(^|\s)icanon')

    def quit(self, screen):
        screen.press('q')
        self.end(screen)

    @staticmethod
    def listed(lines):
        """The numbers of the connections on a screen, from its top."""
        return [int(found.group(1)) for line in lines if (found := re.match(r' *(\d+) \S+ +\d+ ', line))]

    def test_it_shows_what_runs(self):
        self.connect(SLOW)
        numbers = self.numbers()
        with self.top() as screen:
            lines = screen.wait_for(r'^ +\d+ \S+ +\d+ python3 .* 1 +0 B .* countdown$')
            self.assertRegex(lines[0], r'^udsd \d+\.\d+\.\d+   up .*   instance [0-9a-f]{8}   sorted by in flight$')
            self.assertRegex(lines[2], '^connections 2   in flight 1 ')
            self.assertEqual(self.listed(lines)[:1], numbers)
            self.assertEqual(len(self.listed(lines)), 2, 'top is connected, too')
            screen.wait_for(r'^requests \d.*/s   errors 0.0/s   p50 at most ')
            screen.press('?')
            screen.wait_for('^q quit, s sort')
            self.quit(screen)

    def test_a_key_changes_the_order(self):
        self.connect()
        self.connect(SLOW)
        numbers = self.numbers()
        with self.top() as screen:
            self.assertEqual(self.listed(screen.wait_for('countdown'))[:2], numbers[::-1])
            for _ in range(4):
                screen.press('s')
            self.assertEqual(self.listed(screen.wait_for('sorted by number'))[:2], numbers)
            self.quit(screen)

    def test_the_selected_request_is_cancelled(self):
        first = self.connect(SLOW)
        second = self.connect(SLOW)
        number = self.numbers()[1]
        with self.top() as screen:
            screen.wait_for(rf'^ +{number} .*countdown$')
            screen.press('j')
            screen.press('c')
            screen.wait_for(rf'^cancel request slow \(countdown\) of connection {number}\? y/n$')
            screen.press('n')
            screen.wait_for('^nothing was cancelled$')
            screen.press('F9')
            screen.wait_for(f'of connection {number}[?] y/n$')
            screen.press('y')
            screen.wait_for(rf'^request slow \(countdown\) of connection {number} was told to end$')
            self.assertEqual(second.receive()['error']['code'], 'cancelled')
            screen.wait_for('^connections 3   in flight 1 ')
            first.socket.setblocking(False)
            self.assertRaises(BlockingIOError, first.socket.recv, 1)
            self.quit(screen)

    def test_what_cannot_be_cancelled_is_said(self):
        self.connect({key: value for key, value in SLOW.items() if key != 'id'})
        with self.top() as screen:
            screen.wait_for('countdown$')
            screen.press('c')
            screen.wait_for('^the request of connection [0-9]+ has no id')
            screen.press('Down')
            screen.press('c')
            screen.wait_for('^connection [0-9]+ has no request in flight$')
            self.quit(screen)

    def test_others_are_refused(self):
        require(os.geteuid() == 0, 'root')
        require(shutil.which('setpriv') is not None, 'setpriv')
        self.serve_everybody()
        with support.Wire(self.daemon.socket) as roots, \
                subprocess.Popen(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', program('UDSCTL'),
                                  '--socket', self.daemon.socket, 'call', 'countdown', 'from=1000',
                                  'interval_ms=60000'], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as own:
            try:
                roots.send(SLOW)
                roots.receive()
                # Before top, which selects the first connection that it sees.
                support.wait_until(lambda: any(each['uid'] == 65534 and each['requests']
                                               for each in self.open_connections()), 'the countdown')
                with self.top(prefix='setpriv --reuid=65534 --regid=65534 --clear-groups') as screen:
                    lines = screen.wait_for('countdown$')
                    self.assertEqual(len(self.listed(lines)), 2, 'their own connections only')
                    self.assertIn('your own connections; administrators see all, and rates', lines)
                    screen.press('c')
                    screen.wait_for('y/n$')
                    screen.press('y')
                    screen.wait_for('^not cancelled: .*only administrators')
                    self.assertIsNone(own.poll())
                    self.quit(screen)
            finally:
                own.kill()

    def test_the_terminal_may_change_its_size(self):
        for _ in range(5):
            self.connect()
        numbers = self.numbers()
        with self.top() as screen:
            screen.wait_for(f'^ +{numbers[-1]} ')
            screen.resize(40, 7)
            lines = screen.wait_for('^connections 6 .*…$')
            self.assertLessEqual(max(map(len, lines)), 40)
            self.assertEqual(self.listed(lines), numbers[:2])
            screen.press('End')
            screen.wait_for(f'^ +{numbers[-1]} ')
            for size in ((2, 2), (1, 1), (120, 40)):
                screen.resize(*size)
            screen.wait_for(f'^ +{numbers[0]} ')
            screen.press('q')  # what tmux makes of the screen of before, after such sizes, is its own business
            screen.wait_for('^ended 0$')

    def test_it_can_be_paused(self):
        with self.top() as screen:
            screen.wait_for('^connections 1 ')
            screen.press('p')
            screen.wait_for('paused$')
            self.connect(SLOW)
            screen.press('?')
            self.assertNotIn('countdown', '\n'.join(screen.wait_for('^q quit')))
            screen.press('Space')
            screen.wait_for('countdown$')
            self.quit(screen)

    def test_it_waits_for_the_next_daemon(self):
        path = self.daemon.socket
        with tempfile.TemporaryDirectory(prefix='uds-') as directory:
            self.daemon.close()
            path = directory + '/uds.sock'
            self.daemon = support.Udsd(socket_path=path)
            with self.top() as screen:
                screen.wait_for('^connections 1 ')
                self.daemon.close()
                screen.wait_for('^trying again: no socket at ')
                self.daemon = support.Udsd(socket_path=path)
                self.addCleanup(self.daemon.close)
                screen.wait_for('^the daemon answers again$')
                self.quit(screen)

    def test_a_daemon_that_hangs_keeps_no_key_waiting_for_long(self):
        with self.top('--timeout', '50ms') as screen:
            screen.wait_for('^connections 1 ')
            self.daemon.signal(signal.SIGSTOP)
            try:
                screen.wait_for('^trying again: ')
                self.quit(screen)
            finally:
                self.daemon.signal(signal.SIGCONT)

    def test_signals_restore_the_terminal(self):
        for name in ('INT', 'TERM'):
            # The number of the process that is to get it: udsctl takes the place of the shell that tells it.
            with self.subTest(name), tempfile.TemporaryDirectory(prefix='uds-') as directory:
                with self.top(prefix=f'sh -c \'echo $$ > {directory}/pid; exec "$@"\' sh') as screen:
                    screen.wait_for('^connections 1 ')
                    with open(directory + '/pid', encoding='ascii') as file:
                        os.kill(int(file.read()), getattr(signal, 'SIG' + name))
                    self.end(screen, 130)


class TopWithoutAScreen(WithDaemon):
    def test_once_is_a_text(self):
        self.connect(SLOW)
        done = self.udsctl('top', '--once', *QUICKLY)
        self.assertEqual((done.returncode, done.stderr), (0, ''))
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 6)
        self.assertRegex(lines[1], r'^requests \d.*/s ')
        self.assertRegex(lines[4], 'countdown$')
        self.assertNotIn('\x1b', done.stdout)

    def test_many_connections_are_shown(self):
        # Their list is longer than a message to the daemon may be.
        count = min(15_000, (os.sysconf('SC_OPEN_MAX') - 100))
        wires = [self.connect() for _ in range(count)]
        done = self.udsctl('top', '--once', *QUICKLY)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 4 + len(wires) + 1)

    def test_it_needs_a_terminal_otherwise(self):
        done = self.udsctl('top')
        self.assertEqual(done.returncode, 64)
        self.assertIn('--once', done.stderr)

    def test_the_type_of_the_terminal_must_be_known(self):
        with Terminal('--socket', self.daemon.socket, 'top', env={'TERM': 'nosuch'}) as terminal:
            self.assertIn('top cannot use a terminal of the type "nosuch"', terminal.read_until())
            self.assertEqual(terminal.child.wait(DEADLINE), 64)

    def test_without_a_daemon_it_ends_at_once(self):
        self.daemon.close()
        for arguments in (('top', '--once'), ('stats',)):
            self.assertEqual(self.udsctl(*arguments).returncode, 69)

    def test_neither_takes_an_argument(self):
        for verb in ('top', 'stats'):
            done = self.udsctl(verb, 'x')
            self.assertEqual(done.returncode, 64)
            self.assertIn('takes no argument', done.stderr)


if __name__ == '__main__':
    support.main()

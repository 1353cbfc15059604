#!/usr/bin/env python3
"""Completion in real shells, on a pseudo-terminal and by their own functions, against a real udsd; and what happens
when the daemon is absent or silent."""
import os
import pathlib
import pty
import re
import select
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import support
from support import DEADLINE, Udsd, clean_environment, program, require, udsctl, wait_until

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SCRIPTS = {'bash': 'udsctl.bash', 'zsh': '_udsctl', 'fish': 'udsctl.fish'}
REPORT_KEY = b'\x14'  # Ctrl-T


class Home:
    """A home directory in which udsctl is the first program found. A context manager."""

    def __init__(self):
        self._directory = tempfile.TemporaryDirectory(prefix='uds-')
        self.path = pathlib.Path(self._directory.name)
        (self.path / 'bin').mkdir()
        (self.path / 'bin/udsctl').symlink_to(pathlib.Path(program('UDSCTL')).resolve())
        self.environment = clean_environment({
            'HOME': str(self.path), 'PATH': f'{self.path}/bin:{os.environ["PATH"]}', 'TERM': 'dumb',
            'LC_ALL': 'C.UTF-8', 'XDG_CONFIG_HOME': str(self.path), 'XDG_DATA_HOME': str(self.path)})

    def run(self, *command):
        """What `command` prints; it must succeed and complain of nothing."""
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, env=self.environment,
                              cwd=self.path, timeout=DEADLINE, check=False)
        if done.returncode != 0 or done.stderr:
            raise AssertionError(f'{command} ended with {done.returncode}: {done.stderr}')
        return done.stdout

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self._directory.cleanup()


class Terminal:
    """An interactive shell on a pseudo-terminal. REPORT_KEY makes it write its line to a file, after `completed` ran.

    `arguments` start the shell without a configuration; `setup` is typed first: it makes the report key work.
    """

    def __init__(self, home, *arguments, setup):
        self.home = home
        self.report = home.path / 'report'
        self.seen = b''
        environment = {**home.environment, 'REPORT': str(self.report)}
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(home.path)
                os.execvpe(arguments[0], arguments, environment)
            finally:
                os._exit(127)
        self.type(setup.encode() + b'\necho rea""dy\n')
        wait_until(lambda: self.read() or b'ready' in self.seen, f'{arguments[0]} to be ready')

    def type(self, keys):
        os.write(self.master, keys)

    def read(self):
        """Takes what the shell has written, so that it never waits for its terminal."""
        while select.select([self.master], [], [], 0)[0]:
            self.seen += os.read(self.master, 65536)

    def complete(self, line):
        """The line after `line` and a Tab were typed."""
        self.type(line.encode() + b'\t' + REPORT_KEY)
        wait_until(lambda: self.read() or self.report.exists(), f'the line of the shell, which showed {self.seen!r}')
        text = self.report.read_text(encoding='utf-8')
        self.report.unlink()
        self.type(b'\x15')  # Ctrl-U: the line is empty again
        return text.rstrip('\n')

    def close(self):
        os.close(self.master)  # the shell gets a SIGHUP
        os.waitpid(self.pid, 0)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()


class WithDaemon(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.home = Home()
        cls.addClassCleanup(cls.home.__exit__, None, None, None)
        cls.udsd = Udsd()
        cls.addClassCleanup(cls.udsd.close)

    def eventually(self, get, expected):
        """udsctl gives the daemon a fifth of a second, which a busy machine may take for itself."""
        end = time.monotonic() + DEADLINE / 4
        while (found := get()) != expected and time.monotonic() < end:
            pass
        self.assertEqual(found, expected)

    def lines(self, text):
        """`text` for the command line of a shell, with the socket of the daemon for SOCKET."""
        return text.replace('SOCKET', self.udsd.socket)


class Answers(WithDaemon):
    """udsctl complete, which all scripts ask."""

    def test_the_daemon_knows_commands_arguments_and_values(self):
        def ask(*words):
            done = udsctl('complete', '--socket', self.udsd.socket, *words)
            self.assertEqual((done.returncode, done.stderr), (0, ''))
            return done.stdout
        self.eventually(lambda: ask('call', 'countd'), 'countdown\tCount down to zero, one response per step\n')
        self.eventually(lambda: ask('call', 'countdown', '--i'),
                        '--interval-ms\tPause after each step in milliseconds\n')
        self.eventually(lambda: ask('call', 'log-level', 'level=t'), 'level=trace\t\n')
        self.eventually(lambda: ask('shutdown', ''), 'drain\t\nnow\t\n')
        self.eventually(lambda: ask('log-level', '--', 'w'), 'warn\t\n')
        self.eventually(lambda: ask('call', 'no-such-command', ''), '')

    def test_the_shell_has_not_replaced_a_tilde(self):
        (self.home.path / 'link').symlink_to(self.udsd.socket)
        self.eventually(lambda: udsctl('complete', '--socket', '~/link', 'describe', 'countd',
                                       env={'HOME': str(self.home.path)}).stdout.partition('\t')[0], 'countdown')

    def test_without_a_daemon_it_is_silent(self):
        for words in (['--socket', '/none/of/this', 'call', ''], ['--socket', '', 'call', ''], ['--bad', 'call', ''],
                      ['--server-uid', 'no such user', 'call', ''], ['--user', 'call', ''], []):
            with self.subTest(words=words):
                done = udsctl('complete', *words, env={'XDG_RUNTIME_DIR': '', 'UDS_SOCKET': '/none'})
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, '', ''))

    def test_a_daemon_that_says_nothing_does_not_stop_the_shell(self):
        path = str(self.home.path / 'silent.sock')
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            listener.bind(path)
            listener.listen(1)
            # The first ones connect and wait for an answer, the others for room in the queue.
            for _ in range(4):
                waiting = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                self.addCleanup(waiting.close)
                done = udsctl('complete', '--socket', path, 'call', '')
                self.assertEqual((done.returncode, done.stdout, done.stderr), (0, '', ''))
                waiting.setblocking(False)
                try:
                    waiting.connect(path)
                except BlockingIOError:
                    pass


class Scripts(unittest.TestCase):
    def test_are_printed(self):
        for shell, file in SCRIPTS.items():
            done = udsctl('completion', shell)
            self.assertEqual((done.returncode, done.stderr), (0, ''))
            self.assertEqual(done.stdout, (ROOT / 'cli/completion' / file).read_text(encoding='utf-8'))

    def test_of_which_shell_must_be_said(self):
        for arguments in ([], ['tcsh'], ['bash', 'zsh']):
            done = udsctl('completion', *arguments)
            self.assertEqual((done.returncode, done.stdout), (64, ''))
            self.assertIn('bash, zsh or fish', done.stderr)


class Lists(WithDaemon):
    """What bash and fish would show, asked by their own means."""

    def in_bash(self, line, breaks=''' \t\n"'@><=;|&(:'''):
        # The signs at which bash breaks words are words, too, and such a word is as long as it can be.
        signs = re.escape(re.sub(r'\s', '', breaks)) or r'\0'
        words = re.findall(rf'[{signs}]+|[^\s{signs}]+', line) + ([''] if line.endswith(' ') else [])
        script = ('eval "$(udsctl completion bash)"; '
                  f'COMP_WORDBREAKS={shlex.quote(breaks)}; COMP_WORDS=({shlex.join(words)}); '
                  f'COMP_CWORD={len(words) - 1}; COMP_LINE={shlex.quote(line)}; COMP_POINT={len(line)}; '
                  '_udsctl; printf "%s\\n" "${COMPREPLY[@]}"')
        return self.home.run('bash', '--norc', '--noprofile', '-uc', script).split('\n')[:-1]

    def test_bash(self):
        for line, expected in (('--socket SOCKET call count', ['countdown']),
                               ('--socket=SOCKET call count', ['countdown']),
                               ('  --socket  SOCKET   call  countdown ', ['from=', 'interval_ms=']),
                               ('--socket SOCKET call countdown --', ['--from', '--interval-ms', '--help']),
                               ('--socket SOCKET help count', ['countdown']),
                               ('--socket SOCKET help att', ['attach']),
                               ('--socket SOCKET call log-level level=',
                                ['trace', 'debug', 'info', 'warn', 'error', 'off']),
                               ('--socket SOCKET call log-level level=of', ['off']),
                               ('--socket SOCKET call log-level --level=of', ['off']),
                               ('--socket SOCKET call log-level --level of', ['off']),
                               ('"--socket" \'SOCKET\' describe count', ['countdown']),
                               ('--socket=SOCK', [self.udsd.socket, self.udsd.socket + '.lock']),
                               ('--socket SOCK', [self.udsd.socket, self.udsd.socket + '.lock']),
                               ('call x a=@SOCK', [self.udsd.socket, self.udsd.socket + '.lock']),
                               ('--socket SOCKET call "count', [''])):
            with self.subTest(line=line):
                line = re.sub(r'SOCK$', self.udsd.socket[:-1], self.lines('udsctl ' + line))
                self.eventually(lambda: sorted(self.in_bash(line)), sorted(expected))

    def test_bash_that_breaks_words_at_blanks_only(self):
        line = self.lines('udsctl --socket=SOCKET call log-level level=of')
        self.eventually(lambda: self.in_bash(line, breaks=' \t\n'), ['level=off'])
        self.eventually(lambda: self.in_bash(f'udsctl --socket={self.udsd.socket}.l', breaks=' \t\n'),
                        [f'--socket={self.udsd.socket}.lock'])

    def in_fish(self, line):
        shown = self.home.run('fish', '--no-config', '-c', 'udsctl completion fish | source; complete -C $argv[1]',
                              line)
        return sorted(shown.splitlines())

    def test_fish(self):
        require(shutil.which('fish') is not None, 'fish')
        for line, expected in (('--socket SOCKET call count', ['countdown\tCount down to zero, one response per step']),
                               ('--socket SOCKET call countdown --', [
                                   '--from\tNumber of steps', '--help\twhat the command takes',
                                   '--interval-ms\tPause after each step in milliseconds']),
                               ('--socket=SOCKET call log-level level=of', ['level=off']),
                               ('--socket=SOCK', [f'--socket={self.udsd.socket}', f'--socket={self.udsd.socket}.lock']),
                               ('--socket SOCK', [self.udsd.socket, self.udsd.socket + '.lock'])):
            with self.subTest(line=line):
                line = re.sub(r'SOCK$', self.udsd.socket[:-1], self.lines('udsctl ' + line))
                self.eventually(lambda: self.in_fish(line), expected)


class AtATerminal(WithDaemon):
    """Lines that are typed, and what one Tab makes of them."""

    LINES = (('--socket SOCKET call countd', '--socket SOCKET call countdown '),
             ('--socket SOCKET call countdown fr', '--socket SOCKET call countdown from='),
             ('--socket SOCKET call countdown --inter', '--socket SOCKET call countdown --interval-ms '),
             ('--socket=SOCKET call log-level level=of', '--socket=SOCKET call log-level level=off '),
             ('--socket=SOCKET.l', '--socket=SOCKET.lock '),
             ('comp', 'completion '))

    def check(self, terminal):
        for typed, expected in self.LINES:
            with self.subTest(typed=typed):
                self.eventually(lambda: terminal.complete(self.lines('udsctl ' + typed)),
                                self.lines('udsctl ' + expected))

    def test_bash(self):
        setup = '''bind -x '"\\C-t": printf "%s" "$READLINE_LINE" >$REPORT.new; mv $REPORT.new $REPORT'
            source <(udsctl completion bash)'''
        with Terminal(self.home, 'bash', '--norc', '--noprofile', '-i', setup=setup) as terminal:
            self.check(terminal)

    def zsh(self, load):
        require(shutil.which('zsh') is not None, 'zsh')
        setup = f'''fpath=({shlex.quote(str(ROOT / "cli/completion"))} $fpath)
            autoload -U compinit; compinit -u -D
            report() {{ print -rn -- "$BUFFER" >$REPORT.new; mv $REPORT.new $REPORT }}
            zle -N report; bindkey '^T' report; bindkey '^U' kill-whole-line; bindkey '^I' expand-or-complete
            {load}'''
        with Terminal(self.home, 'zsh', '-f', '-i', setup=setup) as terminal:
            self.check(terminal)

    def test_zsh(self):
        self.zsh('')

    def test_zsh_with_the_script_that_udsctl_prints(self):
        self.zsh('unfunction _udsctl; compdef -d udsctl; source <(udsctl completion zsh)')

    def test_fish(self):
        require(shutil.which('fish') is not None, 'fish')
        setup = '''bind \\ct 'commandline >$REPORT.new; mv $REPORT.new $REPORT'
            bind \\cu kill-whole-line
            udsctl completion fish | source'''
        with Terminal(self.home, 'fish', '--no-config', '-i', setup=setup) as terminal:
            self.check(terminal)


if __name__ == '__main__':
    support.main()

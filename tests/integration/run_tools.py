"""What the tests of declared commands share: a udsd with declarations and a state directory of its own, and runs."""
import base64
import fcntl
import json
import os
import pathlib
import pwd
import signal
import tempfile
import unittest

import support

USER = pwd.getpwuid(os.geteuid()).pw_name
# Where the processes of a test are recognised in /proc: an argument that no other process has.
MARK = f'uds-test-{os.getpid()}'


def declaration(name, script, **keys):
    """The TOML of a command that runs `script` in a shell; `keys` replace or add to the usual ones."""
    exec_list = keys.pop('exec', None) or ['/bin/sh', '-c', script]
    all_keys = {'summary': '"a test"', 'exec': json.dumps(exec_list), 'user': json.dumps(USER), 'timeout': '"60s"',
                'admins': 'true', 'unsafe_exec': 'true', **keys}
    lines = [f'[command."{name}"]'] + [f'{key} = {value}' for key, value in all_keys.items()]
    return '\n'.join(lines) + '\n'


def output_bytes(responses, stream='stdout'):
    """What the PROCESSING among `responses` carry of `stream`."""
    pieces = []
    for response in responses:
        output = response.get('output')
        if output and output['stream'] == stream:
            text = output.get('text')
            pieces.append(text.encode() if text is not None else base64.b64decode(output['base64']))
    return b''.join(pieces)


def processes_with(mark):
    """The pids of the processes that have `mark` in an argument, but for those that have ended."""
    found = []
    for entry in pathlib.Path('/proc').iterdir():
        if not entry.name.isdigit():
            continue
        try:
            words = (entry / 'cmdline').read_bytes()
        except OSError:
            continue
        if mark.encode() in words and int(entry.name) != os.getpid():
            found.append(int(entry.name))
    return found


def is_supervised(state):
    """Whether a process still looks after a run of `state`: it may write there, even when the run has ended."""
    for lock in state.glob('runs/*/lock'):
        try:
            with open(lock, 'rb') as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except FileNotFoundError:
            pass  # removed, since it was old
    return False


def exec_processes(state):
    """The pids of the udsd-exec that serve the state directory: their command line names it."""
    return [pid for pid in processes_with(str(state)) if _name(pid) not in ('udsd', None)]


def _name(pid):
    try:
        return pathlib.Path(f'/proc/{pid}/comm').read_text(encoding='utf-8').strip()
    except OSError:
        return None


def end_runs(state):
    """Ends what goes on, as a service manager would, and waits until nothing writes to `state` any more."""
    for pid in exec_processes(state):
        try:
            os.kill(pid, signal.SIGTERM)
        except ProcessLookupError:
            pass
    support.wait_until(lambda: not exec_processes(state) and not is_supervised(state), 'every run to end')


class WithRuns(unittest.TestCase):
    """Each test has a directory with declarations, a state directory, and a udsd once start() was called."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix='uds-runs-')
        self.addCleanup(holder.cleanup)
        self.directory = pathlib.Path(holder.name)
        self.commands = self.directory / 'commands'
        self.commands.mkdir(mode=0o755)
        self.state = self.directory / 'state'
        self.addCleanup(lambda: end_runs(self.state))
        self.config = self.directory / 'udsd.toml'
        self.config.write_text('')
        self.config.chmod(0o644)
        self.daemon = None

    def declare(self, text, name='test.toml'):
        path = self.commands / name
        path.write_text(text)
        path.chmod(0o644)

    def start(self, *arguments):
        self.daemon = support.Udsd('--config', str(self.config), '--commands-dir', str(self.commands), '--state-dir',
                                   str(self.state), *arguments, socket_path=self.directory / 'uds.sock')
        self.addCleanup(self.daemon.close)
        return self.daemon

    def connect(self):
        wire = support.Wire(self.directory / 'uds.sock')
        self.addCleanup(wire.close)
        return wire

    def send(self, cmd, wire=None, args=None, **envelope):
        wire = wire or self.connect()
        wire.send({'cmd': cmd, 'id': cmd, 'args': args or {}, **envelope})
        return wire

    def stream(self, wire):
        """Every response up to the final one."""
        responses = []
        while not responses or responses[-1]['status'] == 'PROCESSING':
            response = wire.receive()
            if response is None:
                raise AssertionError(f'the connection ended without a final response, after {responses[-3:]}')
            responses.append(response)
        return responses

    def run_command(self, cmd, args=None, **envelope):
        return self.stream(self.send(cmd, args=args, **envelope))

    def ask(self, cmd, **args):
        return self.send(cmd, args=args).final()

    def begin(self, cmd, args=None, wire=None, **envelope):
        """Starts a run and gives its connection and its name, once its command has begun."""
        wire = self.send(cmd, wire=wire, args=args, **envelope)
        while True:
            response = wire.receive()
            if response is None or response['status'] != 'PROCESSING':
                raise AssertionError(f'it did not begin: {response}')
            if response.get('data', {}).get('state') == 'started':
                return wire, response['data']['run']

    def until_output(self, wire, text):
        """Reads until `text` was in an output."""
        while True:
            response = wire.receive()
            if response is None or response['status'] != 'PROCESSING':
                raise AssertionError(f'no output {text!r}: {response}')
            if text in response.get('output', {}).get('text', ''):
                return response

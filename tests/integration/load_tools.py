"""Running uds-load, and a process of another user that opens connections without end.

Both are processes of their own, so that this process's speed decides nothing. UDS_LOAD holds the path of uds-load.
"""
import collections
import json
import multiprocessing
import os
import pathlib
import resource
import shutil
import signal
import stat
import subprocess

import support

NOBODY = 65534
FLOOD_CONNECTIONS = 5000

def require_load():
    support.require(os.environ.get('UDS_LOAD'), 'uds-load (UDS_BUILD_BENCH)')


def request(cmd, **args):
    return ['--request', json.dumps({'cmd': cmd, 'args': args})]


class Load:
    """A running uds-load whose connections are open. `program`: a copy that `uid` may run."""

    def __init__(self, socket, *arguments, uid=None, program=None):
        user = {} if uid is None else {'user': uid, 'group': uid, 'extra_groups': []}
        # Unbuffered: communicate() must find what readline() leaves.
        self._process = subprocess.Popen(
            [program or support.program('UDS_LOAD'), '--socket', socket, *map(str, arguments)], bufsize=0,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=support.clean_environment(),
            **user)
        first = self._process.stderr.readline()
        if not first.endswith(b'connections are open\n'):
            self.close()
            raise AssertionError(f'uds-load did not start: {first!r}')

    def running(self):
        return self._process.poll() is None

    def stop_sending(self):
        self._process.send_signal(signal.SIGTERM)

    def report(self):
        """The report, once uds-load has ended. Fails unless the ledger is clean."""
        report, complaints = self._process.communicate(timeout=5 * support.DEADLINE)
        if self._process.returncode != 0:
            raise AssertionError(f'uds-load ended with {self._process.returncode}:\n{complaints.decode()}'
                                 f'{report.decode()}')
        return json.loads(report)

    def close(self):
        if self.running():
            self._process.kill()
        self._process.communicate()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()


def load(socket, *arguments, **more):
    """The report of a whole run."""
    with Load(socket, *arguments, **more) as running:
        return running.report()


class OpenUdsd(support.Udsd):
    """A udsd that every user may reach, with a copy of uds-load that every user may run. Needs root."""

    def __init__(self, *arguments):
        super().__init__('--mode', '0666', '--log-level', 'warn', *arguments)
        self.directory.chmod(0o755)
        self.load_program = str(self.directory / 'uds-load')
        shutil.copy(support.program('UDS_LOAD'), self.load_program)
        pathlib.Path(self.load_program).chmod(stat.S_IRWXU | stat.S_IXGRP | stat.S_IRGRP | stat.S_IXOTH | stat.S_IROTH)

    def load_as(self, uid, *arguments):
        return Load(self.socket, *arguments, uid=uid, program=self.load_program)


class Flood:
    """A process of NOBODY that opens connections one by one, each with a ping, and holds those that are served. It
    tells the outcomes of the first `total`, goes on until stop(), and tells those too. Needs root."""

    def __init__(self, socket, total=FLOOD_CONNECTIONS):
        self._pipe, childs = multiprocessing.Pipe()
        # A fork: that user may not be able to run this interpreter.
        self._process = multiprocessing.get_context('fork').Process(target=_flood, args=(socket, total, childs))
        self._process.start()
        childs.close()

    def counts(self):
        """How many attempts had which outcome."""
        if not self._pipe.poll(support.DEADLINE):
            raise AssertionError('the flood says nothing')
        return self._pipe.recv()

    def stop(self):
        """Ends the attempts; what is open stays open until close()."""
        self._pipe.send('stop')

    def close(self):
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()


def _flood(path, total, pipe):
    resource.setrlimit(resource.RLIMIT_NOFILE, (total + 100, total + 100))
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)
    held = []
    for more in (lambda outcomes: outcomes.total() < total, lambda _: not pipe.poll()):
        outcomes = collections.Counter()
        while more(outcomes):
            outcomes[_attempt(path, held)] += 1
        pipe.send(dict(outcomes))
    pipe.recv()
    pipe.recv()  # until the parent closes its end, or this process


def _attempt(path, held):
    connection = support.connect(path)
    try:
        connection.sendall(b'{"cmd":"ping"}\n')
    except BrokenPipeError:
        pass  # refused already; the answer is there
    answer = b''
    while not answer.endswith((b'\n', b'\0')):
        received = connection.recv(4096)
        if not received:
            return 'silence'
        answer += received
    reply = json.loads(answer[:-1])
    if reply['status'] == 'OK':
        held.append(connection)
        return 'served'
    return f'{reply["error"]["code"]} {reply["error"].get("limit")}'

"""Drives udsd-exec as udsd does: a channel, packets, a caller's connection; and reads what it leaves behind.

A Host is one state directory with declarations and a listening socket for callers; a Run is one udsd-exec.
"""
import array
import hashlib
import json
import os
import pathlib
import select
import socket
import struct
import subprocess
import sys
import tempfile
import time

import support

KINDS = ('start', 'go', 'cancel', 'refused', 'accepted', 'started', 'grown', 'ended')
REASONS = {'request': 0, 'administrator': 1, 'deadline': 2, 'disconnected': 3}
STREAMS = ('stdout', 'stderr', 'progress', 'notice')


def program():
    return str(pathlib.Path(support.program('UDSD')).with_name('udsd-exec'))


def encode(kind, *fields):
    data = bytes([KINDS.index(kind)])
    for field in fields:
        field = field if isinstance(field, bytes) else str(field).encode()
        data += struct.pack('<I', len(field)) + field
    return data


def decode(packet):
    fields, at = [], 1
    while at < len(packet):
        size = struct.unpack_from('<I', packet, at)[0]
        fields.append(packet[at + 4:at + 4 + size].decode(errors='replace'))
        at += 4 + size
    return KINDS[packet[0]], fields


class Host:
    """A private instance. A context manager: its directory is removed at the end."""

    def __init__(self, declarations='', name='commands.toml'):
        self._directory = tempfile.TemporaryDirectory(prefix='uds-exec-')
        self.directory = pathlib.Path(self._directory.name)
        self.commands = self.directory / 'commands.d'
        self.commands.mkdir(mode=0o755)
        self.state = self.directory / 'state'
        self.file = self.commands / name
        self.declare(declarations)
        self.path = self.directory / 'uds.sock'
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(self.path))
        self.listener.listen()
        self.runs = []

    def declare(self, text):
        self.file.write_text(text, encoding='utf-8')
        self.file.chmod(0o644)

    @property
    def hash(self):
        return hashlib.sha256(self.file.read_bytes()).hexdigest()

    def connection(self):
        """A caller's end and the accepted end."""
        caller = support.connect(self.path)
        accepted, _ = self.listener.accept()
        return caller, accepted

    def run(self, command, arguments=None, **options):
        run = Run(self, command, arguments or {}, **options)
        self.runs.append(run)
        return run

    def audit(self):
        path = self.state / 'audit.log'
        text = path.read_text(encoding='utf-8') if path.exists() else ''
        return [json.loads(line) for line in text.split('\n') if line]

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for run in self.runs:
            if kind is not None and run.stderr:
                print(f'udsd-exec said:\n{run.stderr}', file=sys.stderr)
            run.close()
        self.listener.close()
        self._directory.cleanup()


class Run:
    def __init__(self, host, command, arguments, *, timeout=None, detach=False, queued=False, hash=None, stdin=None,
                 connection=None, before=(), request='"1"', private=True, options=()):
        self.host = host
        self.caller, accepted = (None, connection) if connection else host.connection()
        self.channel, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.channel.settimeout(support.DEADLINE)
        self._stderr = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            [*before, program(), *(['--private'] if private else []), '--commands-dir', str(host.commands),
             '--state-dir', str(host.state), *options],
            stdin=theirs, stdout=subprocess.DEVNULL, stderr=self._stderr)
        theirs.close()
        fields = [command, hash or host.hash, request, '' if timeout is None else int(timeout * 1000),
                  int(detach), int(queued)]
        for name, texts in sorted(arguments.items()):
            texts = texts if isinstance(texts, list) else [texts]
            fields += [name, len(texts), *texts]
        descriptors = [accepted.fileno()] + ([stdin] if stdin is not None else [])
        self.channel.sendmsg([encode('start', *fields)],
                             [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', descriptors))])
        accepted.close()
        self.seen = []
        self.id = None

    @property
    def stderr(self):
        self._stderr.seek(0)
        return self._stderr.read().decode(errors='replace')

    def send(self, kind, *fields):
        self.channel.send(encode(kind, *fields))

    def cancel(self, signal=15, reason='request'):
        self.send('cancel', REASONS[reason], signal, os.getuid())

    def packet(self):
        """The next packet as (kind, fields), or None at the end."""
        try:
            data = self.channel.recv(1 << 17)
        except ConnectionResetError:
            return None
        if not data:
            return None
        kind, fields = decode(data)
        self.seen.append(kind)
        if kind == 'accepted':
            self.id = fields[0]
        return kind, fields

    def until(self, kind):
        """Fields of the next packet of `kind`."""
        while True:
            packet = self.packet()
            if packet is None:
                raise AssertionError(f'no {kind}, only {self.seen}:\n{self.stderr}')
            if packet[0] == kind:
                return packet[1]

    def refused(self):
        """(code, message, rule), after which the process ends and nothing is left."""
        kind, fields = self.packet()
        if kind != 'refused':
            raise AssertionError(f'{kind} {fields} instead of a refusal')
        if self.packet() is not None:
            raise AssertionError('a packet after the refusal')
        return fields

    def finish(self):
        """The result, once udsd-exec has ended."""
        self.until('ended')
        self.wait()
        return self.result()

    def wait(self):
        return self.process.wait(support.DEADLINE)

    @property
    def directory(self):
        return self.host.state / 'runs' / self.id

    def result(self):
        return json.loads((self.directory / 'result.json').read_text(encoding='utf-8'))

    def facts(self):
        return json.loads((self.directory / 'facts').read_text(encoding='utf-8').splitlines()[0])

    def records(self):
        """(stream, bytes) of each whole record."""
        data = (self.directory / 'output').read_bytes()
        out, at = [], 0
        while at + 8 <= len(data):
            size, stream = struct.unpack_from('<IB', data, at)
            if at + 8 + size > len(data):
                break
            out.append((STREAMS[stream], data[at + 8:at + 8 + size]))
            at += 8 + size
        return out

    def output(self, stream='stdout'):
        return b''.join(data for kind, data in self.records() if kind == stream)

    def wait_output(self, text, stream='stdout'):
        """Waits until `text` is in the output."""
        if self.id is None:
            self.until('started')
        support.wait_until(lambda: text in self.output(stream), f'{text!r} in the output')

    def shim(self):
        """The pid of the shim: the child of the guardian."""
        def find():
            path = f'/proc/{self.process.pid}/task/{self.process.pid}/children'
            pids = pathlib.Path(path).read_text().split()
            return int(pids[0]) if pids else 0
        return support.wait_until(find, 'a shim')

    def close(self):
        self.channel.close()
        if self.caller:
            self.caller.close()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.terminate()
            self.wait()
        self._stderr.close()


class UnitCgroup:
    """A cgroup as an instance of udsd-exec@.service has one, for a test; skips it where none can be made."""

    def __init__(self, test):
        root = next((path for path in ('/sys/fs/cgroup/unified', '/sys/fs/cgroup')
                     if pathlib.Path(path, 'cgroup.procs').exists()), '')
        self.path = pathlib.Path(root, f'udsd-exec@{os.getpid()}.service')
        try:
            self.path.mkdir()
        except OSError:
            test.skipTest('no cgroup can be made here')
        test.addCleanup(self._remove)
        # Words that come before a command which is to be in it.
        self.before = ['sh', '-c', f'echo 0 > {self.path}/cgroup.procs && exec "$@"', 'sh']

    def members(self, name):
        return [int(pid) for pid in (self.path / name / 'cgroup.procs').read_text().split()]

    def _remove(self):
        for path in (self.path / 'run', self.path / 'supervisor', self.path):
            if path.exists():
                # A process that has ended is in its cgroup until it is waited for.
                support.wait_until(lambda path=path: self._try_rmdir(path), f'{path} to be empty')

    @staticmethod
    def _try_rmdir(path):
        try:
            path.rmdir()
        except OSError:
            return False
        return True


def readable(descriptor, seconds):
    return bool(select.select([descriptor], [], [], seconds)[0])


def now_ms():
    return int(time.time() * 1000)

"""What the integration tests and the golden runner share: a real udsd, a real udsctl, raw connections.

The programs come from the environment: UDSD and UDSCTL hold their paths, UDS_SANITIZED=1 says how they were built (CTest
sets them). Everything lives in a temporary directory that the test owns. Waiting is always for an event, up to
DEADLINE; nothing sleeps to be lucky.
"""
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

# Generous, since sanitized builds on a busy machine are slow. Reaching it is a failure, never part of a test.
DEADLINE = 60.0

# Whether the programs are built with sanitizers: they are slower then, and their memory says nothing.
SANITIZED = os.environ.get('UDS_SANITIZED') == '1'


def program(variable):
    path = os.environ.get(variable)
    if not path:
        raise RuntimeError(f'{variable} is not set: run the tests with ctest, or set it to the path of the program')
    return path


def require(available, what):
    """Skips the test when `what` is missing on this machine; fails it if UDS_REQUIRE_ALL=1 forbids skips."""
    if available:
        return
    print(f'skipped, this test needs: {what}', flush=True)
    if os.environ.get('UDS_REQUIRE_ALL') == '1':
        raise AssertionError(f'UDS_REQUIRE_ALL=1 and this test needs: {what}')
    raise unittest.SkipTest(f'this test needs: {what}')


class _CountingResult(unittest.TextTestResult):
    successes = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.successes += 1


def main():
    """Runs the tests of the calling script. Exit status 77 when everything was skipped, 1 on a failure."""
    runner = unittest.TextTestRunner(verbosity=2, resultclass=_CountingResult)
    result = unittest.main(module='__main__', exit=False, testRunner=runner).result
    if not result.wasSuccessful() or (result.successes == 0 and not result.skipped):
        sys.exit(1)
    sys.exit(0 if result.successes else 77)


def wait_until(condition, what, deadline=DEADLINE):
    """The first true value of `condition()`; fails naming `what` when the deadline passes."""
    end = time.monotonic() + deadline
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f'waited {deadline:.0f} s in vain for {what}')
        time.sleep(0.01)


def clean_environment(extra=None):
    """This process's environment without anything that would steer udsd or udsctl, plus `extra`."""
    steering = ('UDSD_', 'LISTEN_')
    names = ('UDS_SOCKET', 'NOTIFY_SOCKET', 'WATCHDOG_USEC', 'WATCHDOG_PID', 'JOURNAL_STREAM')
    kept = {key: value for key, value in os.environ.items()
            if not key.startswith(steering) and key not in names}
    return {**kept, **(extra or {})}


class Udsd:
    """A running udsd on a private socket. A context manager: at the end it is stopped and its directory removed."""

    def __init__(self, *arguments, socket_path=None, env=None, wait=True):
        self._directory = tempfile.TemporaryDirectory(prefix='uds-')
        self.directory = pathlib.Path(self._directory.name)
        self.socket = str(socket_path or self.directory / 'uds.sock')
        self.stderr_path = self.directory / 'udsd.stderr'
        with open(self.stderr_path, 'wb') as stderr:
            self.process = subprocess.Popen([program('UDSD'), '--socket', self.socket, *arguments],
                                            stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr,
                                            env=clean_environment(env))
        if wait:
            try:
                wait_until(self.accepts, f'udsd to accept on {self.socket}')
            except BaseException:
                self.close()
                raise

    @property
    def pid(self):
        return self.process.pid

    @property
    def stderr(self):
        return self.stderr_path.read_text(encoding='utf-8', errors='replace')

    def accepts(self):
        if self.process.poll() is not None:
            raise AssertionError(f'udsd ended with status {self.process.returncode}:\n{self.stderr}')
        return accepts(self.socket)

    def alive(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, deadline=DEADLINE):
        """The exit status, once udsd has ended."""
        try:
            return self.process.wait(deadline)
        except subprocess.TimeoutExpired:
            raise AssertionError(f'udsd did not end within {deadline:.0f} s:\n{self.stderr}') from None

    def stop(self):
        """Asks udsd to stop (SIGTERM) and returns its exit status. Harmless when it has ended already."""
        if self.alive():
            self.signal(signal.SIGTERM)
        return self.wait()

    def close(self):
        try:
            self.stop()
        finally:
            if self.alive():
                self.process.kill()
                self.process.wait()
            self._directory.cleanup()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        if kind is not None:
            print(f'udsd said:\n{self.stderr}', file=sys.stderr)
        self.close()


def udsctl(*arguments, input=None, env=None, timeout=DEADLINE):
    """Runs udsctl to its end. Standard output and error are text; bytes as `input` are decoded."""
    if isinstance(input, bytes):
        input = input.decode('utf-8', errors='surrogateescape')
    stdin = {'stdin': subprocess.DEVNULL} if input is None else {'input': input}
    return subprocess.run([program('UDSCTL'), *arguments], capture_output=True, encoding='utf-8',
                          errors='surrogateescape', env=clean_environment(env), timeout=timeout, check=False, **stdin)


def connect(path, timeout=DEADLINE):
    """A connected stream socket whose every operation fails after `timeout` seconds."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # Where the backlog is full a blocking connect waits, for the time of SO_SNDTIMEO; settimeout() would make it fail.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack('ll', max(1, int(timeout)), 0))
    try:
        connection.connect(str(path))
        connection.settimeout(timeout)
    except BaseException:
        connection.close()
        raise
    return connection


def accepts(path):
    """Whether somebody accepts connections at `path`."""
    try:
        connect(path).close()
        return True
    except (FileNotFoundError, ConnectionRefusedError):
        return False


def peer_pid(connection):
    """The pid of the process that listens at the other end, as the kernel knows it."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize('3i'))
    return struct.unpack('3i', credentials)[0]


class Wire:
    """A raw connection that is read frame by frame. A context manager."""

    def __init__(self, path, terminator=b'\n', timeout=DEADLINE):
        self.socket = connect(path, timeout)
        self.terminator = terminator
        self._buffer = b''

    def send(self, data):
        """Sends bytes as they are, or an object as JSON with the terminator."""
        if not isinstance(data, bytes):
            data = json.dumps(data).encode() + self.terminator
        self.socket.sendall(data)

    def half_close(self):
        self.socket.shutdown(socket.SHUT_WR)

    def frame(self):
        """The next frame without its terminator, or None at end of file. Fails if the file ends within a frame."""
        while self.terminator not in self._buffer:
            received = self._receive()
            if not received:
                if self._buffer:
                    raise AssertionError(f'the connection ended within a frame: {self._buffer!r}')
                return None
            self._buffer += received
        frame, self._buffer = self._buffer.split(self.terminator, 1)
        return frame

    def receive(self):
        """The next response as an object, or None at end of file."""
        frame = self.frame()
        return None if frame is None else json.loads(frame)

    def final(self):
        """The next response that is not PROCESSING."""
        while True:
            response = self.receive()
            if response is None:
                raise AssertionError('the connection ended before a final response')
            if response['status'] != 'PROCESSING':
                return response

    def rest(self):
        """Everything until end of file, as bytes."""
        while True:
            received = self._receive()
            if not received:
                rest, self._buffer = self._buffer, b''
                return rest
            self._buffer += received

    def _receive(self):
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            return b''

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        self.close()

"""What a ping costs udsd in instructions and system calls, counted by callgrind and strace: no clock is asked.

A cost is the difference of two runs of a udsd of their own that differ only in the number of pings. The tools change
the speed of udsd, so what depends on who is faster (how many of many clients it finds ready at once) is only roughly
what it would be.
"""
import collections
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

DEADLINE = 60.0
PING = b'{"id":"42","cmd":"ping"}\n'
# What a request alone does not need: timers, changes of what is watched, and other threads.
OVERHEAD = ('timerfd_settime', 'epoll_ctl', 'futex')


def have(tool):
    return shutil.which({'callgrind': 'valgrind'}.get(tool, tool)) is not None


def collected(log):
    """The instructions that callgrind says it has seen."""
    return int(re.search(r'Collected : (\d+)', pathlib.Path(log).read_text())[1])


def callgrind(log):
    return ['valgrind', '--tool=callgrind', '--callgrind-out-file=/dev/null', f'--log-file={log}']


class Counts:
    """Counts what the udsd at `program` does. `environment`: the whole environment it gets."""

    def __init__(self, program, environment=None):
        self.program, self.environment = str(program), environment

    def instructions(self, at_once=1, few=100, many=1100):
        """Of one ping of a client that sends so many `at_once`."""
        def run(rounds):
            with tempfile.TemporaryDirectory(prefix='uds-count-') as directory:
                log = pathlib.Path(directory, 'log')
                self._run(callgrind(log), directory, rounds, at_once, 1)
                return collected(log)
        return (run(many) - run(few)) / ((many - few) * at_once)

    def system_calls(self, clients=1, few=50, many=550):
        """Of one ping, where each of so many `clients` has one under way: how many of each name."""
        def run(rounds):
            with tempfile.TemporaryDirectory(prefix='uds-count-') as directory:
                log = pathlib.Path(directory, 'log')
                self._run(['strace', '--follow-forks', '--quiet=all', f'--output={log}'], directory, rounds, 1, clients)
                # A call that another thread interrupts has a second line, which begins with "<... ".
                return collections.Counter(re.findall(r'^\d+ +(\w+)\(', log.read_text(), re.M))
        more = run(many)
        more.subtract(run(few))
        return {name: count / ((many - few) * clients) for name, count in more.items() if count}

    def _run(self, tool, directory, rounds, at_once, clients):
        """Runs udsd under `tool`; so many `clients` send `rounds` times so many pings at once; stops it."""
        path = os.path.join(directory, 'socket')
        process = subprocess.Popen([*tool, self.program, '--socket', path], stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=self.environment)
        try:
            connections = [self._connect(path, process) for _ in range(clients)]
            for _ in range(rounds):
                for connection in connections:
                    connection.sendall(PING * at_once)
                for connection in connections:
                    receive_lines(connection, at_once)
            # Of the tool and udsd, udsd is the one that listens.
            os.kill(peer_pid(connections[0]), signal.SIGTERM)
            for connection in connections:
                connection.close()
            if process.wait(DEADLINE) != 0:
                raise RuntimeError(f'udsd under {tool[0]} ended with {process.returncode}')
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()

    @staticmethod
    def _connect(path, process):
        end = time.monotonic() + DEADLINE
        while True:
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(DEADLINE)
            try:
                connection.connect(path)
                return connection
            except OSError:
                connection.close()
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError('udsd does not start under the tool that counts')
            time.sleep(0.01)


def overhead(calls):
    """How many of `calls` are none that a request needs."""
    return sum(calls.get(name, 0) for name in OVERHEAD)


def peer_pid(connection):
    """The pid of the process that listens at the other end."""
    return int.from_bytes(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 4), 'little')


def receive_lines(connection, count):
    """Takes so many lines, each of which says pong."""
    received = b''
    while received.count(b'\n') < count:
        piece = connection.recv(65536)
        if not piece:
            raise RuntimeError('udsd has closed the connection')
        received += piece
    if received.count(b'pong') != count:
        raise RuntimeError(f'udsd does not answer a ping with pong: {received[:200]!r}')

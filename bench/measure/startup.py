"""Whole processes: how long `udsctl ping` takes beside the least such client, and udsd until it answers."""
import os
import pathlib
import signal
import socket
import statistics
import subprocess
import tempfile
import time

from . import counts, ours

# Starts of udsctl for one of udsd, which takes longer.
PAIRS_PER_START = 8


def run_whole(command, out):
    """Microseconds from before the start of a process until it has ended."""
    actions = [(os.POSIX_SPAWN_DUP2, out, 1)]
    begin = time.perf_counter()
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    status = os.waitpid(pid, 0)[1]
    took = time.perf_counter() - begin
    if status != 0:
        raise SystemExit(f'bench: {" ".join(command)} fails')
    return took * 1e6


class Startup:
    """Starts clients of `server`, a running udsd."""

    def __init__(self, bench, server, starts):
        self.bench, self.starts = bench, starts
        self.udsctl = [str(bench.build / 'cli/udsctl'), '--socket', server.address, 'ping']
        self.least = [str(bench.build / 'bench/uds-ping-static'), server.address]

    def round(self):
        """The medians of one round, in microseconds. The clients take turns, on the core of the servers."""
        before = os.sched_getaffinity(0)
        os.sched_setaffinity(0, {self.bench.core})
        try:
            with open(os.devnull, 'wb') as out:
                pairs = [(run_whole(self.udsctl, out.fileno()), run_whole(self.least, out.fileno()))
                         for _ in range(PAIRS_PER_START * self.starts)]
        finally:
            os.sched_setaffinity(0, before)
        ours_us, least_us = map(statistics.median, zip(*pairs))
        first = statistics.median(self._first_answer() for _ in range(self.starts))
        return {'udsctl_us': ours_us, 'least_us': least_us, 'udsd_us': first}

    def instructions(self):
        """Of one `udsctl ping` in user space, the loading of its libraries included."""
        with tempfile.TemporaryDirectory(prefix='uds-count-') as directory:
            log = pathlib.Path(directory, 'log')
            subprocess.run([*counts.callgrind(log), *self.udsctl], stdout=subprocess.DEVNULL, check=True)
            return counts.collected(log)

    def _first_answer(self):
        """Microseconds from the start of a udsd until it has answered a ping."""
        path = str(self.bench.directory / 'start.sock')
        command = [str(self.bench.build / 'daemon/udsd'), '--socket', path, '--log-level', 'off']
        begin = time.perf_counter()
        pid = os.posix_spawn(command[0], command, os.environ)
        try:
            while True:
                with socket.socket(socket.AF_UNIX) as connection:
                    try:
                        connection.connect(path)
                    except OSError:
                        time.sleep(0.0001)
                        continue
                    connection.sendall(ours.PING)
                    if not connection.recv(4096):
                        raise SystemExit('bench: udsd does not answer its first client')
                    return (time.perf_counter() - begin) * 1e6
        finally:
            os.kill(pid, signal.SIGTERM)
            os.waitpid(pid, 0)

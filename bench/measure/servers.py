"""Servers that run for a measurement, each pinned to the core of the measurement, and the clients that ask them."""
import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import tempfile
import time

DEADLINE = 60.0


class NotServing(Exception):
    """A server that does not start, or does not answer."""


class Server:
    """A running server. `takes`: the names of the loads that it is asked. `requests`: by kind, the bytes that are sent
    and the number of lines that answer them. `client`: the command that puts load on it."""

    def __init__(self, name, client, address, takes, requests=None):
        self.name, self.client, self.address, self.takes = name, client, str(address), takes
        self.requests = requests or {}
        self.processes = []

    def spawn(self, command, path, **more):
        """Starts one of its processes, and waits until somebody accepts at `path`."""
        process = subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, **more)
        self.processes.append(process)
        end = time.monotonic() + DEADLINE
        while not accepts(path):
            if process.poll() is not None or time.monotonic() > end:
                raise NotServing(f'it does not start: {" ".join(map(str, command))}')
            time.sleep(0.01)

    def wait_for_answer(self):
        """Waits until its own client gets answers."""
        probe = [*map(str, self.client), '--socket', self.address, '--seconds', '0']
        end = time.monotonic() + DEADLINE
        while subprocess.run(probe, stdin=subprocess.DEVNULL, capture_output=True, timeout=DEADLINE,
                             check=False).returncode != 0:
            if time.monotonic() > end:
                raise NotServing('it does not answer')
            time.sleep(0.01)

    def pids(self):
        return [process.pid for process in self.processes]

    def rss(self):
        """The bytes of memory of its first process."""
        status = pathlib.Path(f'/proc/{self.processes[0].pid}/status').read_text()
        return int(status.split('VmRSS:')[1].split()[0]) * 1024

    def stop(self):
        for process in reversed(self.processes):
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def accepts(path):
    with socket.socket(socket.AF_UNIX) as probe:
        try:
            probe.connect(str(path))
            return True
        except OSError:
            return False


def ask(path, request):
    """The line that answers `request`."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(DEADLINE)
        connection.connect(str(path))
        connection.sendall(request)
        with connection.makefile('rb') as lines:
            return lines.readline()


class Bench:
    """The servers, their directory, and the cores. A context manager: at its end all are stopped."""

    def __init__(self, build, seconds, core):
        self.build, self.seconds, self.core = build, seconds, core
        # More open files than a shell usually allows; the children inherit it.
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        self.other_core = next(iter(sorted(os.sched_getaffinity(0) - {core})), None)
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='uds-bench-'))
        self.servers = []

    def pinned(self, command, core=None):
        return ['taskset', '-c', str(self.core if core is None else core), *map(str, command)]

    def add(self, server):
        self.servers.append(server)
        return server

    def drop(self, server):
        self.servers.remove(server)
        server.stop()

    def __getitem__(self, name):
        return next(server for server in self.servers if server.name == name)

    def ask(self, server, load):
        """One measurement, or None where there is none to make."""
        if load.name not in server.takes or (load.own_core and self.other_core is None):
            return None
        request, lines = server.requests.get(load.request, (b'', 1))
        # A batch process does not take the processor from a server that is at work (sched(7)).
        command = ['chrt', '--batch', 0, *server.client, '--socket', server.address,
                   '--servers', ','.join(map(str, server.pids())), '--seconds', self.seconds, '--lines', lines,
                   *load.options]
        done = subprocess.run(self.pinned(command, self.other_core if load.own_core else None), input=request,
                              stdout=subprocess.PIPE, check=True, timeout=DEADLINE + 10 * self.seconds)
        result = json.loads(done.stdout)
        result['bytes_per_s'] = result['bytes'] / result['seconds']
        result['lines_per_s'] = result['rate'] * lines
        return result

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        for server in self.servers:
            server.stop()
        shutil.rmtree(self.directory, ignore_errors=True)

#!/usr/bin/env python3
"""Measures runs of declared commands. Called by scripts/bench.sh --runs.

- A run of /bin/true through udsctl beside the sum of what cannot be left out: `udsctl ping`, a start of udsd-exec, a fork
  and exec of /bin/true, and the syncs of the audit records and of the result. All take their turn, again and again.
- The output of a command at one watcher beside `cat | cat` of the same bytes, both to /dev/null, the spool on a tmpfs.
- The memory of udsd while many watch one run, beside what it needs for one watcher.

Numbers are minimum / median / maximum of the rounds.
"""
import concurrent.futures
import contextlib
import json
import os
import pathlib
import pwd
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from measure.parser import Parser
from measure.report import three
from measure.servers import NotServing, Server
from measure.startup import run_whole

USER = pwd.getpwuid(os.geteuid()).pw_name
TMPFS = pathlib.Path('/dev/shm')


def declaration(name, words, more=''):
    return (f'[command."{name}"]\nsummary = "measured"\nexec = {json.dumps(words)}\nuser = "{USER}"\ntimeout = "10m"\n'
            f'admins = true\nkeep = {{ total = "1KiB" }}\n{more}\n')


@contextlib.contextmanager
def udsd(build, place, commands):
    """A private udsd with `commands`, whose runs are kept below `place`; gives its Server."""
    with contextlib.ExitStack() as stack:
        directory = pathlib.Path(tempfile.mkdtemp(prefix='uds-bench-', dir=place))
        stack.callback(shutil.rmtree, directory, ignore_errors=True)
        declared = directory / 'commands'
        declared.mkdir(mode=0o755)
        (declared / 'bench.toml').write_text(commands)
        (declared / 'bench.toml').chmod(0o644)
        server = Server('udsd', [], str(directory / 'uds.sock'), ())
        stack.callback(server.stop)
        server.spawn([build / 'daemon/udsd', '--socket', server.address, '--commands-dir', declared, '--state-dir',
                      directory / 'state', '--log-level', 'warn'], server.address)
        yield server


def sync_audit_and_result(directory):
    """What udsd-exec makes durable: a record before and one after, and a result that appears whole."""
    audit = os.open(directory / 'audit', os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for _ in range(2):
        os.write(audit, b'x' * 600 + b'\n')
        os.fdatasync(audit)
    result = os.open(directory / 'result.new', os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.write(result, b'x' * 300)
    os.fsync(result)
    os.rename(directory / 'result.new', directory / 'result')
    folder = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    for descriptor in (audit, result, folder):
        os.close(descriptor)


def timed_syncs(directory):
    """Microseconds."""
    begin = time.perf_counter()
    sync_audit_and_result(directory)
    return (time.perf_counter() - begin) * 1e6


def short_run(build, rounds, repeats):
    """A list of {part: µs} of the rounds: medians of `repeats` turns each. The runs are kept on the disk of `build`."""
    results = []
    with udsd(build, build, declaration('bench.true', ['/bin/true'])) as server, open(os.devnull, 'wb') as out, \
            tempfile.TemporaryDirectory(dir=build) as directory:
        udsctl = [str(build / 'cli/udsctl'), '--socket', server.address]
        parts = {
            'run': lambda: run_whole([*udsctl, 'run', 'bench.true'], out.fileno()),
            'udsctl ping': lambda: run_whole([*udsctl, 'ping'], out.fileno()),
            'udsd-exec': lambda: run_whole([str(build / 'daemon/udsd-exec'), '--version'], out.fileno()),
            '/bin/true': lambda: run_whole(['/bin/true'], out.fileno()),
            'syncs': lambda: timed_syncs(pathlib.Path(directory)),
        }
        for _ in range(rounds):
            turns = [{name: part() for name, part in parts.items()} for _ in range(repeats)]
            results.append({name: statistics.median(turn[name] for turn in turns) for name in parts})
    return results


def throughput(build, rounds, size):
    """The ratios of the rounds, by the kind of bytes: the time of `cat | cat` to that of a run."""
    ratios = {}
    with tempfile.TemporaryDirectory(dir=TMPFS) as directory:
        files = {'text': pathlib.Path(directory, 'text'), 'random bytes': pathlib.Path(directory, 'random')}
        line = b''.join(b'%07d a line of a log, with some text behind its number\n' % n for n in range(10_000))
        files['text'].write_bytes((line * (size // len(line) + 1))[:size])
        files['random bytes'].write_bytes(os.urandom(size))
        for kind, file in files.items():
            commands = declaration('bench.cat', ['/bin/cat', str(file)], 'output = { max = "2GiB" }')
            with udsd(build, TMPFS, commands) as server, open(os.devnull, 'wb') as out:
                run = [str(build / 'cli/udsctl'), '--socket', server.address, 'run', 'bench.cat']
                pipe = ['/bin/sh', '-c', 'cat "$0" | cat', str(file)]
                pairs = [(run_whole(pipe, out.fileno()), run_whole(run, out.fileno())) for _ in range(rounds)]
            ratios[kind] = [least / ours for least, ours in pairs]
    return ratios


def read_to_end(connection, first, slow):
    """Reads until the final response has come. One that is slow waits before, so that its queue is full."""
    if slow:
        slow.wait()
    tail = first
    with connection:
        while b'"status":"OK"' not in tail:
            data = connection.recv(1 << 16)
            if not data or b'"status":"ERROR"' in tail:
                raise NotServing('udsd left a watcher')
            tail = (tail + data)[-4096:]


def memory(build, watchers, size):
    """KiB that udsd has grown by at most, beside what it had before, while so many watch a run of `size` bytes."""
    with tempfile.TemporaryDirectory(dir=TMPFS) as directory:
        file = pathlib.Path(directory, 'file')
        file.write_bytes(os.urandom(size))
        commands = declaration('bench.cat', ['/bin/cat', str(file)], 'output = { max = "2GiB" }')
        with udsd(build, TMPFS, commands) as server:
            before = peak_kib(server)
            run = subprocess.run([build / 'cli/udsctl', '--socket', server.address, 'run', '--detach', 'bench.cat'],
                                 check=True, stdout=subprocess.PIPE, text=True).stdout.strip()
            request = json.dumps({'cmd': 'run.attach', 'args': {'run': run}}).encode() + b'\n'
            held = threading.Event()
            with concurrent.futures.ThreadPoolExecutor(watchers) as pool:
                reads = []
                for number in range(watchers):
                    connection = socket.socket(socket.AF_UNIX)
                    connection.connect(server.address)
                    connection.sendall(request)
                    # Every second one reads nothing until all others are done.
                    reads.append(pool.submit(read_to_end, connection, connection.recv(1), held if number % 2 else None))
                concurrent.futures.wait(reads[::2])
                held.set()
                for each in reads:
                    each.result()
            return peak_kib(server) - before


def peak_kib(server):
    for line in pathlib.Path(f'/proc/{server.pids()[0]}/status').read_text().splitlines():
        if line.startswith('VmHWM:'):
            return int(line.split()[1])
    raise SystemExit('bench: the kernel tells no peak')


def main():
    parser = Parser(prog='scripts/bench.sh --runs', description='Measures runs of declared commands.')
    parser.add_argument('build', type=pathlib.Path, help='a build folder (scripts/bench.sh gives it)')
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--repeats', type=int, default=15, help='short runs in each round')
    parser.add_argument('--megabytes', type=int, default=200, help='of output')
    options = parser.parse_args()
    build = options.build.resolve()
    size = options.megabytes * 1_000_000

    short = short_run(build, options.rounds, options.repeats)
    print('| part of a run of /bin/true | µs |\n|---|---|')
    for name in short[0]:
        print(f'| {name} | {three([each[name] for each in short])} |')
    ratios = [each['run'] / sum(value for name, value in each.items() if name != 'run') for each in short]
    print(f'\nA run takes {three(ratios)} times the sum of the parts.\n')
    for kind, found in throughput(build, options.rounds, size).items():
        print(f'{options.megabytes} MB of {kind}: {three(found)} of the speed of `cat | cat`.')
    for watchers in (1, 50):
        print(f'udsd grew by {memory(build, watchers, size)} KiB with {watchers} at a run of {options.megabytes} MB.')


if __name__ == '__main__':
    # So that the servers are stopped.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        main()
    except NotServing as failure:
        sys.exit(f'bench: {failure}')

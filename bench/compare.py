#!/usr/bin/env python3
"""Runs servers and loads in turn, round after round, and prints how udsd compares. Called by scripts/bench.sh.

Every round measures every server with every load, one after the other on the same core, so that what disturbs the
machine disturbs all. A ratio compares two measurements of the same round; the table gives minimum, median and maximum
of the ratios of all rounds. Absolute numbers are the best of all rounds.
"""
import argparse
import json
import os
import pathlib
import platform
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

PING = b'{"id":"42","cmd":"ping"}\n'
PONG_BYTES = len('{"id":"42","status":"OK","message":"pong","seq":1}\n')
BIG = b'{"id":"42","cmd":"echo","args":{"v":"' + b'x' * ((1 << 20) - 64) + b'"}}\n'
IDLE_CONNECTIONS = 5000


class Load:
    """`better` says which of the results is compared: the time of one request, or how many there are in a second."""

    def __init__(self, name, what, connections=1, outstanding=1, reconnect=False, big=False, better='rate'):
        self.name, self.what, self.better = name, what, better
        self.connections, self.outstanding, self.reconnect, self.big = connections, outstanding, reconnect, big


LOADS = [
    Load('pp', 'one client, one request at a time', better='p50_us'),
    Load('c64', '64 clients, one request each', connections=64),
    Load('c1024', '1 024 clients, one request each', connections=1024),
    Load('p64', 'one client, 64 requests under way', outstanding=64),
    Load('connect', 'connect, ping, close', reconnect=True),
    Load('big', '1 MiB there and back', big=True, better='p50_us'),
]


class Server:
    """A running server, pinned to the core of the measurement."""

    def __init__(self, name, path, command, ping=PING, lines=1, big=None):
        self.name, self.path, self.ping, self.lines, self.big = name, path, ping, lines, big
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        for _ in range(1000):
            if self.accepts():
                return
            time.sleep(0.01)
        raise SystemExit(f'bench: {name} does not start: {" ".join(map(str, command))}')

    def accepts(self):
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(str(self.path))
                return True
            except OSError:
                return False

    def rss(self):
        status = pathlib.Path(f'/proc/{self.process.pid}/status').read_text()
        return int(status.split('VmRSS:')[1].split()[0]) * 1024

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


class Bench:
    def __init__(self, build, options):
        self.build, self.options = build, options
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix='uds-bench-'))
        self.servers = []

    def pinned(self, *command):
        return ['taskset', '-c', str(self.options.core), *map(str, command)]

    def start(self, name, *command, path=None, **more):
        path = path or self.directory / f'{name}.sock'
        self.servers.append(Server(name, path, self.pinned(*command), **more))

    def start_all(self):
        echo = self.build / 'bench/uds-raw-echo'
        for kind in ('epoll', 'blocking'):
            self.start(f'raw-{kind}', echo, self.directory / f'raw-{kind}.sock', kind, PONG_BYTES)
        # What gives back what it got: the limit for large messages.
        self.start('raw-big', echo, self.directory / 'raw-big.sock', 'epoll', 0, ping=None, big=BIG)
        self.start('udsd', self.build / 'daemon/udsd', '--socket', self.directory / 'udsd.sock', big=BIG)
        if self.options.peers:
            if shutil.which('redis-server'):
                self.start('redis', 'redis-server', '--port', 0, '--save', '', '--unixsocket',
                           self.directory / 'redis.sock', lines=2,
                           ping=b'*2\r\n$4\r\nECHO\r\n$%d\r\n%s\r\n' % (PONG_BYTES, b'x' * PONG_BYTES))
            else:
                print('bench: redis-server is not installed, so it is left out', file=sys.stderr)

    def measure(self, server, load):
        request = server.big if load.big else server.ping
        if request is None or (server.name == 'raw-blocking' and load.connections > 1):
            return None
        command = [self.build / 'bench/uds-bench', server.path, server.process.pid, self.options.seconds,
                   load.connections, load.outstanding, 1 if load.big else server.lines]
        if load.reconnect:
            command.append('reconnect')
        done = subprocess.run(self.pinned(*command), input=request, capture_output=True, check=True)
        return json.loads(done.stdout)

    def run(self):
        """results[load][server]: one measurement a round."""
        results = {load.name: {server.name: [] for server in self.servers} for load in LOADS}
        for number in range(self.options.rounds):
            order = self.servers[number % len(self.servers):] + self.servers[:number % len(self.servers)]
            for load in LOADS:
                for server in order:
                    results[load.name][server.name].append(self.measure(server, load))
            print(f'bench: round {number + 1} of {self.options.rounds} is done', file=sys.stderr)
        return results

    def idle_bytes(self):
        """What an idle connection that has sent one ping costs udsd, in bytes of memory."""
        server = next(each for each in self.servers if each.name == 'udsd')
        before = server.rss()
        connections = []
        for _ in range(IDLE_CONNECTIONS):
            connection = socket.socket(socket.AF_UNIX)
            connection.connect(str(server.path))
            connection.sendall(PING)
            connection.recv(4096)
            connections.append(connection)
        grown = server.rss() - before
        for connection in connections:
            connection.close()
        return grown / IDLE_CONNECTIONS

    def stop(self):
        for server in self.servers:
            server.stop()
        shutil.rmtree(self.directory)


def ratios(load, these, those):
    """How many times as good as `those` each of `these` is: above 1 is faster."""
    pairs = [(a[load.better], b[load.better]) for a, b in zip(these, those) if a and b]
    return [b / a if load.better == 'p50_us' else a / b for a, b in pairs]


def three(values):
    return f'{min(values):.2f} / **{statistics.median(values):.2f}** / {max(values):.2f}'


def report(results, idle, options):
    """The Markdown, and what the plot shows: (label, minimum, median, maximum)."""
    names = [name for name in ('raw-epoll', 'raw-blocking', 'redis') if name in results['pp']]
    lines = ['Speed of udsd relative to each server: minimum / **median** / maximum of the rounds. Above 1, udsd is '
             'faster.', '', '| load | what it is | ' + ' | '.join(names) + ' |', '|---|---|' + '---|' * len(names)]
    bars = []
    for load in LOADS:
        cells = []
        for name in names:
            other = 'raw-big' if load.big and name == 'raw-epoll' else name
            found = ratios(load, results[load.name]['udsd'], results[load.name][other])
            cells.append(three(found) if found else '–')
            if found:
                bars.append((f'{load.name} : {name}', min(found), statistics.median(found), max(found)))
        lines.append(f'| {load.name} | {load.what} | ' + ' | '.join(cells) + ' |')
    lines += ['', 'The best round of udsd, in absolute numbers of this machine:', '',
              '| load | requests/s | p50 µs | p99 µs | p99.9 µs | CPU µs a request | of raw epoll |',
              '|---|---|---|---|---|---|---|']
    for load in LOADS:
        best = max(results[load.name]['udsd'], key=lambda run: run['rate'])
        raw = [run for run in results[load.name]['raw-big' if load.big else 'raw-epoll'] if run]
        cpu = best['server_cpu_us'] / min(run['server_cpu_us'] for run in raw)
        lines.append(f'| {load.name} | {best["rate"]:,.0f} | {best["p50_us"]:.1f} | {best["p99_us"]:.1f} | '
                     f'{best["p999_us"]:.1f} | {best["server_cpu_us"]:.2f} | {cpu:.2f} |')
    lines += ['', f'An idle connection that has sent one ping costs udsd {idle / 1024:.1f} KiB '
              f'({IDLE_CONNECTIONS:,} connections).', '',
              f'Measured with `scripts/bench.sh`, {options.rounds} rounds of {options.seconds} s a load, client and '
              f'server on one core of {os.cpu_count()}, {platform.machine()}, Linux {platform.release()}.']
    return '\n'.join(lines), bars


def plot(bars):
    """An SVG: a dot for the median, a line from minimum to maximum, 1.0 marked."""
    height, left, width = 22, 170, 640
    scale = (width - left - 20) / max(bar[3] for bar in bars)
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height * len(bars) + 40}" '
           'font-family="sans-serif" font-size="12">',
           f'<rect width="{width}" height="{height * len(bars) + 40}" fill="white"/>',
           '<text x="8" y="16">Speed of udsd relative to others (1 = as fast; median, and range of all rounds)</text>',
           f'<line x1="{left + scale:.1f}" x2="{left + scale:.1f}" y1="24" y2="{height * len(bars) + 32}" stroke="#999" '
           'stroke-dasharray="4"/>']
    for row, (label, least, median, most) in enumerate(bars):
        y = 24 + height * row + height / 2
        out.append(f'<text x="8" y="{y + 4:.1f}">{label}</text>'
                   f'<line x1="{left + least * scale:.1f}" x2="{left + most * scale:.1f}" y1="{y:.1f}" y2="{y:.1f}" '
                   'stroke="#36c" stroke-width="3"/>'
                   f'<circle cx="{left + median * scale:.1f}" cy="{y:.1f}" r="5" fill="#124"/>')
    return '\n'.join(out + ['</svg>', ''])


def write(text, bars):
    docs = pathlib.Path(__file__).resolve().parent.parent / 'docs'
    page = docs / 'performance.md'
    begin, end = '<!-- measured: begin -->', '<!-- measured: end -->'
    before, rest = page.read_text().split(begin)
    page.write_text(before + begin + '\n' + text + '\n' + end + rest.split(end)[1])
    (docs / 'performance.svg').write_text(plot(bars))


def main():
    parser = argparse.ArgumentParser(prog='scripts/bench.sh', description='Compares udsd with other servers.')
    parser.add_argument('build', type=pathlib.Path, help='a build folder (scripts/bench.sh gives it)')
    parser.add_argument('--peers', action='store_true', help='also other servers, where they are installed')
    parser.add_argument('--write', action='store_true', help='put the result into docs/')
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--seconds', type=float, default=0.5, help='of each load in each round')
    parser.add_argument('--core', type=int, default=0, help='that all run on')
    options = parser.parse_args()
    bench = Bench(options.build.resolve(), options)
    try:
        bench.start_all()
        results = bench.run()
        idle = bench.idle_bytes()
    finally:
        bench.stop()
    text, bars = report(results, idle, options)
    print(text)
    if options.write:
        write(text, bars)


if __name__ == '__main__':
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)

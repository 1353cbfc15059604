#!/usr/bin/env python3
"""Runs servers and loads in turn, round after round, and prints how udsd compares. Called by scripts/bench.sh.

Every round measures every server with every load, one after the other on the same core, so that what disturbs the
machine disturbs all. A ratio compares two measurements of the same round; the tables give minimum, median and maximum
of the ratios of all rounds. Absolute numbers are the best of all rounds. Goals that are missed are printed, and no
failure: this measures.
"""
import pathlib
import signal
import sys

from measure import figures, idle, ours, peers, plot, report
from measure.loads import LOADS
from measure.parser import Parser
from measure.servers import Bench, NotServing
from measure.startup import Startup


def say(text):
    print(f'bench: {text}', file=sys.stderr, flush=True)


def run(bench, startup, rounds):
    """results[load][server], and what the starts took: one measurement a round."""
    results = {load.name: {server.name: [] for server in bench.servers} for load in LOADS}
    starts = []
    for number in range(rounds):
        first = number % len(bench.servers)
        for load in LOADS:
            for server in bench.servers[first:] + bench.servers[:first]:
                results[load.name][server.name].append(bench.ask(server, load))
        starts.append(startup.round())
        say(f'round {number + 1} of {rounds} is done')
    return results, starts


def write(text, picture):
    docs = pathlib.Path(__file__).resolve().parent.parent / 'docs'
    page = docs / 'performance.md'
    page.write_text(report.replace_measured(page.read_text(), text))
    (docs / 'performance.svg').write_text(picture)


def main():
    parser = Parser(prog='scripts/bench.sh', description='Compares udsd with other servers.')
    parser.add_argument('build', type=pathlib.Path, help='a build folder (scripts/bench.sh gives it)')
    parser.add_argument('--peers', action='store_true', help='also other servers, where they are installed')
    parser.add_argument('--write', action='store_true', help='put the result into docs/')
    parser.add_argument('--rounds', type=int, default=7)
    parser.add_argument('--seconds', type=float, default=0.5, help='of each load in each round')
    parser.add_argument('--core', type=int, default=0, help='that all run on')
    parser.add_argument('--stream', type=int, default=1_000_000, help='PROCESSING of a stream, at most')
    parser.add_argument('--idle', type=int, default=10_000, help='idle connections')
    parser.add_argument('--starts', type=int, default=5, help='of udsd in each round')
    parser.add_argument('--no-counts', action='store_true', help='count no instructions and system calls')
    options = parser.parse_args()
    with Bench(options.build.resolve(), options.seconds, options.core) as bench:
        stream = ours.start(bench, options.stream)
        if options.peers:
            peers.start(bench)
        silent = idle.Idle(bench, options.idle)
        startup = Startup(bench, bench['udsd'], options.starts)
        counted = {} if options.no_counts else figures.count(bench.build / 'daemon/udsd', startup)
        results, starts = run(bench, startup, options.rounds)
    found = figures.figures(results, starts, silent, counted)
    text = report.report(results, found, options, stream, silent)
    print(text)
    if options.write:
        write(text, plot.plot(report.bars(found, results)))


if __name__ == '__main__':
    # So that the servers are stopped.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
    except NotServing as failure:
        sys.exit(f'bench: {failure}')

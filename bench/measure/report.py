"""The Markdown that scripts/bench.sh prints, and puts into docs/performance.md between its markers."""
import os
import pathlib
import platform

from .figures import LIMIT_OF, columns, median
from .goals import GOALS
from .loads import CLIENTS, LOADS, SPIN_US

BEGIN, END = '<!-- measured: begin -->', '<!-- measured: end -->'
NOTHING = '–'
# Loads with a table of their own.
ELSEWHERE = {'pp-wait', 'pp-spin', *(f'c{count}' for count in CLIENTS if count not in (64, 1024))}
TABLE = [load for load in LOADS if load.name not in ELSEWHERE]


def number(value):
    """With about three digits that say something, and all that stand before the point."""
    if value == round(value) or abs(value) >= 1000:
        return f'{value:,.0f}'
    if abs(value) < 0.1:
        return f'{value:.2g}'
    return f'{value:.1f}' if abs(value) >= 100 else f'{value:.2f}'


def three(values):
    """Minimum, median and maximum of the rounds; one value if there was one round."""
    if not values:
        return NOTHING
    if len(values) == 1:
        return f'**{number(values[0])}**'
    return f'{number(min(values))} / **{number(median(values))}** / {number(max(values))}'


def table(head, rows):
    return ['| ' + ' | '.join(head) + ' |', '|' + '---|' * len(head),
            *('| ' + ' | '.join(row) + ' |' for row in rows), '']


def relative(results, figures):
    names = columns(results)
    rows = [[load.name, load.what, *(three(figures.get(f'speed {load.name} {name}', [])) for name in names)]
            for load in TABLE]
    return ['Speed of udsd relative to each server: minimum / **median** / maximum of the rounds. Above 1, udsd is '
            'faster.', '', *table(['load', 'what it is', *names], rows)]


def event_loop(figures):
    rows = [[load.name, three(figures[f'asio {load.name}'])] for load in TABLE if figures.get(f'asio {load.name}')]
    return ['The event loop alone: speed of an echo on Asio, with a coroutine for each connection, relative to '
            'raw-epoll.', '', *table(['load', 'asio relative to raw-epoll'], rows)]


def absolute(results):
    rows = []
    for load in TABLE:
        best = max(results[load.name]['udsd'], key=lambda run: run['rate'])
        raw = [run for run in results[load.name][LIMIT_OF.get(load.name, 'raw-epoll')] if run]
        cpu = best['server_cpu_us'] / max(min(run['server_cpu_us'] for run in raw), 0.001)
        rows.append([load.name, number(best['rate']), number(best['p50_us']), number(best['p99_us']),
                     number(best['p999_us']), number(best['server_cpu_us']), f'{cpu:.2f}'])
    return ['The best round of udsd, in absolute numbers of this machine:', '',
            *table(['load', 'requests/s', 'p50 µs', 'p99 µs', 'p99.9 µs', 'CPU µs a request', 'of raw epoll'], rows)]


def growth(results, figures):
    rows = []
    for count in CLIENTS:
        name = f'c{count}'
        rows.append([f'{count:,}', *(number(median([run['rate'] for run in results[name][server]]))
                                     for server in ('udsd', 'raw-epoll')), three(figures[f'speed {name} raw-epoll'])])
    return ['Growth: requests a second (medians) with more and more clients, one request each.', '',
            *table(['clients', 'udsd', 'raw-epoll', 'udsd relative to raw-epoll'], rows),
            f'Growth from 64 to 1,024 clients: udsd {three(figures["growth udsd"])}, raw-epoll '
            f'{three(figures["growth raw-epoll"])}. 1 is flat.', '']


def counted(figures):
    rows = [['instructions of udsd', *(three(figures.get(f'instructions {name}', []))
                                       for name in ('ping', 'p64')), NOTHING]]
    names = sorted({name.split()[2] for name in figures if name.startswith('call ')})
    for label, key in (('system calls', 'calls'), ('of them timerfd_settime, epoll_ctl, futex', 'overhead'),
                       *((f'`{name}`', name) for name in names)):
        cells = [figures.get(f'{key} {load}', figures.get(f'call {load} {key}', [])) for load in ('pp', 'c64')]
        rows.append([label, three(cells[0]), NOTHING, three(cells[1])])
    return ['One ping, counted by callgrind and strace:', '',
            *table(['', 'alone', 'one of 64 under way', 'one of 64 clients'], rows)]


def others(figures, stream, idle):
    rows = [
        [f'stream: {stream:,} PROCESSING on one request, a second', three(figures['stream lines'])],
        ['stream, MB/s', three([value / 1e6 for value in figures['stream bytes']])],
        ['raw-epoll with lines as long, MB/s', three([value / 1e6 for value in figures['stream raw bytes']])],
        [f'memory of each of {idle.count:,} idle connections, KiB', three([idle.bytes_each / 1024])],
        ['p50 of a ping beside them, relative to without', three(figures['time idle'])],
        [f'two cores: p50 of a client that spins up to {SPIN_US} µs, relative to one that waits',
         three(figures['time spin'])],
        ['`udsctl ping`, µs from its start to its end', three(figures['start udsctl'])],
        ['the least such client, linked statically, µs', three(figures['start least'])],
        ['`udsctl ping` relative to it', three(figures['start udsctl ratio'])],
        ['instructions of `udsctl ping` in user space', three(figures.get('instructions udsctl', []))],
        ['udsd, µs from its start until it has answered a ping', three(figures['start udsd'])],
    ]
    return ['Streams, silence, cores, and the start of processes: minimum / **median** / maximum of the rounds.', '',
            *table(['what', 'measured'], rows)]


def goals(figures):
    rows = []
    for goal in GOALS:
        value = median(figures.get(goal.figure, []))
        word = 'at most' if goal.at_most else 'at least'
        limit = f' (limit {number(goal.limit)})' if goal.limit is not None else ''
        unit = f' {goal.unit}' if goal.unit else ''
        rows.append([goal.what, f'{word} {number(goal.bound)}{unit}{limit}',
                     NOTHING if value is None else number(value) + unit, goal.verdict(figures)])
    reached = sum(row[3] == 'reached' for row in rows)
    return [f'Goals, and the medians of this run: {reached} of {len(rows)} are reached.', '',
            *table(['what', 'goal', 'measured', ''], rows)]


def processor():
    lines = pathlib.Path('/proc/cpuinfo').read_text().splitlines()
    return next((line.split(':')[1].strip() for line in lines if line.startswith('model name')), 'processor unknown')


def report(results, figures, options, stream, idle):
    return '\n'.join([
        *relative(results, figures), *event_loop(figures), *absolute(results), *growth(results, figures), *counted(figures),
        *others(figures, stream, idle), *goals(figures),
        f'Measured with `scripts/bench.sh`, {options.rounds} rounds of {options.seconds} s a load, client and server '
        f'on one core of {os.cpu_count()} but where it says otherwise, {processor()}, Linux '
        f'{platform.release()}.'])


def bars(figures, results):
    """What the plot shows: (label, minimum, median, maximum)."""
    found = []
    for load in TABLE:
        for name in columns(results):
            values = figures.get(f'speed {load.name} {name}', [])
            if values:
                found.append((f'{load.name} : {name}', min(values), median(values), max(values)))
    return found


def replace_measured(page, text):
    """The page with `text` between its markers."""
    before, rest = page.split(BEGIN)
    return before + BEGIN + '\n' + text + '\n' + END + rest.split(END)[1]

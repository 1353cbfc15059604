"""From measurements to figures: named lists of values, one of each round. Reports and goals read figures only."""
import statistics

from . import counts
from .loads import BY_NAME, LOADS, PEER_LOADS

# The limit of these loads is a server of its own, which has the column of raw-epoll.
LIMIT_OF = {'big': 'raw-big', 'stream': 'raw-stream'}


def pairs(these, those):
    return [(a, b) for a, b in zip(these, those) if a and b]


def speed(results, load, column):
    """How many times as fast as the server of that column udsd is, in each round."""
    other = LIMIT_OF.get(load, column) if column == 'raw-epoll' else column
    measured = results[load]
    return [BY_NAME[load].ratio(a, b) for a, b in pairs(measured['udsd'], measured.get(other, []))]


def of_loads(results, load, server, other_load, other_server, value):
    """A value of one load and server divided by that of another, in each round."""
    return [a[value] / b[value]
            for a, b in pairs(results[load].get(server, []), results[other_load].get(other_server, []))]


def figures(results, startup, idle, counted):
    """By name; a figure that was not measured is an empty list."""
    found = {f'speed {load.name} {column}': speed(results, load.name, column)
             for load in LOADS for column in columns(results)}
    found |= {f'asio {load.name}': [load.ratio(a, b) for a, b in pairs(results[load.name].get('asio', []),
                                                                       results[load.name].get('raw-epoll', []))]
              for load in LOADS}
    return found | counted | {
        'time pp': of_loads(results, 'pp', 'udsd', 'pp', 'raw-epoll', 'p50_us'),
        'cpu pp': of_loads(results, 'pp', 'udsd', 'pp', 'raw-epoll', 'server_cpu_us'),
        'time big': of_loads(results, 'big', 'udsd', 'big', 'raw-big', 'p50_us'),
        'growth udsd': of_loads(results, 'c1024', 'udsd', 'c64', 'udsd', 'rate'),
        'growth raw-epoll': of_loads(results, 'c1024', 'raw-epoll', 'c64', 'raw-epoll', 'rate'),
        'time idle': of_loads(results, 'pp', 'udsd-idle', 'pp', 'udsd', 'p50_us'),
        'time spin': of_loads(results, 'pp-spin', 'udsd', 'pp-wait', 'udsd', 'p50_us'),
        'stream lines': [run['lines_per_s'] for run in results['stream']['udsd']],
        'stream bytes': [run['bytes_per_s'] for run in results['stream']['udsd']],
        'stream raw bytes': [run['bytes_per_s'] for run in results['stream']['raw-stream']],
        'start udsctl': [each['udsctl_us'] for each in startup],
        'start least': [each['least_us'] for each in startup],
        'start udsctl ratio': [each['udsctl_us'] / each['least_us'] for each in startup],
        'start udsd': [each['udsd_us'] for each in startup],
        'idle bytes': [idle.bytes_each],
    }


def count(program, startup):
    """What needs tools instead of a clock; nothing where they are missing."""
    counter, found = counts.Counts(program), {}
    if counts.have('callgrind'):
        found['instructions ping'] = [counter.instructions()]
        found['instructions p64'] = [counter.instructions(at_once=64, few=5, many=45)]
        found['instructions udsctl'] = [startup.instructions()]
    if counts.have('strace'):
        for name, calls in (('pp', counter.system_calls()), ('c64', counter.system_calls(clients=64, few=5, many=25))):
            found[f'calls {name}'] = [sum(calls.values())]
            found[f'overhead {name}'] = [counts.overhead(calls)]
            for call, number in calls.items():
                found[f'call {name} {call}'] = [number]
    return found


def columns(results):
    """The servers that udsd is compared with."""
    asked = [name for name in results['pp'] if any(results[load].get(name, [None])[0] for load in PEER_LOADS)]
    return [name for name in asked if name not in ('udsd', 'udsd-idle')]


def median(values):
    return statistics.median(values) if values else None

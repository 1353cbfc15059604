"""udsd, and the limits that it is compared with: echoes that parse nothing and answer with as many bytes."""
from . import loads
from .servers import Server, ask

PING = b'{"id":"42","cmd":"ping"}\n'
BIG = b'{"id":"42","cmd":"echo","args":{"v":"' + b'x' * ((1 << 20) - 64) + b'"}}\n'
# A stream is as long as asked for, unless one round would take longer than this.
MOST_STREAM_SECONDS = 3.0


def client(bench):
    return [bench.build / 'bench/uds-bench']


def start_udsd(bench, name='udsd', takes=loads.BY_NAME.keys(), arguments=()):
    path = bench.directory / f'{name}.sock'
    server = bench.add(Server(name, client(bench), path, set(takes), {'ping': (PING, 1), 'big': (BIG, 1)}))
    server.spawn(bench.pinned([bench.build / 'daemon/udsd', '--socket', path, *arguments]), path)
    return server


def start_raw(bench, name, kind, takes, requests, size, lines=1):
    path = bench.directory / f'{name}.sock'
    server = bench.add(Server(name, client(bench), path, set(takes), requests))
    server.spawn(bench.pinned([bench.build / 'bench/uds-raw-echo', path, kind, size, lines]), path)


def start_asio(bench, takes, requests, size):
    """The same on the event loop of udsd, with a coroutine for each connection as there."""
    path = bench.directory / 'asio.sock'
    server = bench.add(Server('asio', client(bench), path, set(takes), requests))
    server.spawn(bench.pinned([bench.build / 'bench/uds-asio-echo', path, size]), path)


def stream(steps):
    return b'{"id":1,"cmd":"countdown","args":{"from":%d,"interval_ms":0}}\n' % steps


def set_stream(bench, udsd, steps):
    """Gives udsd its stream of at most so many steps. Returns the bytes of a line of it."""
    load = loads.BY_NAME['stream']
    trial = max(steps // 100, 1)
    udsd.requests['stream'] = (stream(trial), trial + 1)
    tried = bench.ask(udsd, load)
    while steps / tried['lines_per_s'] > MOST_STREAM_SECONDS and steps > trial:
        steps //= 10
    udsd.requests['stream'] = (stream(steps), steps + 1)
    return round(tried['bytes'] / (trial + 1))


def start(bench, steps):
    """udsd and its limits. Returns the length of the stream."""
    udsd = start_udsd(bench)
    pong = len(ask(udsd.address, PING))
    ping = {'ping': (PING, 1)}
    start_raw(bench, 'raw-epoll', 'epoll', loads.EVERY_LOAD, ping, pong)
    start_raw(bench, 'raw-blocking', 'blocking', {'pp', 'p64', 'connect'}, ping, pong)
    start_asio(bench, loads.EVERY_LOAD, ping, pong)
    # What gives back what it got: the limit for large messages.
    start_raw(bench, 'raw-big', 'epoll', {'big'}, {'big': (BIG, 1)}, 0)
    line = set_stream(bench, udsd, steps)
    request, lines = udsd.requests['stream']
    start_raw(bench, 'raw-stream', 'epoll', {'stream'}, {'stream': (request, lines)}, line, lines)
    return lines - 1

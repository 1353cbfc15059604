"""Other servers that udsd is compared with, each with its own protocol, and where that decides its own client library.

A peer whose programs are not there, or do not start, is left out, with a message.
"""
import shutil
import sys

from . import ours
from .loads import PEER_LOADS
from .servers import NotServing, Server, ask


def start_redis(bench, payload):
    """Redis answers lines, so uds-bench can be its client: less of the time is the client's than with a library."""
    program = shutil.which('redis-server')
    if program is None:
        raise NotServing('redis-server is not installed')
    path = bench.directory / 'redis.sock'
    request = b'*2\r\n$4\r\nECHO\r\n$%d\r\n%s\r\n' % (payload, b'x' * payload)
    takes = PEER_LOADS | {'c1024', 'connect'}
    server = bench.add(Server('redis', ours.client(bench), path, takes, {'ping': (request, 2)}))
    server.spawn(bench.pinned([program, '--port', 0, '--save', '', '--unixsocket', path]), path)


def program_of(bench, name):
    program = bench.build / 'bench/peers' / name
    if not program.exists():
        raise NotServing(f'{name} was not built')
    return program


def start_dbus(bench, _):
    """Two processes stand between a client and its answer: the bus, and a service on it."""
    if shutil.which('dbus-broker') is None:
        raise NotServing('dbus-broker is not installed')
    bus, program = program_of(bench, 'uds-peer-dbus-bus'), program_of(bench, 'uds-peer-dbus')
    path = bench.directory / 'dbus.sock'
    server = bench.add(Server('dbus-broker', [program], path, PEER_LOADS))
    server.spawn(bench.pinned([bus, path]), path)
    # The bus accepts already; the service is there when it answers.
    server.spawn(bench.pinned([program, 'serve', path]), path)
    server.wait_for_answer()


def start_grpc(bench, _):
    program = program_of(bench, 'uds-peer-grpc')
    path = bench.directory / 'grpc.sock'
    server = bench.add(Server('grpc', [program], path, PEER_LOADS))
    server.spawn(bench.pinned([program, 'serve', path]), path)


PEERS = {'redis': start_redis, 'dbus-broker': start_dbus, 'grpc': start_grpc}


def start(bench):
    payload = len(ask(bench['udsd'].address, ours.PING))
    for name, start_peer in PEERS.items():
        others = list(bench.servers)
        try:
            start_peer(bench, payload)
        except NotServing as reason:
            print(f'bench: {name} is left out: {reason}', file=sys.stderr)
            for server in [each for each in bench.servers if each not in others]:
                bench.drop(server)

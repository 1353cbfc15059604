"""Other servers that udsd is compared with, each with its own protocol, and where that decides its own client library.

A peer whose programs are not there is left out, with a message.
"""
import shutil
import sys

from . import ours
from .loads import PEER_LOADS
from .servers import Server, ask


def start_redis(bench, payload):
    """Redis answers lines, so uds-bench can be its client: less of the time is the client's than with a library."""
    program = shutil.which('redis-server')
    if program is None:
        raise FileNotFoundError('redis-server')
    path = bench.directory / 'redis.sock'
    request = b'*2\r\n$4\r\nECHO\r\n$%d\r\n%s\r\n' % (payload, b'x' * payload)
    takes = PEER_LOADS | {'c1024', 'connect'}
    server = bench.add(Server('redis', ours.client(bench), path, takes, {'ping': (request, 2)}))
    server.spawn(bench.pinned([program, '--port', 0, '--save', '', '--unixsocket', path]), path)


PEERS = {'redis': start_redis}


def start(bench):
    payload = len(ask(bench['udsd'].address, ours.PING))
    for name, start_peer in PEERS.items():
        try:
            start_peer(bench, payload)
        except FileNotFoundError as missing:
            print(f'bench: {name} is left out: {missing} is not there', file=sys.stderr)

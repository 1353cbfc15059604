"""Connections that have sent one ping and are silent since: what each costs udsd, in memory and in time for others."""
import resource
import socket
import time

from . import ours

# So long udsd may take to give back what it keeps for a connection that is busy.
SETTLE_SECONDS = 3.0


class Idle:
    """A udsd with so many idle connections, which stay open until this object goes. `bytes_each`: of memory."""

    def __init__(self, bench, wanted):
        configuration = bench.directory / 'idle.toml'
        # Above the limit of one user, from which only root is exempt.
        configuration.write_text('[limits]\nconnections_per_uid = 16384\n')
        server = ours.start_udsd(bench, 'udsd-idle', {'pp'}, ['--config', configuration])
        self.count = min(wanted, resource.getrlimit(resource.RLIMIT_NOFILE)[0] - 200)
        open_one(server.address).close()  # what the first of all requests needs is no connection's
        before = server.rss()
        self._connections = [open_one(server.address) for _ in range(self.count)]
        time.sleep(SETTLE_SECONDS)
        self.bytes_each = (server.rss() - before) / self.count


def open_one(path):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(path)
    connection.sendall(ours.PING)
    if b'pong' not in connection.recv(4096):
        raise SystemExit('bench: udsd does not take so many connections')
    return connection

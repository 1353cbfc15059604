"""What udsd is to reach. GOALS is the one place with these numbers; the report says which of them a run has reached."""
import dataclasses

from .figures import median


@dataclasses.dataclass(frozen=True)
class Goal:
    """The median of `figure` is to be at most, or at least, `bound`. `limit`: what is bad enough to act at once."""

    what: str
    figure: str
    at_most: bool
    bound: float
    limit: float = None
    unit: str = ''

    def holds(self, value, bound):
        return value <= bound if self.at_most else value >= bound

    def verdict(self, figures):
        """Whether it is reached, in words."""
        value = median(figures.get(self.figure, []))
        if value is None:
            return 'not measured'
        if self.holds(value, self.bound):
            return 'reached'
        if self.limit is not None and self.holds(value, self.limit):
            return 'not reached, within the limit'
        return '**not reached**'


def at_most(bound, what, figure, **more):
    return Goal(what, figure, True, bound, **more)


def at_least(bound, what, figure, **more):
    return Goal(what, figure, False, bound, **more)


def peer(name, title, ping, clients, pipelined):
    """How many times as fast as a peer udsd is to be."""
    return [at_least(ping, f'speed of a ping, of {title}', f'speed pp {name}'),
            at_least(clients, f'speed with 64 clients, of {title}', f'speed c64 {name}'),
            at_least(pipelined, f'speed with 64 requests under way, of {title}', f'speed p64 {name}')]


GOALS = [
    at_most(1.10, 'time of a ping, of raw epoll', 'time pp', limit=1.15),
    at_most(1.20, 'CPU time of a ping, of raw epoll', 'cpu pp'),
    at_least(0.85, 'speed with 64 clients, of raw epoll', 'speed c64 raw-epoll', limit=0.80),
    at_least(0.60, 'speed with 64 requests under way, of raw epoll', 'speed p64 raw-epoll', limit=0.50),
    at_least(0.85, 'speed of connect, ping, close, of raw epoll', 'speed connect raw-epoll'),
    at_most(2.50, 'time of 1 MiB there and back, of raw epoll', 'time big'),
    at_least(1e9, 'bytes a second of a stream of PROCESSING', 'stream bytes', unit='B/s'),
    at_least(0.90, 'throughput of 1,024 clients, of that of 64', 'growth udsd'),
    at_most(4000, 'instructions of a ping', 'instructions ping'),
    at_most(2200, 'instructions of a pipelined ping', 'instructions p64'),
    at_most(3.5, 'system calls of a ping', 'calls pp'),
    # None for a ping; what is done once a second does not count.
    at_most(0.01, 'of them timers, changes to epoll, futex', 'overhead pp'),
    at_most(3 * 1024, 'memory of an idle connection', 'idle bytes', unit='B'),
    at_most(1.10, 'time of a ping beside idle connections, of one without', 'time idle'),
    at_most(0.40, 'on two cores, time of a ping of a client that spins, of one that waits', 'time spin'),
    at_most(1.50, 'time of `udsctl ping`, of the least such client', 'start udsctl ratio'),
    at_most(400_000, 'instructions of `udsctl ping`', 'instructions udsctl'),
    *peer('redis', 'Redis', 1, 1, 1.5),
    *peer('dbus-broker', 'dbus-broker', 4, 3, 50),
    *peer('grpc', 'gRPC', 8, 10, 80),
]

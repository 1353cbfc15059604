"""The loads: what clients ask of a server, and which of the results is compared."""

CLIENTS = (1, 8, 64, 256, 512, 1024)
SPIN_US = 50


class Load:
    """`options`: for uds-bench, or the client of a peer. `better`: the result that is compared, the time of one
    request or what there is in a second. `request`: which of a server's requests is sent. `own_core`: the client has
    a core of its own."""

    def __init__(self, name, what, *options, better='rate', request='ping', own_core=False):
        self.name, self.what, self.better, self.request = name, what, better, request
        self.options, self.own_core = [str(option) for option in options], own_core

    def ratio(self, these, those):
        """How many times as good as the result `those` `these` is: above 1 is faster."""
        if self.better == 'p50_us':
            return those['p50_us'] / these['p50_us']
        return these[self.better] / those[self.better]


def clients(count):
    what = f'{count:,} clients, one request each' if count > 1 else 'one client that waits with epoll'
    return Load(f'c{count}', what, '--connections', count, '--epoll')


LOADS = [
    Load('pp', 'one client, one request at a time', better='p50_us'),
    *map(clients, CLIENTS),
    Load('p64', 'one client, 64 requests under way', '--outstanding', 64),
    Load('connect', 'connect, ping, close', '--reconnect'),
    Load('big', '1 MiB there and back', better='p50_us', request='big'),
    Load('stream', 'one request, many PROCESSING', '--requests', 1, better='bytes_per_s', request='stream'),
    Load('pp-wait', 'pp with the client on another core', better='p50_us', own_core=True),
    Load('pp-spin', f'the same, and it spins up to {SPIN_US} µs before it waits', '--spin-us', SPIN_US, better='p50_us',
         own_core=True),
]
BY_NAME = {load.name: load for load in LOADS}
# What other servers are asked, besides the limit and udsd.
PEER_LOADS = {'pp', 'c64', 'p64'}
# What only one of the servers has to do.
SPECIAL_LOADS = {'big', 'stream', 'pp-wait', 'pp-spin'}
EVERY_LOAD = BY_NAME.keys() - SPECIAL_LOADS

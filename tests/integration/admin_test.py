#!/usr/bin/env python3
"""The administrative commands of the real udsd: connections, cancel across connections, log-level, reload, shutdown."""
import json
import os
import pathlib
import socket
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import support  # noqa: E402
from daemon_test import ask_as_stranger  # noqa: E402

SLOW = {'cmd': 'countdown', 'id': 'slow', 'args': {'from': 1000, 'interval_ms': 60000}}


class Admin(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.config = pathlib.Path(directory.name, 'udsd.toml')
        self.config.write_text('[log]\nlevel = "info"\n')
        self.daemon = support.Udsd('--config', str(self.config))
        self.addCleanup(lambda: self.daemon.close())  # whichever it is then

    def connect(self):
        wire = support.Wire(self.daemon.socket)
        self.addCleanup(wire.close)
        return wire

    def ask(self, cmd, wire=None, **args):
        wire = wire or self.connect()
        wire.send({'cmd': cmd, 'id': cmd, 'args': args})
        while True:
            reply = wire.receive()
            if reply['id'] == cmd:
                return reply

    def test_connections_are_listed(self):
        busy = self.connect()
        busy.send(SLOW)
        busy.receive()
        listed = self.ask('connections')['data']['connections']
        self.assertEqual([entry['requests_in_flight'] for entry in listed], [1, 0])
        self.assertEqual({entry['uid'] for entry in listed}, {os.geteuid()})
        self.assertEqual({entry['pid'] for entry in listed}, {os.getpid()})
        self.assertLess(listed[0]['connection'], listed[1]['connection'])

    def test_connections_tell_their_requests(self):
        busy = self.connect()
        for request in (SLOW, {**SLOW, 'id': 7}):
            busy.send(request)
            busy.receive()
        unnamed = self.connect()
        unnamed.send({key: value for key, value in SLOW.items() if key != 'id'})
        unnamed.receive()
        first, second, asking = self.ask('connections')['data']['connections']
        self.assertEqual([request['id'] for request in first['requests']], ['slow', 7], 'the oldest comes first')
        self.assertEqual({request['command'] for request in first['requests']}, {'countdown'})
        self.assertLessEqual(first['requests'][1]['age_ms'], first['requests'][0]['age_ms'])
        self.assertLessEqual(first['requests'][0]['age_ms'], first['age_ms'])
        self.assertEqual([request['id'] for request in second['requests']], [None])
        self.assertEqual(asking['requests'], [])

    def test_an_administrator_cancels_a_request_of_another_connection(self):
        busy = self.connect()
        busy.send(SLOW)
        busy.receive()
        number = self.ask('connections')['data']['connections'][0]['connection']
        missing = self.ask('cancel', id='other', connection=number)
        self.assertEqual(missing['error']['code'], 'not_found')
        self.assertEqual(self.ask('cancel', id='slow', connection=number)['status'], 'OK')
        self.assertEqual(busy.receive()['error']['code'], 'cancelled')

    def test_strangers_see_their_own_and_administer_nothing(self):
        support.require(os.geteuid() == 0, 'root')
        self.daemon.close()
        self.daemon = support.Udsd('--config', str(self.config), '--mode', '0666')
        self.daemon.directory.chmod(0o755)
        busy = self.connect()
        busy.send(SLOW)
        busy.receive()
        number = self.ask('connections')['data']['connections'][0]['connection']

        def ask_as_nobody_special(cmd, **args):
            return json.loads(ask_as_stranger(self.daemon.socket, {'cmd': cmd, 'args': args}))

        listed = ask_as_nobody_special('connections')['data']['connections']
        self.assertEqual([entry['uid'] for entry in listed], [4_000_000])
        self.assertEqual(listed[0]['requests'], [], 'the request of root is not told')
        refused = ask_as_nobody_special('cancel', id='slow', connection=number)
        self.assertEqual(refused['error']['code'], 'not_found')
        for command in ('events', 'log-level', 'reload', 'shutdown'):
            reply = ask_as_nobody_special(command)
            self.assertEqual((reply['error']['code'], reply['error']['rule']), ('permission_denied', 'admin'))
        own = ask_as_nobody_special('stats')['data']
        self.assertEqual(list(own), ['now'])
        self.assertEqual(own['now']['requests_in_flight'], 0, 'the request of root is not told')
        names = {entry['name'] for entry in ask_as_nobody_special('help')['data']['commands']}
        self.assertNotIn('shutdown', names)
        self.assertIn('ping', names)

    def watch(self):
        watcher = self.connect()
        watcher.send({'cmd': 'events', 'id': 'watch'})
        self.assertEqual(watcher.receive()['message'], 'watching')
        return watcher

    def await_event(self, watcher, **wanted):
        """The next event whose data has what is wanted."""
        while True:
            event = watcher.receive()
            self.assertEqual(event['status'], 'PROCESSING', event)
            if wanted.items() <= event['data'].items():
                return event['data']

    def test_events_tell_what_happens(self):
        watcher = self.watch()
        other = self.connect()
        opened = self.await_event(watcher, event='connection', action='opened')
        self.assertEqual((opened['uid'], opened['pid']), (os.geteuid(), os.getpid()))
        other.send({'cmd': 'echo', 'id': 7})
        other.send(SLOW)
        finished = self.await_event(watcher, event='request', action='finished', connection=opened['connection'])
        self.assertEqual((finished['cmd'], finished['id'], finished['code']), ('echo', 7, 'ok'))
        started = self.await_event(watcher, event='request', action='started')
        self.assertEqual((started['cmd'], started['id']), ('countdown', 'slow'))
        other.close()
        self.await_event(watcher, event='request', action='finished', id='slow')
        self.await_event(watcher, event='connection', action='closed', connection=opened['connection'])
        self.ask('reload')
        self.assertTrue(self.await_event(watcher, event='reload')['ok'])
        watcher.send({'cmd': 'cancel', 'id': 'c', 'args': {'id': 'watch'}})
        self.assertEqual({watcher.final()['id'], watcher.final()['id']}, {'c', 'watch'})

    def test_events_end_with_the_drain(self):
        watcher = self.watch()
        self.ask('shutdown')
        self.assertEqual(self.await_event(watcher, event='drain')['cause'], 'shutdown')
        self.assertEqual(watcher.final()['error']['code'], 'shutting_down')
        self.assertEqual(self.daemon.wait(), 0)

    def test_a_slow_watcher_is_told_how_many_events_it_missed(self):
        watcher = self.watch()
        other = self.connect()
        for _ in range(200):
            other.send(b'{"cmd":"ping"}\n' * 100)
            for _ in range(100):
                other.receive()
        self.assertGreater(self.await_event(watcher, event='lagged')['missed'], 0)
        self.assertEqual(self.ask('ping')['status'], 'OK')

    def test_a_connection_that_changes_hands_keeps_its_caller(self):
        support.require(os.geteuid() == 0, 'root')
        self.daemon.close()
        self.daemon = support.Udsd('--config', str(self.config), '--mode', '0666')
        self.daemon.directory.chmod(0o755)
        here, there = socket.socketpair()
        with here, there:
            child = os.fork()
            if child == 0:
                try:
                    os.setgroups([])
                    os.setresgid(4_000_000, 4_000_000, 4_000_000)
                    os.setresuid(4_000_000, 4_000_000, 4_000_000)
                    with support.connect(self.daemon.socket) as made:
                        socket.send_fds(there, [b'x'], [made.fileno()])
                finally:
                    os._exit(0)
            os.waitpid(child, 0)
            here.settimeout(support.DEADLINE)
            _, (number,), _, _ = socket.recv_fds(here, 1, 1)
        with socket.socket(fileno=number) as made:  # root asks on it now
            made.settimeout(support.DEADLINE)
            made.sendall(b'{"cmd":"hello"}\n{"cmd":"log-level"}\n')
            made.shutdown(socket.SHUT_WR)
            with made.makefile('rb') as answers:
                hello, refused = map(json.loads, answers)
        self.assertEqual((hello['data']['caller']['uid'], hello['data']['caller']['admin']), (4_000_000, False))
        self.assertEqual(refused['error']['code'], 'permission_denied')

    def test_stats_count_and_expose(self):
        busy = self.connect()
        busy.send(SLOW)
        busy.receive()
        self.ask('ping')
        stats = self.ask('stats')['data']
        self.assertEqual(stats['requests']['ping'], {'ok': 1})
        self.assertEqual(stats['now']['requests_in_flight'], 1)
        text = self.ask('stats', format='openmetrics')['data']['text']
        self.assertIn('uds_requests_total{command="ping",code="ok"} 1\n', text)
        self.assertTrue(text.endswith('# EOF\n'))

    def test_the_log_level_is_told_and_set(self):
        self.assertEqual(self.ask('log-level')['data'], {'level': 'info'})
        self.assertNotIn('cmd=log-level', self.daemon.stderr)
        self.assertEqual(self.ask('log-level', level='debug')['data'], {'level': 'debug'})
        self.ask('ping')
        self.assertIn('cmd=ping', self.daemon.stderr)
        self.assertEqual(self.ask('log-level', level='loud')['error']['code'], 'invalid_args')
        self.assertEqual(self.ask('reload')['status'], 'OK')
        self.assertEqual(self.ask('log-level')['data'], {'level': 'info'})

    def test_reload_is_all_or_nothing(self):
        self.config.write_text('[log]\nlevel = "debug"\n[access]\nping = "admin"\nnosuch = "admin"\n')
        refused = self.ask('reload')
        self.assertEqual(refused['error']['code'], 'command_failed')
        self.assertEqual(len(refused['error']['errors']), 1)
        self.assertIn(f'{self.config}:5:', refused['error']['errors'][0])
        self.assertEqual(self.ask('log-level')['data'], {'level': 'info'})
        self.config.write_text('[log]\nlevel = "debug"\n')
        self.assertEqual(self.ask('reload')['status'], 'OK')
        self.assertEqual(self.ask('log-level')['data'], {'level': 'debug'})

    def test_shutdown_drains(self):
        busy = self.connect()
        busy.send({'cmd': 'countdown', 'id': 'short', 'args': {'from': 3, 'interval_ms': 50}})
        busy.receive()
        self.assertEqual(self.ask('shutdown')['message'], 'draining')
        replies = []
        while not replies or replies[-1]['status'] == 'PROCESSING':
            replies.append(busy.receive())
        self.assertEqual(replies[-1]['status'], 'OK')
        self.assertEqual(self.daemon.wait(), 0)

    def test_shutdown_now_cancels(self):
        busy = self.connect()
        busy.send(SLOW)
        busy.receive()
        self.assertEqual(self.ask('shutdown', mode='now')['message'], 'stopping')
        self.assertEqual(busy.receive()['error']['code'], 'shutting_down')
        self.assertEqual(self.daemon.wait(), 0)


if __name__ == '__main__':
    support.main()

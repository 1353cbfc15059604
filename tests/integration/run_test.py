#!/usr/bin/env python3
"""Declared commands through the real udsd and udsd-exec: output, status, cancelling, leaving, queues, and restarts."""
import hashlib
import json
import os
import pathlib
import pwd
import signal
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import support  # noqa: E402
from daemon_test import ask_as_stranger  # noqa: E402
from run_tools import (MARK, USER, WithRuns, declaration, end_runs, exec_processes,  # noqa: E402
                       output_bytes, processes_with)

# Prints a word, then waits for a signal.
WAITS = 'echo here; exec sleep 1000'


class Output(WithRuns):
    def test_streams_status_and_result(self):
        self.declare(declaration('t.both', 'echo out; echo err >&2; exit 3'))
        self.start()
        responses = self.run_command('t.both')
        self.assertEqual([r['seq'] for r in responses], list(range(1, len(responses) + 1)))
        self.assertEqual(responses[0]['data']['state'], 'started')
        self.assertEqual(output_bytes(responses), b'out\n')
        self.assertEqual(output_bytes(responses, 'stderr'), b'err\n')
        events = [r['data']['event'] for r in responses if 'output' in r]
        self.assertEqual(events, list(range(1, len(events) + 1)))
        last = responses[-1]
        self.assertEqual((last['status'], last['error']['code']), ('ERROR', 'command_failed'))
        self.assertEqual((last['error']['exit'], last['error']['started'], last['error']['retryable']), (3, True, False))
        self.assertEqual(last['data']['bytes'], {'stdout': 4, 'stderr': 4})
        self.assertEqual(last['data']['run'], responses[0]['data']['run'])

    def test_signals_are_reported_as_signals(self):
        self.declare(declaration('t.killed', 'kill -9 $$'))
        self.start()
        error = self.run_command('t.killed')[-1]['error']
        self.assertEqual((error['code'], error['signal']), ('command_failed', 9))
        self.assertNotIn('exit', error)

    def test_bytes_arrive_as_they_were(self):
        self.declare(declaration('t.bytes', 'exec head -c 10000000 /dev/urandom'))
        self.start()
        responses = self.run_command('t.bytes')
        data = responses[-1]['data']
        received = output_bytes(responses)
        self.assertEqual(len(received), 10_000_000)
        self.assertEqual(hashlib.sha256(received).hexdigest(), data['sha256']['stdout'])

    def test_text_is_not_cut_within_a_character(self):
        self.declare(declaration('t.text', 'yes "$(printf "\\303\\244\\342\\202\\254\\360\\237\\230\\200")" | head -c 300000'))
        self.start()
        responses = self.run_command('t.text')
        coded = [r for r in responses if 'base64' in r.get('output', {})]
        self.assertLessEqual(len(coded), 1, 'only the end may be cut')

    def test_progress_lines(self):
        # A brace is written twice in an exec list.
        script = '''echo '{{"current":3,"total":10,"unit":"files","message":"half"}}' >&3; echo nonsense >&3
echo '{{"current":"x"}}' >&3'''
        self.declare(declaration('t.progress', script))
        self.start()
        responses = self.run_command('t.progress')
        self.assertEqual(responses[1]['progress'], {'current': 3, 'total': 10, 'unit': 'files'})
        self.assertEqual(responses[1]['message'], 'half')
        self.assertEqual([r['message'] for r in responses[2:4]], ['nonsense', '{"current":"x"}'])
        self.assertEqual(responses[-1]['status'], 'OK')

    def test_output_limit(self):
        self.declare(declaration('t.fail', 'yes', output='{ max = "64KiB" }') +
                     declaration('t.drop', 'head -c 200000 /dev/zero', output='{ max = "64KiB", on_limit = "drop" }'))
        self.start()
        last = self.run_command('t.fail')[-1]
        self.assertEqual(last['error']['code'], 'output_limit')
        responses = self.run_command('t.drop')
        self.assertEqual(responses[-1]['status'], 'OK')
        self.assertEqual(len(output_bytes(responses)), 65536)
        self.assertEqual(responses[-1]['data']['dropped'], 200000 - 65536)

    def test_a_command_that_cannot_be_started(self):
        self.declare(declaration('t.missing', '', exec=['/nonexistent/program']))
        self.start()
        last = self.run_command('t.missing')[-1]
        self.assertEqual((last['error']['code'], last['error']['started']), ('command_failed', False))
        self.assertEqual((last['error']['stage'], last['error']['retryable']), ('exec', False))

    def test_many_watchers_get_the_same(self):
        self.declare(declaration('t.slow', 'read x < "$0"; seq 1 20000', exec=[
            '/bin/sh', '-c', f'read x < {self.directory}/go; seq 1 20000']))
        os.mkfifo(self.directory / 'go')
        self.start()
        wire, run = self.begin('t.slow')
        watchers = [self.send('run.attach', args={'run': run}) for _ in range(50)]
        late = self.send('run.attach', args={'run': run, 'from': 10_000_000})
        with open(self.directory / 'go', 'w', encoding='ascii') as go:
            go.write('\n')
        expected = ''.join(f'{i}\n' for i in range(1, 20001)).encode()
        for each in [wire, *watchers]:
            responses = self.stream(each)
            self.assertEqual(output_bytes(responses), expected)
            self.assertEqual(responses[-1]['data']['exit'], 0)
        self.assertEqual([r['status'] for r in self.stream(late)], ['OK'], 'no event has that number')


class Registry(WithRuns):
    def test_help_lists_and_checks_arguments(self):
        self.declare(declaration('t.echo', '', exec=['/bin/echo', '-n', '{word}']).replace(
            'timeout', 'args.word = { type = "string", pattern = "[a-z]+", summary = "what to say" }\ntimeout'))
        self.start()
        names = [entry['name'] for entry in self.ask('help')['data']['commands']]
        self.assertIn('t.echo', names)
        described = self.ask('help', command='t.echo')['data']
        self.assertEqual(described['args']['required'], ['word'])
        self.assertTrue(described['streaming'] and described['detachable'])
        responses = self.run_command('t.echo', {'word': 'hello'})
        self.assertEqual(output_bytes(responses), b'hello')
        for args in ({}, {'word': 'No'}, {'word': '-n'}, {'word': 'a', 'x': 1}):
            self.assertEqual(self.run_command('t.echo', args)[-1]['error']['code'], 'invalid_args', args)

    def test_reload_is_all_or_nothing_and_what_runs_keeps_its_own(self):
        self.declare(declaration('t.first', WAITS))
        self.start()
        wire, _ = self.begin('t.first')
        self.declare('[command."t.second"]\nsummary = 7\n')
        refused = self.ask('reload')
        self.assertEqual(refused['error']['code'], 'command_failed')
        self.assertIn('test.toml:', refused['message'])
        self.assertIn('t.first', [e['name'] for e in self.ask('help')['data']['commands']])
        self.declare(declaration('t.second', 'echo second'))
        self.assertEqual(self.ask('reload')['status'], 'OK')
        names = [e['name'] for e in self.ask('help')['data']['commands']]
        self.assertIn('t.second', names)
        self.assertNotIn('t.first', names)
        self.assertEqual(self.run_command('t.second')[-1]['status'], 'OK')
        wire.send({'cmd': 'cancel', 'id': 'c', 'args': {'id': 't.first'}})
        finals = [wire.final(), wire.final()]
        self.assertEqual({r['id'] for r in finals}, {'c', 't.first'})

    def test_a_file_that_changed_since_it_was_read_is_not_run(self):
        self.declare(declaration('t.old', f'touch {self.directory}/ran'))
        self.start()
        self.declare(declaration('t.old', f'touch {self.directory}/ran; true'))
        last = self.run_command('t.old')[-1]
        self.assertEqual((last['error']['code'], last['error']['started']), ('busy', False))
        self.assertIn('reload', last['message'])
        self.assertFalse((self.directory / 'ran').exists())

    def test_a_file_that_others_may_write_to_is_refused_when_it_is_run(self):
        self.declare(declaration('t.open', f'touch {self.directory}/ran'))
        self.start()
        (self.commands / 'test.toml').chmod(0o666)
        last = self.run_command('t.open')[-1]
        self.assertEqual((last['status'], last['error']['started']), ('ERROR', False))
        self.assertFalse((self.directory / 'ran').exists())

    def test_unknown_and_denied_look_the_same(self):
        support.require(os.geteuid() == 0, 'root')
        self.declare(declaration('t.mine', 'true'))
        self.start('--mode', '0666')
        self.directory.chmod(0o711)
        denied = json.loads(ask_as_stranger(self.daemon.socket, {'cmd': 't.mine'}))
        unknown = json.loads(ask_as_stranger(self.daemon.socket, {'cmd': 't.none'}))
        self.assertEqual(denied, unknown)
        self.assertEqual(denied['error']['code'], 'unknown_command')

    def test_whoever_may_watch_is_told_what_is_lacking(self):
        support.require(os.geteuid() == 0, 'root')
        self.declare(declaration('t.watched', 'echo seen', watch='{ groups = ["daemon"] }', admins='true'))
        self.start('--mode', '0666')
        self.directory.chmod(0o711)
        denied = json.loads(ask_as_stranger(self.daemon.socket, {'cmd': 't.watched'}, groups=[1]))
        self.assertEqual(denied['error']['code'], 'permission_denied')
        run = self.run_command('t.watched')[-1]['data']['run']
        show = {'cmd': 'run.show', 'args': {'run': run}}
        shown = json.loads(ask_as_stranger(self.daemon.socket, show, groups=[1]))
        self.assertEqual(shown['data']['exit'], 0)
        hidden = json.loads(ask_as_stranger(self.daemon.socket, show))
        self.assertEqual(hidden['error']['code'], 'not_found')


class Ending(WithRuns):
    def test_cancel_ends_all_of_it(self):
        script = f'setsid sleep 999 {MARK} & (sleep 998 & ) ; echo here; exec sleep 997'
        script = script.replace(f'sleep 999 {MARK}', f'sh -c "sleep 999; : {MARK}"').replace(
            '(sleep 998 & )', f'(sh -c "sleep 998; : {MARK}" & )')
        self.declare(declaration('t.tree', script, grace='"200ms"'))
        self.start()
        wire, _ = self.begin('t.tree')
        self.until_output(wire, 'here')
        support.wait_until(lambda: len(processes_with(MARK)) >= 2, 'the processes below')
        wire.send({'cmd': 'cancel', 'id': 'c', 'args': {'id': 't.tree'}})
        finals = {r['id']: r for r in (wire.final(), wire.final())}
        self.assertEqual(finals['t.tree']['error']['code'], 'cancelled')
        self.assertEqual(processes_with(MARK), [], 'ended means that nothing is left')

    def test_run_cancel_sends_the_signal_that_was_asked_for(self):
        self.declare(declaration('t.trap', "trap 'echo caught; exit 5' INT; echo here; while :; do sleep 0.05; done"))
        self.start()
        wire, run = self.begin('t.trap')
        self.until_output(wire, 'here')
        self.assertEqual(self.ask('run.cancel', run=run, signal='INT')['status'], 'OK')
        responses = self.stream(wire)
        self.assertEqual(output_bytes(responses), b'caught\n')
        self.assertEqual((responses[-1]['error']['code'], responses[-1]['error']['exit']), ('cancelled', 5))
        self.assertEqual(self.ask('run.cancel', run=run)['error']['code'], 'not_found')

    def test_what_ignores_the_signal_is_killed_after_the_grace(self):
        self.declare(declaration('t.stubborn', "trap '' TERM; echo here; while :; do sleep 0.05; done",
                                 grace='"100ms"'))
        self.start()
        wire, run = self.begin('t.stubborn')
        self.until_output(wire, 'here')
        self.ask('run.cancel', run=run)
        self.assertEqual(self.stream(wire)[-1]['error']['signal'], 9)

    def test_deadlines(self):
        self.declare(declaration('t.request', WAITS) + declaration('t.own', WAITS, timeout='"100ms"'))
        self.start()
        for cmd, envelope in (('t.request', {'timeout_ms': 100}), ('t.own', {})):
            error = self.run_command(cmd, **envelope)[-1]['error']
            self.assertEqual((error['code'], error['started'], error['signal']), ('deadline_exceeded', True, 15), cmd)

    def test_a_grandchild_that_holds_the_output_does_not_delay_the_end(self):
        self.declare(declaration('t.holds', 'sleep 999 & echo done', grace='"100ms"'))
        self.start()
        responses = self.run_command('t.holds')
        self.assertEqual((responses[-1]['status'], output_bytes(responses)), ('OK', b'done\n'))


class Leaving(WithRuns):
    def state_of(self, run):
        return self.ask('run.show', run=run)['data']['state']

    def outcome_of(self, run):
        return support.wait_until(lambda: self.ask('run.show', run=run)['data'].get('outcome'), f'the end of {run}')

    def test_a_caller_who_leaves_ends_the_run(self):
        self.declare(declaration('t.kept', WAITS))
        self.start()
        wire, run = self.begin('t.kept')
        wire.close()
        self.assertEqual(self.outcome_of(run), 'cancelled')

    def test_detached_runs_go_on(self):
        self.declare(declaration('t.goes', WAITS, on_disconnect='"detach"') + declaration('t.kept', WAITS))
        self.start()
        wire, declared = self.begin('t.goes')
        wire.close()
        asked = self.run_command('t.kept', detach=True)[-1]['data']['run']
        wire, later = self.begin('t.kept')
        self.assertEqual(self.ask('run.detach', run=later)['status'], 'OK')
        wire.close()
        # Another one that is ended by leaving shows that leaving was noticed.
        wire, ended = self.begin('t.kept')
        wire.close()
        self.assertEqual(self.outcome_of(ended), 'cancelled')
        for run in (declared, asked, later):
            self.assertEqual(self.state_of(run), 'running')
            self.ask('run.cancel', run=run)
            self.assertEqual(self.outcome_of(run), 'cancelled')

    def test_whoever_comes_back_within_the_grace_keeps_the_run(self):
        self.declare(declaration('t.waits', f'read x < {self.directory}/go; exit 7', disconnect_grace='"1h"'))
        os.mkfifo(self.directory / 'go')
        self.start()
        wire, run = self.begin('t.waits')
        wire.close()
        watcher = self.send('run.attach', args={'run': run})
        with open(self.directory / 'go', 'w', encoding='ascii') as go:
            go.write('\n')
        self.assertEqual(self.stream(watcher)[-1]['error']['exit'], 7)

    def test_attach_from_an_event_and_to_what_has_ended(self):
        self.declare(declaration('t.lines', 'for i in 1 2 3; do echo $i; sleep 0.05; done; exit 4'))
        self.start()
        responses = self.run_command('t.lines')
        run = responses[-1]['data']['run']
        events = [r for r in responses if 'event' in r.get('data', {})]
        for start in range(1, len(events) + 2):
            again = self.stream(self.send('run.attach', args={'run': run, 'from': start}))
            self.assertEqual([r['output'] for r in again[:-1]], [r['output'] for r in events[start - 1:]])
            self.assertEqual(again[-1]['error'], responses[-1]['error'])
            self.assertEqual(again[-1]['data'], responses[-1]['data'])
        beyond = self.stream(self.send('run.attach', args={'run': run, 'from': 1000}))
        self.assertEqual([r.get('error') for r in beyond], [responses[-1]['error']])
        self.assertEqual(self.ask('run.wait', runs=[run] * 65)['error']['code'], 'invalid_args')
        for unknown in ('0' * 20, '../../../etc/pass', ''):
            self.assertEqual(self.ask('run.attach', run=unknown)['error']['code'], 'not_found')

    def test_wait(self):
        self.declare(declaration('t.gate', f'read x < {self.directory}/go; exit 2') + declaration('t.waits', WAITS))
        os.mkfifo(self.directory / 'go')
        self.start()
        first = self.run_command('t.gate', detach=True)[-1]['data']['run']
        second = self.run_command('t.waits', detach=True)[-1]['data']['run']
        any_of = self.send('run.wait', args={'runs': [first, second], 'any': True})
        all_of = self.send('run.wait', args={'runs': [first, second]})
        with open(self.directory / 'go', 'w', encoding='ascii') as go:
            go.write('\n')
        runs = any_of.final()['data']['runs']
        self.assertEqual([(r['run'], r['state']) for r in runs], [(first, 'ended'), (second, 'running')])
        self.assertEqual(runs[0]['exit'], 2)
        self.ask('run.cancel', run=second)
        self.assertEqual([r['state'] for r in all_of.final()['data']['runs']], ['ended', 'ended'])


class Turns(WithRuns):
    def test_queue_positions_and_busy(self):
        self.declare(declaration('t.one', f'read x < {self.directory}/go', concurrency='{ total = 1, queue = 2 }'))
        os.mkfifo(self.directory / 'go')
        self.start()
        first, _ = self.begin('t.one')
        waiting = [self.send('t.one') for _ in range(2)]
        for position, wire in enumerate(waiting, 1):
            response = wire.receive()
            self.assertEqual((response['data']['state'], response['data']['position']), ('queued', position))
        busy = self.run_command('t.one')[-1]['error']
        self.assertEqual((busy['code'], busy['limit'], busy['started'], busy['retryable']),
                         ('busy', 'concurrency', False, True))
        self.assertGreater(busy['retry_after_ms'], 0)
        # One that waits is cancelled: it never began, and the one behind it moves up.
        waiting[0].send({'cmd': 'cancel', 'id': 'c', 'args': {'id': 't.one'}})
        finals = {r['id']: r for r in (waiting[0].final(), waiting[0].final())}
        self.assertEqual((finals['t.one']['error']['code'], finals['t.one']['error']['started']), ('cancelled', False))
        self.assertEqual(waiting[1].receive()['data']['position'], 1)
        for wire in (first, waiting[1]):
            with open(self.directory / 'go', 'w', encoding='ascii') as go:
                go.write('\n')
            self.assertEqual(self.stream(wire)[-1]['status'], 'OK')

    def test_a_rate_bounds_how_often_a_command_is_started(self):
        self.declare(declaration('t.often', 'true', rate='{ total = 2, per = "1h" }'))
        self.start()
        for _ in range(2):
            self.assertEqual(self.run_command('t.often')[-1]['status'], 'OK')
        busy = self.run_command('t.often')[-1]['error']
        self.assertEqual((busy['code'], busy['limit'], busy['started'], busy['retryable']),
                         ('busy', 'rate', False, True))
        self.assertTrue(3_000_000 < busy['retry_after_ms'] <= 3_600_000, busy)

    def test_whom_a_bound_per_user_holds_back_lets_others_by(self):
        support.require(os.geteuid() == 0, 'root')
        self.declare(declaration('t.each', WAITS, concurrency='{ per_user = 1, queue = 1 }', user='"@caller"',
                                 allow='{ groups = ["daemon"] }'))
        self.start('--mode', '0666')
        self.directory.chmod(0o711)
        self.begin('t.each')
        self.assertEqual(self.send('t.each').receive()['data']['state'], 'queued')
        other = json.loads(ask_as_stranger(self.daemon.socket, {'cmd': 't.each'}, groups=[1]))
        # Nobody has that number, so its run fails; but it had its turn.
        self.assertNotIn(other['error']['code'] if other['status'] == 'ERROR' else '', ['busy'])
        self.assertNotEqual(other.get('data', {}).get('state'), 'queued')

    def test_a_turn_that_comes_while_udsd_stops_is_nobodys(self):
        self.declare(declaration('t.one', f'echo x >> {self.directory}/ran; read x < {self.directory}/go',
                                 concurrency='{ total = 1, queue = 2 }'))
        os.mkfifo(self.directory / 'go')
        self.start()
        self.begin('t.one')
        first = set(exec_processes(self.state))
        waiting = self.send('t.one')
        self.assertEqual(waiting.receive()['data']['state'], 'queued')
        holding = self.send('countdown', args={'from': 2, 'interval_ms': 3_600_000})
        holding.receive()
        self.daemon.signal(signal.SIGTERM)
        self.assertEqual(waiting.final()['error']['started'], False)
        with open(self.directory / 'go', 'w', encoding='ascii') as go:
            go.write('\n')
        support.wait_until(lambda: not first & set(exec_processes(self.state)), 'the first run to end')
        holding.send({'cmd': 'ping', 'id': 'p'})
        while holding.receive()['id'] != 'p':
            pass  # udsd has seen that end, too
        self.daemon.signal(signal.SIGTERM)
        self.daemon.wait()
        end_runs(self.state)
        self.assertEqual((self.directory / 'ran').read_text(), 'x\n')

    def test_a_run_that_waits_when_udsd_stops_never_begins(self):
        self.declare(declaration('t.one', f'echo x >> {self.directory}/ran; exec sleep 1000', on_disconnect='"detach"',
                                 concurrency='{ total = 1, queue = 2 }'))
        self.start()
        _, running = self.begin('t.one')
        waiting = self.send('t.one')
        self.assertEqual(waiting.receive()['data']['state'], 'queued')
        self.daemon.stop()
        last = waiting.final()
        self.assertEqual((last['error']['code'], last['error']['started'], last['error']['retryable']),
                         ('shutting_down', False, True))
        self.start()
        states = {r['run']: r['state'] for r in self.ask('run.list')['data']['runs']}
        self.assertEqual(states.pop(running), 'running')
        support.wait_until(lambda: {r['state'] for r in self.ask('run.list', state='ended')['data']['runs']} == {'ended'},
                           'the one that waited to end')
        self.assertEqual((self.directory / 'ran').read_text(), 'x\n')
        self.ask('run.cancel', run=running)


class Restart(WithRuns):
    def test_runs_survive_udsd_and_tell_the_truth(self):
        self.declare(declaration('t.long', f'echo before; read x < {self.directory}/go; echo after; exit 9'))
        os.mkfifo(self.directory / 'go')
        for number in (signal.SIGKILL, signal.SIGTERM):
            with self.subTest(signal=number.name):
                daemon = self.start()
                wire, run = self.begin('t.long')
                event = self.until_output(wire, 'before')['data']['event']
                daemon.signal(number)
                daemon.wait()
                if number == signal.SIGTERM:
                    last = wire.final()
                    self.assertEqual((last['error']['code'], last['error']['run']), ('shutting_down', run))
                again = self.start()
                self.assertEqual(self.ask('run.list', state='running')['data']['runs'][0]['run'], run)
                watcher = self.send('run.attach', args={'run': run, 'from': event + 1})
                with open(self.directory / 'go', 'w', encoding='ascii') as go:
                    go.write('\n')
                responses = self.stream(watcher)
                self.assertEqual(output_bytes(responses), b'after\n')
                self.assertEqual(responses[-1]['error']['exit'], 9)
                again.stop()


class Policy(WithRuns):
    ECHO = declaration('t.echo', '', exec=['/bin/echo', '{word}'], env='{ COLOUR = "red" }').replace(
        'timeout', 'args.word = { type = "string", enum = ["a", "b"] }\ntimeout')

    def test_can_i_and_explain(self):
        self.declare(self.ECHO)
        self.start()
        self.assertEqual(self.ask('can-i', command='t.echo')['data']['allowed'], True)
        self.assertEqual(self.ask('can-i', command='t.echo', args={'word': 'c'})['data']['allowed'], False)
        self.assertEqual(self.ask('can-i', command='reload')['data']['allowed'], True)
        self.assertEqual(self.ask('can-i', command='t.none')['data']['allowed'], False)
        self.assertEqual(self.ask('can-i', command='t.echo', user='nobody')['data']['allowed'], False)
        plan = self.ask('explain', command='t.echo', args={'word': 'a'})['data']
        self.assertEqual(plan['argv'], ['/bin/echo', 'a'])
        self.assertEqual(plan['user'], USER)
        self.assertEqual(plan['timeout_ms'], 60000)
        self.assertEqual(self.ask('explain', command='t.echo', args={'word': 'c'})['error']['code'], 'invalid_args')
        self.assertEqual(self.ask('explain', command='t.none')['error']['code'], 'unknown_command')

    def test_explain_shows_what_a_run_gets(self):
        page = self.directory / 'page'
        page.write_text('text')
        script = 'printf "%s\\n" "$@"; printenv -0 | sort -z | tr "\\0" "\\n"'
        self.declare(declaration('t.page', '', exec=['/bin/sh', '-c', script, 'sh', '{word}', '{file}'],
                                 env='{ COLOUR = "red", HOME = "/elsewhere" }').replace(
            'timeout', f'args.word = {{ type = "string" }}\nargs.file = {{ type = "path", below = "{self.directory}" }}\n'
                       'timeout'))
        self.start()
        args = {'word': 'a b', 'file': str(page)}
        plan = self.ask('explain', command='t.page', args=args)['data']
        responses = self.run_command('t.page', args)
        lines = output_bytes(responses).decode().splitlines()
        self.assertEqual(plan['argv'][4:], lines[:2])
        self.assertEqual(plan['paths'], [{'descriptor': 4, 'below': str(self.directory), 'path': 'page'}])
        found = dict(line.split('=', 1) for line in lines[2:])
        self.assertEqual((found.pop('UDS_RUN_ID'), plan['env'].pop('UDS_RUN_ID')),
                         (responses[-1]['data']['run'], 'RUN'))
        for name in set(found) - set(plan['env']):
            self.assertIn(name, ('PWD', 'SHLVL', '_', 'OLDPWD'), 'of the shell itself')
            del found[name]
        self.assertEqual(plan['env'], found)
        self.assertEqual((plan['uid'], plan['gid']), (os.geteuid(), pwd.getpwuid(os.geteuid()).pw_gid))

    def test_explain_knows_what_is_built_in(self):
        self.start()
        answer = self.ask('explain', command='ping')
        self.assertEqual(answer['error'], {'code': 'unknown_command', 'retryable': False})
        self.assertIn('ping is built in and not declared', answer['message'])

    def test_audit_before_and_after(self):
        self.declare(self.ECHO)
        self.start()
        run = self.run_command('t.echo', {'word': 'b'})[-1]['data']['run']
        records = [r['data'] for r in self.stream(self.send('audit', args={'run': run}))[:-1]]
        self.assertEqual([r['event'] for r in records], ['start', 'end'])
        start, end = records
        self.assertEqual((start['caller']['uid'], start['command']), (os.geteuid(), 't.echo'))
        self.assertEqual(start['args'], {'word': 'b'})
        self.assertEqual((end['outcome'], end['exit']), ('exit', 0))
        self.assertEqual(self.stream(self.send('audit', args={'command': 't.none'}))[-1]['data'], {'records': 0})

    def test_no_record_no_run(self):
        self.declare(declaration('t.touch', f'touch {self.directory}/ran'))
        self.state.mkdir(mode=0o700)
        (self.state / 'audit.log').mkdir()
        self.start()
        last = self.run_command('t.touch')[-1]
        self.assertEqual((last['status'], last['error']['started']), ('ERROR', False))
        self.assertFalse((self.directory / 'ran').exists())
        # What cannot be read is not said to be empty.
        error = self.ask('audit')
        self.assertEqual((error['status'], error['error']['code']), ('ERROR', 'internal'))
        self.assertIn('the audit log cannot be read', error['message'])


if __name__ == '__main__':
    support.main()

"""udsd-exec alone, driven as udsd does it: how runs end, what is stored of them, and that nothing is left of them."""
import fcntl
import hashlib
import os
import pathlib
import signal
import socket
import time
import unittest

import support
from exec_tools import Host, UnitCgroup, decode, encode, readable
from run_tools import processes_with

HEAD = 'summary = "x"\nunsafe_exec = true\n'


def declare(name, *exec, timeout='30s', more=''):
    words = ', '.join("'''" + word + "'''" for word in exec)
    return f'[command."{name}"]\n{HEAD}exec = [{words}]\ntimeout = "{timeout}"\n{more}\n'


def shell(name, script, **options):
    return declare(name, '/bin/sh', '-c', script, **options)


class Ends(unittest.TestCase):
    def test_a_run_from_start_to_end(self):
        with Host(shell('a.b', 'echo out; echo err >&2; exit 3')) as host:
            run = host.run('a.b', request='"seven"')
            result = run.finish()
            self.assertEqual(run.seen[0], 'accepted')
            self.assertIn('started', run.seen)
            self.assertEqual((result['run'], result['outcome'], result['exit'], result['started']),
                             (run.id, 'exit', 3, True))
            self.assertEqual(result['bytes'], {'stdout': 4, 'stderr': 4})
            self.assertEqual(result['sha256']['stdout'], hashlib.sha256(b'out\n').hexdigest())
            self.assertEqual((run.output(), run.output('stderr')), (b'out\n', b'err\n'))
            facts = run.facts()
            self.assertEqual((facts['command'], facts['hash'], facts['request'], facts['caller']['uid']),
                             ('a.b', host.hash, '"seven"', os.getuid()))
            start, end = host.audit()
            self.assertEqual((start['event'], end['event'], end['exit']), ('start', 'end', 3))
            for record in (start, end):
                self.assertEqual((record['run'], record['command'], record['caller']['uid']),
                                 (run.id, 'a.b', os.getuid()))
                self.assertRegex(record['time'], r'^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$')

    def test_exit_statuses_and_signals_are_the_commands_own(self):
        with Host(declare('a.exit', '/bin/sh', '-c', 'exit {n}', more='args.n = { type = "integer" }') +
                  declare('a.kill', '/bin/sh', '-c', 'kill -{n} $$', more='args.n = { type = "integer" }')) as host:
            for status in (0, 1, 124, 127, 255):
                result = host.run('a.exit', {'n': str(status)}).finish()
                self.assertEqual((result['outcome'], result.get('exit'), 'signal' in result), ('exit', status, False))
            for number in (signal.SIGTERM, signal.SIGKILL, signal.SIGSEGV, signal.SIGINT):
                result = host.run('a.kill', {'n': str(int(number))}).finish()
                self.assertEqual((result['outcome'], result.get('signal'), 'exit' in result),
                                 ('signal', int(number), False))

    def test_a_command_that_cannot_be_executed_was_not_started(self):
        with Host(declare('a.b', '/nonexistent/program')) as host:
            run = host.run('a.b')
            result = run.finish()
            self.assertEqual((result['outcome'], result['started'], result['stage'], result['errno']),
                             ('not_started', False, 'exec', 2))
            self.assertEqual(result['reason'],
                             'the command was not run: its step exec (/nonexistent/program) failed: No such file or '
                             'directory')
            self.assertNotIn('started', run.seen)

    def test_an_interpreter_that_is_missing_is_told_from_a_program_that_is(self):
        with Host() as host:
            script = host.directory / 'script'
            script.write_text('#!/nonexistent/interpreter\n')
            script.chmod(0o755)
            host.declare(declare('a.b', str(script)))
            self.assertTrue(host.run('a.b').finish()['reason'].endswith(
                'No such file or directory; the file is there, so the interpreter or the loader that it names is not'))

    def test_a_path_that_cannot_be_opened_is_told_by_its_argument(self):
        with Host() as host:
            (host.directory / 'first').touch()
            host.declare(declare('a.b', '/bin/cat', '{near}', '{wide}', more=''.join(
                f'args.{name} = {{ type = "path", below = "{host.directory}" }}\n' for name in ('near', 'wide'))))
            for near, wide, missing in (('first', 'second', 'wide'), ('second', 'first', 'near')):
                result = host.run('a.b', {'near': near, 'wide': wide}).finish()
                self.assertEqual(result['reason'], f'the command was not run: its step path ({missing}) failed: No such '
                                                   'file or directory')

    def test_the_declared_time_runs_out(self):
        with Host(declare('a.b', '/bin/sleep', '1000', timeout='100ms')) as host:
            result = host.run('a.b').finish()
            self.assertEqual((result['outcome'], result['signal'], result['started']), ('timeout', 15, True))
            self.assertGreaterEqual(result['duration_ms'], 90)

    def test_the_time_of_the_request_runs_out(self):
        with Host(declare('a.b', '/bin/sleep', '1000')) as host:
            run = host.run('a.b', timeout=0.1)
            self.assertEqual(run.finish()['outcome'], 'timeout')
            self.assertEqual(run.facts()['timeout_ms'], 100)

    def test_cancelled_by_a_signal_of_choice(self):
        script = 'trap "echo got INT; exit 7" INT; echo ready; while :; do sleep 0.05; done'
        with Host(shell('a.b', script)) as host:
            run = host.run('a.b')
            run.wait_output(b'ready')
            run.cancel(signal.SIGINT)
            result = run.finish()
            self.assertEqual((result['outcome'], result['exit']), ('cancelled', 7))
            self.assertIn(b'got INT', run.output())

    def test_after_the_grace_it_is_killed(self):
        with Host(shell('a.b', 'trap "" TERM; echo ready; while :; do sleep 0.05; done', more='grace = "200ms"')) as host:
            run = host.run('a.b')
            run.wait_output(b'ready')
            run.cancel()
            result = run.finish()
            self.assertEqual((result['outcome'], result['signal']), ('cancelled', 9))

    def test_a_stopped_command_is_ended_too(self):
        with Host(shell('a.b', 'echo ready; kill -STOP $$', more='grace = "20s"')) as host:
            run = host.run('a.b')
            run.wait_output(b'ready')
            run.cancel()
            self.assertEqual(run.finish()['signal'], 15)

    def test_nothing_is_left_of_a_run_that_hides_its_processes(self):
        mark = f'99{os.getpid()}'
        script = f'setsid sleep {mark} & (sleep {mark} &) ; echo ready; exec sleep {mark}'
        with Host(shell('a.b', script, more='grace = "100ms"')) as host:
            run = host.run('a.b')
            run.wait_output(b'ready')
            support.wait_until(lambda: len(processes_with(mark)) >= 3, 'three sleepers')
            run.cancel()
            run.until('ended')
            self.assertEqual([pid for pid in processes_with(mark) if _name(pid) == 'sleep'], [])
            run.wait()

    def test_what_the_command_left_behind_is_ended_and_does_not_delay(self):
        mark = f'98{os.getpid()}'
        with Host(shell('a.b', f'trap "" TERM; setsid sleep {mark} & exit 5', more='grace = "300ms"')) as host:
            run = host.run('a.b')
            result = run.finish()
            self.assertEqual((result['outcome'], result['exit']), ('exit', 5))
            self.assertLess(result['duration_ms'], 290)
            self.assertEqual([pid for pid in processes_with(mark) if _name(pid) == 'sleep'], [])

    def test_a_pipe_held_outside_of_the_run_does_not_delay_its_end(self):
        # The command hands its standard output to this test, which keeps it open.
        with Host() as host:
            place = host.directory / 'passing'
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
                listener.bind(str(place))
                listener.listen()
                listener.settimeout(support.DEADLINE)
                code = ('import socket, sys\ns = socket.socket(socket.AF_UNIX)\ns.connect(sys.argv[1])\n'
                        'print("here", flush=True)\nsocket.send_fds(s, [b"x"], [1])\ns.recv(1)\n')
                host.declare(declare('a.b', '/usr/bin/env', 'python3', '-c', code, str(place)))
                run = host.run('a.b')
                peer, _ = listener.accept()
                _, held, _, _ = socket.recv_fds(peer, 1, 1)
                peer.send(b'x')
                peer.close()
                result = run.finish()
                os.close(held[0])
                self.assertEqual((result['outcome'], result['exit'], run.output()), ('exit', 0, b'here\n'))


class Output(unittest.TestCase):
    def test_ten_megabytes_arrive_whole(self):
        script = 'head -c 10000000 /dev/urandom | tee /dev/stderr'
        with Host(shell('a.b', script)) as host:
            run = host.run('a.b')
            result = run.finish()
            for stream in ('stdout', 'stderr'):
                data = run.output(stream)
                self.assertEqual((len(data), result['bytes'][stream]), (10_000_000, 10_000_000))
                self.assertEqual(result['sha256'][stream], hashlib.sha256(data).hexdigest())
            self.assertEqual(run.output(), run.output('stderr'))
            self.assertEqual(result['dropped'], 0)
            self.assertIn('grown', run.seen)

    def test_the_limit_ends_the_run(self):
        with Host(declare('a.b', '/usr/bin/yes', more='output = { max = "100KiB" }')) as host:
            run = host.run('a.b')
            result = run.finish()
            self.assertEqual((result['outcome'], result['bytes']['stdout']), ('output_limit', 100 << 10))
            self.assertIn('output.max', result['reason'])
            self.assertEqual(len(run.output()), 100 << 10)
            self.assertGreater(result['dropped'], 0)

    def test_the_limit_counts_although_the_command_has_ended_well(self):
        with Host(shell('a.b', 'head -c 3000 /dev/zero', more='output = { max = "1KiB" }')) as host:
            result = host.run('a.b').finish()
            self.assertEqual((result['outcome'], result['bytes']['stdout'], result['dropped']),
                             ('output_limit', 1024, 1976))

    def test_beyond_the_limit_output_is_dropped_and_said_so(self):
        script = 'yes | head -c 300000; echo err >&2; exit 4'
        with Host(shell('a.b', script, more='output = { max = "100KiB", on_limit = "drop" }')) as host:
            run = host.run('a.b')
            result = run.finish()
            total = result['bytes']['stdout'] + result['bytes']['stderr']
            self.assertEqual((result['outcome'], result['exit'], total), ('exit', 4, 100 << 10))
            self.assertEqual(result['dropped'], 300_004 - total)
            self.assertEqual(len([1 for stream, _ in run.records() if stream == 'notice']), 1)
            self.assertEqual(result['sha256']['stdout'], hashlib.sha256(run.output()).hexdigest())

    def test_whoever_reads_the_audit_log_holds_up_nothing(self):
        with Host(shell('a.b', 'true')) as host:
            host.run('a.b').finish()
            with open(host.state / 'audit.log', 'rb') as log:
                fcntl.flock(log, fcntl.LOCK_EX)
                self.assertEqual(host.run('a.b').finish()['exit'], 0)

    def test_a_run_that_nobody_hears_of_is_not_started(self):
        with Host() as host:
            host.declare(shell('a.b', f'touch {host.directory}/ran'))
            host.run('a.b').finish()
            (host.directory / 'ran').unlink()
            # It waits to record the start while udsd goes away.
            with open(host.state / 'audit.lock', 'rb') as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                run = host.run('a.b')
                run.channel.close()
            run.wait()
            self.assertFalse((host.directory / 'ran').exists())
            outcomes = [record.get('outcome') for record in host.audit() if record['event'] == 'end']
            self.assertEqual(outcomes, ['exit', 'not_started'])

    def test_a_character_is_not_divided_among_records(self):
        with Host() as host:
            os.mkfifo(host.directory / 'gate')
            host.declare(shell('a.b', rf"printf 'a\342\202'; read x < {host.directory}/gate; printf '\254b\360\237'"))
            run = host.run('a.b')
            run.wait_output(b'a')
            with open(host.directory / 'gate', 'w', encoding='ascii') as gate:
                gate.write('\n')
            run.finish()
            self.assertEqual([data for _, data in run.records()], [b'a', '€b'.encode(), b'\xf0\x9f'])

    def test_progress_lines(self):
        script = ('echo \'{{"current":1}}\' >&3; head -c 5000 /dev/zero | tr "\\0" x >&3; echo >&3; '
                  'printf "two\\n\\nthree\\nnot ended" >&3')
        with Host(shell('a.b', script)) as host:
            run = host.run('a.b')
            run.finish()
            self.assertEqual(run.records(), [('progress', b'{"current":1}'), ('progress', b'two'),
                                             ('progress', b'three')])

    def test_a_full_disk_ends_the_run(self):
        support.require(os.getuid() == 0 and pathlib.Path('/dev/full').exists(), 'root, for a small file system')
        with Host(shell('a.b', 'yes | head -c 4000000; sleep 1000')) as host:
            host.state.mkdir()
            if os.system(f'mount -t tmpfs -o size=1m uds-exec-test {host.state} 2>/dev/null') != 0:
                support.require(False, 'the right to mount')
            try:
                host.state.chmod(0o700)
                run = host.run('a.b')
                result = run.finish()
                self.assertEqual(result['outcome'], 'output_lost')
                self.assertIn('free space', result['reason'])
                self.assertEqual(len(run.output()), result['bytes']['stdout'])
            finally:
                os.system(f'umount {host.state}')


class Supervision(unittest.TestCase):
    def start(self, host):
        run = host.run('a.b')
        run.wait_output(b'ready')
        return run

    def test_a_killed_shim_takes_the_command_with_it(self):
        mark = f'97{os.getpid()}'
        with Host(shell('a.b', f'setsid sleep {mark} & echo ready; exec sleep {mark}')) as host:
            run = self.start(host)
            os.kill(run.shim(), signal.SIGKILL)
            result = run.finish()
            self.assertEqual((result['outcome'], result['started'], result['bytes']['stdout']), ('lost', True, 6))
            self.assertEqual(host.audit()[-1]['outcome'], 'lost')
            self.assertEqual(processes_with(mark), [])

    def test_a_shim_does_without_its_guardian(self):
        with Host(shell('a.b', 'echo ready; sleep 0.3; exit 6')) as host:
            run = self.start(host)
            run.process.kill()
            run.until('ended')
            self.assertEqual((run.result()['outcome'], run.result()['exit']), ('exit', 6))
            self.assertEqual(len(host.audit()), 2)

    def test_an_end_that_is_recorded_is_not_contradicted(self):
        # Without the file that is to become the result, neither shim nor guardian can store one.
        with Host(shell('a.b', 'echo ready; read line < "$HOME/go"; exit 6', more='env = { HOME = "DIRECTORY" }')) as host:
            host.declare(host.file.read_text().replace('DIRECTORY', str(host.directory)))
            os.mkfifo(host.directory / 'go')
            run = self.start(host)
            (run.directory / '.result').unlink()
            (host.directory / 'go').write_text('go\n')
            run.wait()
            self.assertEqual([(record['event'], record.get('exit')) for record in host.audit()],
                             [('start', None), ('end', 6)])
            self.assertIn('the result cannot be stored', run.stderr)

    def test_both_killed_is_settled_by_the_next_run(self):
        mark = f'96{os.getpid()}'
        with Host(shell('a.b', f'echo ready; exec sleep {mark}') + shell('a.next', 'true')) as host:
            run = self.start(host)
            shim = run.shim()
            os.kill(run.process.pid, signal.SIGSTOP)
            os.kill(shim, signal.SIGKILL)
            run.process.kill()
            run.wait()
            self.assertFalse((run.directory / 'result.json').exists())
            host.run('a.next').finish()
            self.assertEqual(run.result()['outcome'], 'lost')
            lost = [record for record in host.audit() if record['run'] == run.id]
            self.assertEqual([record['event'] for record in lost], ['start', 'end'])
            self.assertEqual(lost[1]['command'], 'a.b')
            self.assertEqual(processes_with(mark), [])

    def test_it_outlives_udsd_which_finds_it_again(self):
        with Host(shell('a.b', 'echo ready; read line; exec sleep 1000')) as host:
            run = self.start(host)
            run.channel.close()
            with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as again:
                again.settimeout(support.DEADLINE)
                again.connect(str(run.directory / 'control'))
                self.assertEqual(decode(again.recv(100))[0], 'started')
                self.assertEqual(decode(again.recv(100))[0], 'grown')
                again.send(encode('cancel', 1, 15, 0))
                self.assertEqual(decode(again.recv(100))[0], 'ended')
            run.wait()
            self.assertEqual(run.result()['outcome'], 'cancelled')

    def test_a_terminated_supervisor_cancels(self):
        with Host(shell('a.b', 'echo ready; exec sleep 1000')) as host:
            run = self.start(host)
            run.process.terminate()
            result = run.finish()
            self.assertEqual(result['outcome'], 'cancelled')
            self.assertIn('administrator', result['reason'])

    def test_a_bad_packet_costs_the_channel_and_not_the_run(self):
        with Host(shell('a.b', 'echo ready; sleep 0.3; exit 2')) as host:
            run = self.start(host)
            run.channel.send(b'\xff\xff')
            run.wait()
            self.assertEqual(run.result()['exit'], 2)


class Cgroup(unittest.TestCase):
    """As in an instance of udsd-exec@.service: a cgroup of its own, with guardian and shim apart from the command."""

    def setUp(self):
        self.cgroup = UnitCgroup(self)

    def end(self, how):
        mark = f'95{os.getpid()}'
        script = f'setsid sleep {mark} & (sleep {mark} &) ; echo ready; exec sleep {mark}'
        with Host(shell('a.b', script, more='grace = "100ms"\nlimits = { memory = "256MiB" }')) as host:
            run = host.run('a.b', before=self.cgroup.before)
            run.wait_output(b'ready')
            support.wait_until(lambda: len(self.cgroup.members('run')) == 3, 'three members')
            self.assertEqual(self.cgroup.members('supervisor'), [run.process.pid, run.shim()])
            how(run)
            result = run.finish()
            self.assertEqual((self.cgroup.members('run'), [pid for pid in processes_with(mark) if _name(pid) == 'sleep']),
                             ([], []))
            return result

    def test_a_cancelled_run_leaves_nothing(self):
        self.assertEqual(self.end(lambda run: run.cancel())['outcome'], 'cancelled')

    def test_a_killed_shim_leaves_nothing(self):
        self.assertEqual(self.end(lambda run: os.kill(run.shim(), signal.SIGKILL))['outcome'], 'lost')


class Turns(unittest.TestCase):
    def test_a_queued_run_waits_for_its_turn(self):
        with Host(shell('a.b', 'echo ready')) as host:
            run = host.run('a.b', queued=True)
            run.until('accepted')
            self.assertEqual([record['event'] for record in host.audit()], ['start'])
            self.assertFalse(readable(run.channel, 0.2))
            run.send('go')
            self.assertEqual(run.finish()['exit'], 0)
            self.assertEqual(run.output(), b'ready\n')

    def never_started(self, leave, **options):
        with Host(shell('a.b', 'echo ready')) as host:
            run = host.run('a.b', queued=True, **options)
            run.until('accepted')
            leave(run)
            run.wait()
            result = run.result()
            self.assertEqual((result['started'], run.output()), (False, b''))
            self.assertEqual([record['event'] for record in host.audit()], ['start', 'end'])
            return result

    def test_udsd_leaves_before_the_turn(self):
        result = self.never_started(lambda run: run.channel.close())
        self.assertEqual(result['outcome'], 'not_started')
        self.assertIn('udsd', result['reason'])

    def test_cancelled_before_the_turn(self):
        result = self.never_started(lambda run: run.cancel())
        self.assertEqual(result['outcome'], 'not_started')
        self.assertIn('cancelled', result['reason'])

    def test_the_time_runs_out_before_the_turn(self):
        self.assertEqual(self.never_started(lambda run: None, timeout=0.05)['outcome'], 'timeout')


class Retention(unittest.TestCase):
    def test_old_runs_go(self):
        with Host(shell('a.old', 'true', more='keep = { time = "1h" }') + shell('a.next', 'true')) as host:
            run = host.run('a.old')
            run.finish()
            host.run('a.next').finish()
            self.assertTrue(run.directory.exists())
            os.utime(run.directory / 'result.json', (1, 1))
            host.run('a.next').finish()
            self.assertFalse(run.directory.exists())

    def test_a_run_without_readable_facts_is_kept_for_seven_days(self):
        with Host(shell('a.b', 'true')) as host:
            runs = [host.run('a.b') for _ in range(2)]
            for run, days in zip(runs, (6, 8)):
                run.finish()
                (run.directory / 'facts').write_text('')
                os.utime(run.directory / 'result.json', (time.time() - days * 86400,) * 2)
            host.run('a.b').finish()
            self.assertEqual([run.directory.exists() for run in runs], [True, False])

    def test_the_oldest_of_a_command_go_when_there_is_too_much(self):
        with Host(shell('a.b', 'head -c 6000 /dev/zero', more='keep = { total = "64KiB" }')) as host:
            runs = []
            for _ in range(4):
                runs.append(host.run('a.b'))
                runs[-1].finish()
            self.assertEqual([run.directory.exists() for run in runs], [False, False, True, True])


def _name(pid):
    try:
        return pathlib.Path(f'/proc/{pid}/comm').read_text().strip()
    except OSError:
        return ''


if __name__ == '__main__':
    support.main()

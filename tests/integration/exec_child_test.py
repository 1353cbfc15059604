"""What a command finds when it begins: its arguments, byte for byte, and nothing that it was not given."""
import json
import os
import pathlib
import pwd
import re
import shutil
import signal
import subprocess
import unittest

import support
import surroundings
from exec_tools import Host, UnitCgroup

PYTHON = '/usr/bin/python3'
ROOT = os.getuid() == 0


def declare(name, *words, more='', program=PYTHON):
    """A command that runs Python code, or `program`; a word that is a list is a group."""
    def show(word):
        return '[' + ', '.join(show(each) for each in word) + ']' if isinstance(word, list) else f"'''{word}'''"
    listed = ', '.join(show(word) for word in words)
    return (f'[command."{name}"]\nsummary = "x"\nunsafe_exec = true\ntimeout = "30s"\n'
            f'exec = ["{program}", {listed}]\n{more}\n')


def argv_command(name, *words, more):
    """A command that prints each of its arguments and a NUL behind it."""
    return declare(name, r'%s\0', *words, more=more, program='/usr/bin/printf')


HOSTILE = [
    b'', b'-', b'--', b'-rf', b'--help', b'-c', b'--=x', b'-\xc3\xa4', b';id', b'; id', b'$(id)', b'`id`', b'$HOME',
    b'${IFS}', b'|id', b'||id', b'&', b'&& id', b'>/tmp/x', b'<x', b'*', b'?', b'[a]', b'{a,b}', b'{unit}', b'{{', b'}}',
    b'~', b'~root', b'!', b'!!', b'#', b'%s', b'%n%n', b'%%', b'%h', b'\\', b'\\n', b'\\x00', b'"', b"'", b'"\'"', b"''",
    b' ', b'  a  ', b'a b', b'a\tb', b'a\nb', b'\n', b'a\rb', b'\x00', b'a\x00b', b'\x1b[31m', b'\x7f', b'\x08', b'\x01',
    b'\xff', b'\xfe\xff', b'\xc0\x80', b'\xed\xa0\x80', b'\xf5\x80\x80\x80', b'\xc3', b'a\xc3', b'\xc2\x80', b'\xc2\x9b',
    '\u202e'.encode(), '\u200b'.encode(), '\ufeff'.encode(), '\u2028'.encode(), '\U0001f600'.encode(), '\ufffd'.encode(),
    'é'.encode(), 'e\u0301'.encode(), '名前'.encode(), '\u0130'.encode(), b'../', b'../../etc/passwd', b'..', b'.', b'/',
    b'//', b'/etc/passwd', b'./x', b'a/../b', b'/proc/self/fd/3', b'/dev/stdin', b'file:///etc/passwd', b'http://x/',
    b'@file', b'@', b'=', b'a=b', b'PATH=/tmp', b'LD_PRELOAD=/tmp/x.so', b'0', b'-0', b'-1', b'1e9', b'0x10', b'NaN',
    b'true', b'null', b'[]', b'{}', b'{"a":1}', b'"a"', b'undefined', b'None', b'nil', b'root', b'0:0', b'a,b', b'a:b',
    b'a;b', b'(a)', b'()', b'$((1+1))', b'$[1]', b'<<EOF', b'&>x', b'2>&1', b'\\$(id)', b'%00', b'%2e%2e%2f', b'&#0;',
    b'<script>', b"' OR 1=1 --", b'"; DROP TABLE x', b'UNION SELECT', b'${jndi:ldap://x}', b'{{7*7}}', b'__import__',
    b'x' * 255, b'x' * 256, b'x' * 4095, b'x' * 4096, b'x' * 4097, b'x' * 65535, b'-' * 4096, b'\xc3\xa4' * 2048,
    b'\xc3\xa4' * 2049, b'/' * 4096, b'..' * 2000, b'%s' * 2000, b'a ' * 2000,
] + [bytes([byte]) for byte in range(0x20, 0x7f)] + [b'a' + bytes([byte]) for byte in range(0x80, 0x90)]


class Arguments(unittest.TestCase):
    """Each value, in each form of place: the program gets it byte for byte, or nothing runs."""

    FORMS = {
        'bare': (['{v}'], lambda v: [v]),
        'prefix': (['--name={v}'], lambda v: [b'--name=' + v]),
        'around': (['x{v}y'], lambda v: [b'x' + v + b'y']),
        'after': (['--', '{v}'], lambda v: [b'--', v]),
        'group': ([['-n', '{v}']], lambda v: [b'-n', v]),
        'spread': (['{v}'], lambda v: [v, v]),
    }

    def may_stand(self, form, value):
        """Whether the rule lets the value pass: what the page on commands says."""
        try:
            text = value.decode()
        except UnicodeDecodeError:
            return False
        if len(value) > 4096 or re.search('[\x00-\x1f\x7f-\x9f]', text):
            return False
        return form not in ('bare', 'group', 'spread') or not value.startswith(b'-')

    def check(self, form, values):
        words, expected = self.FORMS[form]
        rule = 'args.v = { type = "string" }'
        if form == 'group':
            rule = 'args.v = { type = "string", required = false }'
        if form == 'spread':
            rule = 'args.v = { type = "string", spread = true, max_items = 4 }'
        with Host(argv_command('a.b', *words, more=rule)) as host:
            for begin in range(0, len(values), 8):  # several at a time
                batch = [(value, host.run('a.b', {'v': [value, value] if form == 'spread' else value}))
                         for value in values[begin:begin + 8]]
                for value, run in batch:
                    with self.subTest(form=form, value=value[:40]):
                        if self.may_stand(form, value):
                            self.assertEqual(run.finish()['exit'], 0)
                            self.assertEqual(run.output(), b''.join(each + b'\0' for each in expected(value)))
                        else:
                            # One that is too long for a packet is no order at all.
                            self.assertIn(run.refused()[0], ('invalid_args', 'internal'))
                    run.close()
                    host.runs.remove(run)
            started = [record for record in host.audit() if record['event'] == 'start']
            self.assertEqual(len(started), sum(self.may_stand(form, value) for value in values))

    def test_hostile_values(self):
        self.assertGreaterEqual(len(HOSTILE), 200)
        # All of them where a value stands alone, and with UDS_FULL=1 everywhere; else each form has its share, a smaller
        # one where each run is slow.
        share = 15 if support.SANITIZED else 3
        for number, form in enumerate(self.FORMS):
            whole = not support.SANITIZED and (form == 'bare' or os.environ.get('UDS_FULL') == '1')
            self.check(form, HOSTILE if whole else HOSTILE[number % share::share])

    def test_an_absent_group_vanishes(self):
        with Host(argv_command('a.b', 'x', ['-n', '{v}'], more='args.v = { type = "string", required = false }')) as host:
            run = host.run('a.b')
            run.finish()
            self.assertEqual(run.output(), b'x\0')

    def test_what_is_not_declared_or_missing(self):
        with Host(argv_command('a.b', '{v}', more='args.v = { type = "string", pattern = "[a-z]+" }')) as host:
            for arguments in ({}, {'v': 'UPPER'}, {'v': 'a', 'w': 'b'}, {'v': ['a', 'b']}, {'v': []}):
                with self.subTest(arguments=arguments):
                    self.assertEqual(host.run('a.b', arguments).refused()[0], 'invalid_args')
            many = argv_command('a.b', '{v}', more='args.v = { type = "string", spread = true, max_items = 100 }')
            host.declare(many)
            self.assertEqual(host.run('a.b', {'v': ['x' * 4000] * 17}).refused()[0], 'invalid_args')
            self.assertEqual(host.audit(), [])


class Paths(unittest.TestCase):
    def test_a_path_is_opened_below_its_directory(self):
        with Host() as host:
            below = host.directory / 'www'
            (below / 'inner').mkdir(parents=True)
            (below / 'inner' / 'file').write_text('content')
            (host.directory / 'secret').write_text('secret')
            (below / 'link').symlink_to(host.directory / 'secret')
            (below / 'out').symlink_to(host.directory)
            code = 'import sys, os; print(sys.argv[1], open(sys.argv[1]).read()); print(os.readlink(sys.argv[1]))'
            host.declare(declare('a.b', '-c', code, '{p}',
                                 more=f'args.p = {{ type = "path", below = "{below}" }}'))
            for value in ('inner/file', f'{below}/inner/file'):
                run = host.run('a.b', {'p': value})
                result = run.finish()
                self.assertEqual((result['outcome'], result.get('exit')), ('exit', 0), result)
                self.assertEqual(run.output().decode(), f'/proc/self/fd/4 content\n{below}/inner/file\n')
            for value in ('../secret', 'link', 'out/secret', '/etc/passwd', 'inner/../../secret', 'missing', 'inner/../inner/file', './/../secret'):
                with self.subTest(value=value):
                    run = host.run('a.b', {'p': value})
                    kind, fields = run.packet()
                    if kind == 'refused':
                        self.assertEqual(fields[0], 'invalid_args')
                        continue
                    result = run.finish()
                    self.assertEqual((result['outcome'], result['started'], result['stage']),
                                     ('not_started', False, 'path'))
                    self.assertEqual(run.output(), b'')


class Surroundings(unittest.TestCase):
    def look(self, more='', user=None, before=(), **options):
        user = f'user = "{user}"\n' if user else ''
        # -S -I: Python itself then reads no environment and catches only SIGINT.
        with Host(declare('a.b', '-I', '-S', '-c', surroundings.SELF, more=user + more)) as host:
            host.directory.chmod(0o711)
            run = host.run('a.b', before=before, **options)
            result = run.finish()
            self.assertEqual(result.get('exit'), 0, (result, run.output('stderr')))
            return json.loads(run.output()), run.facts()

    def test_all_of_it(self):
        os.environ['SOMETHING'] = 'else'
        previous = os.umask(0o077)
        try:
            # Blocked and ignored signals of whoever starts udsd-exec are not the command's.
            odd = ['/usr/bin/env', '--block-signal=USR1', '--ignore-signal=TERM', '--ignore-signal=HUP']
            seen, facts = self.look(surroundings.RULES, before=odd)
        finally:
            os.umask(previous)
            del os.environ['SOMETHING']
        self.assertEqual(seen, surroundings.expected(seen, 'a.b', facts['run']))

    def test_another_user(self):
        support.require(ROOT, 'root')
        for name in ('nobody', 'daemon'):
            account = pwd.getpwnam(name)
            seen, facts = self.look(user=name)
            self.assertEqual((seen['uids'], seen['gids']), ([account.pw_uid] * 3, [account.pw_gid] * 3))
            self.assertEqual(sorted(seen['groups']), sorted(set(os.getgrouplist(name, account.pw_gid))))
            self.assertEqual((seen['environment']['USER'], seen['environment']['HOME']), (name, account.pw_dir))
            self.assertEqual(int(seen['caps'], 16), 0)
            self.assertEqual(facts['user'], name)
            whole = subprocess.run(['id', name], capture_output=True, text=True, check=True).stdout
            self.assertEqual(int(re.search(r'uid=(\d+)', whole)[1]), account.pw_uid)

    def test_a_group_replaces_the_users_own(self):
        support.require(ROOT, 'root')
        seen, _ = self.look('group = "adm"', user='daemon')
        adm = shutil._get_gid('adm')
        self.assertEqual((seen['gids'], seen['groups']), ([adm] * 3, [adm]))

    def test_the_callers_own_rights(self):
        seen, _ = self.look(user='@caller')
        self.assertEqual(seen['uids'], [os.getuid()] * 3)


class Input(unittest.TestCase):
    CAT = "import sys; sys.stdout.write(sys.stdin.read())"

    def test_none(self):
        with Host(declare('a.b', '-c', self.CAT)) as host:
            run = host.run('a.b')
            self.assertEqual((run.finish()['exit'], run.output()), (0, b''))

    def test_of_the_caller(self):
        with Host(declare('a.b', '-c', self.CAT, more='stdin = "caller"')) as host:
            self.assertEqual(host.run('a.b').refused()[0], 'invalid_args')
            reading, writing = os.pipe()
            run = host.run('a.b', stdin=reading)
            os.close(reading)
            os.write(writing, b'from the caller')
            os.close(writing)
            self.assertEqual((run.finish()['exit'], run.output()), (0, b'from the caller'))

    def test_a_secret(self):
        secret = 'correct horse battery staple'
        with Host(declare('a.b', '-c', self.CAT + '; sys.stdout.write(str(sys.argv))',
                          more='stdin = "arg:key"\nargs.key = { type = "string", secret = true }')) as host:
            run = host.run('a.b', {'key': secret})
            self.assertEqual(run.finish()['exit'], 0)
            self.assertEqual(run.output().decode(), secret + "['-c']")
            self.assertEqual(run.facts()['args'], {'key': '***'})
            (run.directory / 'output').unlink()
            for path in host.state.rglob('*'):
                if path.is_file():
                    self.assertNotIn(secret, path.read_text(encoding='utf-8'), path)


class FailingCalls(unittest.TestCase):
    """Each step of the child fails in turn: the command is not run, and the step is named."""

    CALLS = [  # what strace makes fail, where the child is the only one to call it that often; the step
        ('setsid:error=EPERM:when=1', 'session'), ('dup2:error=EMFILE:when=4+', 'progress'),
        ('close_range:error=EINVAL:when=1', 'descriptors'), ('close_range:error=EINVAL:when=2', 'descriptors'),
        ('prctl:error=EINVAL:when=3', 'parent'), ('chdir:error=EACCES:when=1', 'cwd'),
        ('openat2:error=ENOSYS:when=1', 'path'), ('prlimit64:error=EPERM:when=1', 'limits'),
    ]
    ROOT_CALLS = [
        ('setgroups:error=EPERM:when=1', 'groups'), ('setresgid:error=EAGAIN:when=1', 'gid'),
        ('setresuid:error=EAGAIN:when=1', 'uid'),
        # A call that says it is done and has done nothing.
        ('setgroups:retval=0:when=1', 'groups'), ('setresgid:retval=0:when=1', 'gid'),
        ('setresuid:retval=0:when=1', 'uid'),
    ]

    LIBRARY_CALLS = [  # what fails in the child alone, and which call of it; the step
        ('syscall:1', 'signals'), ('sigprocmask:1', 'signals'), ('dup2:1', 'stdin'), ('dup2:2', 'stdout'),
        ('dup2:3', 'stderr'), ('dup2:4', 'progress'), ('prctl:1', 'no_new_privs'), ('prctl:2', 'no_new_privs'),
    ]

    @unittest.skipIf(support.SANITIZED, 'strace would count the calls of the sanitizers, too')
    def test_each(self):
        support.require(shutil.which('strace'), 'strace')
        for inject, stage in self.CALLS + (self.ROOT_CALLS if ROOT else []):
            self.check(['strace', '-f', '-qq', '-o', '/dev/null', '-e', 'inject=' + inject], stage)

    @unittest.skipIf(support.SANITIZED, 'a sanitizer must be the first library')
    def test_each_that_others_call_as_often(self):
        for call, stage in self.LIBRARY_CALLS:
            library = support.program('UDS_FAIL_LIBRARY')
            self.check(['env', f'LD_PRELOAD={library}', f'UDS_FAIL_IN_CHILD={call}'], stage)

    @unittest.skipIf(support.SANITIZED, 'a sanitizer must be the first library')
    def test_the_cgroup(self):
        # The first thing that the child writes is that it joins.
        library = support.program('UDS_FAIL_LIBRARY')
        self.check([*UnitCgroup(self).before, 'env', f'LD_PRELOAD={library}', 'UDS_FAIL_IN_CHILD=write:1'], 'cgroup')

    def check(self, before, stage):
        with self.subTest(before=before[-1]), Host() as host:
            (host.directory / 'www').mkdir()
            (host.directory / 'www' / 'file').touch()
            place = host.directory / 'place'
            place.mkdir()
            place.chmod(0o777)
            mark = place / 'ran'
            user = 'user = "daemon"\n' if ROOT else ''
            host.declare(declare(
                'a.b', '-c', f'open("{mark}", "w")', '{p}',
                more=f'limits = {{ core = 0 }}\n{user}args.p = {{ type = "path", below = "{host.directory}/www" }}'))
            host.directory.chmod(0o711)
            run = host.run('a.b', {'p': 'file'}, before=before)
            result = run.finish()
            self.assertEqual((result['outcome'], result['started'], result.get('stage')),
                             ('not_started', False, stage), result)
            self.assertIn(f'its step {stage}', result['reason'])
            self.assertFalse(mark.exists())


if __name__ == '__main__':
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    support.main()

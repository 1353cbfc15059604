#!/usr/bin/env python3
"""The man pages against the programs: what --help, udsd.toml and the checks of values say must be in the pages, and the
pages must not say more. Reads the sources in docs/man; what scdoc makes of them is judged by groff."""
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import support

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGES = ('udsd.8', 'udsd-exec.8', 'udsctl.1', 'udsd.toml.5', 'uds-protocol.7')
PROGRAMS = {'udsd.8': 'UDSD', 'udsctl.1': 'UDSCTL'}

# What stands for the build options in the sources.
PLACEHOLDERS = {'@UDS_SOCKET_PATH@': '/run/uds/uds.sock'}


def source(page):
    text = (ROOT / 'docs/man' / f'{page}.scd').read_text(encoding='utf-8')
    for name, value in PLACEHOLDERS.items():
        text = text.replace(name, value)
    return text


def section(page, title, level='#'):
    """The text below a heading, up to the next one of its level or above."""
    found = re.search(rf'^{level} {re.escape(title)}\n(.*?)(?=^#{{1,{len(level)}}} |\Z)', source(page), re.M | re.S)
    if not found:
        raise AssertionError(f'{page} has no section {title}')
    return found.group(1)


def entries(text):
    """The entries of a list of definitions: (the line at the margin, the indented text below it)."""
    return re.findall(r'^(\S.*)\n((?:\t.*\n|\n(?=\t))+)', text, re.M)


def unmarked(text):
    """`text` without what makes it bold or underlined."""
    return text.replace('*', '').replace('_', '')


def heads(page, title):
    return [head for head, _ in entries(section(page, title))]


def run(program, *arguments, env=None):
    return subprocess.run([support.program(program), *map(str, arguments)], capture_output=True, text=True,
                          stdin=subprocess.DEVNULL, env=support.clean_environment(env), timeout=support.DEADLINE,
                          check=False)


def help_of(program):
    shown = run(program, '--help')
    if shown.returncode != 0:
        raise AssertionError(f'--help: {shown.stderr}')
    return shown.stdout


def options(text):
    """{option: its placeholder or None} of a text such as --help."""
    found = {}
    for option, placeholder in re.findall(r'(?<![\w-])(--[a-z][a-z-]*[a-z])\b(?!-)(?: ([A-Z]{2,})\b)?', text):
        found[option] = placeholder or found.get(option)
    return found


def variable_of(option):
    return 'UDSD_' + option.removeprefix('--').replace('-', '_').upper()


def variables(page):
    return {name for head in heads(page, 'ENVIRONMENT') for name in re.findall(r'\*([A-Z][A-Z0-9_]*)\*', head)}


class Programs(unittest.TestCase):
    """udsd(8) and udsctl(1) say what --help says."""

    def each(self, check):
        for page, program in PROGRAMS.items():
            with self.subTest(page=page):
                check(page, program, help_of(program))

    def test_options(self):
        def check(page, _, text):
            listed = {}
            for head in heads(page, 'OPTIONS'):
                listed.update(options(unmarked(head)))
            self.assertEqual(listed, options(text))
        self.each(check)

    def test_options_of_udsd_exec(self):
        program = pathlib.Path(support.program('UDSD')).with_name('udsd-exec')
        text = subprocess.run([program, '--help'], capture_output=True, text=True, timeout=support.DEADLINE,
                              check=True).stdout
        listed = {}
        for head in heads('udsd-exec.8', 'OPTIONS'):
            listed.update(options(unmarked(head)))
        self.assertEqual(listed, options(text))

    def test_no_other_option_is_mentioned(self):
        def check(page, _, text):
            name = pathlib.PurePath(page).stem
            blocks = re.split(r'^\t*```\n', source(page), flags=re.M)
            # Outside of examples, and in examples where the program itself is called.
            said = blocks[::2] + [line for block in blocks[1::2] for line in block.splitlines() if f'{name} ' in line]
            self.assertLessEqual(set(options('\n'.join(said))), set(options(text)))
        self.each(check)

    def test_variables(self):
        def check(page, program, text):
            shown = re.findall(r'\$([A-Z_]+)|\b(UDSD?_[A-Z_]*[A-Z])\b', text)
            self.assertLessEqual({name for pair in shown for name in pair if name}, variables(page))
            # The other way round: a program that reads a variable has its name in its file.
            file = pathlib.Path(support.program(program)).read_bytes()
            self.assertEqual([name for name in sorted(variables(page)) if name.encode() not in file], [])
        self.each(check)

    def test_each_option_with_a_value_has_its_variable(self):
        # --as is a question, not a setting.
        expected = {variable_of(option) for option, placeholder in options(help_of('UDSD')).items()
                    if placeholder and option != '--as'}
        self.assertEqual({name for name in variables('udsd.8') if name.startswith('UDSD_')}, expected)

    def test_exit_statuses(self):
        def check(page, _, text):
            listed = text.split('Exit status:\n', 1)[1]
            shown = re.findall(r'(?:^|  ) *(\d{1,3}) +\S', listed, re.M)
            self.assertEqual([unmarked(head) for head in heads(page, 'EXIT STATUS')], shown)
        self.each(check)

    def test_verbs(self):
        shown = help_of('UDSCTL').split('Options', 1)[0]
        verbs = [name for names in re.findall(r'^  ([a-z-]+(?:, [a-z-]+)*)(?= )', shown, re.M) for name in names.split(', ')]
        listed = [unmarked(head).split()[0] for head in heads('udsctl.1', 'VERBS')]
        self.assertEqual(sorted(set(listed)), sorted(set(verbs)))
        synopsis = re.findall(r'^\*udsctl\* \[_OPTION_\]\.\.\. \*([a-z-]+)\*', section('udsctl.1', 'SYNOPSIS'), re.M)
        self.assertEqual(synopsis, listed)


class Configuration(unittest.TestCase):
    """udsd.toml(5) has the keys, defaults and bounds of udsd."""

    @staticmethod
    def shipped():
        """{section: {key: value as written}} of daemon/udsd.toml."""
        found = {}
        keys = None
        for line in (ROOT / 'daemon/udsd.toml').read_text(encoding='utf-8').splitlines():
            if heading := re.fullmatch(r'\[(\w+)\]', line):
                keys = found.setdefault(heading.group(1), {})
            elif setting := re.fullmatch(r'#([a-z_-]+) = (.*)', line):
                keys[setting.group(1)] = setting.group(2)
        return found

    @staticmethod
    def described(name):
        """{key: (default or None, text)} of a section in the page."""
        found = {}
        for head, text in entries(section('udsd.toml.5', f'[{name}]', '##')):
            matched = re.fullmatch(r'((?:\*[a-z_-]+\*(?:, )?)+) \((?:[a-z]+)(?:, default (.*))?\)', head)
            if matched:
                for key in re.findall(r'\*([a-z_-]+)\*', matched.group(1)):
                    found[key] = (matched.group(2), text)
        return found

    def test_sections_and_keys(self):
        shipped = self.shipped()
        titles = re.findall(r'^## \[(\w+)\]$', section('udsd.toml.5', 'SECTIONS'), re.M)
        self.assertEqual(titles, list(shipped))
        for name, keys in shipped.items():
            with self.subTest(section=name):
                self.assertEqual(sorted(self.described(name)), sorted(keys))

    def test_defaults(self):
        without = {('socket', 'owner'), ('socket', 'group'), ('commands', 'commands_dir')}  # the file shows an example instead
        for name, keys in self.shipped().items():
            described = self.described(name)
            for key, value in keys.items():
                with self.subTest(section=name, key=key):
                    self.assertEqual(described[key][0], None if (name, key) in without else value)

    def test_bounds(self):
        sections = {name: keys for name, keys in self.shipped().items() if name in ('socket', 'limits')}
        wrong = ''.join(f'[{name}]\n' + ''.join(f'{key} = true\n' for key in keys) for name, keys in sections.items())
        with tempfile.TemporaryDirectory(prefix='uds-') as directory:
            file = pathlib.Path(directory) / 'udsd.toml'
            file.write_text(wrong, encoding='utf-8')
            said = run('UDSD', '--check-config', '--config', file)
        self.assertEqual(said.returncode, 78, said.stderr)
        types = section('udsd.toml.5', 'DESCRIPTION')
        judged = 0
        for name, key, what in re.findall(r' (\w+)\.([a-z_]+): must be (.*)', said.stderr):
            if bounds := re.search(r'from (\S+) to ("[^"]*"|\d+)', what):
                where = types if 'a duration' in what else self.described(name)[key][1]
                with self.subTest(key=key):
                    self.assertIn(bounds.group(0), ' '.join(where.split()))
                judged += 1
        self.assertEqual(judged, len(sections['limits']) + 1, said.stderr)


class Pages(unittest.TestCase):
    """What is installed."""

    @classmethod
    def setUpClass(cls):
        support.require(shutil.which('scdoc') is not None, 'scdoc')
        build = os.environ.get('UDS_BUILD_DIR') or pathlib.Path(support.program('UDSD')).resolve().parent.parent
        script = pathlib.Path(build) / 'docs/man/cmake_install.cmake'
        support.require(script.exists(), 'man pages in the build directory beside udsd')
        holder = tempfile.TemporaryDirectory(prefix='uds-install-')
        cls.addClassCleanup(holder.cleanup)
        subprocess.run(['cmake', '-P', str(script)], env={**os.environ, 'DESTDIR': holder.name}, check=True,
                       stdout=subprocess.DEVNULL)
        cls.pages = {page.name: page for page in pathlib.Path(holder.name).rglob('man/man*/*')}

    def test_each_is_in_its_section(self):
        self.assertEqual(sorted(self.pages), sorted(PAGES))
        for name, page in self.pages.items():
            self.assertEqual(page.parent.name, 'man' + name[-1])

    def test_nothing_is_left_to_fill_in(self):
        for name, page in self.pages.items():
            self.assertEqual(re.findall(r'@\w+@', page.read_text(encoding='utf-8')), [], name)

    def test_groff_has_nothing_to_say(self):
        support.require(shutil.which('groff') is not None, 'groff')
        for name, page in self.pages.items():
            checked = subprocess.run(['groff', '-man', '-ww', '-z', '-Tutf8', page], capture_output=True, text=True,
                                     timeout=support.DEADLINE, check=False)
            with self.subTest(page=name):
                self.assertEqual((checked.returncode, checked.stdout, checked.stderr), (0, '', ''))

    def test_they_refer_to_each_other(self):
        for page in PAGES:
            for name, number in re.findall(r'\*(uds[a-z.-]*)\*\((\d)\)', source(page)):
                with self.subTest(page=page, reference=name):
                    self.assertIn(f'{name}.{number}', PAGES)


if __name__ == '__main__':
    support.main()

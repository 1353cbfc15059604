#!/usr/bin/env python3
"""libuds for programs outside of this tree: installed, and as a part of another project's tree; with Boost and without.

The programs are those of debian/tests, which does the same with the installed packages: coroutines.cpp has an Asio of
its own, plain.cpp has no Boost at all.
"""
import glob
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import support

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CONSUMER = ROOT / 'debian/tests/consumer'
# A compiler that others keep busy takes its time.
BUILD_DEADLINE = 10 * support.DEADLINE

# A project that has uds in its own tree: what is its own stays as it is.
FOREIGN = f'''
cmake_minimum_required(VERSION 3.25)
project(foreign VERSION 7.8.9 LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 23)
add_subdirectory("{ROOT}" uds)
message(STATUS "version ${{PROJECT_VERSION}}, C++${{CMAKE_CXX_STANDARD}}")
message(STATUS "not set: ${{CMAKE_CXX_EXTENSIONS}}${{CMAKE_EXPORT_COMPILE_COMMANDS}}${{CMAKE_MODULE_PATH}}")
add_executable(plain "{CONSUMER}/plain.cpp")
target_link_libraries(plain PRIVATE uds::uds)
add_executable(coroutines "{CONSUMER}/coroutines.cpp")
target_link_libraries(coroutines PRIVATE uds::asio)
'''


def run(*command, env=None, deadline=BUILD_DEADLINE):
    return subprocess.run([str(word) for word in command], env={**os.environ, **(env or {})}, capture_output=True,
                          text=True, timeout=deadline, check=False)


def must(*command, env=None):
    done = run(*command, env=env)
    if done.returncode != 0:
        raise AssertionError(f'{command}: {done.stdout}{done.stderr}')
    return done.stdout


def included(build, program):
    """The files that were read to compile `program`, as Ninja has noted them."""
    object_file = next(target for target in must('ninja', '-C', build, '-t', 'targets', 'all').split()
                       if f'{program}.dir/' in target and target.endswith('.o:')).rstrip(':')
    return must('ninja', '-C', build, '-t', 'deps', object_file).splitlines()[1:]


def naming(paths, *libraries):
    """Those of `paths` that belong to one of `libraries`."""
    return [path for path in paths if re.search(rf'/({"|".join(libraries)})[/.]', path)]


class _Consumer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if support.SANITIZED:
            raise unittest.SkipTest('who links a sanitized library needs its sanitizers')
        support.require(shutil.which('ninja') is not None, 'ninja')
        holder = tempfile.TemporaryDirectory(prefix='uds-consumer-')
        cls.addClassCleanup(holder.cleanup)
        cls.work = pathlib.Path(holder.name)


class _Installed(_Consumer):
    """The library alone, installed into a directory that nothing knows of."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        build = os.environ.get('UDS_BUILD_DIR') or pathlib.Path(support.program('UDSD')).resolve().parent.parent
        support.require((pathlib.Path(build) / 'CMakeCache.txt').exists(), 'the build directory beside udsd')
        must('cmake', '--install', pathlib.Path(build) / 'common', env={'DESTDIR': str(cls.work / 'root')})
        config = next((cls.work / 'root').rglob('udsConfig.cmake'))
        cls.prefix = next(parent for parent in config.parents if (parent / 'include/uds').is_dir())

    def configure(self, source, name, *options, wrapper=()):
        return run(*wrapper, 'cmake', '-S', source, '-B', self.work / name, '-G', 'Ninja',
                   f'-DCMAKE_PREFIX_PATH={self.prefix}', *options)

    def pkg_config(self, *options):
        module = next(self.prefix.rglob('uds.pc'))
        return must('pkg-config', '--define-prefix', *options, 'uds', env={'PKG_CONFIG_PATH': str(module.parent)})

    def compile_by_pkg_config(self, source, program, *wrapper):
        compiler = shutil.which('c++')
        support.require(compiler is not None and shutil.which('pkg-config') is not None, 'c++ and pkg-config')
        flags = self.pkg_config('--cflags', '--libs').split()
        must(*wrapper, compiler, '-o', program, CONSUMER / source, *flags)


class Installed(_Installed):
    def test_the_cmake_package(self):
        build = self.work / 'cmake'
        done = self.configure(CONSUMER, build)
        self.assertEqual(done.returncode, 0, done.stderr)
        must('cmake', '--build', build)
        for program in ('plain', 'coroutines'):
            must(build / program, self.work / f'{program}.sock')
            inside = naming(included(build, program), 'spdlog', 'fmt', 're2', 'simdjson')
            self.assertEqual(inside, [], f'{program}.cpp reads what only the library needs')
            self.assertNotRegex(must('ldd', build / program), 'spdlog|fmt|boost')
        self.assertEqual(naming(included(build, 'plain'), 'boost'), [])
        self.assertNotEqual(naming(included(build, 'coroutines'), 'boost'), [])

    def test_another_version_is_not_taken(self):
        source = self.work / 'newer'
        source.mkdir()
        (source / 'CMakeLists.txt').write_text('cmake_minimum_required(VERSION 3.25)\nproject(newer CXX)\n'
                                               'find_package(uds 99.0 REQUIRED)\n', encoding='utf-8')
        self.assertIn('version: 0.', self.configure(source, 'build-newer').stderr)

    def test_pkg_config(self):
        program = self.work / 'by-pkg-config'
        self.compile_by_pkg_config('coroutines.cpp', program)
        must(program, self.work / 'b.sock')

    def test_the_version_is_that_of_the_project(self):
        project = (ROOT / 'CMakeLists.txt').read_text(encoding='utf-8')
        version = re.search(r'^project\(uds VERSION (\S+)', project, re.M).group(1)
        self.assertEqual(self.pkg_config('--modversion').strip(), version)
        package = next(self.prefix.rglob('udsConfigVersion.cmake')).read_text(encoding='utf-8')
        self.assertIn(f'set(PACKAGE_VERSION "{version}")', package)
        header = (self.prefix / 'include/uds/version.hpp').read_text(encoding='utf-8')
        self.assertIn(f'kVersion = "{version}"', header)
        for program in ('UDSD', 'UDSCTL'):
            self.assertTrue(must(support.program(program), '--version').endswith(f' {version}\n'))
        # These two are written by hand, for people and for Debian.
        self.assertRegex((ROOT / 'CHANGELOG.md').read_text(encoding='utf-8'), rf'(?m)^## {re.escape(version)}\b')
        self.assertRegex((ROOT / 'debian/changelog').read_text(encoding='utf-8'), rf'^uds \({re.escape(version)}-')


class WithoutBoost(_Installed):
    """In a mount namespace where an empty directory lies over the headers of Boost and over its CMake packages."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        empty = cls.work / 'empty'
        empty.mkdir()
        folders = [path for pattern in ('/usr/include/boost', '/usr/local/include/boost', '/usr/lib/cmake/[Bb]oost*',
                                        '/usr/lib/*/cmake/[Bb]oost*', '/usr/local/lib/cmake/[Bb]oost*')
                   for path in glob.glob(pattern) if os.path.isdir(path)]
        hide = ''.join(f'mount --bind "$empty" "{folder}" && ' for folder in folders)
        cls.hidden = ('unshare', '--mount', '--map-root-user', 'sh', '-c', f'empty=$0 && {hide}exec "$@"', empty)
        support.require(shutil.which('unshare') is not None and run(*cls.hidden, 'true').returncode == 0,
                        'unshare, and mount namespaces for whoever runs the tests')

    def test_the_tier_without_boost(self):
        build = self.work / 'cmake-plain'
        done = self.configure(CONSUMER, build, '-DWITH_ASIO=OFF', wrapper=self.hidden)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn('no target uds::asio', done.stdout)
        must(*self.hidden, 'cmake', '--build', build)
        must(*self.hidden, build / 'plain', self.work / 'c.sock')

    def test_the_component_asio_says_what_is_missing(self):
        header = run(*self.hidden, 'c++', '-fsyntax-only', '-include', 'boost/version.hpp', '-x', 'c++', '/dev/null')
        self.assertNotEqual(header.returncode, 0, 'Boost is not hidden')
        done = self.configure(CONSUMER, 'cmake-asio', wrapper=self.hidden)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('its component asio needs the headers of Boost 1.81', ' '.join(done.stderr.split()))

    def test_the_tier_without_boost_by_pkg_config(self):
        program = self.work / 'plain-by-pkg-config'
        self.compile_by_pkg_config('plain.cpp', program, *self.hidden)
        must(program, self.work / 'd.sock')


class InTheTree(_Consumer):
    def test_add_subdirectory(self):
        source = self.work / 'foreign'
        source.mkdir()
        (source / 'CMakeLists.txt').write_text(FOREIGN, encoding='utf-8')
        build = self.work / 'build'
        configured = must('cmake', '-S', source, '-B', build, '-G', 'Ninja')
        self.assertIn('-- version 7.8.9, C++23\n-- not set: \n', configured)
        targets = must('ninja', '-C', build, '-t', 'targets', 'all')
        linked = re.findall(r'^(?:\S*/)?(\S+): CXX_\S+_LINKER__', targets, re.M)
        self.assertEqual(sorted(linked), ['coroutines', 'libuds.a', 'plain'])
        must('cmake', '--build', build)
        for program in ('plain', 'coroutines'):
            must(build / program, self.work / f'{program}.sock')


if __name__ == '__main__':
    support.main()

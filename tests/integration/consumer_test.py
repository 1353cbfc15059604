#!/usr/bin/env python3
"""libuds for a program outside of this tree: found as CMake package and by pkg-config, compiled, linked and run.

The program is that of debian/tests, which does the same with the installed packages.
"""
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

import support

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CONSUMER = ROOT / 'debian/tests/consumer'


@unittest.skipIf(support.SANITIZED, 'who links a sanitized library needs its sanitizers')
class Consumer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        build = os.environ.get('UDS_BUILD_DIR') or pathlib.Path(support.program('UDSD')).resolve().parent.parent
        support.require((pathlib.Path(build) / 'CMakeCache.txt').exists(), 'the build directory beside udsd')
        holder = tempfile.TemporaryDirectory(prefix='uds-consumer-')
        cls.addClassCleanup(holder.cleanup)
        cls.work = pathlib.Path(holder.name)
        cls.must('cmake', '--install', build, env={'DESTDIR': str(cls.work / 'root')})
        config = next((cls.work / 'root').rglob('udsConfig.cmake'))
        cls.prefix = next(parent for parent in config.parents if (parent / 'include/uds').is_dir())

    @staticmethod
    def must(*command, env=None):
        done = subprocess.run([str(word) for word in command], env={**os.environ, **(env or {})}, capture_output=True,
                              text=True, timeout=4 * support.DEADLINE, check=False)
        if done.returncode != 0:
            raise AssertionError(f'{command}: {done.stdout}{done.stderr}')
        return done.stdout

    def configure(self, source, name):
        return subprocess.run(['cmake', '-S', source, '-B', self.work / name, '-G', 'Ninja',
                               f'-DCMAKE_PREFIX_PATH={self.prefix}'], capture_output=True, text=True,
                              timeout=support.DEADLINE, check=False)

    def test_the_cmake_package(self):
        done = self.configure(CONSUMER, 'cmake')
        self.assertEqual(done.returncode, 0, done.stderr)
        self.must('cmake', '--build', self.work / 'cmake')
        self.must(self.work / 'cmake/consumer', self.work / 'a.sock')

    def test_another_version_is_not_taken(self):
        source = self.work / 'newer'
        source.mkdir()
        (source / 'CMakeLists.txt').write_text('cmake_minimum_required(VERSION 3.25)\nproject(newer CXX)\n'
                                               'find_package(uds 99.0 REQUIRED)\n', encoding='utf-8')
        self.assertIn('version: 0.', self.configure(source, 'build-newer').stderr)

    def test_pkg_config(self):
        compiler = shutil.which('c++')
        support.require(compiler is not None and shutil.which('pkg-config') is not None, 'c++ and pkg-config')
        module = next(self.prefix.rglob('uds.pc'))
        flags = self.must('pkg-config', '--define-prefix', '--cflags', '--libs', 'uds',
                          env={'PKG_CONFIG_PATH': str(module.parent)}).split()
        program = self.work / 'by-pkg-config'
        self.must(compiler, '-o', program, CONSUMER / 'main.cpp', *flags)
        self.must(program, self.work / 'b.sock')


if __name__ == '__main__':
    support.main()

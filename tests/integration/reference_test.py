#!/usr/bin/env python3
"""The reference of libuds: Doxygen makes it from the public headers without a word, so nothing lacks a docstring."""
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

import support

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Reference(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        support.require(shutil.which('doxygen') is not None, 'doxygen')

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix='uds-reference-')
        self.addCleanup(holder.cleanup)
        self.work = pathlib.Path(holder.name)

    def doxygen(self, source):
        """Runs docs/Doxyfile on the tree `source`; the pages come into the directory of the test."""
        settings = (ROOT / 'docs/Doxyfile').read_text(encoding='utf-8') + f'\nOUTPUT_DIRECTORY = {self.work}\n'
        return subprocess.run(['doxygen', '-'], cwd=source, input=settings, capture_output=True, text=True,
                              timeout=support.DEADLINE, check=False)

    def test_everything_public_is_documented(self):
        done = self.doxygen(ROOT)
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, '', ''))
        pages = {page.name for page in (self.work / 'html').glob('*.html')}
        self.assertLess({'classuds_1_1Server.html', 'classuds_1_1Call.html', 'namespaceuds_1_1schema.html'}, pages)
        self.assertFalse([page for page in pages if 'detail' in page or 'boost' in page])
        functions = (self.work / 'html/namespaceuds.html').read_text(encoding='utf-8')
        for name in ('sleep_for', 'kVersion', 'parse_duration'):
            self.assertIn(name, functions)

    def test_a_missing_docstring_is_found(self):
        headers = pathlib.Path('common/include/uds')
        shutil.copytree(ROOT / headers, self.work / headers)
        shutil.copy(ROOT / 'common/version.hpp.in', self.work / 'common')
        call = self.work / headers / 'call.hpp'
        text, removed = re.subn(r'(  ///[^\n]*\n)+(?=[^\n]* take_fd\()', '', call.read_text(encoding='utf-8'))
        self.assertEqual(removed, 1)
        call.write_text(text, encoding='utf-8')
        done = self.doxygen(self.work)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn('take_fd', done.stderr)


if __name__ == '__main__':
    support.main()

#!/usr/bin/env python3
"""docs/terminal.svg, the picture of the README, is what scripts/picture.py draws now."""
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import support

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Picture(unittest.TestCase):
    def test_it_is_of_this_udsctl(self):
        build = os.environ.get('UDS_BUILD_DIR') or pathlib.Path(support.program('UDSD')).resolve().parent.parent
        with tempfile.TemporaryDirectory(prefix='uds-') as directory:
            drawn = pathlib.Path(directory, 'terminal.svg')
            subprocess.run([sys.executable, ROOT / 'scripts/picture.py', '--build', build, drawn], check=True,
                           timeout=support.DEADLINE, env=support.clean_environment())
            self.assertEqual(drawn.read_text(encoding='utf-8'), (ROOT / 'docs/terminal.svg').read_text(encoding='utf-8'),
                             'draw it again: scripts/picture.py')


if __name__ == '__main__':
    support.main()

#!/usr/bin/env python3
"""That the benchmark measures everything it reports: a round of moments, whose numbers mean nothing."""
import os
import pathlib
import subprocess
import sys
import unittest
import xml.etree.ElementTree

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path[:0] = [str(ROOT / 'tests/integration'), str(ROOT / 'bench')]

import support  # noqa: E402
from measure import goals, loads, plot, report  # noqa: E402


def tables(text):
    """The rows of all tables, by their first cell."""
    rows = [[cell.strip() for cell in line.strip('|').split('|')] for line in text.splitlines() if line.startswith('|')]
    return {row[0]: row for row in rows}


@unittest.skipIf(support.SANITIZED, 'what it measures is not built with sanitizers')
class Compare(unittest.TestCase):
    def test_a_round_of_moments(self):
        support.require(os.environ.get('UDS_BUILD_DIR'), 'uds-bench (UDS_BUILD_BENCH)')
        # A core that is allowed here, not just any.
        core = min(os.sched_getaffinity(0))
        done = subprocess.run(
            [sys.executable, str(ROOT / 'bench/compare.py'), support.program('UDS_BUILD_DIR'), '--rounds', '1',
             '--core', str(core), '--seconds', '0.01', '--stream', '1000', '--idle', '50', '--starts', '1', '--no-counts'],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, env=support.clean_environment(),
            timeout=2 * support.DEADLINE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = tables(done.stdout)
        for load in loads.LOADS:
            if load.name not in report.ELSEWHERE:
                self.assertRegex(rows[load.name][1], r'\d', load.name)
        for count in loads.CLIENTS:
            self.assertRegex(rows[f'{count:,}'][3], r'\d')
        for goal in goals.GOALS:
            self.assertIn(rows[goal.what][3], {'reached', 'not reached, within the limit', '**not reached**',
                                               'not measured'})
        self.assertNotEqual(rows['time of a ping, of raw epoll'][3], 'not measured')


@unittest.skipIf(support.SANITIZED, 'what it measures is not built with sanitizers')
class Runs(unittest.TestCase):
    def test_a_round_of_moments(self):
        support.require(os.environ.get('UDS_BUILD_DIR'), 'the build folder (UDS_BUILD_BENCH)')
        done = subprocess.run(
            [sys.executable, str(ROOT / 'bench/runs.py'), support.program('UDS_BUILD_DIR'), '--rounds', '1', '--repeats', '1',
             '--megabytes', '1'],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, env=support.clean_environment(),
            timeout=2 * support.DEADLINE, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        rows = tables(done.stdout)
        for part in ('run', 'udsctl ping', 'udsd-exec', '/bin/true', 'syncs'):
            self.assertRegex(rows[part][1], r'\d', part)
        for line in (r'A run takes \*\*[0-9.]+\*\* times', r'1 MB of text: \*\*[0-9.]+\*\*',
                     r'1 MB of random bytes: \*\*[0-9.]+\*\*', r'grew by \d+ KiB with 50'):
            self.assertRegex(done.stdout, line)


class Goals(unittest.TestCase):
    def test_verdicts(self):
        goal = goals.at_most(1.1, 'what', 'figure', limit=1.2)
        for value, verdict in ((1.1, 'reached'), (1.15, 'not reached, within the limit'), (1.3, '**not reached**')):
            self.assertEqual(goal.verdict({'figure': [0, value, 9]}), verdict)
        self.assertEqual(goals.at_least(2, 'what', 'figure').verdict({'figure': [1]}), '**not reached**')
        self.assertEqual(goal.verdict({}), 'not measured')


class Writing(unittest.TestCase):
    def test_only_what_is_between_the_markers_changes(self):
        page = f'before\n{report.BEGIN}\nold\n{report.END}\nafter\n'
        self.assertEqual(report.replace_measured(page, 'new'), page.replace('old', 'new'))

    def test_the_page_has_the_markers(self):
        page = (ROOT / 'docs/performance.md').read_text()
        self.assertIn('new', report.replace_measured(page, 'new'))

    def test_the_plot_is_xml(self):
        picture = plot.plot([('a : b', 0.2, 0.5, 0.9), ('c : d', 80, 90, 101)])
        self.assertTrue(xml.etree.ElementTree.fromstring(picture).tag.endswith('svg'))


if __name__ == '__main__':
    support.main()

#!/usr/bin/env python3
"""Proves that check_snippets.py finds each way in which a page can lie about a program, and accepts a true one."""
import unittest

import check_snippets

SOURCE = '''// A program.
int main() {
  // [go]
  if (ready) {
    go();
  }
  // [go]
}
'''
CODE = 'if (ready) {\n  go();\n}\n'
NAMED = '<!-- a.cpp [go] -->\n'
TRUE = f'{NAMED}```cpp\n{CODE}```\n'

BAD = {
    'no source named': (f'```cpp\n{CODE}```\n', SOURCE, 'does not say where it comes from'),
    'a line between': (f'{NAMED}\n```cpp\n{CODE}```\n', SOURCE, 'does not say where it comes from'),
    'other code': (f'{NAMED}```cpp\n{CODE.replace("go()", "wait()")}```\n', SOURCE, 'differs from [go]'),
    'other indentation': (f'{NAMED}```cpp\n  {CODE}```\n', SOURCE, 'differs from [go]'),
    'no such part': (f'<!-- a.cpp [run] -->\n```cpp\n{CODE}```\n', SOURCE, 'has no part [run]'),
    'no such file': (f'<!-- b.cpp [go] -->\n```cpp\n{CODE}```\n', SOURCE, 'b.cpp: '),
    'part that is not shown': (TRUE, SOURCE + '// [more]\n// [more]\n', 'no block shows [more]'),
    'part without end': (TRUE, '// [go]\n' + CODE, 'does not end [go]'),
    'part within a part': (TRUE, '// [go]\n// [b]\n// [b]\n// [go]\n', 'begins [b] within [go]'),
    'name twice': (TRUE, SOURCE + SOURCE, 'more than one part [go]'),
    'block of another language': (f'```sh\n{CODE}```\n', SOURCE, 'does not say where it comes from'),
}


class Snippets(unittest.TestCase):
    def problems(self, page, source):
        def read(file):
            if file != 'a.cpp':
                raise FileNotFoundError('no such file')
            return source
        return list(check_snippets.problems(page, read))

    def test_a_true_page_passes(self):
        page = f'Text.\n\n{TRUE}\n<!-- a comment -->\nMore.\n'
        self.assertEqual(self.problems(page, SOURCE), [])

    def test_each_lie_is_found(self):
        for name, (page, source, expected) in BAD.items():
            with self.subTest(name):
                self.assertTrue([found for found in self.problems(page, source) if expected in found])


if __name__ == '__main__':
    unittest.main()

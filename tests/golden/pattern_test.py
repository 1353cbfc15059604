#!/usr/bin/env python3
"""Proves that the golden runner's comparison notices differences: a matcher that accepts everything tests nothing."""
import unittest

from pattern import malformed, mismatch


class Mismatch(unittest.TestCase):
    def test_fits(self):
        for pattern, value in [
                ({}, {'a': 1}), ({'a': '*'}, {'a': None}), ({'a': '-'}, {'b': 1}), ({'a': {'b': 1}}, {'a': {'b': 1, 'c': 2}}),
                ([1, '...'], [1, 2, 3]), (['...'], []), ([], []), ('x', 'x'), (None, None)]:
            with self.subTest(pattern=pattern, value=value):
                self.assertIsNone(mismatch(pattern, value))

    def test_differs(self):
        for pattern, value in [
                ({'a': 1}, {'a': 2}), ({'a': 1}, {}), ({'a': '*'}, {}), ({'a': '-'}, {'a': None}), ([1], [1, 2]), ([1, 2], [1]),
                ([1, '...'], [2]), (1, '1'), (1, True), (1, 1.0), ({}, []), (None, 0), ({'a': {'b': 1}}, {'a': {'b': 2}})]:
            with self.subTest(pattern=pattern, value=value):
                self.assertIsNotNone(mismatch(pattern, value))


class Malformed(unittest.TestCase):
    def test_well_formed(self):
        for text in [b'{"id":1,"status":"OK","message":"x","seq":1}',
                     b'{"id":null,"status":"ERROR","message":"x","error":{"code":"busy","retryable":true}}',
                     b'{"error":"org.varlink.service.MethodNotImplemented","parameters":{"method":"a.B"}}']:
            self.assertIsNone(malformed(text), text)

    def test_malformed(self):
        for text in [b'', b' ', b'{"id":1,"status":"OK"}', b'{"status":"OK","id":1,"message":"x"}',
                     b'{"id":1,"status":"DONE","message":"x"}', b'{"id":1,"status":"OK","message":"a\\nb"}',
                     b'{"id":1,"status":"ERROR","message":"x"}', b'{"id":1,"status":"OK","message":"x","extra":1}',
                     b'{"id":1,"status":"OK","message":"x","error":{"code":"busy","retryable":true}}',
                     b'{"id":1,"status":"ERROR","message":"x","error":{"code":"busy"}}',
                     b'{"id":1,\n"status":"OK","message":"x"}']:
            self.assertIsNotNone(malformed(text), text)


if __name__ == '__main__':
    unittest.main()

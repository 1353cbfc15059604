#!/usr/bin/env python3
"""JSONTestSuite through the running daemon: every file of it, with the outcome written down.

The suite (https://github.com/nst/JSONTestSuite, the folder test_parsing) is not part of this repository: the variable
UDS_JSON_TEST_SUITE names the folder. Each file stands as one value in an `echo` request in NUL framing. Files that hold
a NUL are more than one record then; each of these must be refused, and `ping` must still be answered behind them.
"""
import json
import os
import pathlib
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import support
from support import Udsd, Wire

NUL = b'\0'
FILES = 318
# Two readers may take different values of a key that stands twice, so such a text is refused on purpose.
DUPLICATE_KEYS = {'y_object_duplicated_key.json', 'y_object_duplicated_key_and_value.json'}
# Files that become legal by standing inside a request. There is none: no file closes what the request opened.
LEGAL_INSIDE_A_REQUEST = set()
# Where RFC 8259 leaves the choice, ours. Accepted: a number may lose digits or vanish towards zero, never become
# infinite or another integer.
IMPLEMENTATION_DEFINED = {
    'i_number_double_huge_neg_exp.json': 'ok',  # becomes 0.0
    'i_number_huge_exp.json': 'outside double',
    'i_number_neg_int_huge_exp.json': 'outside double',
    'i_number_pos_double_huge_exp.json': 'outside double',
    'i_number_real_neg_overflow.json': 'outside double',
    'i_number_real_pos_overflow.json': 'outside double',
    'i_number_real_underflow.json': 'ok',  # becomes 0.0
    'i_number_too_big_neg_int.json': 'integer outside 64 bits',
    'i_number_too_big_pos_int.json': 'integer outside 64 bits',
    'i_number_very_big_negative_int.json': 'integer outside 64 bits',
    'i_object_key_lone_2nd_surrogate.json': 'escape',
    'i_string_1st_surrogate_but_2nd_missing.json': 'surrogate',
    'i_string_1st_valid_surrogate_2nd_invalid.json': 'escape',
    'i_string_UTF-16LE_with_BOM.json': 'UTF-8',
    'i_string_UTF-8_invalid_sequence.json': 'UTF-8',
    'i_string_UTF8_surrogate_U+D800.json': 'UTF-8',
    'i_string_incomplete_surrogate_and_escape_valid.json': 'escape',
    'i_string_incomplete_surrogate_pair.json': 'escape',
    'i_string_incomplete_surrogates_escape_valid.json': 'escape',
    'i_string_invalid_lonely_surrogate.json': 'surrogate',
    'i_string_invalid_surrogate.json': 'escape',
    'i_string_invalid_utf-8.json': 'UTF-8',
    'i_string_inverted_surrogates_U+1D11E.json': 'escape',
    'i_string_iso_latin_1.json': 'UTF-8',
    'i_string_lone_second_surrogate.json': 'escape',
    'i_string_lone_utf8_continuation_byte.json': 'UTF-8',
    'i_string_not_in_unicode_range.json': 'UTF-8',
    'i_string_overlong_sequence_2_bytes.json': 'UTF-8',
    'i_string_overlong_sequence_6_bytes.json': 'UTF-8',
    'i_string_overlong_sequence_6_bytes_null.json': 'UTF-8',
    'i_string_truncated-utf-8.json': 'UTF-8',
    'i_string_utf16BE_no_BOM.json': 'unexpected end',  # at the NUL of its first character
    'i_string_utf16LE_no_BOM.json': 'unexpected end',
    'i_structure_500_nested_arrays.json': 'nested deeper',
    'i_structure_UTF-8_BOM_empty_object.json': 'unexpected character',
}


class JsonTestSuite(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = os.environ.get('UDS_JSON_TEST_SUITE')
        support.require(folder, 'JSONTestSuite, the path of its test_parsing in UDS_JSON_TEST_SUITE')
        cls.cases = {path.name: path.read_bytes() for path in sorted(pathlib.Path(folder).glob('*.json'))}
        cls.udsd = Udsd()
        cls.addClassCleanup(cls.udsd.close)
        cls.wire = Wire(cls.udsd.socket, NUL)
        cls.addClassCleanup(cls.wire.close)
        cls.wire.send({'cmd': 'hello'})
        cls.instance = cls.wire.final()['data']['instance']

    def tearDown(self):
        self.assertTrue(self.udsd.alive(), self.udsd.stderr)
        with Wire(self.udsd.socket) as wire:
            wire.send({'cmd': 'hello'})
            self.assertEqual(wire.final()['data']['instance'], self.instance)
            self.assertEqual(support.peer_pid(wire.socket), self.udsd.pid)

    def some(self, prefix):
        return {name: text for name, text in self.cases.items() if name.startswith(prefix)}

    def answers_to(self, text):
        """All answers to a request that holds `text`, on the one connection that is used throughout."""
        frame = b'{"cmd":"echo","args":{"v":' + text + b'}}'
        self.wire.send(frame + NUL + b'{"id":"behind","cmd":"ping"}' + NUL)
        answers = []
        while (answer := self.wire.receive()) is not None:
            if answer['id'] == 'behind':
                self.assertEqual(len(answers), 1 + text.count(NUL), 'one answer for each record')
                return answers
            answers.append(answer)
        raise AssertionError('the connection ended')

    def assert_accepted(self, text):
        answer, = self.answers_to(text)
        self.assertEqual(answer['status'], 'OK', answer)
        self.assertEqual(answer['data'], {'v': json.loads(text)})

    def assert_refused(self, text, reason=''):
        answers = self.answers_to(text)
        for answer in answers:
            self.assertEqual(answer.get('error', {}).get('code'), 'bad_frame', answer)
        self.assertIn(reason, answers[0]['error']['reason'])

    def test_the_suite_is_whole(self):
        self.assertEqual(len(self.cases), FILES)
        self.assertEqual(sum(len(self.some(prefix)) for prefix in ('y_', 'n_', 'i_')), FILES)
        self.assertEqual(set(self.some('i_')), set(IMPLEMENTATION_DEFINED))
        self.assertLessEqual(DUPLICATE_KEYS | LEGAL_INSIDE_A_REQUEST, set(self.cases))

    def test_what_is_json_is_accepted(self):
        for name, text in self.some('y_').items():
            with self.subTest(name):
                if name in DUPLICATE_KEYS:
                    self.assert_refused(text, 'duplicate key')
                else:
                    self.assert_accepted(text)

    def test_what_is_not_json_is_refused(self):
        for name, text in self.some('n_').items():
            with self.subTest(name):
                if name in LEGAL_INSIDE_A_REQUEST:
                    self.assert_accepted(text)
                else:
                    self.assert_refused(text)

    def test_what_may_be_either_is_as_written_down(self):
        for name, text in self.some('i_').items():
            with self.subTest(name):
                if IMPLEMENTATION_DEFINED[name] == 'ok':
                    self.assert_accepted(text)
                else:
                    self.assert_refused(text, IMPLEMENTATION_DEFINED[name])


if __name__ == '__main__':
    support.main()

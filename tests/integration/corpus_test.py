#!/usr/bin/env python3
"""The hostile frames of tests/corpus through a running udsd: one answer for each, the right one, and udsd stays.

Each frame is ended in every way that leaves it one frame. A `ping` follows each, and a look at the daemon each test:
the same process, the same instance, and nothing it would have to say about itself.
"""
import contextlib
import json
import os
import pathlib
import socket
import sys
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / 'corpus'))
import support
from frames import CONVERSATIONS, EOF, FRAMES, LF, NUL
from support import Udsd, Wire

BYTE = {LF: b'\n', NUL: b'\0'}
BEHIND = b'{"id":"behind","cmd":"ping"}'
KEYS = ['id', 'status', 'message', 'seq', 'progress', 'data', 'error']
# No request can be named for these, so nothing counts their responses.
WITHOUT_SEQ = ('bad_frame', 'too_large')


def shown(frame):
    """A frame for people: its family, its beginning and its size."""
    return f'{frame.family}: {frame.text[:60]!r} ({len(frame.text)} bytes)'


class CorpusTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.udsd = Udsd()
        cls.addClassCleanup(cls.udsd.close)
        cls.instance = cls.hello()

    @classmethod
    def hello(cls):
        with Wire(cls.udsd.socket) as wire:
            assert support.peer_pid(wire.socket) == cls.udsd.pid
            wire.send({'cmd': 'hello'})
            return wire.final()['data']['instance']

    def tearDown(self):
        self.assertTrue(self.udsd.alive(), self.udsd.stderr)
        self.assertEqual(self.hello(), self.instance)

    def assert_outcome(self, answer, outcome):
        """`answer`, as bytes, is a well-formed final response that says `outcome`."""
        response = json.loads(answer)
        code = response['error']['code'] if response['status'] == 'ERROR' else 'ok'
        self.assertEqual(code, outcome, answer[:300])
        self.assertEqual(list(response), [key for key in KEYS if key in response])
        self.assertEqual(response.get('seq'), None if code in WITHOUT_SEQ else 1)
        self.assertTrue(answer.isascii() or answer.decode('utf-8'))

    def test_the_corpus_is_large_and_does_not_contradict_itself(self):
        self.assertGreaterEqual(len({frame.text for frame in FRAMES}), 500)
        self.assertEqual(len(FRAMES), len({(frame.family, frame.text, frame.ways) for frame in FRAMES}),
                         'a frame stands there with two outcomes')

    def test_each_frame_on_one_connection(self):
        for way, terminator in BYTE.items():
            with Wire(self.udsd.socket, terminator) as wire:
                wire.send(BEHIND + terminator)
                self.assertEqual(wire.receive()['id'], 'behind')
                for frame in FRAMES:
                    if way not in frame.ways:
                        continue
                    with self.subTest(shown(frame), way=way):
                        wire.send(frame.text + terminator + BEHIND + terminator)
                        self.assert_outcome(wire.frame(), frame.outcome)
                        answer = wire.receive()
                        self.assertEqual((answer['id'], answer['message']), ('behind', 'pong'))

    def test_each_frame_as_the_only_message(self):
        for frame in FRAMES:
            if EOF not in frame.ways:
                continue
            with self.subTest(shown(frame)), Wire(self.udsd.socket, BYTE[NUL]) as wire:
                # A message that is too large is answered before all of it was sent.
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    wire.send(frame.text)
                    wire.half_close()
                self.assert_outcome(wire.frame(), frame.outcome)
                self.assertEqual(wire.rest(), b'')

    def test_all_frames_at_once(self):
        for way, terminator in BYTE.items():
            frames = [frame for frame in FRAMES if way in frame.ways]
            stream = BEHIND + terminator + b''.join(frame.text + terminator for frame in frames)
            with self.subTest(way=way), Wire(self.udsd.socket, terminator) as wire:
                sender = threading.Thread(target=self.send_all, args=(wire, stream))
                sender.start()
                try:
                    self.assertEqual(wire.receive()['id'], 'behind')
                    # Only requests with an id may be answered out of turn, and these are answered at once.
                    for frame in frames:
                        try:
                            self.assert_outcome(wire.frame(), frame.outcome)
                        except Exception as problem:
                            raise AssertionError(shown(frame)) from problem
                    self.assertIsNone(wire.frame())
                finally:
                    with contextlib.suppress(OSError):  # ends a sender that nobody reads for any more
                        wire.socket.shutdown(socket.SHUT_RDWR)
                    sender.join()

    def send_all(self, wire, stream):
        with contextlib.suppress(OSError):
            wire.send(stream)
            wire.half_close()

    def test_conversations(self):
        for conversation in CONVERSATIONS:
            with self.subTest(conversation.name), Wire(self.udsd.socket, conversation.terminator) as wire:
                wire.send(conversation.text)
                wire.half_close()
                answers = wire.rest().split(conversation.terminator)
                self.assertEqual(answers.pop(), b'')
                self.assertEqual(len(answers), len(conversation.outcomes), answers)
                for answer, outcome in zip(answers, conversation.outcomes):
                    self.assert_outcome(answer, outcome)


if __name__ == '__main__':
    support.main()

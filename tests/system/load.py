#!/usr/bin/env python3
"""Connects, asks and closes, over and over, while a test stops and starts udsd; counts how each attempt ended.

Usage: load.py SOCKET WORKERS   ends at end of file on standard input; then prints one JSON object:
  answered   an OK came
  stopping   the answer was shutting_down
  unsent     the server took nothing: what was asked did certainly not happen
  lost       the connection ended after the request was sent, without a final response
  refused    there was nobody to connect to
"""
import collections
import json
import socket
import sys
import threading

REQUEST = b'{"cmd":"ping","id":1}\n'


def attempt(path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        try:
            connection.connect(path)
        except OSError:
            return 'refused'
        try:
            connection.sendall(REQUEST)
        except OSError:
            return 'unsent'
        received = b''
        try:
            while not received.endswith(b'\n'):
                piece = connection.recv(4096)
                if not piece:
                    return 'lost'
                received += piece
        except OSError:
            return 'lost'
        return 'answered' if json.loads(received)['status'] == 'OK' else 'stopping'


def main():
    path, workers = sys.argv[1], int(sys.argv[2])
    over = threading.Event()
    ends = collections.Counter(dict.fromkeys(('answered', 'stopping', 'unsent', 'lost', 'refused'), 0))
    lock = threading.Lock()

    def work():
        while not over.is_set():
            end = attempt(path)
            with lock:
                ends[end] += 1

    threads = [threading.Thread(target=work) for _ in range(workers)]
    for thread in threads:
        thread.start()
    sys.stdin.read()
    over.set()
    for thread in threads:
        thread.join()
    print(json.dumps(ends))


if __name__ == '__main__':
    main()

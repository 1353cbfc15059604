#!/usr/bin/env python3
"""client.py COMMAND [ARGS-JSON [SOCKET]]: sends one request to a uds server and prints what comes back.

Exit status: 0 OK, 2 ERROR, 76 no final response (the outcome is unknown), 1 anything else.
"""
import json
import os
import re
import socket
import struct
import sys

SILENCE = 30  # seconds without a byte after which to give up


def check_server(connection):
    """Leaves unless the server runs as root or as this user."""
    credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize('iII'))
    _, uid, _ = struct.unpack('iII', credentials)
    if uid not in (0, os.getuid()):
        sys.exit(f'client.py: the server runs as uid {uid}, which is neither root nor you')


def responses(connection, request):
    """Sends the request and yields its responses as they arrive, until the connection ends."""
    try:
        connection.sendall(json.dumps(request).encode() + b'\n')
    except OSError:
        pass  # what the server said before it closed can still be read
    rest = b''
    try:
        while chunk := connection.recv(65536):
            *lines, rest = re.split(b'[\n\0]', rest + chunk)  # NUL ends a refusal from before the request was read
            for response in map(json.loads, lines):
                if response['id'] in (request['id'], None):
                    yield response
    except (OSError, ValueError) as error:  # silence, a reset, or something that is no response
        print(f'client.py: {error}', file=sys.stderr)


def main():
    if not 2 <= len(sys.argv) <= 4:
        sys.exit('usage: client.py COMMAND [ARGS-JSON [SOCKET]]')
    request = {'id': 1, 'cmd': sys.argv[1], 'args': json.loads(sys.argv[2]) if len(sys.argv) > 2 else {}}
    path = sys.argv[3] if len(sys.argv) > 3 else os.environ.get('UDS_SOCKET') or '/run/uds/uds.sock'

    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(SILENCE)
        try:
            connection.connect(path)
        except OSError as error:
            sys.exit(f'client.py: {path}: {error.strerror}')
        check_server(connection)
        for response in responses(connection, request):
            if response['status'] == 'PROCESSING':
                print(response['message'], flush=True)
            elif response['status'] == 'OK':
                print(json.dumps(response['data'], ensure_ascii=False) if 'data' in response else response['message'])
                return 0
            else:
                print(f"{response['error']['code']}: {response['message']}", file=sys.stderr)
                return 2
    print('client.py: no final response, the outcome is unknown', file=sys.stderr)
    return 76


if __name__ == '__main__':
    sys.exit(main())

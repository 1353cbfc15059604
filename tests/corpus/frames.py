#!/usr/bin/env python3
"""The hostile frames: what clients could send that is wrong, or looks wrong, with the answer that each must get.

Everything is generated, in the same order each time. FRAMES holds single frames; `ways` says how one can be ended so
that it stays one frame: by LF, by NUL, or by the end of file as the first and only message of a connection.
CONVERSATIONS holds whole inputs of one connection with the codes of all answers. Without arguments the families are
counted; with the name of a family its frames are printed.

An outcome is 'ok' or an error code. Nothing in here knows udsd: each outcome is what docs/protocol.md says.
"""
import collections
import sys

LF, NUL, EOF = 'LF', 'NUL', 'EOF'
EVERY_WAY = (LF, NUL, EOF)
OK, BAD_FRAME, BAD_REQUEST = 'ok', 'bad_frame', 'bad_request'
MESSAGE_BYTES, DEPTH, VALUES = 1 << 20, 64, 100_000

Frame = collections.namedtuple('Frame', 'family text outcome ways', defaults=(EVERY_WAY,))
Conversation = collections.namedtuple('Conversation', 'name text outcomes terminator')

FAMILIES = {}


def family(function):
    """Registers a generator of (text, outcome[, ways])."""
    FAMILIES[function.__name__] = function
    return function


def echo(value):
    return b'{"cmd":"echo","args":{"v":' + value + b'}}'


def echo_string(inside):
    return echo(b'"' + inside + b'"')


def envelope(field, value):
    return b'{"cmd":"echo","' + field.encode() + b'":' + value + b'}'


def u(digits):
    return b'\\u' + digits


@family
def depth():
    # The envelope and args are two levels.
    for opening, closing in ((b'[', b']'), (b'{"a":', b'}'), (b'[{"a":', b'}]')):
        levels = len(closing)
        for deep in (1, 10, 30, 31, 32, 33, 61, 62, 63, 64, 65, 500, 5_000):
            text = echo(opening * deep + b'1' + closing * deep)
            yield text, OK if 2 + levels * deep <= DEPTH else BAD_FRAME
            if deep in (31, 62, 5_000):
                yield echo(opening * deep), BAD_FRAME
                yield echo(opening * deep + closing * (deep + 1)), BAD_FRAME
                yield echo(opening * (deep + 1) + closing * deep), BAD_FRAME
    for bracket in (b'[', b'{', b']', b'}', b'{"a":', b'[[],', b'"', b'\\'):
        yield bracket * 100_000, BAD_FRAME
    yield b'[' * 200_000 + b']' * 200_000, BAD_FRAME
    yield echo(b'[' * 62 + b']' * 62 + b',"w":' + b'[' * 62 + b']' * 62), OK
    yield envelope('x-ignored', b'[' * 63 + b']' * 63), OK
    yield envelope('x-ignored', b'[' * 64 + b']' * 64), BAD_FRAME


@family
def duplicates():
    for field, value in (('id', b'1'), ('cmd', b'"echo"'), ('args', b'{}'), ('timeout_ms', b'1000'), ('x-a', b'1')):
        member = b'"' + field.encode() + b'":' + value
        head = b'' if field == 'cmd' else b'"cmd":"echo",'
        yield b'{' + head + member + b',' + member + b'}', BAD_FRAME
        disguised = b'"' + u(b'%04x' % ord(field[0])) + field[1:].encode() + b'":' + value
        yield b'{' + head + member + b',' + disguised + b'}', BAD_FRAME
        yield b'{' + head + disguised + b',' + member + b'}', BAD_FRAME
    yield b'{"cmd":"ping","args":{},"cmd":"echo"}', BAD_FRAME
    yield b'{"cmd":"","cmd":"echo"}', BAD_FRAME
    yield b'{"id":"","id":1,"cmd":"echo"}', BAD_FRAME
    same = ((b'a', b'a'), (b'', b''), (b'a', u(b'0061')), (u(b'0061'), b'\\u0061'), (b'/', b'\\/'),
            (b'\\n', u(b'000a')),
            (b'\\"', u(b'0022')), (b'\\\\', u(b'005c')), (b'\xc3\xa9', u(b'00e9')), (u(b'00E9'), u(b'00e9')),
            (b'\xf0\x9f\x98\x80', u(b'd83d') + u(b'de00')), (u(b'0000'), u(b'0000')), (b'a' * 5_000, b'a' * 5_000))
    for first, second in same:
        pair = b'{"' + first + b'":1,"' + second + b'":1}'
        for deep in (0, 1, 10, 60):
            yield echo(b'[' * deep + pair + b']' * deep), BAD_FRAME
        yield echo(b'{"' + first + b'":{"' + second + b'":1}}'), OK
    different = ((b'a', b'A'), (b'a', b'a '), (b'', b' '), (b'\xc3\xa9', b'e\xcc\x81'), (b'a', b'a' + u(b'0000')),
                 (b'k', b'\xe2\x84\xaa'), (b'1', b'1.0'), (b'a', b'\xd0\xb0'))
    for first, second in different:
        yield echo(b'{"' + first + b'":1,"' + second + b'":1}'), OK
    many = b','.join(b'"k%d":0' % number for number in range(10_000))
    yield echo(b'{' + many + b'}'), OK
    yield echo(b'{' + many + b',"k9999":0}'), BAD_FRAME


@family
def escapes():
    for byte in range(0x20, 0x7f):
        if byte != ord('u'):
            yield echo_string(b'\\' + bytes([byte]) + b'x'), OK if byte in b'"\\/bfnrt' else BAD_FRAME
    for byte in range(0x01, 0x20):
        ways = (NUL,) if byte == 0x0a else EVERY_WAY
        yield echo_string(b'a' + bytes([byte]) + b'b'), BAD_FRAME, ways
        yield echo_string(b'a\\' + bytes([byte]) + b'b'), BAD_FRAME, ways
    yield echo_string(b'a\x7fb'), OK
    high, low = u(b'd83d'), u(b'de00')
    for text in (high, low, low + high, high + high, high + high + low, high + low + low, high + b'x', high + b'\\n',
                 high + u(b'0041'), b'x' + high, high + b'\\', high + b'\\u', high + b'\\ude0', u(b'dfff'), u(b'd800'),
                 high + b'\xed\xb8\x80', b'\xed\xa0\xbd' + low):
        yield echo_string(text), BAD_FRAME
    for text in (b'\\u', b'\\u0', b'\\u00', b'\\u004', b'\\u004g', b'\\u+041', b'\\u 041', b'\\u-041', b'\\U0041',
                 b'\\u{41}', b'\\u0x41', b'\\x41', b'\\0', b'\\101', b'\\\\\\', b'\\u\xef\xbc\x90041',
                 b'\\N{DIGIT ONE}'):
        yield echo_string(text), BAD_FRAME
    for text in (u(b'0000'), u(b'001b') + b'[2J', u(b'202e'), u(b'FFFF'), u(b'fdd0'), high + low,
                 u(b'DBFF') + u(b'DFFF'),
                 u(b'00e9'), u(b'000a'), u(b'0085'), u(b'2028'), u(b'feff'), b'\\\\u0041'):
        yield echo_string(text), OK


@family
def utf8():
    wrong = (b'\x80', b'\xbf', b'\xc0', b'\xc1', b'\xc0\x80', b'\xc0\xaf', b'\xc1\xbf', b'\xc2', b'\xc2\x41',
             b'\xc2\xc2',
             b'\xc3\x28', b'\xe0', b'\xe0\x80', b'\xe0\x80\x80', b'\xe0\x9f\xbf', b'\xe2\x82', b'\xe2\x82\x41',
             b'\xe2\x28\xa1', b'\xed\xa0\x80', b'\xed\xbf\xbf', b'\xed\xa0\xbd\xed\xb8\x80', b'\xf0',
             b'\xf0\x80\x80\x80',
             b'\xf0\x8f\xbf\xbf', b'\xf0\x9f\x98', b'\xf0\x9f\x98\x41', b'\xf0\x28\x8c\xbc', b'\xf4\x90\x80\x80',
             b'\xf5\x80\x80\x80', b'\xf8\x88\x80\x80\x80', b'\xfc\x84\x80\x80\x80\x80', b'\xfe', b'\xff', b'\xff\xff',
             b'\xc3\xa9\x80', b'\x80\xc3\xa9')
    for text in wrong:
        yield echo_string(text), BAD_FRAME
        yield echo_string(b'abc' + text + b'def'), BAD_FRAME
        yield echo(b'{"' + text + b'":1}'), BAD_FRAME
        yield b'{"cmd":"pi' + text + b'ng"}', BAD_FRAME
        yield b'{"cmd":"ping"' + text + b'}', BAD_FRAME
    right = (b'\x7f', b'\xc2\x80', b'\xdf\xbf', b'\xe0\xa0\x80', b'\xed\x9f\xbf', b'\xee\x80\x80', b'\xef\xbf\xbd',
             b'\xef\xbf\xbf', b'\xf0\x90\x80\x80', b'\xf4\x8f\xbf\xbf', b'\xe2\x80\xae', b'\xe2\x80\xa8',
             b'\xef\xbb\xbf')
    for text in right:
        yield echo_string(text), OK
        yield echo(b'{"' + text + b'":1}'), OK


@family
def numbers():
    wrong = (b'01', b'-01', b'00', b'+1', b'.5', b'-.5', b'1.', b'1.e1', b'1e', b'1e+', b'1e-', b'1E', b'1e1.5',
             b'1e1e1',
             b'0x10', b'0b1', b'0o7', b'1_000', b'1 000', b'--1', b'-', b'- 1', b'1-', b'1+1', b'1..2', b'1.2.3',
             b'NaN', b'nan', b'-NaN', b'Infinity', b'-Infinity', b'inf', b'1f', b'1L', b'1n', b'1e999', b'-1e999',
             b'1e400', b'1.8e308', b'-1.8e308', b'18446744073709551616', b'-9223372036854775809', b'9' * 400,
             b'1' + b'0' * 5_000,
             b'-' + b'9' * 30, b'\xe2\x88\x9e', b'\xef\xbc\x91', b'\xd9\xa1', b'1\xc2\xa0', b'\xe2\x88\x921', b'$1',
             b'1%')
    for text in wrong:
        yield echo(text), BAD_FRAME
        yield echo(b'[0,' + text + b']'), BAD_FRAME
    right = (b'0', b'-0', b'-0.0', b'0e0', b'0E+00', b'0.1', b'1E5', b'1e+5', b'1e-5', b'9007199254740993',
             b'18446744073709551615', b'9223372036854775808', b'-9223372036854775808', b'1e308',
             b'-1.7976931348623157e308',
             b'4.9e-324', b'1e-999', b'0.' + b'0' * 5_000 + b'1', b'1.' + b'9' * 5_000, b'123456789.123456789e-5')
    for text in right:
        yield echo(text), OK
        yield echo(b'[' + text + b', ' + text + b']'), OK


@family
def byte_order_marks():
    ping = '{"cmd":"ping"}'
    bom = b'\xef\xbb\xbf'
    for text in (bom, bom + ping.encode(), bom * 2 + ping.encode(), b' ' + bom + ping.encode(), ping.encode() + bom,
                 b'{' + bom + b'"cmd":"ping"}', b'{"cmd":' + bom + b'"ping"}', b'\xef\xbb' + ping.encode(),
                 b'\xef' + ping.encode(), b'\xbf\xbb\xef' + ping.encode(), b'\xfe\xff' + ping.encode(),
                 b'\xff\xfe' + ping.encode(), b'\x2b\x2f\x76\x38' + ping.encode(), b'{"' + bom + b'cmd":"ping"',
                 b'{"cmd":"' + bom):
        yield text, BAD_FRAME
    yield b'{"cmd":"' + bom + b'ping"}', BAD_REQUEST
    yield b'{"cmd":"ping","' + bom + b'cmd":"ping"}', BAD_REQUEST
    for encoding in ('utf-16', 'utf-16-le', 'utf-16-be', 'utf-32', 'utf-32-le', 'utf-32-be'):
        yield ping.encode(encoding), BAD_FRAME, (LF,)


@family
def nul_bytes():
    frame = b'{"cmd":"ping"}'
    for place in range(len(frame) + 1):
        yield frame[:place] + b'\0' + frame[place:], BAD_FRAME, (LF,)
    yield b'\0', BAD_FRAME, (LF,)
    yield b'\0' * 1_000, BAD_FRAME, (LF,)
    yield frame + b'\0' + frame, BAD_FRAME, (LF,)


@family
def truncations():
    for frame in (b'{"id":"a","cmd":"echo","args":{"v":[1.5e1,true,null,"\\u00e9\\n"]},"timeout_ms":10}',
                  b'{"message":"\xe2\x82\xac","x-a":{"b":[{}]}}'):
        for size in range(1, len(frame)):
            yield frame[:size], BAD_FRAME
            yield frame[size:], BAD_FRAME


@family
def one_byte():
    for byte in set(range(1, 256)) - set(b' \t\r\n'):
        yield bytes([byte]), BAD_FRAME


@family
def grammar():
    ping = b'{"cmd":"ping"}'
    wrong = (b'null', b'true', b'false', b'0', b'-1', b'1.5', b'""', b'"ping"', b'[]', b'[{"cmd":"ping"}]', b'ping',
             b'{"cmd":"ping"', b'"cmd":"ping"}', b'{cmd:"ping"}', b"{'cmd':'ping'}", b'{"cmd":ping}', b'{"cmd" "ping"}',
             b'{"cmd"="ping"}', b'{"cmd"::"ping"}', b'{"cmd":"ping",}', b'{,"cmd":"ping"}', b'{"cmd":"ping",,"id":1}',
             b'{"cmd":"ping";"id":1}', b'{"cmd":"ping" "id":1}', b'{"cmd":"ping","id"}', b'{"cmd":"ping","id":}',
             b'{"cmd"}', b'{"cmd":}', b'{:"ping"}', b'{null:"ping"}', b'{1:"ping"}', b'{"cmd":"ping"}}',
             b'{{"cmd":"ping"}}',
             b'{["cmd"]:"ping"}', b'{"cmd":"ping"]', b'({"cmd":"ping"})', b'{"cmd":"ping"}x', b'{"cmd":"ping"},',
             b'{"cmd":"ping"};', b'{"cmd":"ping"}//', b'//\t{"cmd":"ping"}', b'/**/{"cmd":"ping"}',
             b'{"cmd":"ping"/**/}',
             b'#\t{"cmd":"ping"}', b'{"cmd":"ping"}#', ping + ping, ping + b' ' + ping, ping + b',' + ping,
             ping + b'\r' + ping, ping + b'\x1e' + ping, b'\x1e' + ping, b')]}\',' + ping, b'callback(' + ping + b')',
             b'14:' + ping + b',', b'Content-Length: 14\r\r' + ping, b'GET / HTTP/1.1\r', b'<cmd>ping</cmd>',
             b'cmd: ping',
             b'\x0c' + ping, b'\x0b' + ping, b'\xc2\xa0' + ping, b'\xe2\x80\xa8' + ping, ping + b'\x0c',
             ping + b'\xe3\x80\x80',
             b'{\x0b"cmd":"ping"}', b'{"cmd":\xc2\xa0"ping"}', b'\x1b[2J' + ping, b'\x84\xa3cmd\xa4ping',
             b'\xa1\x63cmd\x64ping',
             b'\x1f\x8b\x08', b'%PDF-1.4', b'\x7fELF', b'\\' + ping)
    for text in wrong:
        yield text, BAD_FRAME
    for value in (b'True', b'TRUE', b'tru', b'truee', b'nul', b'Null', b'None', b'undefined', b'nulll', b'fals',
                  b'yes', b'',
                  b'[', b']', b'[1', b'1]', b'[1,]', b'[,1]', b'[1,,2]', b'[1 2]', b'[1;2]', b'[1:2]', b'{]', b'[}',
                  b'{"a"}',
                  b'{"a":1,}', b'{"a":[}]', b'"a', b'a"', b"'a'", b'"a""b"', b'"a" "b"', b'`a`', b'\\"a\\"', b'/a/',
                  b'-',
                  b'true false', b'@', b'*', b'&', b'...', b'new Date()', b'{}}', b'[]]', b'"\\"'):
        yield echo(value), BAD_FRAME
    for text in (b' ' + ping, b'\t\r ' + ping + b' \t\r', b'{ "cmd"\t:\r"ping" }',
                 b' ' * 10_000 + ping + b' ' * 10_000):
        yield text, OK
    yield b'\n\n{\n"cmd"\n:\n"ping"\n}\n\n', OK, (NUL,)
    yield b'{}', BAD_REQUEST
    yield b'{ }', BAD_REQUEST


LITTLE_OF_EACH = {'null': b'null', 'true': b'true', 'false': b'false', 'zero': b'0', 'one': b'1', 'minus one': b'-1',
                  'fraction': b'1.5', 'whole fraction': b'1.0', 'exponent': b'1e3', 'empty string': b'""',
                  'string': b'"a"',
                  'number in quotes': b'"1"', 'empty array': b'[]', 'array': b'[1]', 'empty object': b'{}',
                  'object': b'{"a":1}', 'nested': b'[[{"a":[]}]]', 'above 2^53': b'9007199254740993',
                  'above int64': b'18446744073709551615'}
ACCEPTED = {
    'id': {'zero', 'one', 'minus one', 'empty string', 'string', 'number in quotes'},
    'args': {'empty object', 'object'},
    'timeout_ms': set(),
    'detach': {'false'},
    'x-note': set(LITTLE_OF_EACH),
    'message': set(),  # only without cmd
    'method': set(),
    'uid': set(),
}


@family
def field_types():
    for field, accepted in ACCEPTED.items():
        for kind, value in LITTLE_OF_EACH.items():
            if (field, kind) == ('timeout_ms', 'one'):
                continue  # a deadline of a millisecond may pass first
            yield envelope(field, value), OK if kind in accepted else BAD_REQUEST
    for kind, value in LITTLE_OF_EACH.items():
        texts = {'empty string', 'string', 'number in quotes'}
        yield b'{"message":' + value + b'}', OK if kind in texts else BAD_REQUEST
        yield b'{"cmd":' + value + b'}', 'unknown_command' if kind == 'string' else BAD_REQUEST


@family
def ids():
    for text, outcome in ((b'x' * 127, OK), (b'x' * 128, OK), (b'x' * 129, BAD_REQUEST), (b'x' * 100_000, BAD_REQUEST),
                          (b'\xc3\xa9' * 64, OK), (b'\xc3\xa9' * 65, BAD_REQUEST),
                          (b'x' + b'\xc3\xa9' * 64, BAD_REQUEST),
                          (u(b'0000') * 128, OK), (u(b'0000') * 129, BAD_REQUEST), (u(b'00e9') * 64, OK),
                          (u(b'00e9') * 65, BAD_REQUEST), (b'\\n\\r' + u(b'001b') + u(b'202e'), OK)):
        yield envelope('id', b'"' + text + b'"'), outcome
    for number, outcome in ((b'9007199254740991', OK), (b'-9007199254740991', OK), (b'9007199254740992', BAD_REQUEST),
                            (b'-9007199254740992', BAD_REQUEST), (b'9223372036854775807', BAD_REQUEST),
                            (b'-9223372036854775808', BAD_REQUEST), (b'9223372036854775808', BAD_REQUEST),
                            (b'0.0', BAD_REQUEST), (b'-0.5', BAD_REQUEST), (b'1e0', BAD_REQUEST), (b'-0', OK)):
        yield envelope('id', number), outcome


@family
def command_names():
    for byte in range(0x20, 0x7f):
        char = bytes([byte])
        if char in b'"\\':
            char = b'\\' + char
        good = char.isdigit() or char.islower() or char in b'-_'
        yield b'{"cmd":"no.s' + char + b'ch"}', 'unknown_command' if good or char == b'.' else BAD_REQUEST
        begins = char.islower()
        yield b'{"cmd":"' + char + b'o.such"}', 'unknown_command' if begins else BAD_REQUEST
    for name in (b'', b'.', b'..', b'a.', b'.a', b'a..b', b'a.b.', b'a.1', b'a.-b', b'a._', b'ping ', b' ping',
                 b'ping\\n',
                 b'PING', b'Ping', b'p\xc4\xb1ng', b'pi' + u(b'0000') + b'ng', b'ping' + u(b'0000'), b'\xc3\xa9',
                 b'../ping',
                 b'/ping', b'ping;ping', b'$(ping)', b'%s%n', b'a' * 129, b'a.' * 64 + b'a', b'a' * 500_000,
                 u(b'001b') + b'[31m', u(b'202e') + b'gnip', b'\xef\xbd\x90\xef\xbd\x89\xef\xbd\x8e\xef\xbd\x87'):
        yield b'{"cmd":"' + name + b'"}', BAD_REQUEST
    for name in (b'a' * 128, b'a.' * 63 + b'a', b'no.such', b'no-', b'no_', b'n0', b'ping.ping', b'run.sh', b'uds.ping',
                 b'pingg', b'proto', b'constructor', b'tostring'):
        yield b'{"cmd":"' + name + b'"}', 'unknown_command'
    yield b'{"cmd":"' + u(b'0070') + b'ing"}', OK


@family
def timeouts():
    for value, outcome in ((b'60000', OK), (b'2147483647', OK), (b'2147483648', BAD_REQUEST),
                           (b'4294967296', BAD_REQUEST),
                           (b'4294967297', BAD_REQUEST), (b'9223372036854775807', BAD_REQUEST),
                           (b'-2147483648', BAD_REQUEST),
                           (b'-60000', BAD_REQUEST), (b'60000.0', BAD_REQUEST), (b'6e4', BAD_REQUEST),
                           (b'0.1', BAD_REQUEST),
                           (b'"60000"', BAD_REQUEST), (b'"60s"', BAD_REQUEST), (b'[60000]', BAD_REQUEST),
                           (b'1e999', BAD_FRAME), (b'060000', BAD_FRAME), (b'18446744073709551616', BAD_FRAME)):
        yield envelope('timeout_ms', value), outcome


@family
def unknown_fields():
    for name in ('', ' ', 'Cmd', 'CMD', ' cmd', 'cmd ', 'cmds', 'command', 'argz', 'arg', 'params', 'timeout',
                 'timeout_MS',
                 'timeout-ms', 'Id', 'ID', 'seq', 'status', 'error', 'data', 'uid', 'gid', 'peer', 'admin', 'root',
                 'user', 'x',
                 'X-a', 'X_a', '_x', '-x-', 'xx-a', '__proto__', 'constructor', '$ref', 'jsonrpc', 'parameters',
                 '\\u0000cmd',
                 'cmd\\u0000', 'c\\u043cd', '\u0441md', 'cm\u200bd', 'a' * 128, 'a' * 129, 'a' * 300_000,
                 '\u20ac' * 1_000,
                 '\\u001b[2J', '\\ud83d\\ude00'):
        yield b'{"cmd":"ping","' + name.encode() + b'":1}', BAD_REQUEST
    for name in ('x-', 'x_', 'x-a', 'x_a', 'x-\\u0000', 'x-' + 'a' * 300_000, '\\u0078-a'):
        yield b'{"cmd":"ping","' + name.encode() + b'":1}', OK
    yield b'{' + b''.join(b'"x-%d":{},' % number for number in range(10_000)) + b'"cmd":"ping"}', OK
    yield b'{' + b''.join(b'"x-%d":{},' % number for number in range(10_000)) + b'"y":0,"cmd":"ping"}', BAD_REQUEST


@family
def arguments():
    for kind, value in LITTLE_OF_EACH.items():
        if kind != 'one':  # which is answered by two responses
            yield b'{"cmd":"countdown","args":{"from":' + value + b'}}', OK if kind == 'zero' else 'invalid_args'
        yield b'{"cmd":"countdown","args":{"from":0,"interval_ms":' + value + b'}}', \
            OK if kind in ('zero', 'one') else 'invalid_args'
        yield b'{"cmd":"cancel","args":{"id":' + value + b'}}', 'not_found'
        strings = {'empty string', 'string', 'number in quotes'}
        yield b'{"cmd":"help","args":{"command":' + value + b'}}', \
            'unknown_command' if kind in strings else 'invalid_args'
        yield b'{"cmd":"ping","args":{"v":' + value + b'}}', 'invalid_args'
    for value in (b'1000000001', b'-9223372036854775808', b'9223372036854775807', b'4294967296'):
        yield b'{"cmd":"countdown","args":{"from":' + value + b'}}', 'invalid_args'
    for args in (b'{"From":1}', b'{"from ":1}', b'{"":1}', b'{"a~b/c":1}', b'{"' + b'\xe2\x82\xac' * 1_000 + b'":1}',
                 b'{"fr' + u(b'0000') + b'om":1}', b'{' + b','.join(b'"a%d":0' % n for n in range(1_000)) + b'}'):
        yield b'{"cmd":"countdown","args":' + args + b'}', 'invalid_args'
    yield b'{"cmd":"cancel"}', 'invalid_args'
    yield b'{"cmd":"cancel","args":{"id":"' + b'x' * 100_000 + b'"}}', 'not_found'
    yield b'{"cmd":"help","args":{"command":"../../etc/passwd"}}', 'unknown_command'
    yield b'{"cmd":"help","args":{"command":"' + u(b'0000') + b'"}}', 'unknown_command'


@family
def long_strings():
    for size in (1_000, 65_535, 65_536, 500_000):
        yield echo_string(b'x' * size), OK
        yield echo_string(b'\\n' * (size // 2)), OK
        yield echo_string(u(b'0000') * (size // 6)), OK
        yield echo_string(b'\xf0\x9f\x98\x80' * (size // 4)), OK
        yield echo(b'{"' + b'k' * size + b'":1}'), OK
        yield echo_string(b'x' * size + b'\xff'), BAD_FRAME
        yield echo_string(b'x' * size)[:-3], BAD_FRAME
        yield b'x' * size, BAD_FRAME
    room = MESSAGE_BYTES - len(echo_string(b''))
    yield echo_string(b'x' * room), OK
    yield echo_string(b'x' * (room + 1)), 'too_large', (EOF,)
    yield b'x' * MESSAGE_BYTES, BAD_FRAME
    yield b'x' * (MESSAGE_BYTES + 1), 'too_large', (EOF,)
    yield b'{"cmd":"ping"}' + b' ' * (MESSAGE_BYTES - 13), 'too_large', (EOF,)


@family
def many_values():
    # The envelope, its command, args and the array itself are four values.
    most = VALUES - 4
    for item in (b'0', b'null', b'""', b'[]', b'{}'):
        yield echo(b'[' + b','.join([item] * most) + b']'), OK
        yield echo(b'[' + b','.join([item] * (most + 1)) + b']'), BAD_FRAME
    yield echo(b'[' + b','.join([b'[0]'] * (most // 2)) + b']'), OK
    yield echo(b'[' + b','.join([b'[0]'] * (most // 2 + 1)) + b']'), BAD_FRAME
    yield echo(b'[' + b','.join([b'0'] * 400_000) + b']'), BAD_FRAME
    yield echo(b'[' + b','.join([b'0'] * 50_000)), BAD_FRAME


# Families may repeat themselves; what they make stands here once.
FRAMES = list(dict.fromkeys(Frame(name, *case) for name, cases in FAMILIES.items() for case in cases()))

PING, BAD = b'{"cmd":"ping"}', b'nonsense'
CONVERSATIONS = [
    Conversation('LF first, NUL later', PING + b'\n' + PING + b'\0' + PING + b'\n', ['ok', BAD_FRAME], b'\n'),
    Conversation('LF first, a NUL alone', PING + b'\n\0\n' + PING + b'\n', ['ok', BAD_FRAME, 'ok'], b'\n'),
    Conversation('LF first, pretty-printed later', PING + b'\n{\n"cmd":"ping"\n}\n', ['ok'] + [BAD_FRAME] * 3, b'\n'),
    Conversation('LF first, the rest without it', PING + b'\n' + PING, ['ok', 'ok'], b'\n'),
    Conversation('LF first, half a message', PING + b'\n' + PING[:-1], ['ok', BAD_FRAME], b'\n'),
    Conversation('CR LF', PING + b'\r\n' + PING + b'\r\n\r\n', ['ok', 'ok'], b'\n'),
    Conversation('NUL first, LF later', PING + b'\0' + PING + b'\n' + PING + b'\n', ['ok', BAD_FRAME], b'\0'),
    Conversation('NUL first, LF around', PING + b'\0\n' + PING + b'\n\0\n', ['ok', 'ok'], b'\0'),
    Conversation('NUL and LF after each', (PING + b'\0\n') * 3, ['ok'] * 3, b'\0'),
    Conversation('LF and NUL after each', (PING + b'\n\0') * 2, ['ok', BAD_FRAME, BAD_FRAME], b'\n'),
    Conversation('pretty-printed first, NUL', b'{\n"cmd":"ping"\n}\0' + PING + b'\0', ['ok', 'ok'], b'\0'),
    Conversation('pretty-printed first, LF', b'{\n"cmd":"ping"\n}\n' + PING + b'\n', ['ok', 'ok'], b'\n'),
    Conversation('pretty-printed first, end of file', b'{\n"cmd":"ping"\n}', ['ok'], b'\0'),
    Conversation('nonsense settles LF', BAD + b'\n' + PING + b'\n', [BAD_FRAME, 'ok'], b'\n'),
    Conversation('nonsense settles NUL', BAD + b'\0' + PING + b'\0', [BAD_FRAME, 'ok'], b'\0'),
    Conversation('a byte order mark settles LF', b'\xef\xbb\xbf' + PING + b'\n' + PING + b'\n',
                 [BAD_FRAME, 'ok'], b'\n'),
    Conversation('NUL in the first object', b'{"cmd":\0"ping"}\0', [BAD_FRAME] * 2, b'\0'),
    Conversation('NUL in a string of the first object', b'{"cmd":"pi\0ng"}\0' + PING + b'\0',
                 [BAD_FRAME] * 2 + ['ok'], b'\0'),
    Conversation('LF in a string of the first object', b'{"cmd":"pi\nng"}\n' + PING + b'\n', [BAD_FRAME, 'ok'], b'\n'),
    Conversation('a string that never closes', b'{"cmd":"ping}\n' + PING + b'\n', [BAD_FRAME], b'\0'),
    Conversation('brackets that never close', b'{{{{\n' + PING + b'\n' + PING + b'\n', [BAD_FRAME], b'\0'),
    Conversation('two objects in the first line', PING + PING + b'\n' + PING + b'\n', [BAD_FRAME, 'ok'], b'\n'),
    Conversation('nothing', b'', [], b'\0'),
    Conversation('blanks', b' \t\r\n\0\n\0 ', [], b'\0'),
    Conversation('blanks before and between', b'\n\0\r\n' + PING + b'\n\n \t\n' + PING + b'\n \n', ['ok', 'ok'], b'\n'),
    Conversation('ten thousand blank records', PING + b'\0' + b'\0\n' * 10_000 + PING + b'\0', ['ok', 'ok'], b'\0'),
    Conversation('a thousand refused lines', PING + b'\n' + b'{}\n' * 1_000, ['ok'] + [BAD_REQUEST] * 1_000, b'\n'),
]


def main():
    if len(sys.argv) == 2 and sys.argv[1] in FAMILIES:
        for frame in FRAMES:
            if frame.family == sys.argv[1]:
                print(frame.outcome, len(frame.text), frame.text[:120])
        return 0
    counts = collections.Counter(frame.family for frame in FRAMES)
    for name, count in counts.items():
        print(f'{count:5d} {name}')
    print(f'{len(FRAMES):5d} frames, and {len(CONVERSATIONS)} conversations')
    return 0 if len(sys.argv) == 1 else f'usage: {sys.argv[0]} [FAMILY]'


if __name__ == '__main__':
    sys.exit(main())

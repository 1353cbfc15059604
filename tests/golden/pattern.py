"""Comparing a response with what a golden conversation expects of it. Pure: no files, no sockets.

A pattern is JSON. An object names only the members it cares about. In a pattern "*" stands for any value, "-" for a
member that must be absent, and "..." as the last element of a list for any further elements.
"""
import json

KEY_ORDER = ['id', 'status', 'message', 'seq', 'progress', 'output', 'data', 'error']


def mismatch(pattern, value, where='response'):
    """The first difference in words, or None if `value` fits."""
    if pattern == '*':
        return None
    if type(pattern) is not type(value):   # also keeps 1, 1.0 and true apart
        return f'{where} should be {json.dumps(pattern)}, is {json.dumps(value)}'
    if isinstance(pattern, dict):
        for key, inner in pattern.items():
            if (inner == '-') != (key not in value):
                return f'{where}.{key} should be {"absent" if inner == "-" else "there"}'
            difference = None if inner == '-' else mismatch(inner, value[key], f'{where}.{key}')
            if difference:
                return difference
        return None
    if isinstance(pattern, list):
        open_end = pattern[-1:] == ['...']
        fixed = pattern[:-1] if open_end else pattern
        if len(value) < len(fixed) or (len(value) > len(fixed) and not open_end):
            return f'{where} should have {len(fixed)} elements, has {len(value)}'
        differences = (mismatch(inner, value[i], f'{where}[{i}]') for i, inner in enumerate(fixed))
        return next((difference for difference in differences if difference), None)
    return None if pattern == value else f'{where} should be {json.dumps(pattern)}, is {json.dumps(value)}'


def malformed(text):
    """What the protocol forbids in any response whatever, or None. `text` is one frame as bytes, without terminator."""
    if not text.strip():
        return 'an empty frame'
    if b'\n' in text or b'\0' in text:
        return 'a LF or NUL inside the frame'
    response = json.loads(text.decode('utf-8'))
    if 'method' not in response and 'status' not in response and set(response) == {'error', 'parameters'}:
        return None   # the answer to a Varlink call, another protocol
    keys = list(response)
    if keys != [key for key in KEY_ORDER if key in response]:
        return f'unknown keys or another order than {KEY_ORDER}: {keys}'
    if not {'id', 'status', 'message'} <= set(keys):
        return 'no id, status or message'
    if not isinstance(response['message'], str) or '\n' in response['message'] or not response['message']:
        return 'a message that is not one line of text'
    if response['status'] not in ('PROCESSING', 'OK', 'ERROR'):
        return f'the status {response["status"]!r}'
    if (response['status'] == 'ERROR') != ('error' in response):
        return 'ERROR without error, or error without ERROR'
    if 'error' in response:
        error = response['error']
        if not isinstance(error.get('code'), str) or not isinstance(error.get('retryable'), bool):
            return 'an error without code or retryable'
    return None

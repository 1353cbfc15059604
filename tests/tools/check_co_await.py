#!/usr/bin/env python3
"""Finds statements with co_await that GCC 12 compiles wrongly (docs/pitfalls.md has the right forms).

Usage: check_co_await.py FOLDER_OR_FILE...   Exit status 1 if something was found, 2 if nothing was read.

A full-expression that holds co_await must not also hold a braced temporary, ?:, a lambda that captures by value, or a
second co_await; a loop condition must not hold && or || before it. The check reads tokens, not types: it takes every
brace that opens no block for a braced temporary, and it does not see default arguments.
"""
import pathlib
import re
import sys

TOKEN = re.compile(
    r'(?P<skip>\s+|//[^\n]*|/\*.*?\*/|^[ \t]*\#(?:\\\n|[^\n])*)'
    r'|(?P<text>(?:u8|[uUL])?R"(?P<fence>[^(\s]*)\(.*?\)(?P=fence)"'
    r'|(?:u8|[uUL])?"(?:\\.|[^"\\\n])*"|(?:u8|[uUL])?\'(?:\\.|[^\'\\\n])*\')'
    r"|(?P<number>\.?\d(?:'?[\w.])*)|(?P<word>[A-Za-z_]\w*)|(?P<sign>->|::|&&|\|\||.)",
    re.S | re.M)
CONTROL = {'if', 'while', 'for', 'switch'}
TYPE_WORDS = {'struct', 'class', 'union', 'enum', 'namespace', 'extern'}
BEFORE_BLOCK = {')', ']', '}', ';', ':', 'else', 'do', 'try', 'const', 'constexpr', 'mutable', 'noexcept',
                'override', 'final'}
BEFORE_LAMBDA = {'return', 'co_return', 'co_await', 'co_yield', 'case', 'else', 'do', 'throw'}


class Token:
    def __init__(self, text, line):
        self.text, self.line = text, line


class Statement:
    """One full-expression in the making: its tokens, and what is open around the next one."""

    def __init__(self, control=''):
        self.tokens = []
        self.open = []           # brackets of this expression that are not closed yet
        self.control = control   # the keyword whose parentheses hold it
        self.lambda_open = False

    def words(self):
        return [token.text for token in self.tokens]


def tokens_of(text):
    line, found = 1, []
    for match in TOKEN.finditer(text):
        if match.lastgroup != 'skip':
            kept = match.group() if match.group('text') is None else '""'
            found.append(Token(kept, line))
        line += match.group().count('\n')
    return found


def opens_block(statement):
    """Whether a '{' after these tokens begins statements rather than a braced initialiser."""
    words = statement.words()
    if statement.lambda_open or not words or words[-1] in BEFORE_BLOCK:
        return '?' not in words or not words or words[-1] != ':'
    if not statement.open and TYPE_WORDS & set(words) and '(' not in words and '=' not in words:
        return True
    for word in reversed(words):   # a trailing return type
        if word == '->':
            return True
        if not re.fullmatch(r'\w+|::|[<>,*&]|&&', word):
            return False
    return False


def opens_lambda(statement, following):
    words = statement.words()
    if following == '[' or (words and words[-1] == '['):
        return False   # an attribute
    before = [word for word in words[-2:] if word not in ('&', '&&')]
    if before and before[-1] == 'auto':
        return False   # a structured binding
    return not words or words[-1] in BEFORE_LAMBDA or not re.fullmatch(r'\w+|[\])]|""', words[-1])


def full_expressions(tokens):
    """Yields every Statement. Blocks, also those of lambdas, begin statements of their own."""
    outer, current = [], Statement()

    def finish():
        nonlocal current
        done, current = current, Statement(current.control)
        return done

    for index, token in enumerate(tokens):
        text = token.text
        following = tokens[index + 1].text if index + 1 < len(tokens) else ''
        if text == '{' and opens_block(current):
            current.lambda_open = False
            outer.append(current)
            current = Statement()
        elif text == '}' and '{' not in current.open and outer:
            yield finish()
            current = outer.pop()
            current.tokens.append(token)
            in_lambda = current.open or following in (';', '(', ',', ')')
            if not in_lambda:
                yield finish()
        elif text == '(' and set(current.words()[-2:]) & CONTROL and current.words()[-1] in CONTROL | {'constexpr'}:
            word = next(word for word in reversed(current.words()) if word in CONTROL)
            outer.append(current)
            current = Statement(word)
        elif text == ')' and current.control and not current.open:
            yield finish()
            current = outer.pop()
            yield finish()
        elif text == ';' and not current.open:
            yield finish()
        else:
            if text == '[' and opens_lambda(current, following):
                current.lambda_open = True
                text = 'lambda['
            current.tokens.append(Token(text, token.line))
            if text in ('(', '[', '{', 'lambda['):
                current.open.append(text)
            elif text in (')', ']', '}') and current.open:
                current.open.pop()
    yield current


def captures_by_value(words):
    for index, word in enumerate(words):
        if word != 'lambda[':
            continue
        depth, first = 0, True
        for inner in words[index + 1:]:
            if inner == ']' and depth == 0:
                break
            if first and inner not in ('&', 'this', ']', '...'):
                return True
            depth += (inner in '([{') - (inner in ')]}')
            first = inner == ',' and depth == 0
    return False


def reason(statement):
    """What is wrong with this full-expression, or nothing."""
    words = statement.words()
    if 'co_await' not in words:
        return None
    if words.count('co_await') > 1:
        return 'a second co_await'
    if '{' in words:
        return 'a braced temporary'
    if captures_by_value(words):
        return 'a lambda that captures by value'
    if '?' in words:
        return 'the ?: operator'
    before = words[:words.index('co_await')]
    if statement.control in ('while', 'for') and ('&&' in before or '||' in before or 'and' in before or 'or' in before):
        return 'a short-circuit operator in a loop condition'
    return None


def findings(text):
    """(line, reason) for everything wrong in this source text."""
    for statement in full_expressions(tokens_of(text)):
        why = reason(statement)
        if why:
            line = next(token.line for token in statement.tokens if token.text == 'co_await')
            yield line, why


def sources(arguments):
    for argument in map(pathlib.Path, arguments):
        if argument.is_dir():
            yield from sorted(p for p in argument.rglob('*') if p.suffix in ('.cpp', '.hpp'))
        else:
            yield argument


def main(arguments):
    files = list(sources(arguments))
    if not files:
        print('check_co_await.py: no C++ source there', file=sys.stderr)
        return 2
    found = 0
    for path in files:
        for line, why in findings(path.read_text(encoding='utf-8')):
            print(f'{path}:{line}: {why} in one expression with co_await: GCC 12 compiles that wrongly; '
                  'see docs/pitfalls.md')
            found += 1
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

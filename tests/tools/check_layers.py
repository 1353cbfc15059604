#!/usr/bin/env python3
"""Enforces the layers of docs/architecture.md by reading the #include lines of common/, daemon/ and cli/.

Usage: check_layers.py REPOSITORY   Exit status 1 if a rule is broken, 2 if there is nothing to read.

An include points to a lower layer or stays within its own, where headers must not include each other in a circle.
Every file of the library has its place in the table below; a new file is added there first. The check reads text and
runs no preprocessor: an #include in an #if counts.
"""
import pathlib
import re
import sys

# The layer of each file of the library, by name without folder and ending: a header and its source are one component.
LAYERS = {
    0: 'error result limits fd descriptors log task version deadline units similar statistics',
    1: 'json json_text utf8 base64 escaped_text frame message request request_text response peer connection_info event '
       'accounts reply_reader request_reader plain_request plain_output plain_text text_writer command_name',
    2: 'schema command call router access session_rules call_host write_queue deadline_queue log_limiter',
    3: 'socket_builder socket_adopt socket_lock socket_path peer_credentials connector '
       'spawn transport ancillary descriptor_inbox outbox own_loop',
    4: 'session session_output session_requests session_notes exchange server_core listener',
    5: 'server client asio blocking uds builtins async_client client_channel',
}
LAYER_OF = {stem: layer for layer, stems in LAYERS.items() for stem in stems.split()}

# Who may include the JSON library itself; everybody else says uds/json.hpp.
JSON_USERS = {'json', 'message', 'request', 'response', 'call', 'command'}
# The one file that includes RE2: consumers of the headers need not have it.
RE2_USER = 'common/src/schema.cpp'
# What a program must not include of the library: the daemon is no client, udsctl is no server. uds.hpp is both.
FORBIDDEN_TO = {
    'daemon': {'client', 'uds'},
    'cli': {'server', 'router', 'call', 'asio', 'uds'},
}
# Headers of common/src that a folder of a program may include: system calls that no public header offers.
INTERNALS_FOR = {'daemon/exec': {'peer_credentials'}, 'daemon/shared': {'ancillary'}}
FORBIDDEN_WORDS = {
    'system_timer': 'a deadline must not move with the wall clock',
    'std::regex': 'it overflows the stack on long input',
    'BOOST_ASIO_SEPARATE_COMPILATION': "it breaks the one-definition rule beside an embedding program's own Asio",
    'BOOST_ASIO_DISABLE_THREADS': "it breaks the one-definition rule beside an embedding program's own Asio",
}
SOCKET_HEADERS = re.compile(r'sys/(socket|un|epoll)\.h|boost/asio/(local|posix|ip)/.*|boost/asio\.hpp')

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.M)
COMMENT = re.compile(r'//[^\n]*|/\*.*?\*/', re.S)


class File:
    """One source file: where it stands, and what it includes as ('<' or '"', name)."""

    def __init__(self, path, text):
        self.path = pathlib.PurePosixPath(path)
        self.area = self.path.parts[0]
        self.stem = self.path.stem
        self.public = self.path.parts[:2] == ('common', 'include')
        self.text = COMMENT.sub(' ', text)
        self.includes = INCLUDE.findall(self.text)


def target_of(file, name, files):
    """The project file that #include "name" in `file` means, or None."""
    folders = [str(file.path.parent), file.area, 'common/include']
    if file.area == 'common' or pathlib.PurePosixPath(name).stem in INTERNALS_FOR.get(str(file.path.parent), ()):
        folders.append('common/src')
    for folder in folders:
        if f'{folder}/{name}' in files:
            return files[f'{folder}/{name}']
    return None


def library_target(name, target):
    """The library component that an include names, or None if it belongs to a program."""
    if name.startswith('uds/'):
        return pathlib.PurePosixPath(name).stem
    return target.stem if target and target.area == 'common' else None


def check_third_party(file, name):
    layer = LAYER_OF.get(file.stem, 5) if file.area == 'common' else None
    if name == 'regex':
        yield 'includes <regex>: std::regex overflows the stack on long input'
    if name.startswith('nlohmann/') and not (layer is not None and file.stem in JSON_USERS):
        yield f'includes <{name}>: include "uds/json.hpp" instead'
    if name.startswith('spdlog/') and file.area == 'common':
        yield f'includes <{name}>: the library logs through uds/log.hpp only'
    if name.startswith('re2/') and str(file.path) != RE2_USER:
        yield f'includes <{name}>: only {RE2_USER} knows RE2'
    if name.startswith('boost/') and file.public and file.stem != 'asio':
        yield f'includes <{name}>: uds/asio.hpp is the one public header with Boost'
    if name == 'boost/asio.hpp' and file.public:
        yield 'includes <boost/asio.hpp>: include the parts that are used'
    if name.startswith('boost/') and layer is not None and layer < 2:
        yield f'includes <{name}>: layer {layer} is pure'
    elif SOCKET_HEADERS.fullmatch(name) and layer is not None and layer < 3:
        yield f'includes <{name}>: sockets begin at layer 3, this is layer {layer}'


def check_own(file, name, files, edges):
    target = target_of(file, name, files)
    component = library_target(name, target)
    if target is None and component not in LAYER_OF:
        yield f'includes "{name}", which is neither in its own folder nor a header of the library'
    elif file.area != 'common':
        if component in FORBIDDEN_TO[file.area]:
            yield f'includes "{name}", which is not for {file.area}/'
    elif component in LAYER_OF and file.stem in LAYER_OF and component != file.stem:
        own, other = LAYER_OF[file.stem], LAYER_OF[component]
        if other > own:
            yield f'includes "{name}" of layer {other} from layer {own}'
        elif file.stem == 'frame' and component in ('json', 'message'):
            yield f'includes "{name}": frame knows no JSON'
        elif other == own and file.path.suffix == '.hpp':
            edges.setdefault(file.stem, set()).add(component)


def cycles(edges):
    """One cycle among components of the same layer, as names, or nothing."""
    def visit(stem, trail):
        if stem in trail:
            return trail[trail.index(stem):] + [stem]
        for following in sorted(edges.get(stem, ())):
            found = visit(following, trail + [stem])
            if found:
                return found
        return None
    return next((found for found in (visit(stem, []) for stem in sorted(edges)) if found), None)


def problems(texts):
    """Every broken rule in {path relative to the repository: text}, as 'path: what'."""
    files = {path: File(path, text) for path, text in texts.items()}
    edges = {}
    for path, file in sorted(files.items()):
        for word, why in FORBIDDEN_WORDS.items():
            if word in file.text:
                yield f'{path}: uses {word}: {why}'
        if file.path.suffix not in ('.hpp', '.cpp'):
            continue
        if file.area == 'common' and file.stem not in LAYER_OF:
            yield f'{path}: has no layer; add "{file.stem}" to LAYERS in tests/tools/check_layers.py'
        for kind, name in file.includes:
            own = kind == '"' or name.startswith('uds/')
            found = check_own(file, name, files, edges) if own else check_third_party(file, name)
            for what in found:
                yield f'{path}: {what}'
    circle = cycles(edges)
    if circle:
        yield f'common: headers of one layer include each other in a circle: {" -> ".join(circle)}'


def main(arguments):
    root = pathlib.Path(arguments[0])
    paths = [path for area in ('common', 'daemon', 'cli') for path in (root / area).rglob('*')
             if path.suffix in ('.hpp', '.cpp') or path.name == 'CMakeLists.txt']
    texts = {path.relative_to(root).as_posix(): path.read_text(encoding='utf-8') for path in paths}
    if not any(path.endswith('.hpp') for path in texts):
        print(f'check_layers.py: no headers below {root}', file=sys.stderr)
        return 2
    found = list(problems(texts))
    print('\n'.join(found) or f'{len(texts)} files keep to their layers')
    return 1 if found else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env python3
"""Proves that check_layers.py reports each broken rule, and nothing in a tree that keeps to them."""
import unittest

import check_layers

HEADERS = 'common/include/uds/'
GOOD = {
    HEADERS + 'error.hpp': '#include <string>\n',
    HEADERS + 'json.hpp': '#include <nlohmann/json.hpp>\n#include "uds/error.hpp"\n',
    HEADERS + 'frame.hpp': '#include <span>\n',
    HEADERS + 'message.hpp': '#include "uds/frame.hpp"\n#include "uds/json.hpp"\n',
    HEADERS + 'router.hpp': '#include "uds/message.hpp"\n',
    HEADERS + 'server.hpp': '#include "uds/router.hpp"\n',
    HEADERS + 'client.hpp': '#include "uds/message.hpp"\n',
    HEADERS + 'asio.hpp': '#include <boost/asio/awaitable.hpp>\n#include "uds/client.hpp"\n',
    'common/src/frame.cpp': '// std::regex is forbidden\n#include "uds/frame.hpp"\n',
    'common/src/schema.cpp': '#include "uds/schema.hpp"\n#include <re2/re2.h>\n',
    'common/src/session.hpp': '#include <sys/socket.h>\n#include "uds/router.hpp"\n',
    'common/src/session.cpp': '#include "session.hpp"\n#include <boost/asio.hpp>\n',
    'common/src/server.cpp': '#include "uds/server.hpp"\n#include "session.hpp"\n',
    'daemon/main.cpp': '#include "app.hpp"\n',
    'daemon/app.hpp': '#include <spdlog/spdlog.h>\n#include "uds/server.hpp"\n#include "uds/asio.hpp"\n',
    'daemon/commands/echo.cpp': '#include "app.hpp"\n',
    'cli/main.cpp': '#include <uds/client.hpp>\n#include <boost/program_options.hpp>\n',
    'daemon/CMakeLists.txt': 'add_executable(udsd)\n',
}

# name: (file, text that takes the place of what GOOD has there, a part of the message)
BAD = {
    'upward include': ('common/src/frame.cpp', '#include "uds/router.hpp"', 'layer 2 from layer 1'),
    'router knows the session': (HEADERS + 'router.hpp', '#include "session.hpp"', 'layer 4 from layer 2'),
    'frame knows JSON': (HEADERS + 'frame.hpp', '#include "uds/json.hpp"', 'frame knows no JSON'),
    'frame and nlohmann': (HEADERS + 'frame.hpp', '#include <nlohmann/json.hpp>', 'uds/json.hpp'),
    'nlohmann in a program': ('cli/main.cpp', '#include <nlohmann/json.hpp>', 'uds/json.hpp'),
    'file without a layer': ('common/src/new_thing.cpp', '', 'add "new_thing" to LAYERS'),
    'circle': (HEADERS + 'client.hpp', '#include "uds/asio.hpp"', 'asio -> client -> asio'),
    'spdlog in the library': ('common/src/session.cpp', '#include <spdlog/spdlog.h>', 'uds/log.hpp'),
    'daemon includes cli': ('daemon/main.cpp', '#include "../cli/render.hpp"', 'neither in its own folder'),
    'cli includes daemon': ('cli/main.cpp', '#include "daemon/app.hpp"', 'neither in its own folder'),
    'program includes internals': ('daemon/main.cpp', '#include "session.hpp"', 'neither in its own folder'),
    'cli includes the server': ('cli/main.cpp', '#include "uds/server.hpp"', 'not for cli'),
    'cli includes it in angles': ('cli/main.cpp', '#include <uds/server.hpp>', 'not for cli'),
    'daemon includes the client': ('daemon/app.hpp', '#include "uds/client.hpp"', 'not for daemon'),
    'Boost in a public header': (HEADERS + 'server.hpp', '#include <boost/asio/awaitable.hpp>', 'one public header'),
    'all of Asio in a header': (HEADERS + 'asio.hpp', '#include <boost/asio.hpp>', 'the parts that are used'),
    'Boost in a pure layer': ('common/src/message.cpp', '#include <boost/crc.hpp>', 'layer 1 is pure'),
    'RE2 in a header': (HEADERS + 'router.hpp', '#include <re2/re2.h>', 'only common/src/schema.cpp'),
    'RE2 in a program': ('daemon/main.cpp', '#include <re2/stringpiece.h>', 'only common/src/schema.cpp'),
    'sockets in layer 2': ('common/src/router.cpp', '#  include <sys/socket.h>', 'begin at layer 3'),
    '<regex>': ('daemon/main.cpp', '#include <regex>', 'overflows the stack'),
    'std::regex': ('cli/main.cpp', 'std::regex r;', 'uses std::regex'),
    'separate compilation': ('daemon/CMakeLists.txt', 'BOOST_ASIO_SEPARATE_COMPILATION', 'one-definition'),
    'disabled threads': ('common/src/session.cpp', '#define BOOST_ASIO_DISABLE_THREADS', 'one-definition'),
}


class Layers(unittest.TestCase):
    def test_a_tree_that_keeps_to_the_rules_passes(self):
        self.assertEqual([], list(check_layers.problems(GOOD)))

    def test_each_broken_rule_is_reported(self):
        for name, (path, text, expected) in BAD.items():
            with self.subTest(name):
                found = list(check_layers.problems({**GOOD, path: text + '\n'}))
                self.assertTrue(any(expected in what for what in found), found)


if __name__ == '__main__':
    unittest.main()

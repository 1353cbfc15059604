#!/usr/bin/env python3
"""Proves that check_co_await.py finds each shape GCC 12 compiles wrongly, and leaves the safe ones alone."""
import unittest

import check_co_await

BAD = {
    'aggregate, designated': 'Task f() { co_await g({.a = "x"}); }',
    'aggregate, named': 'Task f() { auto r = co_await g(Agg{1, name}); }',
    'braced result': 'Task f() { Thing t{co_await g()}; }',
    'brace after a template': 'Task f() { co_await g(std::vector<int>{1}); }',
    'capture by value': 'Task f() { co_await g([p] { p->run(); }); }',
    'default capture': 'Task f() { co_await g([=] { run(); }); }',
    'init capture': 'Task f() { co_await g([&a, q = std::move(p)]() mutable { q->run(); }); }',
    'copy of this': 'Task f() { co_await g([*this] { run(); }); }',
    'spawn on the executor': 'Task f() { co_spawn(co_await this_coro::executor, [p]() -> Task { co_return; }, d); }',
    'lambda before the await': 'Task f() { h([p] { return 1; }, co_await g()); }',
    'conditional': 'Task f() { auto r = a ? co_await g() : co_await h(); }',
    'conditional argument': 'Task f() { co_await g(a ? x : y); }',
    'two in one statement': 'Task f() { use(co_await g(), co_await h()); }',
    'while with &&': 'Task f() { while (a && co_await g()) { b(); } }',
    'while with ||, no block': 'Task f() { while (a || (co_await g())) b(); }',
    'for condition': 'Task f() { for (int i = 0; i < n && co_await g(); ++i) {} }',
    'do while': 'Task f() { do { b(); } while (ready() && co_await g()); }',
    'inside a lambda body': 'void f() { auto l = [&]() -> Task { co_await g(Agg{1}); }; }',
    'inside a lambda argument': 'void f() { spawn(e, [&]() -> Task { co_await g(a ? b : c); }, d); }',
    'inside if': 'Task f() { if (auto r = co_await g(Agg{1}); r) { } }',
    'across lines': 'Task f() {\n  co_await g(\n      Agg{\n        1});\n}',
    'after a constructor with initialisers': 'C::C() : a_{1}, b_{2} { } Task f() { co_await g(Agg{1}); }',
    'after a case label': 'Task f() { switch (x) { case 1: { co_await g(Agg{1}); } } }',
}

GOOD = {
    'plain': 'Task f() { auto r = co_await g(a, 2, make(b)); co_return; }',
    'returned': 'Task f() { co_return co_await g(); }',
    'built before': 'Task f() { Agg agg{1, "x"}; co_await g(std::move(agg)); }',
    'lambda named first': 'Task f() { auto l = [p] { p->run(); }; co_await g(std::move(l)); }',
    'captures references': 'Task f() { co_await g([&a, this] { a.run(); }); }',
    'conditional before': 'Task f() { const int x = a ? 1 : 2; co_await g(x); }',
    'blocks around': 'Task f() { if (a) { co_await g(); } else { co_await h(); } }',
    'await in a condition': 'Task f() { while (auto r = co_await g()) { use(*r); } }',
    'operator after the await': 'Task f() { while (co_await g() && a) { b(); } }',
    'break inside': 'Task f() { while (a) { if (!co_await g()) break; } }',
    'range for': 'Task f() { for (const auto& x : list) { co_await g(x); } }',
    'structured binding': 'Task f() { auto [a, b] = co_await g(); const auto& [c, d] = co_await h(); }',
    'subscript': 'Task f() { co_await g(list[i]); }',
    'attribute': '[[nodiscard]] Task f(); Task g() { co_await f(); }',
    'statements of a lambda': 'void f() { spawn(e, [p]() -> Task { co_await g(); co_await h(); }, d); }',
    'trailing type with brackets': 'void f() { auto l = [p](int x) -> Task<void> { co_await g(x); }; }',
    'comments and strings': 'Task f() { co_await g("a ? {b} : c" /* {} ? : */, \'{\'); } // co_await {',
    'raw string': 'Task f() { co_await g(R"x({"a":1} ? )x"); }',
    'preprocessor': '#define X { ? co_await\nTask f() { co_await g(); }',
    'digit separators': "Task f() { co_await g(1'000, 2'000); }",
    'neighbours': 'Task f() { Agg a{1}; co_await g(); Agg b{2}; int c = d ? 1 : 2; }',
    'members and types': 'struct S : B { int a = 1; Task f() { co_await g(); } }; enum class E : int { A, B };',
}


class Shapes(unittest.TestCase):
    def test_bad_shapes_are_found(self):
        for name, text in BAD.items():
            with self.subTest(name):
                self.assertTrue(list(check_co_await.findings(text)), text)

    def test_good_shapes_pass(self):
        for name, text in GOOD.items():
            with self.subTest(name):
                self.assertEqual([], list(check_co_await.findings(text)), text)

    def test_the_line_is_that_of_the_await(self):
        text = 'int a;\nTask f() {\n  int b = 1;\n  co_await g(Agg{1});\n}\n'
        self.assertEqual([4], [line for line, _ in check_co_await.findings(text)])

    def test_each_finding_is_reported_once(self):
        text = 'Task f() { co_await g(Agg{1}); co_await h(a ? 1 : 2); }'
        self.assertEqual(['a braced temporary', 'the ?: operator'],
                         [why for _, why in check_co_await.findings(text)])


if __name__ == '__main__':
    unittest.main()

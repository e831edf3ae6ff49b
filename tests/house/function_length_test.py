"""No function is longer than 60 lines: C++, Python and TypeScript; components of the page 120."""

import ast
import re
import unittest

from house import Planted, line_of, repository, without_comments

MOST_LINES = 60
MOST_LINES_OF_COMPONENT = 120
# What may stand between a function's ")" and its "{".
_TAIL = re.compile(r"\)\s*(?:(?:const|noexcept|override|final|mutable|volatile|&&?|try)\s*"
                   r"|noexcept\s*\([^()]*\)\s*"
                   r"|->\s*[\w:<>,&*\s]+?\s*|:\s*(?!:).*)*$", re.DOTALL)
_CONTROL = re.compile(r"(?:^|[^\w])(if|for|while|switch|catch|do|else)\s*(?:constexpr\s*)?(?:\(|$)")


def cpp_functions(text):
    """(name, first line, lines) of each outermost function body of a C++ text."""
    code = without_comments(text)
    code = re.sub(r"^[ \t]*#[^\n]*(?:\\\n[^\n]*)*", lambda m: re.sub(r"[^\n]", " ", m.group(0)),
                  code, flags=re.MULTILINE)
    code = re.sub(r"(\w)\{([^{};]*)\}(?=\s*[,{])", r"\1(\2)", code)  # member initialisers
    found, stack, statement = [], [], 0
    for position, character in enumerate(code):
        if character == "{":
            head = code[statement:position].strip()
            inside = any(kind == "function" for kind, *_ in stack)
            kind = "function" if not inside and opens_function(head) else "block"
            stack.append((kind, head, statement_start(code, statement)))
            statement = position + 1
        elif character == "}" and stack:
            kind, head, start = stack.pop()
            if kind == "function":
                first, last = line_of(code, start), line_of(code, position)
                found.append((name_in(head), first, last - first + 1))
            statement = position + 1
        elif character == ";":
            statement = position + 1
    return found


def statement_start(code, position):
    while position < len(code) and code[position].isspace():
        position += 1
    return position


def opens_function(head):
    if not head or "(" not in head or head.endswith(("=", ",", "(", "return")):
        return False
    if re.match(r"(?:template\s*<.*>\s*)?(?:class|struct|union|enum|namespace|extern\s*\"[^\"]*\")\b",
                head, re.DOTALL) and not head.rstrip().endswith(")"):
        return False
    return bool(_TAIL.search(head)) and not _CONTROL.match(head)


def name_in(head):
    match = re.search(r"([\w:~]+|operator[^\s(]+)\s*\(([^()]*)", head)
    if not match:
        return "?"
    return f"{match.group(1)}({match.group(2)})" if match.group(1).startswith("TEST") \
        else match.group(1)


def python_functions(text):
    return [(node.name, node.lineno, node.end_lineno - node.lineno + 1)
            for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


_TS_FUNCTION = re.compile(
    r"\bfunction\s*\*?\s*(\w*)[^{};]*?\([^;]*?\)[^{};=]*\{"
    r"|\b(?:const|let)\s+(\w+)[^=;\n]*=\s*(?:async\s*)?(?:\([^;{}]*\)|\w+)[^=;{}]*=>\s*\{")


def typescript_functions(text):
    """(name, first line, lines) of named functions; a function inside another counts with both."""
    code = without_comments(text)
    found = []
    for match in _TS_FUNCTION.finditer(code):
        depth, position = 1, match.end()
        while depth and position < len(code):
            depth += {"{": 1, "}": -1}.get(code[position], 0)
            position += 1
        first = line_of(code, match.start())
        found.append((match.group(1) or match.group(2) or "?", first,
                      line_of(code, position - 1) - first + 1))
    return found


def violations(tree):
    found = []
    for path in tree.paths:
        most = MOST_LINES
        if path.endswith((".cpp", ".hpp")):
            functions = cpp_functions(tree.read(path))
        elif path.endswith(".py"):
            functions = python_functions(tree.read(path))
        elif path.endswith((".ts", ".tsx")) and not path.endswith(".d.ts"):
            if re.search(r"(\.test|\.spec)\.|generated", path):
                continue
            functions = typescript_functions(tree.read(path))
            most = MOST_LINES_OF_COMPONENT if path.endswith(".tsx") else MOST_LINES
        else:
            continue
        found += [f"{path}:{line} {name} has {lines} lines, at most {most}"
                  for name, line, lines in functions if lines > most]
    return found


def body(lines):
    return "\n".join(["  x();"] * lines)


class FunctionLength(unittest.TestCase):
    def test_no_function_is_too_long(self):
        self.assertEqual([], violations(repository()))

    def planted(self, path, text):
        with Planted({path: text}) as tree:
            return violations(tree)

    def test_long_cpp_functions_are_found_in_every_form(self):
        for head in ("void f() {", "int A::g(int x) const noexcept {", "A::A() : a_(1), b_{2} {",
                     "template <typename T>\nauto h(T t) -> std::vector<int> {",
                     "TEST(Suite, Name) {", "bool operator==(const A& a, const A& b) {",
                     "namespace n {\nstruct S {\nvoid m(int a,\n       int b) override {"):
            closing = "}\n" * (head.count("{") - head.count("b_{"))
            self.assertEqual(1, len(self.planted("src/a.cpp", f"{head}\n{body(60)}\n{closing}")),
                             head)

    def test_short_ones_and_long_tables_pass(self):
        self.assertEqual([], self.planted("src/a.cpp", f"void f() {{\n{body(58)}\n}}\n"))
        rows = "\n".join(["  {1, f(2)},"] * 80)
        self.assertEqual([], self.planted("src/a.cpp", f"const T kTable[] = {{\n{rows}\n}};\n"))
        members = "\n".join(["  int f() { return 1; }"] * 80)
        self.assertEqual([], self.planted("src/a.hpp", f"class A : public B {{\n{members}\n}};\n"))
        self.assertEqual([], self.planted("src/a.cpp", f"namespace x {{\n{members}\n}}\n"))

    def test_what_a_function_is_called_is_told(self):
        self.assertEqual([("f", 1, 3)], cpp_functions("void f() {\n  if (x) { y(); }\n}\n"))
        self.assertEqual([("A::A", 1, 1), ("g", 2, 1)],
                         cpp_functions("A::A(int a) : a_(a) {}\nint g() { return 1; }\n"))

    def test_python_and_typescript_count_too(self):
        long_python = "def f():\n" + "    x()\n" * 60
        self.assertEqual(1, len(self.planted("tools/a.py", long_python)))
        self.assertEqual(1, len(self.planted("web/src/a.ts",
                                             f"export function f(a: number) {{\n{body(60)}\n}}")))
        self.assertEqual(1, len(self.planted("web/src/a.ts",
                                             f"const f = (a: number) => {{\n{body(60)}\n}};")))
        self.assertEqual([], self.planted("web/src/a.tsx",
                                          f"export function F() {{\n{body(100)}\n}}"))


if __name__ == "__main__":
    unittest.main()

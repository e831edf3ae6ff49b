"""Headers say what they hold: a comment block first, and Place and Threads above each class."""

import re
import unittest

from house import Planted, line_of, repository, without_comments

CLASS = re.compile(r"^class\s+(?:\[\[\w+\]\]\s*)?(\w+)[^;{]*\{", re.MULTILINE)


def block_above(text, position):
    """The /// lines that end just above the position; template<> lines between are skipped."""
    lines = text[:position].split("\n")[:-1]
    while lines and re.match(r"\s*(template\b|requires\b)", lines[-1]):
        lines.pop()
    block = []
    while lines and re.match(r"\s*///", lines[-1]):
        block.insert(0, lines.pop())
    return "\n".join(block)


def violations(tree):
    found = []
    for path in tree.under("src/", ".hpp"):
        text = tree.read(path)
        code = without_comments(text)
        if not code.lstrip().startswith("#pragma once"):
            found.append(f"{path} does not start with #pragma once")
        if "///" not in text:
            found.append(f"{path} has no comment block that says what it holds")
        for match in CLASS.finditer(code):
            block = block_above(text, match.start())
            where = f"{path}:{line_of(text, match.start())} class {match.group(1)}"
            if re.search(r"class\s+(?:\[\[\w+\]\]\s*)?\w+\s*<", match.group(0)):
                continue  # a specialisation: its primary template carries the words
            for word in ("Place", "Threads"):
                if not re.search(r"///\s+" + word + r"\b", block):
                    found.append(f"{where}: its comment block does not say {word}")
    return found


GOOD = """#pragma once
namespace guanxi {
/// Counts beans.
///
/// Place       Made by the cook.
/// Threads     One owner.
class Counter {
 public:
  class Inner { int a; };
};
}
"""


class Headers(unittest.TestCase):
    def test_every_header_says_what_it_holds(self):
        self.assertEqual([], violations(repository()))

    def planted(self, text):
        with Planted({"src/base/a.hpp": text}) as tree:
            return violations(tree)

    def test_a_good_header_passes(self):
        self.assertEqual([], self.planted(GOOD))
        self.assertEqual([], self.planted("#pragma once\n/// Adds.\nint add(int, int);\nclass X;\n"))

    def test_what_is_missing_is_found(self):
        self.assertRegex(self.planted(GOOD.replace("Threads", "Thread"))[0], "does not say Threads")
        self.assertRegex(self.planted(GOOD.replace("Place", "Where"))[0], "does not say Place")
        self.assertRegex(self.planted("#pragma once\nint f();\n")[0], "no comment block")
        self.assertRegex(self.planted("/// F.\nint f();\n")[0], "pragma once")


if __name__ == "__main__":
    unittest.main()

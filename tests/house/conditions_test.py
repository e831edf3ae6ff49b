"""docs/conditions.md names every column that a condition can name, with what it is, and no other."""

import re
import unittest

from house import Planted, repository

CODE = "src/people/people_columns.cpp"
PAGE = "docs/conditions.md"
COLUMN = re.compile(r'\{\{"(\w+)",\s*\w+,\s*(?:kShare|"[^"]*"),\s*\d+,\s*"([^"]*)"\}')
ROW = re.compile(r"^\| `(\w+)` \|[^|]*\|[^|]*\| (.*) \|$", re.MULTILINE)


def violations(tree):
    coded = dict(COLUMN.findall(tree.read(CODE)))
    written = dict(ROW.findall(tree.read(PAGE)))
    found = [] if coded else [f"{CODE}: no columns found"]
    found += [f"{PAGE}: column {name} is missing" for name in coded if name not in written]
    found += [f"{PAGE}: there is no column {name}" for name in written if name not in coded]
    found += [f"{PAGE}: column {name} is {coded[name]!r} in the code"
              for name in written if name in coded and written[name] != coded[name]]
    return found


class Conditions(unittest.TestCase):
    def test_the_page_names_the_columns_of_the_code(self):
        self.assertEqual([], violations(repository()))

    def test_a_missing_and_a_changed_column_are_found(self):
        code = '{{"id", text, "", 0, "An id"}, x}, {{"tier", tier, "", 0, "A tier"}, y}'
        page = "| `tier` | tier | | A level |\n| `old` | day | | Gone |\n"
        with Planted({CODE: code, PAGE: page}) as tree:
            self.assertEqual(3, len(violations(tree)))


if __name__ == "__main__":
    unittest.main()

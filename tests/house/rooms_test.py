"""The one-way rule: what a room includes is what its CMakeLists.txt says it depends on."""

import re
import unittest

from house import Planted, includes, repository

SOURCES = (".hpp", ".cpp", ".inc")


def order_of_rooms(tree):
    return re.findall(r"^add_subdirectory\((\w+)\)", tree.read("src/CMakeLists.txt"), re.MULTILINE)


def declaration(tree, room):
    """(DEPENDS, SOURCES + TESTS) of the room's guanxi_room() call."""
    text = re.sub(r"#[^\n]*", "", tree.read(f"src/{room}/CMakeLists.txt"))
    call = re.search(r"guanxi_room\(\s*" + room + r"\b([^)]*)\)", text)
    lists, current = {"DEPENDS": [], "LINK": [], "SOURCES": [], "TESTS": []}, None
    for word in call.group(1).split() if call else []:
        if word in lists:
            current = lists[word]
        elif current is not None:
            current.append(word)
    return call is not None, lists, text


def violations(tree):
    rooms = order_of_rooms(tree)
    found = []
    for room in sorted({p.split("/")[1] for p in tree.under("src/") if p.count("/") >= 2}):
        if room not in rooms:
            found.append(f"src/{room} is not listed in src/CMakeLists.txt")
    for height, room in enumerate(rooms):
        if not tree.has(f"src/{room}/CMakeLists.txt"):
            found.append(f"src/CMakeLists.txt lists {room}, which has no CMakeLists.txt")
            continue
        declared, lists, text = declaration(tree, room)
        if not declared:
            found.append(f"src/{room}/CMakeLists.txt does not call guanxi_room({room} ...)")
        for lower in lists["DEPENDS"]:
            if lower not in rooms[:height]:
                found.append(f"{room} depends on {lower}, which is not below it")
        found += room_violations(tree, room, {room, *lists["DEPENDS"]}, text)
    return found


def room_violations(tree, room, allowed, cmake_text):
    found = []
    for path in tree.under(f"src/{room}/", *SOURCES):
        name = path.split("/", 2)[2]
        if path.endswith(".cpp") and not re.search(r"(?<![\w.])" + re.escape(name), cmake_text):
            found.append(f"{path} is built by nobody: name it in src/{room}/CMakeLists.txt")
        for line, target in includes(tree.read(path)):
            if "/" not in target:
                found.append(f'{path}:{line} includes "{target}": write "room/{target}"')
            elif target.split("/")[0] not in allowed:
                found.append(f"{path}:{line} includes {target}, but {room} does not depend on it")
            elif not tree.has(f"src/{target}"):
                found.append(f"{path}:{line} includes {target}, which does not exist")
    return found


PLANTED = {
    "src/CMakeLists.txt": "add_subdirectory(low)\nadd_subdirectory(high)\n",
    "src/low/CMakeLists.txt": "guanxi_room(low SOURCES a.cpp)\n",
    "src/low/a.cpp": '#include "low/a.hpp"\n',
    "src/low/a.hpp": "#pragma once\n",
    "src/high/CMakeLists.txt": "guanxi_room(high\n  DEPENDS low  # because\n  SOURCES b.cpp)\n",
    "src/high/b.cpp": '#include "low/a.hpp"\n',
}


class Rooms(unittest.TestCase):
    def test_every_include_is_declared(self):
        self.assertEqual([], violations(repository()))

    def planted(self, changes):
        with Planted({**PLANTED, **changes}) as tree:
            return violations(tree)

    def test_a_tidy_tree_passes(self):
        self.assertEqual([], self.planted({}))

    def test_an_include_upwards_is_found(self):
        self.assertRegex(self.planted({"src/low/a.cpp": '#include "high/b.hpp"\n'})[0],
                         "src/low/a.cpp:1 includes high/b.hpp, but low does not")

    def test_an_undeclared_include_is_found(self):
        self.assertEqual(1, len(self.planted({"src/high/CMakeLists.txt":
                                              "guanxi_room(high SOURCES b.cpp)\n"})))

    def test_a_dependency_upwards_is_found(self):
        found = self.planted({"src/low/CMakeLists.txt": "guanxi_room(low DEPENDS high SOURCES a.cpp)"})
        self.assertIn("low depends on high, which is not below it", found)

    def test_a_commented_include_is_not(self):
        self.assertEqual([], self.planted({"src/low/a.cpp": '// #include "high/b.hpp"\n'}))

    def test_strays_are_found(self):
        found = self.planted({"src/low/dead.cpp": "", "src/loft/c.hpp": "",
                              "src/high/b.cpp": '#include "b.hpp"\n#include "low/none.hpp"\n'})
        self.assertEqual(4, len(found), found)


if __name__ == "__main__":
    unittest.main()

"""The pure rooms meet no clock, thread, file, environment, chance or hash order; the fold no float.

Tests of a pure room may read files and measure time; what is held to the rule is what ships.
"""

import re
import unittest

from house import PURE_ROOMS, Planted, line_of, repository, without_comments

BANNED_INCLUDES = {
    "chrono": "a clock", "ctime": "a clock", "time.h": "a clock", "sys/time.h": "a clock",
    "thread": "threads", "mutex": "threads", "shared_mutex": "threads", "future": "threads",
    "condition_variable": "threads", "semaphore": "threads", "stop_token": "threads",
    "pthread.h": "threads", "fstream": "files", "filesystem": "files", "iostream": "files", "unistd.h": "the operating system",
    "fcntl.h": "files", "sys/stat.h": "files", "random": "distributions that differ by library",
    "locale": "the environment", "clocale": "the environment",
}
BANNED_WORDS = {
    r"\bgetenv\b": "the environment", r"\brandom_device\b": "true chance",
    r"\b(?:std::)?s?rand\s*\(": "hidden state", r"\b\w+_distribution\b": "differs by library",
    r"\b(?:system|steady|high_resolution)_clock\b": "a clock", r"\bstd::time\s*\(": "a clock",
    r"\bstd::(?:jthread|thread|async)\b": "threads", r"\bthread_local\b": "hidden state",
    r"\b(?:fopen|freopen|fdopen|fread|fwrite|tmpfile)\s*\(": "files",
    r"\bstd::hash\b": "differs by library; use base/hash.hpp",
    r"\breinterpret_cast\s*<\s*(?:std::)?u?intptr_t": "addresses differ from run to run",
}


def banned_in(path, text):
    found = []
    code = without_comments(text)
    for match in re.finditer(r"^[ \t]*#[ \t]*include[ \t]*<([^>]+)>", code, re.MULTILINE):
        if match.group(1) in BANNED_INCLUDES:
            found.append(f"{path}:{line_of(code, match.start())} includes <{match.group(1)}>: "
                         f"{BANNED_INCLUDES[match.group(1)]}")
    for word, why in BANNED_WORDS.items():
        for match in re.finditer(word, code):
            found.append(f"{path}:{line_of(code, match.start())} {match.group(0).strip()}: {why}")
    return found + unordered_walks(path, code)


def unordered_walks(path, code):
    """Walks over containers whose order the standard leaves open. Looking up in them is fine."""
    names = re.findall(r"\bunordered_(?:multi)?(?:map|set)\s*<[^;{}()]*>\s*&?\s*(\w+)\s*[;={(,)]",
                       code)
    found = []
    for name in sorted(set(names)):
        for match in re.finditer(r":\s*(?:\w+(?:\.|->))*" + name + r"\s*\)|\b" + name +
                                 r"\s*\.\s*c?begin\s*\(", code):
            found.append(f"{path}:{line_of(code, match.start())} walks {name}, an unordered "
                         "container: the order differs by library")
    return found


def violations(tree):
    found = []
    for room in PURE_ROOMS:
        for path in tree.under(f"src/{room}/", ".hpp", ".cpp"):
            if path.endswith(("_test.cpp", "_testing.hpp")):
                continue
            text = tree.read(path)
            found += banned_in(path, text)
            if room == "relationship":
                code = without_comments(text)
                found += [f"{path}:{line_of(code, m.start())} {m.group(0)}: the fold is integers"
                          for m in re.finditer(r"\b(?:float|double)\b", code)]
    return found


class Purity(unittest.TestCase):
    def test_the_pure_rooms_are_pure(self):
        self.assertEqual([], violations(repository()))

    def planted(self, text, path="src/relationship/x.cpp"):
        with Planted({path: text}) as tree:
            return violations(tree)

    def test_each_banned_thing_is_found(self):
        for text in ("#include <chrono>\n", "#include <random>\n", "auto e = std::getenv(\"HOME\");",
                     "std::random_device d;", "int r = rand();", "double trust = 0;",
                     "std::uniform_int_distribution<int> d;", "auto t = std::time(nullptr);",
                     "std::unordered_map<int, int> m;\nfor (auto& x : m) {}",
                     "struct S { std::unordered_set<int> s_; };\nauto i = s_.begin();"):
            self.assertEqual(1, len(self.planted(text)), text)

    def test_what_is_allowed_passes(self):
        for text in ("// <chrono> and double are banned", "const char* s = \"double\";",
                     "std::unordered_map<int, int> m; auto i = m.find(3);", "int operand(int);"):
            self.assertEqual([], self.planted(text), text)
        self.assertEqual([], self.planted("double x;", "src/statistics/x.cpp"))
        self.assertEqual([], self.planted("#include <fstream>", "src/events/x_test.cpp"))
        self.assertEqual([], self.planted("#include <random>", "src/events/x_testing.hpp"))
        self.assertEqual([], self.planted("#include <chrono>", "src/platform/clock.cpp"))


if __name__ == "__main__":
    unittest.main()

"""Names and comments: no banners, no TODO without its issue, snake_case files, no machine's paths."""

import os
import re
import unittest

from house import Planted, repository, without_comments

CODE = (".hpp", ".cpp", ".py", ".ts", ".tsx", ".cmake", ".sh", "CMakeLists.txt", ".css")
BANNER = re.compile(r"^\s*(?://|#|/\*)\s*(?:[-=*#/~]{4,}|[-=*]{3,}\s.*[-=*]{3,})\s*(?:\*/)?\s*$")
UNFINISHED = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b(?!\s*\(#\d+\))")
COMMENTED_CODE = re.compile(r"^\s*//\s*(?:\}|(?:return|if|for|while|auto|const)\b.*[;{]\s*$|"
                            r"\w+(?:\.|->|::)\w+\(.*\);\s*$)")
ABSOLUTE = re.compile(r"(?<![\w./:])/(?:home/\w+|root|Users/\w+|work/\w+|mnt/\w+)/[\w.]+")
REGISTRY = re.compile(r"registry\.[\w-]+\.(?:org|com|net|io)|\bpypi\.[a-z]+\b|//[\w.-]*npmjs\.|"
                      r"//deb\.debian\.|//[\w.]*archive\.ubuntu|npmmirror", re.IGNORECASE)
TEXT = CODE + (".md", ".toml", ".json", ".yml", ".yaml", ".story", ".html", "/run", "/test")


def violations(tree):
    found = []
    for path in tree.paths:
        name = os.path.basename(path)
        if path.startswith(("src/", "benchmarks/")) and path.endswith((".cpp", ".hpp")) and \
                not re.fullmatch(r"[a-z0-9]+(?:_[a-z0-9]+)*\.(?:cpp|hpp)", name):
            found.append(f"{path}: file names are snake_case")
        if not path.endswith(TEXT) and path not in ("run", "test"):
            continue
        for number, line in enumerate(tree.read(path).split("\n"), 1):
            found += [f"{path}:{number} {what}" for what in wrong_in(path, line)]
    return found


def wrong_in(path, line):
    if path.endswith(CODE):
        if BANNER.match(line):
            yield "a banner comment: let blank lines and short files do that"
        if not path.startswith("tests/house/") and UNFINISHED.search(line):
            yield "unfinished work without its issue: write TODO(#12)"
        if path.endswith((".hpp", ".cpp", ".ts", ".tsx")) and COMMENTED_CODE.match(line):
            yield "commented-out code"
    if path.startswith("tests/house/"):
        return
    if ABSOLUTE.search(line):
        yield f"a path of one machine: {ABSOLUTE.search(line).group(0)}"
    if REGISTRY.search(line):
        yield (f"a registry's host name: {REGISTRY.search(line).group(0)} (npm: set "
               "omit-lockfile-registry-resolved)")


def crossings(tree):
    """Words that the house bans in code only, whatever the file is called."""
    found = []
    for path in tree.under("src/", ".hpp", ".cpp"):
        code = without_comments(tree.read(path))
        for number, line in enumerate(code.split("\n"), 1):
            if re.search(r"\busing namespace\b", line) and not re.search(r"literals", line):
                found.append(f"{path}:{number} using namespace")
            if re.search(r"(?<!static_)\bassert\s*\(", line):
                found.append(f"{path}:{number} assert: GUANXI_CHECK stays on in every build")
            if re.search(r"\bthrow\b(?!\s*\()", line):
                found.append(f"{path}:{number} throw: rooms return Result")
    return found


class Names(unittest.TestCase):
    def test_names_and_comments_are_plain(self):
        self.assertEqual([], violations(repository()))

    def test_no_using_namespace_assert_or_throw(self):
        self.assertEqual([], crossings(repository()))

    def planted(self, path, text, check=violations):
        with Planted({path: text}) as tree:
            return check(tree)

    def test_what_is_wrong_is_found(self):
        for path, text in (
                ("src/base/a.cpp", "// ==================\n"), ("tools/a.py", "# -------- x ------\n"),
                ("src/base/a.cpp", "// TODO: later\n"), ("src/base/a.cpp", "  // return x + 1;\n"),
                ("src/base/a.cpp", "// log_.append(event);\n"), ("src/base/CamelCase.cpp", ""),
                ("docs/a.md", "see /home/ada/guanxi/x\n"), ("run", "cd /root/guanxi\n"),
                ("web/package-lock.json", '"resolved": "https://registry.npmjs.org/x"\n')):
            self.assertEqual(1, len(self.planted(path, text)), text or path)
        for text in ("using namespace std;", "assert(x);", "throw std::bad_alloc();"):
            self.assertEqual(1, len(self.planted("src/base/a.cpp", text, crossings)), text)

    def test_what_is_right_passes(self):
        for path, text in (
                ("src/base/a.cpp", "// TODO(#12): undo a merge\n// A -- B\nint a;  // return early\n"),
                ("docs/a.md", "| --- | --- |\n==========\n/api/v1/status\n"),
                ("src/base/a.cpp", "// for each person, one\n")):
            self.assertEqual([], self.planted(path, text), text)
        self.assertEqual([], self.planted("src/base/a.cpp",
                                          "static_assert(1); // throw\n", crossings))


if __name__ == "__main__":
    unittest.main()

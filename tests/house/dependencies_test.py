"""Every outside library is named in docs/dependencies.md, and nothing else is."""

import json
import re
import unittest

from house import Planted, line_of, repository, without_comments

PAGE = "docs/dependencies.md"
# What is not a library of its own: parts of CMake, of the compiler, or of the system.
NOT_NAMED = {"Threads", "PkgConfig"}

# Which headers belong to which library.
HEADERS = {
    "sqlite3": r"sqlite3\.h", "libzstd": r"zstd(?:_errors)?\.h|zdict\.h", "ZLIB": r"zlib\.h",
    "libxxhash": r"xxhash\.h", "simdjson": r"simdjson\.h", "tomlplusplus": r"toml\+\+.*|toml\.hpp",
    "Boost": r"boost/.*", "OpenSSL": r"openssl/.*", "rdkafka": r"librdkafka/.*", "CLI11": r"CLI/.*", "fmt": r"fmt/.*",
    "libsodium": r"sodium(?:/.*)?\.h", "nlopt": r"nlopt.*", "DuckDB": r"duckdb\.h",
    "spdlog": r"spdlog/.*", "Eigen3": r"Eigen/.*", "armadillo": r"armadillo", "prometheus-cpp-core": r"prometheus/.*",
}


def cmake_dependencies(tree):
    text = "\n".join(re.sub(r"#[^\n]*", "", tree.read(p)) for p in tree.paths
                     if p.endswith(".cmake") or p.endswith("CMakeLists.txt"))
    names = set(re.findall(r"find_package\(\s*(\w+)", text))
    for modules in re.findall(r"pkg_check_modules\(\s*\w+\s+([^)]*)\)", text):
        names |= {re.split(r"[<>=]", word)[0] for word in modules.split()
                  if word not in ("REQUIRED", "IMPORTED_TARGET", "QUIET")}
    if re.search(r"add_library\(\s*duckdb\b", text):
        names.add("DuckDB")
    return names - NOT_NAMED


def npm_dependencies(tree):
    names = set()
    for path in tree.paths:
        if path.endswith("package.json"):
            package = json.loads(tree.read(path))
            names |= set(package.get("dependencies", {})) | set(package.get("devDependencies", {}))
    return names


def named_in_page(tree):
    """The names in back quotes in the first column of the page's tables."""
    rows = re.findall(r"^\|([^|]*)\|", tree.read(PAGE), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


def violations(tree):
    if not tree.has(PAGE):
        return [f"{PAGE} is not there"]
    used = cmake_dependencies(tree) | npm_dependencies(tree)
    named = named_in_page(tree)
    return ([f"{name} is used but has no row in {PAGE}" for name in sorted(used - named)] +
            [f"{name} has a row in {PAGE} but is used nowhere" for name in sorted(named - used)])


def row_violations(tree):
    """A row says name, version, licence, room and reason."""
    found = []
    for line in tree.read(PAGE).split("\n"):
        if line.startswith("|") and "`" in line.split("|")[1]:
            cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
            if len(cells) != 5 or not all(cells):
                found.append(f"{PAGE}: not five filled columns: {line}")
    return found


def rooms_of(tree):
    """The rooms that the page allows each library in."""
    rows = re.findall(r"^\|([^|]*)\|[^|]*\|[^|]*\|([^|]*)\|", tree.read(PAGE), re.MULTILINE)
    return {name: set(re.split(r"[,\s]+", room.strip()))
            for cell, room in rows for name in re.findall(r"`([^`]+)`", cell)}


def wrapping_violations(tree):
    found, rooms = [], rooms_of(tree)
    for path in tree.under("src/", ".hpp", ".cpp"):
        code = without_comments(tree.read(path), keep_strings=True)
        if path.endswith("_test.cpp"):
            continue
        for match in re.finditer(r'^[ \t]*#[ \t]*include[ \t]*[<"]([^>"]+)[>"]', code, re.MULTILINE):
            for name, headers in HEADERS.items():
                if re.fullmatch(headers, match.group(1)) and \
                        path.split("/")[1] not in rooms.get(name, ()):
                    found.append(f"{path}:{line_of(code, match.start())} includes {match.group(1)}: "
                                 f"{PAGE} does not name its room for {name}")
    return found


class Dependencies(unittest.TestCase):
    def test_every_dependency_is_named(self):
        self.assertEqual([], violations(repository()))

    def test_every_row_is_complete(self):
        self.assertEqual([], row_violations(repository()))

    def test_libraries_are_used_in_their_rooms_alone(self):
        self.assertEqual([], wrapping_violations(repository()))

    def test_a_library_in_a_strange_room_is_found(self):
        files = {PAGE: "| SQLite `sqlite3` | 3 | none | eventlog | log |\n",
                 "src/eventlog/a.cpp": "#include <sqlite3.h>\n#include <vector>\n",
                 "src/api/a.cpp": "#include <sqlite3.h>\n"}
        with Planted(files) as tree:
            self.assertEqual(["src/api/a.cpp:1 includes sqlite3.h: docs/dependencies.md does not "
                              "name its room for sqlite3"], wrapping_violations(tree))

    def test_both_directions_are_found(self):
        files = {"CMakeLists.txt": "find_package(fmt REQUIRED)  # find_package(old)\n"
                                   "pkg_check_modules(Z REQUIRED IMPORTED_TARGET libzstd>=1.5)",
                 "web/package.json": '{"dependencies": {"react": "18"}}',
                 PAGE: "| name | why |\n|---|---|\n| fmt `fmt` | `text` |\n| `gone` | |\n"}
        with Planted(files) as tree:
            self.assertEqual(["libzstd is used but has no row in " + PAGE,
                              "react is used but has no row in " + PAGE,
                              "gone has a row in " + PAGE + " but is used nowhere"],
                             violations(tree))
            self.assertEqual(2, len(row_violations(tree)))


if __name__ == "__main__":
    unittest.main()

"""Commands in the documents are real: each block of them is either run by a test or said not to be.

A block fenced as ```sh, in the pages that RUN_BY_TEST names, is run by tests/readme. A block fenced as ```console shows commands after
"$ " that are not run; the programs, options and subcommands in it must exist all the same.
README.zh-CN.md holds the same ```sh blocks as README.md, so that running one runs both.
"""

import os
import re
import unittest

from house import Planted, fenced_blocks, repository

ALLOWED = {"sh", "console", "text", "json", "toml", "csv", "cpp", "cmake", "python", "sql", "story",
           "http", "ts", "hex", "ebnf", "mermaid", "ndjson"}
READMES = ("README.md", "README.zh-CN.md")
RUN_BY_TEST = (*READMES, "docs/operations.md")


def commands(block):
    """The command lines of a block, without comments; what a here-document holds is no command."""
    lines, until = [], None
    for line in block.replace("\\\n", " ").split("\n"):
        if until is not None:
            until = None if line.strip() == until else until
            continue
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        here = re.search(r"<<-?\s*'?(\w+)'?", line)
        until = here.group(1) if here else None
        lines.append(re.sub(r"\s+#\s.*$", "", line))
    return lines


def violations(tree):
    found = []
    for page in [p for p in tree.paths if p.endswith(".md")]:
        for line, info, body, _ in fenced_blocks(tree.read(page)):
            kind = info.split()[0] if info else ""
            where = f"{page}:{line}"
            if kind and kind not in ALLOWED:
                found.append(f"{where}: the block says '{kind}', not one of {sorted(ALLOWED)}")
            if kind == "sh" and page not in RUN_BY_TEST:
                found.append(f"{where}: ```sh blocks of this page are not run; use ```console")
            if kind == "console":
                found += [f"{where}: {wrong}" for wrong in
                          (wrong_command(tree, c[2:]) for c in body.split("\n")
                           if c.startswith("$ ")) if wrong]
    return found + differences(tree)


def wrong_command(tree, command):
    program = command.split()[0] if command.split() else ""
    if program.startswith(("./", "tools/", "python3", "bash")):
        paths = [w for w in command.split() if re.match(r"(?:\./|tools/|tests/|benchmarks/)", w)]
        for path in paths:
            path = os.path.normpath(path.rstrip(";"))
            if not path.startswith("build") and "*" not in path and not tree.has(path):
                return f"{path} does not exist"
    return ""


def differences(tree):
    if not all(page in tree.paths for page in READMES):
        return []
    english, chinese = ([commands(body) for _, info, body, _ in fenced_blocks(tree.read(page))
                         if info.startswith("sh")] for page in READMES)
    return [] if english == chinese else \
        [f"{READMES[1]} does not show the same commands as {READMES[0]}: "
         f"{[c for c in chinese if c not in english] or [c for c in english if c not in chinese]}"]


class Readme(unittest.TestCase):
    def test_commands_are_real(self):
        self.assertEqual([], violations(repository()))

    def planted(self, files):
        with Planted(files) as tree:
            return violations(tree)

    def test_good_blocks_pass(self):
        block = "```sh\n./run   # {}\ncat > a.csv <<'END'\nx,y\nEND\n```\n"
        self.assertEqual([], self.planted({
            "README.md": block.format("serve"), "README.zh-CN.md": block.format("启动"),
            "docs/a.md": "```console\n$ ./test --quick\n12 passed\n```\n", "test": ""}))

    def test_what_is_wrong_is_found(self):
        for files in ({"README.md": "```bash\n./run\n```\n"}, {"docs/a.md": "```sh\n./run\n```\n"},
                      {"docs/a.md": "```console\n$ ./gone --x\n```\n"},
                      {"README.md": "```sh\n./run\n```\n",
                       "README.zh-CN.md": "```sh\n./run a\n```\n"}):
            self.assertEqual(1, len(self.planted(files)), files)


if __name__ == "__main__":
    unittest.main()

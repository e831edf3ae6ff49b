"""What the house tests share: the tracked files, C++ without its comments, planted trees.

Each house test is a function `violations(tree)` that returns lines of text, empty when all is well;
it is run on the repository, and on small planted trees to prove that it finds what it must.
"""

import os
import re
import subprocess
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
PURE_ROOMS = ("base", "toml", "events", "relationship", "statistics")


class Tree:
    """Files of a repository, by their path relative to its root."""

    def __init__(self, root, paths):
        self.root = root
        self.paths = sorted(paths)

    def read(self, path):
        with open(os.path.join(self.root, path), encoding="utf-8") as file:
            return file.read()

    def has(self, path):
        return os.path.exists(os.path.join(self.root, path))

    def under(self, folder, *endings):
        return [p for p in self.paths if p.startswith(folder) and p.endswith(endings or ("",))]


def repository():
    """The files that git tracks, or would track: not the ignored ones, not the deleted ones."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others",
                             "--exclude-standard"],
                            cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return Tree(ROOT, [p for p in listed.split("\0") if p and os.path.isfile(os.path.join(ROOT, p))])


class Planted:
    """A temporary tree of the given files: `with Planted({"src/a.hpp": "..."}) as tree:`."""

    def __init__(self, files):
        self.files = files

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        for path, text in self.files.items():
            full = os.path.join(self.folder.name, path)
            os.makedirs(os.path.dirname(full), exist_ok=True)
            with open(full, "w", encoding="utf-8") as file:
                file.write(text)
        return Tree(self.folder.name, self.files)

    def __exit__(self, *_):
        self.folder.cleanup()


_TOKENS = re.compile(
    r'R"(?P<tag>[^()\s\\]{0,16})\(.*?\)(?P=tag)"'        # raw string
    r'|"(?:\\.|[^"\\\n])*"'                               # string
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'"               # character, not a digit separator
    r"|//[^\n]*|/\*.*?\*/", re.DOTALL)


def without_comments(text, keep_strings=False):
    """C++ (or TypeScript) with comments, and strings unless asked, blanked; lines stay in place."""

    def blank(match):
        found = match.group(0)
        if not found.startswith("/"):
            if keep_strings:
                return found
            return '"' + re.sub(r"[^\n]", " ", found[1:-1]) + '"' if len(found) > 1 else found
        return re.sub(r"[^\n]", " ", found)

    return _TOKENS.sub(blank, text)


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def includes(text):
    """The quoted includes of a C++ file: (line, path)."""
    found = re.finditer(r'^[ \t]*#[ \t]*include[ \t]*"([^"]+)"',
                        without_comments(text, keep_strings=True), re.MULTILINE)
    return [(line_of(text, m.start()), m.group(1)) for m in found]


def fenced_blocks(markdown):
    """The fenced blocks of a Markdown text: (line, info string, body, text line just before)."""
    blocks, lines, start = [], markdown.split("\n"), None
    for number, line in enumerate(lines, 1):
        fence = re.match(r"^\s*(```+|~~~+)\s*(.*)$", line)
        if not fence:
            continue
        if start is None:
            start, info, mark = number, fence.group(2).strip(), fence.group(1)
        elif fence.group(1).startswith(mark) and not fence.group(2):
            before = next((t for t in reversed(lines[:start - 1]) if t.strip()), "")
            blocks.append((start, info, "\n".join(lines[start:number - 1]), before.strip()))
            start = None
    return blocks

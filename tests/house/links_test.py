"""Documents hold together: relative links lead somewhere, and every page can be reached.

A page is reached by a link to it or to its folder.
"""

import os
import re
import unittest

from house import Planted, repository

LINK = re.compile(r"!?\[[^\]]*\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
BEGINNINGS = ("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "docs/ARCHITECTURE.md",
              "docs/README.md")


def without_code(text):
    text = re.sub(r"^(```+|~~~+).*?^\1\s*$", "", text, flags=re.MULTILINE | re.DOTALL)
    return re.sub(r"`[^`\n]*`", "", text)


def anchors_of(text):
    """The anchors that the headings of a page give, as GitHub makes them."""
    anchors = set()
    for heading in re.findall(r"^#{1,6}\s+(.*?)\s*#*$", text, re.MULTILINE):
        plain = re.sub(r"[`*_]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
        anchors.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return anchors


def links_of(tree, page):
    """(target as written, path in the repository, anchor) of each relative link of a page."""
    for target in LINK.findall(without_code(tree.read(page))):
        if re.match(r"[a-z][a-z0-9+.\-]*:", target, re.IGNORECASE):
            continue
        name, _, anchor = target.partition("#")
        yield target, os.path.normpath(os.path.join(os.path.dirname(page), name)) if name else page, \
            anchor


def violations(tree):
    found, reached = [], set()
    pages = [p for p in tree.paths if p.endswith(".md")]
    for page in pages:
        for target, path, anchor in links_of(tree, page):
            if path.startswith(".."):
                found.append(f"{page}: {target} leads out of the repository")
            elif not tree.has(path):
                found.append(f"{page}: {target} leads nowhere")
            elif anchor and path.endswith(".md") and anchor not in anchors_of(tree.read(path)):
                found.append(f"{page}: {target} names no heading of {path}")
    waiting = [p for p in BEGINNINGS if p in pages]
    while waiting:
        page = waiting.pop()
        if page in reached:
            continue
        reached.add(page)
        linked = {path for _, path, _ in links_of(tree, page)}
        waiting += [path for path in pages if path in linked or os.path.dirname(path) in linked]
    found += [f"{page} is linked from no page that README or docs/README leads to"
              for page in pages if page.startswith("docs/") and page not in reached]
    return found


class Links(unittest.TestCase):
    def test_links_lead_somewhere(self):
        self.assertEqual([], violations(repository()))

    def planted(self, files):
        with Planted(files) as tree:
            return violations(tree)

    def test_good_links_pass(self):
        self.assertEqual([], self.planted({
            "README.md": "[a](docs/a.md#the-end) `[no](no.md)` [w](https://example.org)\n"
                         "```\n[n](nowhere.md)\n```\n",
            "docs/a.md": "# The *end*\n[back](../README.md) [here](#the-end) [f](formats/)\n",
            "docs/formats/b.md": "# B"}))

    def test_dead_links_and_lost_pages_are_found(self):
        found = self.planted({"README.md": "[a](docs/a.md) [b](docs/b.md) [c](docs/a.md#none)\n"
                                           "![picture](docs/x.png) [out](../secret.md)",
                              "docs/a.md": "# A", "docs/lost.md": "# Lost"})
        self.assertEqual(5, len(found), found)


if __name__ == "__main__":
    unittest.main()

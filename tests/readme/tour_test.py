"""The tour of README.md, typed in as it stands there; README.zh-CN.md shows the same commands."""

import os
import re
import shutil
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))

from house import fenced_blocks  # noqa: E402  (the path must be known first)

TOUR = os.path.join(ROOT, "data", "tour")


def blocks():
    with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
        return [(line, body) for line, info, body, _ in fenced_blocks(file.read()) if info == "sh"]


class Tour(unittest.TestCase):
    """One shell runs all blocks in their order, as a reader would, each step failing loudly."""

    @classmethod
    def setUpClass(cls):
        shutil.rmtree(TOUR, ignore_errors=True)
        script = "set -eu\n" + "".join(f"echo '@@begin {line}'\n{body}\necho '@@end {line}'\n"
                                       for line, body in blocks())
        done = subprocess.run(["bash", "-c", script], cwd=ROOT, text=True, timeout=900,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, errors="replace")
        cls.output = done.stdout

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(TOUR, ignore_errors=True)

    def part(self, line):
        found = re.search(rf"^@@begin {line}\n(.*?)^@@end {line}$", self.output, re.M | re.S)
        self.assertIsNotNone(found, f"README.md:{line} did not finish:\n{self.output[-3000:]}")
        return found.group(1)

    def test_every_block_succeeds(self):
        self.assertGreater(len(blocks()), 5)
        for line, _ in blocks():
            with self.subTest(f"README.md:{line}"):
                self.part(line)

    def shown_by(self, command):
        """What the block that holds the command printed."""
        return "".join(self.part(line) for line, body in blocks() if command in body)

    def test_the_tour_shows_what_it_says(self):
        self.assertIn("weak", self.shown_by("guanxi tiers"))
        self.assertIn("ada", self.shown_by("guanxi people"))
        self.assertNotIn("ben", self.shown_by("guanxi people"))
        self.assertIn("trust", self.shown_by("guanxi explain"))
        self.assertIn("people", self.shown_by("guanxi sql"))


if __name__ == "__main__":
    unittest.main()

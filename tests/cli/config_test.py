"""Settings: what is shown reads back, mistakes are refused with their place, the page is the table."""

import os
import re
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("GUANXI_BINARY") or os.path.join(ROOT, "build", "release", "bin", "guanxi")
PAGE = os.path.join(ROOT, "docs", "operations.md")
REFUSED, NOT_FOUND = 3, 4


def guanxi(*arguments):
    return subprocess.run([BINARY, *arguments], stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=60, check=False)


class Config(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = os.path.join(folder.name, "guanxi.toml")

    def write(self, text):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(text)

    def test_what_is_shown_reads_back_as_the_same(self):
        shown = guanxi("config", "show").stdout
        self.write(shown)
        self.assertEqual(shown, guanxi("config", "show", "--config", self.file).stdout)
        self.assertEqual(0, guanxi("config", "check", "--config", self.file).returncode)

    def test_the_command_line_wins_over_the_file(self):
        self.write('[data]\nfolder = "shop"\n[server]\nlisten = "127.0.0.1:9000"\n')
        self.assertIn('folder = "shop"', guanxi("config", "show", "--config", self.file).stdout)
        shown = guanxi("--data", "other", "config", "show", "--config", self.file).stdout
        self.assertIn('folder = "other"', shown)
        self.assertIn('listen = "127.0.0.1:9000"', shown)

    def test_mistakes_are_refused_with_file_line_and_column(self):
        for text, place in (("[server]\nlisen = 3\n", "line 2, column 9"), ("[server", "line 1"),
                            ("[log]\nlevel = 'loud'\n", "line 2")):
            self.write(text)
            for command in (("config", "check"), ("config", "show"), ("serve",)):
                done = guanxi(*command, "--config", self.file)
                self.assertEqual(REFUSED, done.returncode, command)
                self.assertIn(self.file, done.stderr)
                self.assertIn(place, done.stderr)
        self.assertEqual(NOT_FOUND, guanxi("serve", "--config", self.file + "x").returncode)

    def test_the_page_holds_the_table(self):
        with open(PAGE, encoding="utf-8") as file:
            text = file.read()
        table = guanxi("config", "page").stdout
        if os.environ.get("GUANXI_UPDATE_GOLDEN") == "1":
            found = re.search(r"^\| setting \|[^\n]*\n(?:\|[^\n]*\n?)*", text, re.M)
            text = text.replace(found.group(0), table)
            with open(PAGE, "w", encoding="utf-8") as file:
                file.write(text)
        self.assertIn(table, text)


if __name__ == "__main__":
    unittest.main()

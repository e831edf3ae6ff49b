"""Help texts are complete and true, completion is shell, and no strange argument crashes."""

import os
import re
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("GUANXI_BINARY", os.path.join(ROOT, "build", "release", "bin", "guanxi"))
EXPECTED = ("import status tiers people person explain changes what-if validate sql export erase "
            "digest check snapshot backup restore serve restart config dead-letters identities model completion").split()
ORDERS = ("Invoice,Date,Customer,Product,Qty,Price\n"
          "1,2024-01-08 10:12,ada,tea,2,9.80\n2,2024-01-09 16:40,ben,pot,1,34.00\n"
          "3,2024-02-02 11:05,ada,tea,2,9.80\n4,2024-03-01 10:00,ada,tea,1,9.80\n")


def guanxi(*arguments, folder=None, text=True):
    data = ["--data", folder] if folder else []
    return subprocess.run([BINARY, *data, *arguments], cwd=ROOT, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=text, timeout=300)


def commands():
    """The commands that the help lists."""
    text = guanxi("--help").stdout.split("Subcommands:")[1].split("\n\n")[0]
    return re.findall(r"^  ([a-z-]+) ", text, re.MULTILINE)


class Help(unittest.TestCase):
    def test_the_help_names_every_command_and_the_exit_codes(self):
        done = guanxi("--help")
        self.assertEqual(0, done.returncode)
        self.assertEqual([], [command for command in EXPECTED if command not in commands()])
        self.assertIn("Exit codes", done.stdout)
        self.assertNotRegex(done.stdout, r"\bTODO\b")

    def test_every_command_has_help_with_examples(self):
        for command in commands():
            with self.subTest(command):
                done = guanxi(command, "--help")
                self.assertEqual(0, done.returncode, done.stderr)
                self.assertIn("guanxi " + command, done.stdout)
                if command not in ("model",):
                    self.assertRegex(done.stdout, r"(?i)example")

    def test_options_of_the_examples_exist(self):
        for command in commands():
            text = guanxi(command, "--help").stdout
            options = text.split("xample")[0]
            for sub in re.findall(r"^  ([a-z-]+) ", text.partition("Subcommands:")[2], re.M):
                options += guanxi(command, sub, "--help").stdout.split("xample")[0]
            for example in re.findall(rf"^\s+guanxi {command} ([^\n]*)", text, re.MULTILINE):
                for option in re.findall(r"(?<![\w-])--[a-z-]+", example.split("#")[0]):
                    with self.subTest(f"{command} {option}"):
                        self.assertRegex(options, re.escape(option) + r"\b")

    def test_completion_scripts_are_shell(self):
        for shell in ("bash", "zsh", "fish"):
            done = guanxi("completion", shell)
            self.assertEqual(0, done.returncode)
            for command in commands():
                self.assertIn(command, done.stdout)
        script = guanxi("completion", "bash").stdout
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
        words = script + "\nCOMP_WORDS=(guanxi ti); COMP_CWORD=1; _guanxi; echo ${COMPREPLY[@]}"
        shown = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=True)
        self.assertIn("tiers", shown.stdout.split())


class StrangeArguments(unittest.TestCase):
    def test_damage_is_called_damage(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "orders.csv"), "w", encoding="utf-8") as file:
                file.write(ORDERS)
            data = os.path.join(folder, "data")
            self.assertEqual(0, guanxi("import", "--yes", file.name, folder=data).returncode)
            with open(os.path.join(data, "guanxi.db"), "r+b") as database:
                database.write(b"no database at all")
            self.assertEqual(5, guanxi("status", folder=data).returncode)

    def test_strange_arguments_never_crash(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "orders.csv"), "w", encoding="utf-8") as file:
                file.write(ORDERS)
            data = os.path.join(folder, "data")
            guanxi("import", "--yes", file.name, folder=data)
            for word in ("", "-", "--", "\x01", "é" * 300, "'; DROP TABLE people; --", "user:", ":",
                         "9" * 400, "%s%n", "../../etc/passwd"):
                for command in (["person", word], ["tiers", "--at", word],
                                ["people", "--where", word], ["people", "--sort", word],
                                ["sql", word], ["import", "--yes", word]):
                    code = guanxi(*command, folder=data).returncode
                    # A name too long for the file system is the disk's no (6).
                    allowed = (0, 2, 3, 4, 6) if command[0] == "import" else (0, 2, 3, 4)
                    self.assertIn(code, allowed, (command, code))


if __name__ == "__main__":
    unittest.main()

"""The commands of docs/operations.md, typed in as they stand there, against a server of their own."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "tests", "house"))

from house import fenced_blocks  # noqa: E402  (the path must be known first)

PAGE = os.path.join(ROOT, "docs", "operations.md")
ORDERS = "Invoice,Date,Customer,Product,Qty,Price\n" + "".join(
    f"{n},2024-0{1 + n % 6}-11 10:00,c{n % 7},p{n % 3},1,9.99\n" for n in range(40))


def program():
    named = [os.environ.get("GUANXI_BIN"), "build/release/bin/guanxi", "build/dev/bin/guanxi"]
    found = [os.path.join(ROOT, one) for one in named if one]
    return next(one for one in found if os.path.exists(one))


def blocks():
    with open(PAGE, encoding="utf-8") as file:
        return [(line, body) for line, info, body, _ in fenced_blocks(file.read()) if info == "sh"]


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Operations(unittest.TestCase):
    """One folder for all blocks, in their order; what serves goes on beside the others."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.port = free_port()
        self.token = ""
        self.environment = dict(os.environ, GUANXI_HOME=ROOT)
        os.mkdir(os.path.join(self.folder, "bin"))
        os.symlink(program(), os.path.join(self.folder, "bin", "guanxi"))
        self.environment["PATH"] = os.path.join(self.folder, "bin") + ":" + os.environ["PATH"]
        with open(os.path.join(self.folder, "orders.csv"), "w", encoding="utf-8") as file:
            file.write(ORDERS)
        self.run_block("guanxi --data shop import --yes orders.csv")

    def as_here(self, text):
        """The page's addresses and placeholders, as they are in this test."""
        return text.replace("TOKEN", self.token).replace(":8300", f":{self.port}")

    def run_block(self, text):
        done = subprocess.run(["bash", "-euc", self.as_here(text)], cwd=self.folder, text=True,
                              env=self.environment, stdin=subprocess.DEVNULL, timeout=300,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(0, done.returncode, f"{text}\n{done.stdout}")
        return done.stdout

    def serve(self, text):
        settings = os.path.join(self.folder, "guanxi.toml")
        with open(settings, encoding="utf-8") as file:
            own = self.as_here(file.read())
        with open(settings, "w", encoding="utf-8") as file:
            file.write(own)
        log = tempfile.TemporaryFile()
        self.addCleanup(log.close)
        server = subprocess.Popen(["bash", "-euc", "exec " + text], cwd=self.folder, stdout=log,
                                  stderr=log, env=self.environment, stdin=subprocess.DEVNULL)
        self.addCleanup(self.stop, server)
        for _ in range(600):
            self.assertIsNone(server.poll(), "the server ended")
            try:
                urllib.request.urlopen(f"http://localhost:{self.port}/readyz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        self.run_block("echo 'correct horse battery' | "
                       "guanxi users add ada --role admin --password-stdin")
        made = self.run_block("guanxi --json tokens add ada docs --may manage")
        self.token = json.loads(made)["secret"]
        time.sleep(2)  # a server hears of another process's changes within a second

    @staticmethod
    def stop(server):
        if server.poll() is None:
            server.send_signal(signal.SIGTERM)
        server.wait(timeout=30)

    def test_every_block_does_what_the_page_says(self):
        self.assertGreaterEqual(len(blocks()), 4)
        said = ""
        for line, body in blocks():
            with self.subTest(f"docs/operations.md:{line}"):
                if re.search(r"^guanxi serve", body, re.M):
                    self.serve(body)
                else:
                    said += self.run_block(re.sub(r"(restore \S+)", r"\1 --yes", body))
        self.assertIn('"state":"running"', said.replace(" ", ""), "a backup was asked of the server")
        self.assertIn("the same", said, "check compares the log with what is live")


if __name__ == "__main__":
    unittest.main()

"""./run as README.md promises it: demo brand, own files, --build-only, --help, and bad usage."""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
ORDERS = "Invoice,Date,Customer,Product,Qty,Price\n" + "".join(
    f"{n},2024-0{1 + n % 6}-11 10:00,c{n % 7},p{n % 3},1,9.99\n" for n in range(40))


def run(*arguments):
    return subprocess.run(["./run", *arguments], cwd=ROOT, text=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=900)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Run(unittest.TestCase):
    def served(self, *arguments):
        """What /api/v1/hourglass and / answer once ./run says it serves."""
        port = free_port()
        with tempfile.TemporaryFile("w+") as log:
            process = subprocess.Popen(["./run", "--no-setup", "--port", str(port), *arguments],
                                       cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                       start_new_session=True)
            try:
                return self.answers(process, port, log)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGTERM)
                process.wait(timeout=30)

    def first_admin(self, address, log):
        """Comes in by the link that ./run prints, as its reader would; gives the cookie."""
        log.seek(0)
        link = re.search(re.escape(address) + r"/welcome#(\w+)", log.read())
        if not link:
            raise OSError("no link yet")
        welcome = {"link": link.group(1), "name": "ada", "password": "correct horse battery"}
        asked = urllib.request.Request(
            address + "/api/v1/welcome", json.dumps(welcome).encode(),
            {"Content-Type": "application/json", "X-Guanxi-Page": "1", "Origin": address})
        with urllib.request.urlopen(asked, timeout=30) as answer:
            lines = answer.headers.get_all("Set-Cookie")
        return "; ".join(line.split(";")[0] for line in lines)

    def answers(self, process, port, log):
        cookie = None
        until = time.monotonic() + 600
        while time.monotonic() < until and process.poll() is None:
            try:
                address = f"http://localhost:{port}"
                cookie = cookie or self.first_admin(address, log)
                asked = urllib.request.Request(address + "/api/v1/hourglass",
                                               headers={"Cookie": cookie})
                with urllib.request.urlopen(asked, timeout=5) as answer:
                    figures = answer.read().decode()
                with urllib.request.urlopen(address + "/", timeout=5) as answer:
                    return figures, answer.read().decode()
            except OSError:
                time.sleep(0.3)
        log.seek(0)
        self.fail("./run did not serve:\n" + log.read()[-3000:])

    def test_an_empty_folder_is_seeded_and_served(self):
        with tempfile.TemporaryDirectory() as folder:
            figures, page = self.served("--data", os.path.join(folder, "brand"))
            self.assertIn("super_strong", figures)
            self.assertIn("<html", page)

    def test_files_are_imported_and_served(self):
        with tempfile.TemporaryDirectory() as folder:
            orders = os.path.join(folder, "my orders.csv")
            with open(orders, "w", encoding="utf-8") as file:
                file.write(ORDERS)
            figures, _ = self.served("--data", os.path.join(folder, "brand"), orders)
            self.assertIn("micro", figures)

    def test_build_only_ends_with_the_path_of_the_program(self):
        done = run("--build-only", "--no-setup")
        self.assertEqual(0, done.returncode, done.stderr)
        binary = done.stdout.splitlines()[-1]
        self.assertTrue(os.access(binary, os.X_OK), binary)

    def test_help_and_bad_usage(self):
        done = run("--help")
        self.assertEqual(0, done.returncode)
        for word in ("--data", "--port", "--build-only", "FILE", "8300"):
            self.assertIn(word, done.stdout)
        self.assertEqual(2, run("--nonsense").returncode)
        self.assertEqual(2, run("--port", "http").returncode)
        self.assertEqual(4, run("/no/such/file.csv").returncode)


if __name__ == "__main__":
    unittest.main()

"""Nothing that a server writes about itself names a customer, a key or a token."""

import base64
import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("GUANXI_BINARY") or os.path.join(ROOT, "build", "release", "bin", "guanxi")

SECRETS = ("ada@lovelace.example", "lovelace", "+442079460958", "13800138000", "Augusta Byron",
           "wk-0123456789abcdef0123456789abcdef", "gxt_secretsecretsecret", "hunter2hunter2")
PATTERNS = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+"),
    "a phone number": re.compile(r"(?<![\w.])(?:\+\d{8,15}|1[3-9]\d{9})(?![\w.])"),
    "a key or token": re.compile(r"(?i)(?:bearer|basic)\s+[\w+/=-]{12,}|\bgx[a-z]_\w{12,}"),
}
EVENT = {"type": "track", "event": "Order Completed", "userId": "ada@lovelace.example",
         "properties": {"total": "Augusta Byron", "phone": "+442079460958"}}


class QuietLogs(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        logs = os.environ.get("GUANXI_TEST_LOGS", folder.name)  # tools/quiet_logs.py reads them
        self.log = os.path.join(logs, f"cli-{self.id()}.log")
        if logs != folder.name:
            with open(os.path.join(logs, "planted-cli.txt"), "a", encoding="utf-8") as planted:
                planted.writelines(secret + "\n" for secret in SECRETS)
        config = os.path.join(folder.name, "guanxi.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f'[log]\nlevel = "debug"\nfile = "{self.log}"\n')
        events = os.path.join(folder.name, "events.ndjson")
        with open(events, "w", encoding="utf-8") as file:
            for line in ({"type": "identify", "userId": "u-lovelace", "messageId": "m1",
                          "timestamp": "2026-01-02T10:00:00Z",
                          "traits": {"email": "ada@lovelace.example", "name": "Augusta Byron"}},
                         {**EVENT, "messageId": "m2", "timestamp": "13800138000"}):
                file.write(json.dumps(line) + "\n")
        data = os.path.join(folder.name, "data")
        imported = subprocess.run([BINARY, "--quiet", "--data", data, "import", events, "--yes"],
                                  capture_output=True, check=False, timeout=60)
        self.imported = imported.returncode
        self.process = subprocess.Popen(
            [BINARY, "--quiet", "--data", data, "serve", "--config", config, "--port", "0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def send(self, path, body=None, **headers):
        request = urllib.request.Request(self.url + path, data=body, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode(errors="replace")

    def raw(self, text):
        host, port = self.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=10) as connection:
            connection.sendall(text.encode())
            connection.settimeout(5)
            try:
                return connection.recv(65536).decode(errors="replace")
            except TimeoutError:
                return ""

    def test_lines_and_refusals_name_nobody(self):
        key = base64.b64encode(f"{SECRETS[5]}:".encode()).decode()
        for personal in SECRETS:
            quoted = urllib.parse.quote(personal, safe="")
            for path in (f"/api/v1/people/{quoted}", f"/api/v1/people/{quoted}/timeline",
                         f"/api/v1/people?q={quoted}", f"/api/v1/people?where={quoted}",
                         f"/{quoted}", f"/hooks/{quoted}", f"/api/v1/nothing/{quoted}"):
                self.send(path, Authorization=f"Bearer {SECRETS[6]}")
        refusals = []
        for path in ("/v1/track", "/v1/batch", "/v1/identify", "/capture/"):
            for body in (json.dumps(EVENT), "{" + SECRETS[0], json.dumps([EVENT] * 3)):
                refusals.append(self.send(path, body.encode(), Authorization=f"Basic {key}",
                                          **{"Content-Type": "application/json"}))
        refusals.append(self.send("/api/v1/sql", b'{"query":"SELECT nonsense FROM people"}',
                                  **{"Content-Type": "application/json"}))
        for text in (f"GET /{SECRETS[0]} HTTP/9.9\r\n\r\n", f"{SECRETS[1]}\r\n\r\n",
                     f"GET / HTTP/1.1\r\nHost: {SECRETS[0]}\r\n\r\n"):
            refusals.append((400, self.raw(text)))
        self.process.send_signal(signal.SIGTERM)
        _, errors = self.process.communicate(timeout=60)
        with open(self.log, encoding="utf-8") as file:
            written = file.read() + errors
        self.assertGreater(written.count("\n"), 20, "the server wrote lines at all")
        for secret in SECRETS:
            self.assertNotIn(secret, written)
        for name, pattern in PATTERNS.items():
            self.assertIsNone(pattern.search(written), name)
        for _, body in refusals:
            for secret in SECRETS:
                self.assertNotIn(secret, body)


if __name__ == "__main__":
    unittest.main()

"""A running server: health, figures, log lines, restart, crash, backup; and no port refused."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("GUANXI_BINARY") or os.path.join(ROOT, "build", "release", "bin", "guanxi")
PAGE = os.path.join(ROOT, "docs", "operations.md")


class Server(unittest.TestCase):
    """A server on an empty folder, with the settings that its kind names."""

    settings = ""

    def before_start(self):
        """What the folder holds when the server comes."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = os.path.join(folder.name, "data")
        logs = os.environ.get("GUANXI_TEST_LOGS", folder.name)  # tools/quiet_logs.py reads them
        self.log = os.path.join(logs, f"cli-{self.id()}.log")
        config = os.path.join(folder.name, "guanxi.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f'[log]\nlevel = "debug"\nfile = "{self.log}"\n' + self.settings)
        self.before_start()
        self.process = subprocess.Popen(
            [BINARY, "--quiet", "--data", self.data, "serve", "--config", config, "--port", "0"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.stop)
        self.url = self.process.stdout.readline().strip()
        said = [self.process.stdout.readline()]
        while said[-1] and not said[-1].startswith("ready: "):
            said.append(self.process.stdout.readline())
        self.said = "".join(said)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)

    def get(self, path, **headers):
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()

    def worker(self):
        with open(os.path.join(self.data, "guanxi.worker"), encoding="utf-8") as file:
            return int(file.read().split()[0])

    def run_guanxi(self, *arguments):
        return subprocess.run([BINARY, "--data", self.data, *arguments], capture_output=True,
                              stdin=subprocess.DEVNULL, text=True, timeout=120, check=False)

    def lines(self):
        with open(self.log, encoding="utf-8") as file:
            return [json.loads(line) for line in file]


class Serving(Server):
    def test_health_and_readiness(self):
        self.assertRegex(self.said, rf"  {self.url}/welcome#[0-9a-f]{{48}}\nready: ")
        self.assertEqual((200, '{"alive":true}'), self.get("/healthz"))
        self.assertEqual(200, self.get("/readyz")[0])

    def test_the_page_names_exactly_the_figures(self):
        self.get("/healthz")
        status, text = self.get("/metrics")
        self.assertEqual(200, status)
        shown = set(re.findall(r"^# TYPE (\S+) ", text, re.MULTILINE))
        with open(PAGE, encoding="utf-8") as file:
            rows = re.findall(r"^\| (`(?:guanxi|process)_[^|]*) \|", file.read(), re.MULTILINE)
        named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
        only_when_there_are = {"guanxi_events_total", "guanxi_tier_people",
                               "guanxi_kafka_lag_messages", "guanxi_kafka_trouble"}
        self.assertEqual(set(), shown - named)
        self.assertEqual(set(), named - shown - only_when_there_are)

    def test_figures_are_not_for_whoever_comes_through_a_proxy(self):
        self.assertEqual(403, self.get("/metrics", **{"X-Forwarded-For": "203.0.113.9"})[0])

    def test_a_restart_replaces_the_worker_and_refuses_nobody(self):
        before = self.worker()
        restart = subprocess.Popen([BINARY, "--data", self.data, "restart"],
                                   stdout=subprocess.DEVNULL)
        asked = 0
        while restart.poll() is None:
            self.assertEqual(200, self.get("/healthz")[0])
            asked += 1
        self.assertEqual(0, restart.returncode)
        self.assertGreater(asked, 0)
        self.assertNotEqual(before, self.worker())

    def test_a_crashed_worker_is_followed_by_another(self):
        before = self.worker()
        os.kill(before, signal.SIGKILL)
        until = time.monotonic() + 30
        while self.worker() in (0, before) and time.monotonic() < until:
            time.sleep(0.05)
        self.assertEqual(200, self.get("/healthz")[0])
        self.assertIn("worker_ended", [line["event"] for line in self.lines()])

    def test_lines_are_json_and_name_routes_only(self):
        self.get("/api/v1/people/ada%40example.org")
        line = [line for line in self.lines() if line["event"] == "request"][-1]
        self.assertEqual("/api/v1/people/{id}", line["route"])
        with self.assertRaises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(self.url + "/api/v1/nothing", timeout=30)
        asked = refusal.exception.headers["X-Request-Id"]
        refusal.exception.close()
        self.assertIn(asked, [line.get("request") for line in self.lines()])
        self.assertNotIn("ada", json.dumps(self.lines()))

    def test_a_backup_is_taken_beside_the_server(self):
        copy = os.path.join(self.data, "copy.backup")
        self.assertEqual(0, self.run_guanxi("backup", copy).returncode)
        other = os.path.join(self.data, "other")
        done = subprocess.run([BINARY, "--data", other, "restore", "--yes", copy],
                              capture_output=True, check=False, timeout=60)
        self.assertEqual(0, done.returncode, done.stderr)

    def test_a_backup_is_begun_by_whoever_may_manage_and_comes_back(self):
        self.run_guanxi("users", "add", "ada", "--role", "admin")
        token = json.loads(self.run_guanxi("--json", "tokens", "add", "ada", "nightly", "--may",
                                           "manage").stdout)["secret"]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        address = self.url + "/api/v1/backups"
        with self.assertRaises(urllib.error.HTTPError) as refusal:
            urllib.request.urlopen(urllib.request.Request(
                address, b"{}", {"Content-Type": "application/json"}), timeout=30)
        refusal.exception.close()
        self.assertEqual(401, refusal.exception.code)
        begun = urllib.request.Request(address, b"{}", headers)
        until = time.monotonic() + 20
        while self.get("/api/v1/backups", **headers)[0] == 401 and time.monotonic() < until:
            time.sleep(0.1)  # another process's token holds within a second
        with urllib.request.urlopen(begun, timeout=30) as answer:
            self.assertEqual("running", json.load(answer)["state"])
        run = json.loads(self.get("/api/v1/backups", **headers)[1])
        while run["last"]["state"] == "running" and time.monotonic() < until:
            time.sleep(0.05)
            run = json.loads(self.get("/api/v1/backups", **headers)[1])
        self.assertEqual("done", run["last"]["state"], run)
        copy = os.path.join(self.data, "backups", run["files"][0]["file"])
        done = subprocess.run([BINARY, "--data", os.path.join(self.data, "again"), "restore",
                               "--yes", copy], capture_output=True, check=False, timeout=60)
        self.assertEqual(0, done.returncode, done.stderr)

    def test_there_is_one_server_a_folder_and_none_to_restart_elsewhere(self):
        second = self.run_guanxi("serve", "--port", "0")
        self.assertNotEqual(0, second.returncode)
        self.assertIn("one process at a time", second.stderr)
        done = subprocess.run([BINARY, "--data", self.data + "-none", "restart"],
                              capture_output=True, check=False, timeout=60)
        self.assertEqual(4, done.returncode)


PASSWORD = "a long word of mine"


class Limits(Server):
    """[access] and [retention] of guanxi.toml, in a server."""

    settings = ("[access]\nlogin_tries_most = 3\nlogin_window_minutes = 60\nsessions_most = 1\n"
                "[retention]\ndead_letter_days = 30\naudit_days = 30\n")

    def before_start(self):
        for command in (("users", "add", "ada", "--role", "admin"), ("users", "add", "ben")):
            done = self.run_guanxi(*command)
            self.assertEqual(0, done.returncode, done.stderr)
        done = subprocess.run([BINARY, "--data", self.data, "users", "add", "cleo",
                               "--password-stdin"], input=PASSWORD + "\n", capture_output=True,
                              text=True, timeout=120, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        trail = sqlite3.connect(os.path.join(self.data, "guanxi.access"))
        trail.executescript("DROP TRIGGER audit_is_not_changed; "
                            "UPDATE audit SET at = at - 31 * 86400 WHERE seq <= 2")
        trail.close()

    def log_in(self, name, password):
        """(status, cookies, Retry-After as said last)."""
        asked = urllib.request.Request(
            self.url + "/api/v1/login", json.dumps({"name": name, "password": password}).encode(),
            {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                cookies = [line.split(";")[0] for line in answer.headers.get_all("Set-Cookie")]
                return answer.status, "; ".join(cookies), None
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, None, (refusal.headers.get_all("Retry-After") or [None])[-1]

    def test_what_is_older_goes_when_the_server_starts(self):
        until = time.monotonic() + 30
        while ("retention" not in [line["event"] for line in self.lines()]
               and time.monotonic() < until):
            time.sleep(0.1)
        told = [line for line in self.lines() if line["event"] == "retention"]
        self.assertEqual([(0, 2)], [(one["dead_letters"], one["audit_entries"]) for one in told])
        trail = json.loads(self.run_guanxi("--json", "audit").stdout)["entries"]
        self.assertEqual("audit.cut", trail[0]["action"])

    def test_logins_have_the_limits_that_are_set(self):
        status, first, _ = self.log_in("cleo", PASSWORD)
        self.assertEqual(200, status)
        self.assertEqual(200, self.get("/api/v1/status", Cookie=first)[0])
        second = self.log_in("cleo", PASSWORD)[1]
        self.assertEqual(200, self.get("/api/v1/status", Cookie=second)[0])
        self.assertEqual(401, self.get("/api/v1/status", Cookie=first)[0], "one login at once")
        self.assertEqual([401, 401, 401], [self.log_in("cleo", "wrong")[0] for _ in range(3)])
        status, _, wait = self.log_in("cleo", PASSWORD)
        self.assertEqual(429, status)
        self.assertGreater(int(wait), 15 * 60, "the window is the one that is set")


if __name__ == "__main__":
    unittest.main()

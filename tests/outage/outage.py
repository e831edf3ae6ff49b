"""What four real SDKs lose while the server is restarted under them (reliability A10).

    python3 tests/outage/outage.py                    600 events each: a restart, one of 2 s, of 10 s
    python3 tests/outage/outage.py --events 100 --pauses 0

Each SDK sends ten events a second. After a quarter of them `guanxi restart` replaces the worker; the
new worker is held still for the named pause, as one with much to do would be. In the end each SDK's
person must have every event, once. Prints a line an SDK; the exit code is 0 when nothing was lost.
"""

import argparse
import csv
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("GUANXI_BINARY") or os.path.join(ROOT, "build", "release", "bin", "guanxi")
SDKS = ("segment", "rudder", "posthog", "jitsu")


def lines_file(keys):
    """Where the server's lines go: to tools/quiet_logs.py in a whole test run, else nowhere."""
    logs = os.environ.get("GUANXI_TEST_LOGS")
    if not logs:
        return os.devnull
    with open(os.path.join(logs, "planted-outage.txt"), "a", encoding="utf-8") as planted:
        planted.writelines(key + "\n" for key in keys)
    return os.path.join(logs, "outage.log")


class Server:
    """One supervised server on a folder of its own, with a source for each SDK."""

    def __init__(self, folder):
        self.data = os.path.join(folder, "data")
        self.keys = {sdk: self.write_key(sdk) for sdk in SDKS}
        with open(lines_file(self.keys.values()), "ab") as lines:
            self.process = subprocess.Popen([BINARY, "--quiet", "--data", self.data, "serve",
                                             "--port", "0"], stdout=subprocess.PIPE, stderr=lines,
                                            stdin=subprocess.DEVNULL, text=True)
        self.url = self.process.stdout.readline().strip()
        while not self.process.stdout.readline().startswith("ready"):
            pass
        threading.Thread(target=self.process.stdout.read, daemon=True).start()

    def guanxi(self, *arguments):
        return subprocess.run([BINARY, "--data", self.data, *arguments], check=True, text=True,
                              stdin=subprocess.DEVNULL, capture_output=True).stdout

    def write_key(self, name):
        return json.loads(self.guanxi("--json", "keys", "add", name))["write_key"]

    def worker(self):
        with open(os.path.join(self.data, "guanxi.worker"), encoding="utf-8") as file:
            return int(file.read().split()[0])

    def restart(self, pause_seconds):
        """Gives how long it took. The new worker is stopped as soon as it is there."""
        before, began = self.worker(), time.monotonic()
        restart = subprocess.Popen([BINARY, "--data", self.data, "restart"],
                                   stdout=subprocess.DEVNULL)
        if pause_seconds > 0:
            while (worker := self.worker()) in (0, before):
                time.sleep(0.001)
            os.kill(worker, signal.SIGSTOP)
            time.sleep(pause_seconds)
            os.kill(worker, signal.SIGCONT)
        if restart.wait(timeout=120) != 0:
            raise RuntimeError("the restart failed")
        return time.monotonic() - began

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=120)

    def events_of(self):
        """How many events each user has, once the server has stopped."""
        query = "SELECT person, count(*) AS events FROM events GROUP BY person"
        rows = csv.DictReader(self.guanxi("sql", "--format", "csv", query).splitlines())
        return {row["person"].partition(":")[2]: int(row["events"]) for row in rows}


def outage(pause_seconds, count):
    """The lines of one scenario, and whether nothing was lost or doubled."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(folder)
        clients = [subprocess.Popen(["node", os.path.join(ROOT, "tests", "outage", "client.mjs"),
                                     sdk, server.url, server.keys[sdk], str(count)],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                   for sdk in SDKS]
        time.sleep(count / 10 / 4)
        took = server.restart(pause_seconds)
        for client in clients:
            client.wait(timeout=count + 300)
        server.stop()
        there = server.events_of()
    good = True
    for sdk in SDKS:
        lost = count - there.get(sdk, 0)
        good = good and lost == 0
        print(f"{sdk:8} restart of {took:4.1f} s: {lost} of {count} lost", flush=True)
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--events", type=int, default=600)
    parser.add_argument("--pauses", default="0,2,10", help="seconds, separated by commas")
    chosen = parser.parse_args()
    results = [outage(float(pause), chosen.events) for pause in chosen.pauses.split(",")]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())

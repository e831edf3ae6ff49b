"""A disk that is full for a while, under load (reliability A5). Needs the right to mount a tmpfs.

    python3 tests/soak/disk_full.py --seconds 20

Sends events while a file takes all the room of a small disk; when it is full the answers must be 503
with Retry-After, reads must go on, and after the file is gone events must be taken again without a
restart. In the end everything that was acknowledged must be in the log.
"""

import argparse
import base64
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("GUANXI_BINARY") or os.path.join(ROOT, "build", "release", "bin", "guanxi")
DISK_BYTES = 48 << 20
LEFT_BYTES = 3 << 20
EVENTS_A_REQUEST = 20


def guanxi(data, *arguments):
    return subprocess.run([BINARY, "--data", data, *arguments], check=True, text=True,
                          stdin=subprocess.DEVNULL, capture_output=True).stdout


class Sender:
    """Sends requests of events that are never the same twice, and counts what was acknowledged."""

    def __init__(self, port, key):
        self.port = port
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
        self.acknowledged, self.statuses, self.without_retry_after = 0, {}, 0

    def send(self):
        batch = [{"type": "track", "userId": f"u{i}", "event": "Tick", "messageId": str(uuid.uuid4()),
                  "properties": {"note": os.urandom(1000).hex()}} for i in range(EVENTS_A_REQUEST)]
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("POST", "/v1/batch", json.dumps({"batch": batch}), self.headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        self.statuses[answer.status] = self.statuses.get(answer.status, 0) + 1
        if answer.status == 200:
            self.acknowledged += EVENTS_A_REQUEST
        elif not answer.headers.get("Retry-After"):
            self.without_retry_after += 1
        return answer.status

    def reads(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", "/metrics")
        status = connection.getresponse().status
        connection.close()
        return status == 200


def fill(path):
    """Takes all the room that is left, but for what the log then takes itself."""
    with open(path, "wb", buffering=0) as file:
        for size in (1 << 20, 4096):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError:
                pass
    os.truncate(path, os.path.getsize(path) - LEFT_BYTES)


def run(folder, seconds):
    data, ballast = os.path.join(folder, "data"), os.path.join(folder, "ballast")
    key = json.loads(guanxi(data, "--json", "keys", "add", "shop"))["write_key"]
    server = subprocess.Popen([BINARY, "--quiet", "--data", data, "serve", "--port", "0"],
                              stdout=subprocess.PIPE, stdin=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, text=True)
    sender = Sender(int(server.stdout.readline().rpartition(":")[2]), key)
    while not server.stdout.readline().startswith("ready"):
        pass
    problems = [] if sender.send() == 200 else ["the first request was refused"]
    fill(ballast)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        sender.send()
        if not sender.reads():
            problems.append("a read was refused while the disk was full")
    if set(sender.statuses) != {200, 503} or sender.without_retry_after:
        problems.append(f"full: {sender.statuses}, {sender.without_retry_after} without Retry-After")
    full = dict(sender.statuses)
    os.remove(ballast)
    began = time.monotonic()
    while sender.send() != 200 and time.monotonic() - began < 30:
        time.sleep(0.1)
    recovered = time.monotonic() - began
    if recovered >= 30:
        problems.append("it did not recover")
    server.send_signal(signal.SIGTERM)
    server.wait(timeout=120)
    logged = int(guanxi(data, "sql", "--format", "csv",
                        "SELECT count(*) AS n FROM events").split()[1])
    print(f"full for {seconds} s: answers {full}; taken again {recovered:.1f} s after; "
          f"{sender.acknowledged} acknowledged, {logged} in the log", flush=True)
    if logged < sender.acknowledged:
        problems.append("acknowledged events are not in the log")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=20)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs",
                                  folder], capture_output=True, text=True, check=False)
        if mounted.returncode != 0:
            print("left out: no disk can be mounted here: " + mounted.stderr.strip())
            return 0
        try:
            problems = run(folder, chosen.seconds)
        finally:
            subprocess.run(["umount", "-l", folder], check=False)
    print("\n".join(problems) if problems else "good")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())

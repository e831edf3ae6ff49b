"""Many idle connections, readers who do not read, and an hour's load in miniature (reliability C4).

    python3 tests/soak/connections.py                  10,000 idle, 200 greedy, 60 s of load
    python3 tests/soak/connections.py --seconds 3600

Prints the memory of the worker and its open files before, with and after each, and how long another
client waits meanwhile. The load sends the same twenty events over and over: the log and the image do
not grow, so neither may the memory. The exit code is 0 when files come back to what they were and
the memory grows by less than 1 MB an hour of load, or by less than can be told in so short a time.
"""

import argparse
import base64
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("GUANXI_BINARY") or os.path.join(ROOT, "build", "release", "bin", "guanxi")
MEGABYTE = 1 << 20
NOISE_BYTES = 2 * MEGABYTE


class Worker:
    """A server, and what the system knows of its worker."""

    def __init__(self, folder):
        self.data = os.path.join(folder, "data")
        config = os.path.join(folder, "guanxi.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write("[server]\nconnections_most = 20000\nidle_timeout_seconds = 600\n"
                       "header_timeout_seconds = 600\n[log]\nlevel = \"off\"\n")
        added = subprocess.run([BINARY, "--data", self.data, "--json", "keys", "add", "shop"],
                               check=True, text=True, capture_output=True).stdout
        self.key = json.loads(added)["write_key"]
        self.process = subprocess.Popen([BINARY, "--quiet", "--data", self.data, "serve", "--config",
                                         config, "--port", "0"], stdout=subprocess.PIPE, text=True,
                                        stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.url = self.process.stdout.readline().strip()
        while not self.process.stdout.readline().startswith("ready"):
            pass
        self.port = int(self.url.rpartition(":")[2])
        with open(os.path.join(self.data, "guanxi.worker"), encoding="utf-8") as file:
            self.pid = int(file.read().split()[0])

    def memory(self):
        with open(f"/proc/{self.pid}/statm", encoding="utf-8") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGESIZE")

    def files(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def waits(self):
        """The longest of twenty answers, in milliseconds."""
        longest = 0
        for _ in range(20):
            began = time.monotonic()
            urllib.request.urlopen(self.url + "/healthz", timeout=60).read()
            longest = max(longest, time.monotonic() - began)
        return 1000 * longest

    def tell(self, when):
        print(f"{when:34} {self.memory() / MEGABYTE:7.1f} MB {self.files():6} files "
              f"{self.waits():6.1f} ms", flush=True)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=120)


def settled(worker, files):
    until = time.monotonic() + 30
    while worker.files() > files and time.monotonic() < until:
        time.sleep(0.1)
    return worker.files() <= files


def idle(worker, count):
    """Connections that have asked once and then are silent."""
    request = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    connections = []
    for _ in range(count):
        connection = worker.connect()
        connection.sendall(request)
        connection.recv(4096)
        connections.append(connection)
    worker.tell(f"with {count} idle connections")
    for connection in connections:
        connection.close()


def greedy(worker, count):
    """Connections that ask for a long answer again and again, and read none of it."""
    request = b"GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n" * 2000
    connections = [worker.connect() for _ in range(count)]
    for connection in connections:
        connection.setblocking(False)
        try:
            connection.send(request)
        except BlockingIOError:
            pass
    time.sleep(3)
    worker.tell(f"with {count} readers who do not read")
    for connection in connections:
        connection.close()


def load(worker, seconds):
    """How many bytes of memory an hour of the same events over and over costs, and how many came."""
    body = json.dumps({"batch": [{"type": "track", "userId": f"u{i}", "event": "Tick",
                                  "messageId": f"m{i}", "timestamp": "2026-01-05T09:00:00Z"}
                                 for i in range(20)]}).encode()
    key = base64.b64encode(f"{worker.key}:".encode()).decode()
    request = (f"POST /v1/batch HTTP/1.1\r\nHost: localhost\r\nAuthorization: Basic {key}\r\n"
               f"Content-Length: {len(body)}\r\n\r\n").encode() + body
    connections = [worker.connect() for _ in range(8)]
    sent, began, at_third = 0, time.monotonic(), None
    while (passed := time.monotonic() - began) < seconds:
        for connection in connections:
            connection.sendall(request)
        for connection in connections:
            if b" 200 " not in connection.recv(65536).split(b"\r\n")[0]:
                raise AssertionError("not acknowledged")
        sent += len(connections)
        if at_third is None and passed > seconds / 3:
            at_third = (worker.memory(), passed)
    grown, over = worker.memory() - at_third[0], time.monotonic() - began - at_third[1]
    for connection in connections:
        connection.close()
    print(f"load: {sent * 20 / seconds:,.0f} events/s for {seconds} s; memory {grown / MEGABYTE:+.2f} "
          f"MB in the last {over:.0f} s", flush=True)
    return grown <= max(NOISE_BYTES, MEGABYTE * over / 3600)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--greedy", type=int, default=200)
    parser.add_argument("--seconds", type=int, default=60)
    chosen = parser.parse_args()
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder:
        worker = Worker(folder)
        worker.tell("at first")
        files, good = worker.files(), True
        for strain in (lambda: idle(worker, chosen.idle), lambda: greedy(worker, chosen.greedy)):
            strain()
            good = settled(worker, files) and good
            worker.tell("afterwards")
        good = load(worker, chosen.seconds) and good
        good = settled(worker, files) and good
        worker.tell("at last")
        worker.stop()
    print("good" if good else "NOT GOOD")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())

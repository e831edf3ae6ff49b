"""What is shipped for running Guanxi: systemd units, container file, settings, reverse proxy."""

import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.error
import urllib.request

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARY = os.environ.get("GUANXI_BINARY") or os.path.join(ROOT, "build", "release", "bin", "guanxi")


def path(*parts):
    return os.path.join(ROOT, "packaging", *parts)


def text_of(*parts):
    with open(os.path.join(ROOT, *parts), encoding="utf-8") as file:
        return file.read()


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def get(url, **headers):
    """(status, body); waits while nobody listens yet."""
    request = urllib.request.Request(url, headers=headers)
    for _ in range(300):
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as refusal:
            with refusal:
                return refusal.code, refusal.read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nobody answers at {url}")


class Started(unittest.TestCase):
    """Starts programs that end with the test."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, *command, **options):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, **options)

        def stop():
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)

        self.addCleanup(stop)
        return process


class Units(Started):
    def test_shipped_settings_are_valid(self):
        for name in ("guanxi.toml", "container.toml"):
            done = subprocess.run([BINARY, "config", "check", "--config", path(name)],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(0, done.returncode, done.stderr)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd here")
    def test_systemd_finds_nothing_wrong_with_the_units(self):
        for name in ("guanxi.service", "guanxi.socket"):
            unit = text_of("packaging", name).replace("/usr/local/bin/guanxi", BINARY)
            with open(os.path.join(self.folder, name), "w", encoding="utf-8") as file:
                file.write(unit)
        units = [os.path.join(self.folder, name) for name in ("guanxi.service", "guanxi.socket")]
        done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True,
                              check=False)
        wrong = [line for line in done.stderr.splitlines() if "guanxi." in line]
        self.assertEqual([], wrong)

    @unittest.skipUnless(shutil.which("systemd-socket-activate"), "no systemd here")
    def test_a_socket_of_systemd_is_taken_over(self):
        port = free_port()
        self.start("systemd-socket-activate", "-l", f"127.0.0.1:{port}", BINARY, "--data",
                   os.path.join(self.folder, "data"), "serve", "--port", "0")
        self.assertEqual(200, get(f"http://127.0.0.1:{port}/healthz")[0])

    def test_the_service_manager_is_told_when_it_is_ready(self):
        address = os.path.join(self.folder, "notify")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(address)
            listener.settimeout(60)
            process = self.start(BINARY, "--data", os.path.join(self.folder, "data"), "serve",
                                 "--port", "0", env={**os.environ, "NOTIFY_SOCKET": address})
            said = listener.recv(4096).decode()
            while "STATUS=Ready" not in said:
                self.assertIn("READY=1", said)
                said = listener.recv(4096).decode()
            process.send_signal(signal.SIGTERM)
            self.assertIn("STOPPING=1", listener.recv(4096).decode())


class Container(unittest.TestCase):
    def instructions(self):
        lines = re.sub(r"\\\n", " ", text_of("Dockerfile")).splitlines()
        return [line.split(None, 1) for line in lines if line.strip() and line[0] != "#"]

    def test_it_is_written_as_it_should_be(self):
        rows = self.instructions()
        names = [name for name, _ in rows]
        self.assertLessEqual(set(names), {"FROM", "WORKDIR", "COPY", "RUN", "USER", "VOLUME",
                                          "EXPOSE", "STOPSIGNAL", "HEALTHCHECK", "ENTRYPOINT",
                                          "CMD"})
        for name, value in rows:
            if name == "FROM":
                self.assertRegex(value, r"^[\w./-]+:[\w.-]+( AS \w+)?$", "a tag, and not latest")
                self.assertNotIn(":latest", value)
            if name in ("ENTRYPOINT", "CMD"):
                self.assertTrue(value.startswith("["), "as a list, so that signals arrive")
            if "apt-get install" in value:
                self.assertIn("--no-install-recommends", value)
                self.assertIn("rm -rf /var/lib/apt/lists/*", value)
        last = rows[max(i for i, name in enumerate(names) if name == "FROM"):]
        self.assertIn(["USER", "guanxi"], last)
        self.assertIn("HEALTHCHECK", [name for name, _ in last])
        port = re.search(r'listen = ":(\d+)"', text_of("packaging", "container.toml")).group(1)
        self.assertIn(["EXPOSE", port], last)

    def test_what_it_copies_is_there_and_not_ignored(self):
        ignored = text_of(".dockerignore").split()
        for name, value in self.instructions():
            words = value.split()
            if name == "COPY" and not words[0].startswith("--from"):
                for source in words[:-1]:
                    self.assertTrue(os.path.exists(os.path.join(ROOT, source)), source)
                    self.assertNotIn(source.rstrip("/"), ignored)

    @unittest.skipUnless(shutil.which("ldd") and shutil.which("dpkg"), "not a Debian")
    def test_the_libraries_of_the_program_are_installed_in_it(self):
        listed = subprocess.run(["ldd", BINARY], capture_output=True, text=True, check=True).stdout
        files = [os.path.realpath(name) for name in re.findall(r"=> (/\S+)", listed)]
        found = subprocess.run(["dpkg", "-S", *files], capture_output=True, text=True, check=False)
        packages = {line.split(":")[0] for line in found.stdout.splitlines()}
        in_the_base = {"libc6", "libgcc-s1", "libstdc++6"}
        indirect = {name for name in packages if name not in text_of("Dockerfile")}
        direct = re.findall(r"NEEDED\s+(\S+)", subprocess.run(
            ["objdump", "-p", BINARY], capture_output=True, text=True, check=True).stdout)
        needed = {line.split(":")[0] for line in found.stdout.splitlines()
                  if os.path.basename(line.split()[-1]).split(".so")[0] in
                  {name.split(".so")[0] for name in direct}}
        self.assertEqual(set(), (needed & indirect) - in_the_base)


@unittest.skipUnless(shutil.which("nginx"), "no nginx here")
class Proxy(Started):
    def setUp(self):
        super().setUp()
        self.port, behind = free_port(), free_port()
        config = os.path.join(self.folder, "guanxi.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write(text_of("packaging", "guanxi.toml")
                       .replace("/var/lib/guanxi", os.path.join(self.folder, "data"))
                       .replace(":8300", f":{behind}"))
        self.start(BINARY, "serve", "--config", config)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                        "-subj", "/CN=guanxi.example", "-keyout", f"{self.folder}/guanxi.key",
                        "-out", f"{self.folder}/guanxi.pem"], check=True, capture_output=True)
        site = (text_of("packaging", "nginx.conf").replace("127.0.0.1:8300", f"127.0.0.1:{behind}")
                .replace("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl")
                .replace("/etc/nginx/guanxi", f"{self.folder}/guanxi"))
        whole = os.path.join(self.folder, "nginx.conf")
        folders = "".join(f"{kind}_temp_path {self.folder}/{kind};" for kind in
                          ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        with open(whole, "w", encoding="utf-8") as file:
            file.write(f"daemon off; pid {self.folder}/nginx.pid; error_log {self.folder}/error.log;"
                       f"\nevents {{}}\nhttp {{ access_log off; {folders}\n{site}\n}}\n")
        self.start("nginx", "-p", self.folder, "-c", whole)

    def ask(self, target, *options):
        done = subprocess.run(
            ["curl", "-sk", "--retry", "20", "--retry-connrefused", "--retry-delay", "1",
             "--resolve", f"guanxi.example:{self.port}:127.0.0.1", "-w", "\n%{http_code}", *options,
             f"https://guanxi.example:{self.port}{target}"],
            capture_output=True, text=True, check=True, timeout=120)
        body, _, status = done.stdout.rpartition("\n")
        return int(status), body

    def test_the_server_answers_through_it_and_figures_stay_inside(self):
        self.assertEqual((200, '{"alive":true}'), self.ask("/healthz"))
        self.assertEqual(404, self.ask("/metrics")[0])
        self.assertEqual(401, self.ask("/v1/track", "-d", '{"type":"track"}', "-H",
                                       "Authorization: Basic bm9ib2R5Og==")[0])


if __name__ == "__main__":
    unittest.main()

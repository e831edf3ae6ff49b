"""The stages of ./test: builds, runs and counts them, and adds everything up.

Each stage is a function that returns how many tests passed, how many failed, and what it left out.
Standard library only, since this runs before anything else is known to work.
"""

import argparse
import dataclasses
import json
import os
import re
import shutil
import subprocess
import sys
import time

import quiet_logs

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
JOBS = str(os.cpu_count() or 2)
PURE_ROOMS = ("base", "toml", "events", "relationship", "statistics")


@dataclasses.dataclass
class Outcome:
    """What one stage found."""

    passed: int = 0
    failed: int = 0
    left_out: list = dataclasses.field(default_factory=list)

    def add(self, other):
        self.passed += other.passed
        self.failed += other.failed
        self.left_out += other.left_out
        return self


def path(*parts):
    return os.path.join(ROOT, *parts)


def run(command, **options):
    """Runs a command, shows its output as it comes, and returns (exit code, output)."""
    environment = {**os.environ, **options.pop("env", {})}
    print("$ " + " ".join(command), flush=True)
    process = subprocess.Popen(command, cwd=options.pop("cwd", ROOT), env=environment, text=True,
                               stdout=subprocess.PIPE, stderr=subprocess.STDOUT, errors="replace")
    lines = []
    quiet = options.pop("quiet", False)
    for line in process.stdout:
        lines.append(line)
        if not quiet:
            sys.stdout.write(line)
            sys.stdout.flush()
    code = process.wait()
    if quiet and code != 0:
        sys.stdout.writelines(lines[-200:])
    return code, "".join(lines)


def build(preset, targets=("all",), configure=()):
    """Configures (once) and builds; a failure is one failed test with the compiler's words shown."""
    if configure or not os.path.exists(path("build", preset, "build.ninja")):
        code, _ = run(["cmake", "--preset", preset, *configure], quiet=True)
        if code != 0:
            return False
    code, _ = run(["cmake", "--build", "--preset", preset, "-j", JOBS, "--target", *targets],
                  quiet=True)
    return code == 0


def counted_gtest(text):
    """(passed, failed) of all GoogleTest programs whose output stands in `text`."""
    passed = sum(int(n) for n in re.findall(r"\[  PASSED  \] (\d+) tests?\.", text))
    failed = sum(int(n) for n in re.findall(r"\[  FAILED  \] (\d+) tests?, listed below", text))
    return passed, failed


def skipped_in(section, preset):
    """What a GoogleTest program says it left out, as a line for people."""
    count = re.search(r"\[  SKIPPED \] (\d+) tests?", section)
    if not count:
        return []
    name = re.search(r"Testing: (\S+)", section).group(1)
    return [f"{preset}: {name} skipped {count.group(1)} (what they need is not on this machine)"]


def ctest(preset, *selection):
    """Runs ctest and counts what is inside each program; a program that died counts as one."""
    log = path("build", preset, "Testing", "Temporary", "LastTest.log")
    if os.path.exists(log):
        os.remove(log)
    code, output = run(["ctest", "--test-dir", f"build/{preset}", "--output-on-failure", "-j", JOBS,
                        *selection])
    outcome = Outcome()
    programs = 0
    if os.path.exists(log):
        with open(log, encoding="utf-8", errors="replace") as file:
            sections = re.split(r"^-{58}\n(?=\d+/\d+ Test)|(?=^\d+/\d+ Testing: )", file.read(),
                                flags=re.MULTILINE)
        for section in sections:
            if not re.match(r"\d+/\d+ Testing: ", section):
                continue
            programs += 1
            passed, failed = counted_gtest(section)
            ended_well = "\nTest Passed." in section
            if passed + failed == 0 or (failed == 0 and not ended_well):
                passed, failed = passed + int(ended_well), failed + int(not ended_well)
            outcome.add(Outcome(passed, failed, skipped_in(section, preset)))
    if code != 0 and outcome.failed == 0:
        outcome.failed = 1
    if programs == 0 and "No tests were found" in output:
        outcome.left_out.append(f"{preset}: no tests match {' '.join(selection) or 'anything'}")
    return outcome


def house():
    code, output = run([sys.executable, "-m", "unittest", "discover", "-s", "tests/house", "-p",
                        "*_test.py"])
    return counted_unittest(code, output)


def counted_unittest(code, output):
    ran = sum(int(n) for n in re.findall(r"^Ran (\d+) tests?", output, re.MULTILINE))
    failed = sum(int(n) for n in re.findall(r"(?:failures|errors)=(\d+)", output))
    left_out = [f"{n} skipped: see above" for n in re.findall(r"skipped=(\d+)", output)]
    if code != 0 and failed == 0:
        failed = 1
    return Outcome(max(ran - failed, 0), failed, left_out)


def dev():
    if not build("dev"):
        return Outcome(0, 1)
    return ctest("dev", "--label-exclude", "realdata|slow")


def programs_of(preset, selection):
    """The build targets of the tests that ctest's selection names."""
    code, listing = run(["ctest", "--test-dir", f"build/{preset}", "--show-only=json-v1",
                         *selection], quiet=True)
    if code != 0:
        return []
    tests = json.loads(listing[listing.index("{"):])["tests"]
    # cmake/room.cmake: the test unit.ROOM runs the program ROOM_test, LABEL.PROGRAM runs PROGRAM.
    names = [test["name"].split(".", 1) for test in tests]
    return sorted(name + "_test" if label == "unit" else name for label, name in names)


def sanitized(preset, selection, environment):
    """Builds under a preset only the test programs that are selected, and runs them."""
    if not os.path.exists(path("build", preset, "build.ninja")):
        code, _ = run(["cmake", "--preset", preset], quiet=True)
        if code != 0:
            return Outcome(0, 1)
    programs = programs_of(preset, selection)
    if not programs:
        return Outcome(left_out=[f"{preset}: no tests match {' '.join(selection)}"])
    if not build(preset, programs):
        return Outcome(0, 1)
    os.environ.update(environment)
    return ctest(preset, *selection)


def asan():
    return sanitized("asan", ["--label-exclude", "realdata|crash|slow|http"],
                     {"ASAN_OPTIONS": "detect_leaks=1", "UBSAN_OPTIONS": "print_stacktrace=1"})


def tsan():
    return sanitized("tsan", ["--tests-regex", r"^(unit\.(people|engine|http|api)|engine\..*)$"],
                     {"TSAN_OPTIONS": "halt_on_error=1:suppressions="
                                      + path("tests", "tsan_suppressions.txt")})


def digest():
    """The same figures out of every compiler and optimisation level: tests/digest/compare.py."""
    script = path("tests", "digest", "compare.py")
    if not os.path.exists(script):
        return Outcome(left_out=["digest: tests/digest/compare.py is not there yet"])
    code, output = run([sys.executable, script])
    found = re.search(r"^(\d+) passed, (\d+) failed$", output.strip().split("\n")[-1])
    if not found:
        return Outcome(0, 1)
    return Outcome(int(found.group(1)), int(found.group(2)) or int(code != 0))


def tidy():
    if not shutil.which("clang-tidy"):
        return Outcome(left_out=["clang-tidy is not installed"])
    code, output = run([sys.executable, path("tools", "tidy.py"), *PURE_ROOMS])
    found = re.search(r"tidy: (\d+) files? clean, (\d+) not", output)
    if not found:
        return Outcome(0, 1)
    return Outcome(int(found.group(1)), int(found.group(2)) or int(code != 0))


def fuzz():
    """Each way in for its share of GUANXI_FUZZ_SECONDS (60; 600 where changes are checked)."""
    if not shutil.which("clang++"):
        return Outcome(left_out=["fuzz: clang++ is not installed"])
    if not build("fuzz", ["fuzz_http", "fuzz_gzip", "fuzz_rooms"]):
        return Outcome(0, 1)
    _, output = run([path("tests", "fuzz", "run.sh")])
    return Outcome(len(re.findall(r"^fuzz \w+: \d+ runs", output, re.MULTILINE)),
                   len(re.findall(r"^fuzz \w+: FOUND", output, re.MULTILINE)))


def web():
    if not os.path.exists(path("web", "package.json")):
        return Outcome(left_out=["web: there is no page yet"])
    outcome = Outcome()
    with open(path("web", "package.json"), encoding="utf-8") as file:
        scripts = file.read()
    for script in ("types:check", "lint", "test", "build"):
        if f'"{script}":' not in scripts:
            outcome.left_out.append(f"web: no npm script {script}")
            continue
        code, output = run(["npm", "run", "--silent", script], cwd=path("web"),
                           env={"CI": "1", "NO_COLOR": "1"})
        output = re.sub(r"\x1b\[[0-9;]*m", "", output)
        tests = re.search(r"^\s*Tests\s+(?:(\d+) failed \| )?(\d+) passed", output, re.MULTILINE)
        if script == "test" and tests:
            outcome.add(Outcome(int(tests.group(2)), int(tests.group(1) or 0)))
            if code != 0 and not tests.group(1):
                outcome.failed += 1
        else:
            outcome.add(Outcome(int(code == 0), int(code != 0)))
    return outcome


def release():
    ok = build("release")
    return Outcome(int(ok), int(not ok))


def browser():
    folder = path("tests", "browser")
    if not os.path.exists(os.path.join(folder, "package.json")):
        return Outcome(left_out=["browser: tests/browser is not there yet"])
    if not any(shutil.which(name) for name in ("chromium", "chromium-browser", "google-chrome")):
        return Outcome(left_out=["browser: no chromium on this machine"])
    code, output = run(["npx", "playwright", "test", "--reporter=list"], cwd=folder,
                       env={"CI": "1", "NO_COLOR": "1",
                            "GUANXI_BINARY": path("build", "release", "bin", "guanxi")})
    passed = sum(int(n) for n in re.findall(r"^\s+(\d+) passed", output, re.MULTILINE))
    failed = sum(int(n) for n in re.findall(r"^\s+(\d+) (?:failed|flaky|did not run)", output,
                                            re.MULTILINE))
    skipped = re.findall(r"^\s+(\d+) skipped", output, re.MULTILINE)
    return Outcome(passed, failed or int(code != 0), [f"browser: {n} skipped" for n in skipped])


def sdk():
    """The SDKs of others, as they come from their makers, against the real server."""
    folder = path("tests", "sdk")
    if not os.path.isdir(os.path.join(folder, "node_modules")):
        return Outcome(left_out=["sdk: the npm packages of tests/sdk are not installed"])
    code, output = run(["node", "--test", "--test-reporter=tap", "sdk.test.mjs"], cwd=folder,
                       env={"GUANXI_BINARY": os.path.join("build", "release", "bin", "guanxi")})
    counted = {name: int(n) for name, n in re.findall(r"^# (pass|fail|skipped) (\d+)$", output,
                                                      re.MULTILINE)}
    left_out = [f"sdk: {counted['skipped']} skipped"] if counted.get("skipped") else []
    return Outcome(counted.get("pass", 0), counted.get("fail", 0) or int(code != 0), left_out)


def realdata():
    folder = os.environ.get("GUANXI_REAL_DATA", path("..", "shared", "data"))
    if not os.path.isdir(folder):
        return Outcome(left_out=[f"REAL DATA: {os.path.relpath(folder, ROOT)} is not there, so no "
                                 "reference value was checked against a real shop"])
    outcome = Outcome()
    if os.path.exists(path("build", "dev", "build.ninja")):
        outcome.add(ctest("dev", "--label-regex", "realdata"))
    script = path("tests", "realdata")
    if os.path.isdir(script) and any(n.endswith("_test.py") for n in os.listdir(script)):
        code, output = run([sys.executable, "-m", "unittest", "discover", "-s", script, "-p",
                            "*_test.py"],
                           env={"GUANXI_BINARY": path("build", "release", "bin", "guanxi"),
                                "GUANXI_REAL_DATA": os.path.realpath(folder)})
        outcome.add(counted_unittest(code, output))
    return outcome


def binary_tests(folder):
    """Python tests that run the release binary."""
    if not os.path.isdir(path("tests", folder)):
        return Outcome(left_out=[f"{folder}: tests/{folder} is not there"])
    code, output = run([sys.executable, "-m", "unittest", "discover", "-s", f"tests/{folder}", "-p",
                        "*_test.py"],
                       env={"GUANXI_BINARY": path("build", "release", "bin", "guanxi")})
    return counted_unittest(code, output)


def cli():
    return binary_tests("cli")


def kafka():
    """A real broker, when there is a Java to run it."""
    if not shutil.which("java"):
        return Outcome(left_out=["kafka: no Java on this machine, so no broker"])
    if not build("dev", ["kafka_tool"]):
        return Outcome(0, 1)
    code, output = run([sys.executable, "-m", "unittest", "discover", "-s", "tests/kafka", "-p",
                        "*_test.py"],
                       env={"GUANXI_KAFKA_TOOL": path("build", "dev", "tests", "kafka_tool")})
    return counted_unittest(code, output)


def outage():
    """A restart under real SDKs; tests/outage/outage.py is the long form."""
    return binary_tests("outage")


def readme():
    """The commands of README.md, typed in as they stand there."""
    return binary_tests("readme")


TEST_LOGS = path("build", "test-logs")


def fresh_test_logs():
    """Where the servers that tests start put their lines, for the stage quiet."""
    shutil.rmtree(TEST_LOGS, ignore_errors=True)
    os.makedirs(TEST_LOGS)
    os.environ["GUANXI_TEST_LOGS"] = TEST_LOGS


def quiet():
    """What the servers of this run wrote names nobody: tools/quiet_logs.py."""
    files, lines, trouble = quiet_logs.scan(TEST_LOGS)
    if files == 0:
        return Outcome(left_out=["quiet: no stage of this run started a server"])
    print(f"{files} logs of servers, {lines} lines")
    for found in trouble[:50]:
        print(f"  {found}")
    return Outcome(files - len({found.split(":")[0] for found in trouble}),
                   len({found.split(":")[0] for found in trouble}))


STAGES = (
    # name, quick as well, what it does, function
    ("house", True, "rooms, purity, headers, function length, names, links, documents", house),
    ("dev", True, "debug build (-Werror); unit, property, golden and crash tests", dev),
    ("release", False, "the release build, that the later stages run", release),
    ("asan", False, "all but crash tests under AddressSanitizer and UBSan", asan),
    ("tsan", False, "tests of the rooms with threads under ThreadSanitizer", tsan),
    ("digest", False, "the same digest from g++ and clang++, -O0, -O3, -march=native", digest),
    ("fuzz", False, "every way in, fuzzed for a minute under AddressSanitizer and UBSan", fuzz),
    ("tidy", False, "clang-tidy over the pure rooms: " + ", ".join(PURE_ROOMS), tidy),
    ("web", False, "the page: types, lint, unit tests, build", web),
    ("browser", False, "the built page on the real server in Chromium", browser),
    ("sdk", False, "the npm SDKs of Segment, RudderStack, Jitsu, PostHog send to the server", sdk),
    ("realdata", False, "reference values of real shops, when ../shared/data is there", realdata),
    ("cli", False, "the command line: help, completion, exit codes, JSON", cli),
    ("kafka", False, "a real Kafka broker and the queue that reads from it", kafka),
    ("outage", False, "four real SDKs over a restart of the server", outage),
    ("readme", False, "the commands of README.md", readme),
    ("quiet", False, "no personal data, key or token in any log of the servers above", quiet),
)


def arguments():
    listed = "\n".join(f"  {name:9} {'*' if quick else ' '} {text}"
                       for name, quick, text, _ in STAGES)
    parser = argparse.ArgumentParser(
        prog="./test", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Installs what is missing, builds, and runs every test; the last line is the "
                    "sum.",
        epilog=f"stages (* also with --quick):\n{listed}\n\n"
               "exit code: 0 when nothing failed, else 1.  Real data are looked for in\n"
               "../shared/data or $GUANXI_REAL_DATA.")
    parser.add_argument("stages", nargs="*", metavar="STAGE", help="only these stages")
    parser.add_argument("--quick", action="store_true", help="only house tests and the debug build")
    parser.add_argument("--no-setup", action="store_true", help="do not look for missing packages")
    parser.add_argument("--list", action="store_true", help="print the names of the stages")
    chosen = parser.parse_args()
    unknown = set(chosen.stages) - {name for name, *_ in STAGES}
    if unknown:
        parser.error(f"no such stage: {', '.join(sorted(unknown))}; see ./test --list")
    return chosen


def in_minutes(seconds):
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def report(rows, setup_seconds, began):
    print("\n==== what ran, and how long it took (minutes:seconds)")
    if setup_seconds is not None:
        print(f"  {'setup':9} {in_minutes(int(setup_seconds)):>6}")
    for name, seconds, outcome in rows:
        print(f"  {name:9} {in_minutes(seconds):>6}  {outcome.passed} passed, "
              f"{outcome.failed} failed")
    total = time.monotonic() - began + int(setup_seconds or 0)
    print(f"  {'all':9} {in_minutes(total):>6}")
    left_out = [line for _, _, outcome in rows for line in outcome.left_out]
    if left_out:
        print("\n==== LEFT OUT")
        for line in left_out:
            print(f"  {line}")


def main():
    chosen = arguments()
    if chosen.list:
        print("\n".join(name for name, *_ in STAGES))
        return 0
    began = time.monotonic()
    fresh_test_logs()
    rows = []
    for name, quick, text, stage in STAGES:
        if (chosen.stages and name not in chosen.stages) or (chosen.quick and not quick):
            continue
        print(f"\n==== {name}: {text}", flush=True)
        start = time.monotonic()
        rows.append((name, time.monotonic() - start, Outcome()))
        outcome = stage()
        rows[-1] = (name, time.monotonic() - start, outcome)
        print(f"==== {name}: {outcome.passed} passed, {outcome.failed} failed, "
              f"{in_minutes(rows[-1][1])}", flush=True)
    report(rows, os.environ.get("GUANXI_SETUP_SECONDS"), began)
    passed = sum(outcome.passed for _, _, outcome in rows)
    failed = sum(outcome.failed for _, _, outcome in rows)
    print(f"\n{passed} passed, {failed} failed", flush=True)
    return 0 if failed == 0 and passed > 0 else 1


if __name__ == "__main__":
    sys.exit(main())

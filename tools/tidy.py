"""Runs clang-tidy over the sources of the named rooms (all, when none is named); ./test calls it.

usage: python3 tools/tidy.py [--changed] [ROOM...]

Uses the compile commands of the tidy preset (clang, no precompiled header), which it configures
when they are missing. Prints each finding once, and at the end how many files were clean.
"""

import concurrent.futures
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
DATABASE = os.path.join(ROOT, "build", "tidy", "compile_commands.json")


def sources(rooms, changed):
    with open(DATABASE, encoding="utf-8") as file:
        files = [os.path.relpath(entry["file"], ROOT) for entry in json.load(file)]
    wanted = [f for f in files if f.startswith("src/") and not f.endswith("_test.cpp")
              and (not rooms or f.split("/")[1] in rooms)]
    if changed:
        named = subprocess.run(["git", "diff", "--name-only", "main"], cwd=ROOT, check=True,
                               capture_output=True, text=True).stdout.split()
        wanted = [f for f in wanted if f in named]
    return sorted(set(wanted))


def check(path):
    done = subprocess.run(["clang-tidy", "--quiet", "-p", os.path.dirname(DATABASE), path],
                          cwd=ROOT, capture_output=True, text=True)
    findings = re.sub(r"^\d+ warnings? (?:generated|treated).*\n", "", done.stdout, flags=re.M)
    return path, done.returncode, findings


def main(words):
    changed = "--changed" in words
    rooms = [word for word in words if not word.startswith("-")]
    configured = subprocess.run(["cmake", "--preset", "tidy"], cwd=ROOT, capture_output=True,
                                text=True)
    if configured.returncode != 0:
        print(configured.stdout + configured.stderr)
        return 1
    dirty, shown = 0, set()
    files = sources(rooms, changed)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, code, findings in pool.map(check, files):
            if code != 0:
                dirty += 1
                print(f"not clean: {path}")
            for line in findings.splitlines():
                if line not in shown or not re.match(r"\S+:\d+:\d+: ", line):
                    print(line)
                shown.add(line)
    print(f"tidy: {len(files) - dirty} files clean, {dirty} not")
    return 1 if dirty else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

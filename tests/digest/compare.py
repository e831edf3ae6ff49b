#!/usr/bin/env python3
"""Compiles the fold with every compiler and optimisation level and compares what it prints.

Exit code 0 when all print the same; the last line is "N passed, N failed".
"""
import glob
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = os.path.join(ROOT, "build", "digest")
COMPILERS = ["g++", "clang++"]
LEVELS = ["-O0", "-O3", "-O3 -march=native"]
FLAGS = ["-std=c++20", "-ffp-contract=off", "-I" + os.path.join(ROOT, "src"),
         "-I" + os.path.join(ROOT, "tests")]


def sources():
    rooms = []
    for room in ("base", "toml", "relationship"):
        rooms += glob.glob(os.path.join(ROOT, "src", room, "*.cpp"))
    rooms += [os.path.join(ROOT, "src", "events", name) for name in ("event.cpp", "kind.cpp")]
    left_out = ("_test.cpp", "shipped_models.cpp")
    chosen = [source for source in rooms if not source.endswith(left_out)]
    return sorted(chosen) + [os.path.join(ROOT, "tests", "digest", "digest.cpp")]


def compile_one(job):
    compiler, level, source, target = job
    launcher = [shutil.which("ccache")] if shutil.which("ccache") else []
    command = launcher + [compiler] + FLAGS + level.split() + ["-c", source, "-o", target]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stderr if done.returncode != 0 else ""


def build(compiler, level):
    folder = os.path.join(BUILD, (compiler + level).replace(" ", ""))
    os.makedirs(folder, exist_ok=True)
    jobs = [(compiler, level, source, os.path.join(folder, os.path.basename(source) + ".o"))
            for source in sources()]
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 2) as pool:
        complaints = [text for text in pool.map(compile_one, jobs) if text]
    if complaints:
        sys.exit(complaints[0])
    program = os.path.join(folder, "digest")
    subprocess.run([compiler] + [job[3] for job in jobs]
                   + ["-o", program, "-lxxhash", "-ltomlplusplus"], check=True)
    return program


def main():
    models = [os.path.join(ROOT, "models", name) for name in ("retail.toml", "subscription.toml")]
    digests = {}
    for compiler in COMPILERS:
        for level in LEVELS:
            program = build(compiler, level)
            text = subprocess.run([program] + models, capture_output=True, text=True,
                                  check=True).stdout.strip()
            digests[compiler + " " + level] = text
            first = next(iter(digests.values()))
            word = "same" if text == first and len(text) == 32 else "DIFFERENT"
            print(f"{word} {text}  {compiler} {level}", flush=True)
    failed = sum(1 for text in digests.values() if text != first or len(text) != 32)
    print(f"{len(digests) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

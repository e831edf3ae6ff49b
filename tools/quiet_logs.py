"""Looks for personal data, keys and tokens in what the servers of a test run wrote about themselves.

Tests that start a server put its lines into the folder $GUANXI_TEST_LOGS, and what must not stand in
them (keys, passwords, cookies, names) into files called planted-*.txt there, one a line.
"""

import os
import re

PATTERNS = {
    "an e-mail address": re.compile(r"[\w.+-]+@[\w-]+\.\w[\w.]*"),
    "a phone number": re.compile(r"(?<![\w.:-])(?:\+\d{8,15}|1[3-9]\d{9})(?![\w.])"),
    "a key or token": re.compile(r"(?i)(?:bearer|basic)\s+[\w+/=-]{12,}|\bgx[a-z]_\w{12,}"),
    "a cookie": re.compile(r"guanxi-(?:session|device)=\w{8,}"),
    "a body": re.compile(r'\\"(?:userId|anonymousId|messageId|traits|properties)\\"'),
}
SHORTEST_PLANTED = 4


def planted_in(folder):
    """Everything that tests said must not be written."""
    words = set()
    for name in os.listdir(folder):
        if name.startswith("planted-"):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                words.update(line.strip() for line in file if len(line.strip()) >= SHORTEST_PLANTED)
    return words


def trouble_in(line, planted):
    """What a line should not hold, named without repeating it."""
    found = [name for name, pattern in PATTERNS.items() if pattern.search(line)]
    return found + ["something planted" for word in planted if word in line]


def scan(folder):
    """(files, lines, ["file:line: what"]) of all lines that servers wrote."""
    planted = planted_in(folder)
    files, lines, trouble = 0, 0, []
    for name in sorted(os.listdir(folder)):
        if name.startswith("planted-"):
            continue
        files += 1
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, 1):
                lines += 1
                trouble += [f"{name}:{number}: {what}" for what in trouble_in(line, planted)]
    return files, lines, trouble

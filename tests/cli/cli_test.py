"""The command line as a whole: what it prints, what it refuses, how it ends."""

import csv
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
GUANXI = os.environ.get("GUANXI_BINARY") or os.path.join(ROOT, "build", "release", "bin", "guanxi")
DOCUMENT = os.path.join(ROOT, "docs", "cli.md")
OK, FAILED, USAGE, REFUSED, NOT_FOUND, CORRUPTED, UNAVAILABLE = range(7)

ORDERS = """customer,date,order_id,product,quantity,amount
ada,2024-01-05,o1,tea,1,20.00
ada,2024-01-25,o2,tea,1,20.10
ada,2024-02-14,o3,tea,2,40.20
ada,2024-02-14,o3,cup,1,8.00
ben,2024-01-10,o4,cup,1,8.00
ben,2024-13-40,o5,cup,1,8.00
cleo,2024-02-20,o6,tea,1,0.1
cleo,2024-02-20,o6,cup,1,0.2
"""


def run(*arguments, code=OK, cwd=None, stdin=""):
    done = subprocess.run([GUANXI, *arguments], capture_output=True, text=True, check=False,
                          input=stdin, cwd=cwd, timeout=120)
    if done.returncode != code:
        raise AssertionError(f"{arguments}: exit {done.returncode}, not {code}\n"
                             f"{done.stdout}\n{done.stderr}")
    return done


class Shop(unittest.TestCase):
    """A shop of three customers, imported once; each test reads or works on a copy."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp()
        cls.file = os.path.join(cls.folder, "orders.csv")
        with open(cls.file, "w", encoding="utf-8") as file:
            file.write(ORDERS)
        cls.data = os.path.join(cls.folder, "data")
        cls.imported = json.loads(run("--data", cls.data, "--json", "import", cls.file).stdout)

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.folder)

    def ask(self, *arguments, **options):
        return run("--data", self.data, *arguments, **options).stdout

    def ask_json(self, *arguments, **options):
        return json.loads(self.ask("--json", *arguments, **options))

    def copy(self):
        copied = os.path.join(tempfile.mkdtemp(dir=self.folder), "data")
        shutil.copytree(self.data, copied)
        return copied


class Importing(Shop):
    def test_a_bad_row_is_refused_alone_with_line_field_and_reason(self):
        self.assertEqual((self.imported["added"], self.imported["refused"]), (7, 1))
        refused = self.imported["first_refused"][0]
        self.assertEqual(refused["line"], 7)
        self.assertIn("2024-13-40", refused["reason"])
        letters = self.ask_json("dead-letters")
        self.assertEqual(letters["total"], 1)
        self.assertIn("ben", letters["dead_letters"][0]["original"])

    def test_the_same_rows_twice_or_shuffled_change_nothing(self):
        digest = self.ask("digest")
        copied = self.copy()
        rows = ORDERS.strip().split("\n")
        shuffled = os.path.join(self.folder, "shuffled.csv")
        with open(shuffled, "w", encoding="utf-8") as file:
            file.write("\n".join([rows[0]] + rows[:0:-1]) + "\n")
        for file in (self.file, shuffled):
            again = json.loads(run("--data", copied, "--json", "import", file).stdout)
            self.assertEqual((again["added"], again["repeated"]), (0, 7))
        self.assertEqual(run("--data", copied, "digest").stdout, digest)
        other = os.path.join(self.folder, "other")
        run("--data", other, "--json", "import", shuffled)
        self.assertEqual(run("--data", other, "digest").stdout, digest)

    def test_what_was_understood_is_shown_and_a_dry_run_writes_nothing(self):
        other = os.path.join(self.folder, "dry")
        text = run("--data", other, "import", "--dry-run", self.file).stdout
        for word in ("customer", "person", "amount", "nothing was written"):
            self.assertIn(word, text)
        self.assertEqual(json.loads(run("--data", other, "--json", "status").stdout)["events"], 0)

    def test_files_that_cannot_be_understood_are_refused_with_the_reason(self):
        missing = run("--data", self.copy(), "import", "no-such.csv", code=NOT_FOUND)
        self.assertIn("no-such.csv", missing.stderr)
        for name, content in (("empty.csv", b""), ("binary.csv", os.urandom(3000)),
                              ("cut.csv.gz", b"\x1f\x8b\x08\x00\x00")):
            path = os.path.join(self.folder, name)
            with open(path, "wb") as file:
                file.write(content)
            done = subprocess.run([GUANXI, "--data", self.copy(), "import", "--yes", path],
                                  capture_output=True, text=True, check=False)
            self.assertIn(done.returncode, (REFUSED, CORRUPTED), name)
            self.assertIn(name, done.stderr)


class Reading(Shop):
    def test_money_has_no_floating_point(self):
        self.assertEqual(self.ask_json("person", "cleo")["spent_minor"], 30)
        self.assertEqual(self.ask_json("person", "ada")["spent_minor"], 8830)

    def test_three_repeats_make_weak(self):
        tiers = {tier["tier"]: tier for tier in self.ask_json("tiers")["tiers"]}
        self.assertEqual(sum(tier["people"] for tier in tiers.values()), 3)
        self.assertFalse(tiers["super_strong"]["observable"])
        self.assertGreaterEqual(self.ask_json("person", "ada")["repeat_occasions"], 3)
        self.assertIn(self.ask_json("person", "ada")["tier"], ("weak", "strong"))
        self.assertEqual(self.ask_json("person", "ada", "--at", "2024-01-24")["tier"], "micro")
        self.assertEqual(self.ask_json("tiers", "--at", "2024-01-05")["people"], 1)

    def test_people_are_filtered_and_sorted_by_closed_expressions(self):
        people = self.ask_json("people", "--where", "orders >= 3", "--sort", "index", "--desc")
        self.assertEqual([row["id"] for row in people["people"]], ["user:ada"])
        wrong = run("--data", self.data, "people", "--where", "wealth > 3", code=REFUSED).stderr
        self.assertIn("wealth", wrong)
        self.assertIn("orders", wrong)
        run("--data", self.data, "people", "--sort", "wealth", code=REFUSED)

    def test_an_explanation_sums_exactly(self):
        why = self.ask_json("explain", "ada")
        self.assertEqual(sum(line["index_milli"] for line in why["evidence"]), why["index_milli"])
        self.assertEqual(sum(line["index_milli"] for line in why["dimensions"]),
                         why["index_milli"])
        self.assertIn("staff_bond", json.dumps(why["unobservable"]))
        self.assertIn("next: ", self.ask("explain", "ada"))

    def test_changes_name_day_cause_and_bar(self):
        changes = self.ask_json("changes", "--from", "2024-01-01", "--to", "2024-03-01")
        self.assertEqual(changes["total"], len(changes["changes"]))
        first = changes["changes"][-1]
        self.assertEqual((first["day"], first["person"], first["to"]),
                         ("2024-01-05", "user:ada", "micro"))

    def test_sql_reads_and_never_writes(self):
        answer = self.ask_json("sql", "SELECT count(*) AS n FROM events")
        self.assertEqual(answer["rows"][0]["n"], 7)
        for query in ("DROP TABLE people", "COPY people TO 'x.csv'", "SELECT 1; SELECT 2",
                      "SELECT * FROM read_csv('/etc/passwd')", "INSTALL httpfs", "SELEC"):
            run("--data", self.data, "sql", query, code=REFUSED)

    def test_unknown_people_and_wrong_command_lines(self):
        self.assertIn("nobody", run("--data", self.data, "person", "zoe", code=NOT_FOUND).stderr)
        self.assertEqual(json.loads(run("--data", self.data, "--json", "explain", "zoe",
                                        code=NOT_FOUND).stdout)["error"]["code"], "not_found")
        run("--data", self.data, "tiers", "--at", "2024-02-30", code=REFUSED)
        run("fly", code=USAGE)
        run("--data", os.path.join(self.folder, "nothing-here"), "tiers", code=NOT_FOUND)


class Changing(Shop):
    def test_what_if_changes_nothing_and_model_use_does(self):
        data = self.copy()
        before = run("--data", data, "digest").stdout
        draft = os.path.join(self.folder, "draft.toml")
        text = run("model", "show", "retail").stdout
        with open(draft, "w", encoding="utf-8") as file:
            file.write(text.replace('{fact = "repeat_occasions", at_least = 3}',
                                    '{fact = "repeat_occasions", at_least = 9}'))
        run("model", "check", draft)
        moved = json.loads(run("--data", data, "--json", "what-if", draft).stdout)
        self.assertEqual((moved["rises"], moved["falls"]), (0, 1))
        self.assertEqual(moved["fallers"][0]["person"], "user:ada")
        self.assertEqual(run("--data", data, "digest").stdout, before)
        run("--data", data, "model", "use", draft)
        self.assertNotEqual(run("--data", data, "digest").stdout, before)

    def test_a_wrong_model_is_refused_with_line_column_and_valid_names(self):
        draft = os.path.join(self.folder, "wrong.toml")
        text = run("model", "show", "retail").stdout
        with open(draft, "w", encoding="utf-8") as file:
            file.write(text.replace("half_life_days = 120", "halflife = 120"))
        wrong = run("model", "check", draft, code=REFUSED).stderr
        self.assertRegex(wrong, r"line \d+, column \d+")
        self.assertIn("half_life_days", wrong)

    def test_a_letter_goes_in_once_it_is_corrected(self):
        data = self.copy()
        letter = json.loads(run("--data", data, "--json", "dead-letters").stdout)
        identity = str(letter["dead_letters"][0]["id"])
        run("--data", data, "dead-letters", "resend", identity, code=REFUSED)
        corrected = os.path.join(self.folder, "corrected.json")
        with open(corrected, "w", encoding="utf-8") as file:
            json.dump({"type": "track", "event": "Order Completed", "userId": "ben",
                       "messageId": "letter-1", "timestamp": "2024-02-01T10:00:00Z",
                       "properties": {"order_id": "o5", "total": "8.00", "currency": "GBP"}}, file)
        run("--data", data, "dead-letters", "resend", identity, "--with", corrected)
        self.assertEqual(json.loads(run("--data", data, "--json", "person", "ben").stdout)
                         ["orders"], 2)

    def test_two_people_are_joined_and_parted_again(self):
        data = self.copy()
        before = run("--data", data, "digest").stdout
        joined = json.loads(run("--data", data, "--json", "identities", "same", "ada", "cleo",
                                "--note", "sisters").stdout)
        self.assertEqual(joined["after"], [["user:ada", "user:cleo"]])
        self.assertEqual(json.loads(run("--data", data, "--json", "person", "cleo").stdout)
                         ["orders"], 4)
        self.assertIn("decided to be one", run("--data", data, "identities", "show", "ada").stdout)
        run("--data", data, "identities", "open", "ada", "cleo")
        self.assertEqual(run("--data", data, "digest").stdout, before)
        self.assertIn("sisters", run("--data", data, "identities", "decisions").stdout)
        run("--data", data, "identities", "same", "ada", "nobody-here", code=NOT_FOUND)
        self.assertIn("0 of 0", run("--data", data, "identities").stdout)

    def test_an_erased_person_is_in_no_byte_and_stays_out(self):
        data = self.copy()
        run("--data", data, "erase", "cleo", code=REFUSED)
        before = run("--data", data, "--json", "check", "--erased", "cleo", "user:cleo-nobody")
        self.assertEqual(json.loads(before.stdout)["names"], 1, "cleo is too short to look for")
        receipt = json.loads(run("--data", data, "--json", "erase", "cleo", "--yes").stdout)
        self.assertEqual((receipt["format"], receipt["people"]), ("guanxi receipt 1", 1))
        self.assertEqual(len(receipt["digest"]), 64)
        self.assertNotIn("cleo", json.dumps(receipt))
        self.assertTrue(json.loads(run("--data", data, "--json", "check", "--erased").stdout)
                        ["good"])
        for name in os.listdir(data):
            with open(os.path.join(data, name), "rb") as file:
                self.assertNotIn(b"cleo", file.read(), name)
        run("--data", data, "person", "cleo", code=NOT_FOUND)
        again = json.loads(run("--data", data, "--json", "import", self.file).stdout)
        self.assertEqual(again["erased"], 2)
        run("--data", data, "check")

    def test_consent_is_stated_and_shown_and_a_person_restricted(self):
        data = self.copy()
        run("--data", data, "privacy", "consent", "ada", "marketing", code=REFUSED)
        run("--data", data, "privacy", "consent", "nobody-here", "marketing", "--given",
            code=NOT_FOUND)
        run("--data", data, "privacy", "consent", "ada", "marketing", "--given", "--channel",
            "email", "--text-version", "v3", "--proof", "form 4711")
        run("--data", data, "privacy", "consent", "ada", "marketing", "--withdrawn")
        shown = json.loads(run("--data", data, "--json", "privacy", "show", "ada").stdout)
        self.assertEqual(shown["stance"], {"restricted": False, "no_profiling": False,
                                           "no_marketing": True})
        self.assertEqual([(one["channel"], one["given"], one["stated_by"])
                          for one in shown["consents"]],
                         [("", False, "console"), ("email", True, "console")])
        listed = run("--data", data, "people", "--where", "no_marketing").stdout
        self.assertIn("user:ada", listed)
        self.assertNotIn("user:cleo", listed)
        out = os.path.join(self.folder, "consents.csv")
        run("--data", data, "export", "people", out)
        with open(out, encoding="utf-8") as file:
            told = {row["id"]: row["no_marketing"] for row in csv.DictReader(file)}
        self.assertEqual((told["user:ada"], told["user:cleo"]), ("true", "false"))
        before = run("--data", data, "digest").stdout
        run("--data", data, "privacy", "restrict", "ada")
        self.assertIn("only stored", run("--data", data, "privacy", "show", "ada").stdout)
        run("--data", data, "person", "ada", code=REFUSED)
        run("--data", data, "explain", "ada", code=REFUSED)
        self.assertNotIn("ada", run("--data", data, "people").stdout)
        run("--data", data, "privacy", "lift", "ada")
        self.assertIn("ada", run("--data", data, "person", "ada").stdout)
        self.assertNotEqual(run("--data", data, "digest").stdout, before, "two events more")
        trail = [one for one in json.loads(run("--data", data, "--json", "audit").stdout)["entries"]
                 if one["action"] != "export"]
        self.assertEqual([(one["action"], one["outcome"]) for one in trail[::-1]],
                         [("person.consent", "given"), ("person.consent", "withdrawn"),
                          ("person.consent", "withdrawn"), ("person.look", "refused: only stored"),
                          ("person.look", "refused: only stored"), ("person.consent", "given")])
        self.assertNotIn("ada", json.dumps(trail))

    def test_what_is_kept_about_one_person_can_be_taken_along(self):
        data = self.copy()
        file = os.path.join(self.folder, "ada.ndjson")
        run("--data", data, "privacy", "export", "ada", file)
        with open(file, encoding="utf-8") as text:
            lines = [json.loads(line) for line in text]
        self.assertEqual(lines[0]["guanxi_person"], 1)
        self.assertEqual(lines[-1]["guanxi_explanation"], 1)
        self.assertEqual(len(lines), 6, "four order lines, before them who, after them why")
        self.assertEqual(run("--data", data, "privacy", "export", "ada", "-").stdout.count("\n"), 6)
        other = os.path.join(self.folder, "ada-alone")
        run("--data", other, "--json", "import", file)
        self.assertEqual(json.loads(run("--data", other, "--json", "person", "ada").stdout)
                         ["spent_minor"], 8830)
        run("--data", data, "export", "people", os.path.join(self.folder, "traced.csv"))
        trail = json.loads(run("--data", data, "--json", "audit").stdout)["entries"]
        self.assertEqual([one["action"] for one in trail[:3]], ["export"] + ["person.export"] * 2)
        self.assertEqual(trail[0]["subject"], "people")
        run("--data", data, "audit", "verify")

    def test_backup_and_restore_give_the_same_digest(self):
        backup = os.path.join(self.folder, "shop.backup")
        run("--data", self.data, "backup", backup)
        run("--data", self.data, "backup", backup, code=REFUSED)
        other = os.path.join(self.folder, "restored")
        run("--data", other, "restore", backup, "--yes")
        self.assertEqual(run("--data", other, "digest").stdout, self.ask("digest"))
        with open(backup, "r+b") as file:
            file.truncate(os.path.getsize(backup) * 2 // 3)
        run("--data", other, "restore", backup, "--yes", code=CORRUPTED)
        self.assertEqual(run("--data", other, "digest").stdout, self.ask("digest"))

    def test_users_and_keys_come_back_only_when_that_is_asked_for(self):
        data = self.copy()
        log, access = (os.path.join(self.folder, name) for name in ("kept.log", "kept.access"))
        run("--data", os.path.join(self.folder, "none"), "backup", "--access", access,
            code=NOT_FOUND)
        for user in ("ada", "ben"):  # one admin has to stay
            run("--data", data, "users", "add", user, "--role", "admin", "--password-stdin",
                stdin="a long word of mine\n")
        key = json.loads(run("--data", data, "--json", "keys", "add", "shop").stdout)["write_key"]
        run("--data", data, "backup", code=REFUSED)
        run("--data", data, "backup", log, "--access", access)
        with open(access, "rb") as file:
            self.assertNotIn(key.encode(), file.read())
        self.assertEqual(os.stat(access).st_mode & 0o777, 0o600)
        run("--data", data, "users", "disable", "ben")
        run("--data", data, "keys", "disable", "shop")
        run("--data", data, "restore", log, "--yes")
        self.assertIn("disabled", run("--data", data, "users").stdout, "a log brings nobody back")
        run("--data", data, "restore", "--access", log, "--yes", code=REFUSED)
        run("--data", data, "restore", "--access", access, code=REFUSED)
        text = run("--data", data, "restore", "--access", access, "--yes").stdout
        self.assertIn("look through them", text)
        self.assertNotIn("disabled", run("--data", data, "users").stdout)
        self.assertIn("access.restored", run("--data", data, "audit").stdout)
        run("--data", data, "audit", "verify")
        self.assertEqual(run("--data", data, "digest").stdout, self.ask("digest"))

    def test_the_whole_log_comes_back_from_an_export(self):
        for ending in ("parquet", "ndjson"):
            path = os.path.join(self.folder, "all." + ending)
            run("--data", self.data, "export", "log", path)
            other = os.path.join(self.folder, "from-" + ending)
            run("--data", other, "--json", "import", path)
            self.assertEqual(run("--data", other, "digest").stdout, self.ask("digest"), ending)

    def test_exported_csv_holds_no_formula(self):
        other = os.path.join(self.folder, "formula")
        path = os.path.join(self.folder, "formula.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("customer,date,amount\n=1+1,2024-01-05,3.00\n")
        run("--data", other, "--json", "import", path)
        out = os.path.join(self.folder, "people.csv")
        run("--data", other, "export", "people", out)
        with open(out, encoding="utf-8") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        self.assertFalse([cell for cell in cells if cell[:1] in "=+@" and cell])


class Sources(unittest.TestCase):
    """Sources and their settings, as the page and the API have them."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.data = os.path.join(folder.name, "data")
        self.mapping = os.path.join(folder.name, "orders.toml")

    def keys(self, *arguments, **options):
        return run("--data", self.data, "keys", *arguments, **options)

    def test_settings_are_checked_kept_and_changed(self):
        refused = self.keys("add", "q", "--kind", "kafka", "--set", "topics=t", code=REFUSED)
        self.assertIn("brokers: is missing", refused.stderr)
        refused = self.keys("add", "q", "--kind", "sdk", "--set", "brokers=b:1", code=REFUSED)
        self.assertIn("brokers: no setting of this kind", refused.stderr)
        self.assertEqual("no source yet\n", self.keys().stdout)
        self.keys("add", "q", "--kind", "kafka", "--set", "brokers=b:1", "--set", "topics=t",
                  "--set", "from=end", "--secret-stdin", stdin="hush\n")
        self.keys("settings", "q", "--set", "topics=t,u", "--set", "from=")
        self.assertEqual({"brokers": "b:1", "topics": "t,u"},
                         json.loads(self.keys("settings", "q").stdout))
        with open(self.mapping, "w", encoding="utf-8") as file:
            file.write("name =\n")
        refused = self.keys("settings", "q", "--set", "mapping=@" + self.mapping, code=REFUSED)
        self.assertIn("mapping: line 1", refused.stderr)
        self.assertNotIn("mapping", self.keys("settings", "q").stdout)

    def test_what_each_kind_has_to_be_told_is_listed(self):
        shown = self.keys("kinds").stdout
        for word in ("kafka", "brokers", "wecom", "corp_id", "sasl_plaintext", "needed"):
            self.assertIn(word, shown)


class Help(unittest.TestCase):
    def commands(self):
        text = run("--help").stdout
        return re.findall(r"^  ([a-z-]+) {2,}", text.split("Subcommands:")[1], re.MULTILINE)

    def document(self):
        parts = ["# The command line\n\nMade from the program's own help; "
                 "`tests/cli` holds the two together.\n\n```text\n" + run("--help").stdout + "```\n"]
        for command in self.commands():
            parts.append(f"\n## {command}\n\n```text\n{run(command, '--help').stdout}```\n")
        return "".join(parts)

    def test_every_command_shows_examples(self):
        self.assertGreaterEqual(len(self.commands()), 20)
        for command in self.commands():
            text = run(command, "--help").stdout
            self.assertTrue("Examples:" in text or "Subcommands:" in text, command)

    def test_the_document_says_what_the_program_says(self):
        if os.environ.get("GUANXI_UPDATE_GOLDEN") == "1":
            with open(DOCUMENT, "w", encoding="utf-8") as file:
                file.write(self.document())
        with open(DOCUMENT, encoding="utf-8") as file:
            self.assertEqual(file.read(), self.document())

    def test_completion_scripts_are_understood_by_their_shell(self):
        script = run("completion", "bash").stdout
        subprocess.run(["bash", "-n"], input=script, text=True, check=True)
        words = subprocess.run(
            ["bash", "-c", script + "\nCOMP_WORDS=(guanxi ti); COMP_CWORD=1; _guanxi; "
             "echo \"${COMPREPLY[@]}\""], capture_output=True, text=True, check=True).stdout
        self.assertEqual(words.split(), ["tiers"])
        for shell in ("zsh", "fish"):
            self.assertIn("tiers", run("completion", shell).stdout)


if __name__ == "__main__":
    unittest.main()

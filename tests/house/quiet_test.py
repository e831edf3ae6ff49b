"""The search through the logs of a test run finds what must not stand in them."""

import os
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
import quiet_logs  # noqa: E402

GOOD = ('{"time":"2026-05-01T10:15:00.123Z","level":"info","event":"request","request":"9f3c_12_1",'
        '"method":"GET","route":"/api/v1/people/{id}","status":403,"microseconds":132}\n')
BAD = ('{"why":"nobody is known as ada@lovelace.example"}', '{"tel":"+442079460958"}',
       '{"header":"Bearer abcdefabcdefabcdef"}', '{"key":"gxw_0123456789abcdef"}',
       '{"cookie":"guanxi-session=0123456789"}', r'{"body":"{\"userId\":\"u1\"}"}',
       '{"what":"Augusta Byron bought tea"}')


class Quiet(unittest.TestCase):
    def test_each_kind_of_trouble_is_found_and_nothing_else(self):
        with tempfile.TemporaryDirectory() as folder:
            with open(os.path.join(folder, "planted-names.txt"), "w", encoding="utf-8") as file:
                file.write("Augusta Byron\nada\n")
            with open(os.path.join(folder, "server.log"), "w", encoding="utf-8") as file:
                file.write(GOOD + "\n".join(BAD) + "\n")
            files, lines, trouble = quiet_logs.scan(folder)
            self.assertEqual((files, lines), (1, len(BAD) + 1))
            self.assertEqual([found.split(":")[1] for found in trouble],
                             [str(number) for number in range(2, len(BAD) + 2)])
            self.assertNotIn("lovelace", "".join(trouble), "said without repeating it")


if __name__ == "__main__":
    unittest.main()

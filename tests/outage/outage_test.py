"""A short run of tests/outage/outage.py: four SDKs lose nothing over a restart."""

import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGES = os.environ.get("SDK_DIR") or os.path.join(os.path.dirname(HERE), "sdk")


@unittest.skipUnless(os.path.isdir(os.path.join(PACKAGES, "node_modules")), "npm ci in tests/sdk")
class Outage(unittest.TestCase):
    def test_no_sdk_loses_an_event_over_a_restart(self):
        done = subprocess.run([sys.executable, os.path.join(HERE, "outage.py"), "--events", "60",
                               "--pauses", "0"], capture_output=True, text=True, check=False,
                              timeout=300)
        self.assertEqual(0, done.returncode, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()

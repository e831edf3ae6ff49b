"""A real broker (KRaft, one node) and the queue that reads from it: each message exactly once.

GUANXI_KAFKA_TOOL names the program kafka_tool; the broker's jars come from tools/fetch_kafka.sh.
"""

import glob
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
TOOL = os.environ.get("GUANXI_KAFKA_TOOL", os.path.join(ROOT, "build", "dev", "tests", "kafka_tool"))


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


class Broker:
    """One node that is broker and controller, in a folder of its own."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        self.jars = os.path.join(ROOT, ".cache", "kafka", "lib", "*")
        self.settings = os.path.join(folder, "server.properties")
        controller = free_port()
        with open(self.settings, "w", encoding="utf-8") as file:
            file.write("\n".join([
                "process.roles=broker,controller", "node.id=1",
                f"controller.quorum.voters=1@127.0.0.1:{controller}",
                f"listeners=PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{controller}",
                "inter.broker.listener.name=PLAINTEXT", "controller.listener.names=CONTROLLER",
                f"advertised.listeners=PLAINTEXT://127.0.0.1:{self.port}",
                f"log.dirs={folder}/data", "num.partitions=1", "offsets.topic.num.partitions=1",
                "offsets.topic.replication.factor=1", "transaction.state.log.replication.factor=1",
                "transaction.state.log.min.isr=1", "auto.create.topics.enable=false",
                "group.initial.rebalance.delay.ms=0", "num.network.threads=1", "num.io.threads=2",
                "log.cleaner.enable=false", ""]))
        with open(os.path.join(folder, "log4j.properties"), "w", encoding="utf-8") as file:
            file.write("log4j.rootLogger=OFF\n")
        self.java("kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg", "-c",
                  self.settings).communicate(timeout=60)
        self.process = None

    def java(self, *words):
        return subprocess.Popen(
            ["java", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
             f"-Dlog4j.configuration=file:{self.folder}/log4j.properties", "-cp", self.jars, *words],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def start(self):
        self.process = self.java("kafka.Kafka", self.settings)
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with socket.socket() as one:
                if one.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            time.sleep(0.2)
        raise AssertionError("the broker did not start within a minute")

    def stop(self, how=signal.SIGKILL):
        self.process.send_signal(how)
        self.process.wait(timeout=60)

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"


class Reader:
    """kafka_tool consume, and the last status it told."""

    def __init__(self, broker, topic, folder, batch=100, how="consume"):
        self.process = subprocess.Popen([TOOL, how, broker.address, topic, folder, str(batch)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.told = []

    def until(self, test, seconds=120):
        end = time.monotonic() + seconds
        for line in self.process.stdout:
            self.told.append(json.loads(line))
            if test(self.told[-1]):
                return self.told[-1]
            if time.monotonic() > end:
                break
        raise AssertionError(f"not reached: {self.told[-1:]}")

    def say(self):
        self.process.stdin.write("x")
        self.process.stdin.flush()

    def kill(self):
        self.process.kill()
        self.process.stdout.close()
        self.process.stdin.close()
        self.process.wait()

    def end(self):
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait(timeout=60)


def why_not():
    if not shutil.which("java"):
        return "there is no Java on this machine"
    if not glob.glob(os.path.join(ROOT, ".cache", "kafka", "lib", "kafka_*.jar")):
        return "Kafka's jars are not there: tools/fetch_kafka.sh"
    if not os.path.exists(TOOL):
        return f"{TOOL} is not built"
    return None


@unittest.skipIf(why_not(), why_not())
class Kafka(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="guanxi_kafka_")
        cls.broker = Broker(cls.folder)
        cls.broker.start()

    @classmethod
    def tearDownClass(cls):
        cls.broker.stop()
        shutil.rmtree(cls.folder)

    def tool(self, *words):
        done = subprocess.run([TOOL, *[str(word) for word in words]], capture_output=True, text=True,
                              timeout=120, check=False)
        self.assertEqual(0, done.returncode, done.stderr)
        return done.stdout

    def topic(self, name, partitions):
        self.tool("create", self.broker.address, name, partitions)
        data = os.path.join(self.folder, name + "-folder")
        os.mkdir(data)
        return data

    def assert_exactly(self, data, orders):
        events, people, spent = [int(word) for word in self.tool("count", data).split()]
        self.assertEqual((orders, min(orders, 1000), orders * 100), (events, people, spent))

    # Goal: none lost, none doubled, whenever the reader dies. Method: kill -9 at random moments
    # while messages come, then read to the end; messages have no ids, and no position is read
    # twice (`repeated` stays 0).
    def test_killed_between_batches_it_loses_and_doubles_nothing(self):
        chance = random.Random(7)
        data = self.topic("killed", 3)
        sent = 12_000
        self.tool("produce", self.broker.address, "killed", 0, sent)
        interrupted = 0
        for _ in range(10):
            reader = Reader(self.broker, "killed", data, batch=chance.choice([1, 5, 20]))
            already = reader.until(lambda told: told["partitions"] == 3)["next"]
            last = reader.until(lambda told, at=already: told["next"] > at or told["lag"] == 0)
            time.sleep(chance.random() * 0.3)
            reader.kill()
            interrupted += last["lag"] > 0
            self.assertEqual({0}, {told["repeated"] + told["refused"] for told in reader.told})
        self.assertGreaterEqual(interrupted, 7)
        reader = Reader(self.broker, "killed", data, batch=5000)
        last = reader.until(lambda told: told["next"] == sent)
        self.assertEqual((0, 0), (last["lag"], last["repeated"]))
        reader.end()
        self.assert_exactly(data, sent)

    def test_a_broker_that_goes_and_comes_back_and_partitions_that_are_added(self):
        data = self.topic("moving", 1)
        self.tool("produce", self.broker.address, "moving", 0, 1000)
        reader = Reader(self.broker, "moving", data)
        reader.until(lambda told: told["next"] == 1000)
        self.broker.stop()
        reader.until(lambda told: told["trouble"] != "")
        self.broker.start()
        self.tool("create", self.broker.address, "moving", 4)
        self.tool("produce", self.broker.address, "moving", 1000, 2000)
        last = reader.until(lambda told: told["next"] == 3000)
        self.assertEqual((4, 0, 0), (last["partitions"], last["repeated"], last["gone"]))
        self.assertEqual("", last["trouble"])
        reader.end()
        self.assert_exactly(data, 3000)

    def test_what_is_no_event_is_kept_with_its_place_and_stops_nothing(self):
        data = self.topic("odd", 1)
        self.tool("produce", self.broker.address, "odd", 0, 10)
        self.tool("send", self.broker.address, "odd", "no event")
        self.tool("send", self.broker.address, "odd", '{"type":"track","event":"Visit"}')
        self.tool("produce", self.broker.address, "odd", 10, 10)
        reader = Reader(self.broker, "odd", data)
        last = reader.until(lambda told: told["next"] == 22)
        self.assertEqual((20, 2), (last["events"], last["refused"]))
        reader.end()
        self.assert_exactly(data, 20)

    # Goal: a queue waits while the door is full, and goes on when it is not; neither loses nor
    # doubles, and a batch larger than the whole door gets through too. Method: others keep a small
    # door full (the same 500 visits again and again) until the queue was told to come again.
    def test_it_waits_while_the_door_is_full_and_goes_on(self):
        data = self.topic("crowded", 1)
        sent = 20_000
        self.tool("produce", self.broker.address, "crowded", 0, sent)
        reader = Reader(self.broker, "crowded", data, batch=1000, how="crowd")
        refused = reader.until(lambda told: "try again" in told["trouble"])
        self.assertLess(refused["next"], sent)
        reader.say()
        last = reader.until(lambda told: told["next"] == sent)
        self.assertEqual(("", 0, 0), (last["trouble"], last["lag"], last["repeated"]))
        reader.end()
        events, people, spent = [int(word) for word in self.tool("count", data).split()]
        self.assertEqual((sent + 500, 1000, sent * 100), (events, people, spent))


if __name__ == "__main__":
    unittest.main()

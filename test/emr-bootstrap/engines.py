"""The real engines that these tests run against: where they are, and how a Kafka of one node is started."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator, List

from confluent_kafka.admin import AdminClient

REPOSITORY = Path(__file__).resolve().parents[2]
JOB = REPOSITORY / "emr-bootstrap" / "duty_cycle.py"
SCHEMAS = REPOSITORY / "src" / "core" / "messages"


def jars(engine: str) -> List[Path]:
    """The jars of an engine (`kafka`, `spark-jars`).

    The test run names their folder (IGRID_KAFKA, IGRID_SPARK_JARS); else it is the newest in the cache of the set-up.
    """
    named = os.environ.get(f"IGRID_{engine.upper().replace('-', '_')}")
    home = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    cache = Path(os.environ.get("IGRID_CACHE") or home / "igrid")
    version = "[0-9a-f]" * 12
    folders = (
        [Path(named)] if named else sorted(cache.glob(f"{engine}-{version}"), key=lambda path: path.stat().st_mtime)
    )
    found = sorted(folders[-1].glob("*.jar")) if folders else []
    if not found:
        raise FileNotFoundError(f"no jars of {engine} in {named or cache}: `npm test` sets them up")
    return found


def submit_args(memory: str = "1g") -> str:
    """What PYSPARK_SUBMIT_ARGS says on this machine."""
    spark_jars = ",".join(str(jar) for jar in jars("spark-jars"))
    conf = {"spark.ui.enabled": "false", "spark.driver.host": "127.0.0.1", "spark.driver.bindAddress": "127.0.0.1"}
    confs = " ".join(f"--conf {name}={value}" for name, value in conf.items())
    # Tests end before the optimising compiler would pay.
    java = "--driver-java-options '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC'"
    return f"--master local[2] --driver-memory {memory} {java} {confs} --jars {spark_jars} pyspark-shell"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def kafka(folder: Path) -> Iterator[str]:
    """A Kafka of one node (KRaft) that keeps its data below `folder`; gives host:port."""
    broker, controller = free_port(), free_port()
    properties = folder / "server.properties"
    properties.write_text(
        f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{broker},CONTROLLER://127.0.0.1:{controller}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder / "data"}
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
auto.create.topics.enable=false
"""
    )
    java = [
        shutil.which("java") or "java",
        "-Xmx256m",
        "-XX:TieredStopAtLevel=1",
        "-XX:+UseSerialGC",
        "-cp",
        os.pathsep.join(str(jar) for jar in jars("kafka")),
    ]
    with (folder / "kafka.log").open("wb") as log:
        cluster = "AAAAAAAAAAAAAAAAAAAAAA"
        storage = [*java, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", str(properties)]
        subprocess.run(storage, check=True, stdout=log, stderr=log)
        server = subprocess.Popen([*java, "kafka.Kafka", str(properties)], stdout=log, stderr=log)
        try:
            address = f"127.0.0.1:{broker}"
            wait_for_broker(address, server, folder / "kafka.log")
            yield address
        finally:
            server.kill()
            server.wait()


def wait_for_broker(address: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while server.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", int(address.rpartition(":")[2]))) == 0:
                AdminClient({"bootstrap.servers": address}).list_topics(timeout=30)
                return
        time.sleep(0.2)
    raise RuntimeError(f"Kafka did not start: {log.read_text()[-2000:]}")

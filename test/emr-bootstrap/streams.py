"""What the streaming tests have in common: topics, messages, and the job as the process that it is in production."""

from __future__ import annotations

import io
import json
import os
import signal
import struct
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, List, Optional, Tuple

import fastavro
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from engines import JOB, SCHEMAS, submit_args

PARTITIONS = 3
Reading = Dict[str, Any]
THRESHOLDS = {"default_w": 5, "names": {"fridge": 50}, "appliances": {}}

_SCHEMA = {
    name: fastavro.parse_schema(json.loads((SCHEMAS / f"{name}.avsc").read_text()))
    for name in ("powerraw", "dutycycle", "deadletter")
}


def encoded(reading: Reading) -> bytes:
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, _SCHEMA["powerraw"], reading)
    return buffer.getvalue()


def decoded(schema: str, value: Optional[bytes]) -> Reading:
    assert value is not None
    buffer = io.BytesIO(value)
    record = fastavro.schemaless_reader(buffer, _SCHEMA[schema], None)
    assert buffer.read() == b""
    assert isinstance(record, dict)
    return record


def reading(house: str, timestamp: int, power: float = 100.0, interval_ms: int = 1000, **more: Any) -> Reading:
    return {
        "house_id": house,
        "appliance_name": "fridge",
        "appliance_id": f"{house}_1",
        "timestamp": timestamp,
        "power": struct.unpack("f", struct.pack("f", power))[0],  # as the message will hold it
        "interval_ms": interval_ms,
        **more,
    }


@dataclass(frozen=True)
class Message:
    partition: int
    offset: int
    key: Optional[bytes]
    value: Optional[bytes]


@dataclass
class Topics:
    """The three topics of one test, so that tests share a broker and nothing else."""

    brokers: str
    name: str
    sent: int = 0
    _producer: Producer = field(init=False)

    def __post_init__(self) -> None:
        self._connect()
        admin = AdminClient({"bootstrap.servers": self.brokers})
        for created in admin.create_topics([self._new(topic) for topic in self.all()]).values():
            created.result()

    def _connect(self) -> None:
        # Else a batch that is sent again, its partition having just got its leader, comes after those sent behind it.
        self._producer = Producer({"bootstrap.servers": self.brokers, "linger.ms": 5, "enable.idempotence": True})

    def _new(self, topic: str) -> NewTopic:
        return NewTopic(topic, num_partitions=PARTITIONS, replication_factor=1)

    def recreate(self) -> None:
        """Delete powerraw with all that it holds, and create it again."""
        powerraw = self.all()[0]
        admin = AdminClient({"bootstrap.servers": self.brokers})
        admin.delete_topics([powerraw], operation_timeout=30)[powerraw].result()
        deadline = time.monotonic() + 30
        while powerraw in admin.list_topics(timeout=30).topics:
            assert time.monotonic() < deadline, "the topic was not deleted within 30 s"
            time.sleep(0.1)
        admin.create_topics([self._new(powerraw)])[powerraw].result()
        # A producer numbers its messages by partition, whatever becomes of the topic.
        self._connect()

    def all(self) -> Tuple[str, str, str]:
        return (f"{self.name}-powerraw", f"{self.name}-dutycycle", f"{self.name}-deadletter")

    def send(self, value: Optional[bytes], house: str = "1_0_1", partition: Optional[int] = None) -> Tuple[int, int]:
        """Send a message and wait for the broker; gives partition and offset."""
        where: List[Tuple[int, int]] = []

        def delivered(error: object, message: Any) -> None:
            assert error is None, error
            where.append((message.partition(), message.offset()))

        place = -1 if partition is None else partition
        self._producer.produce(self.all()[0], value, house.encode(), place, on_delivery=delivered)
        self._producer.flush(30)
        return where[0]

    def send_all(self, readings: List[Reading]) -> None:
        for one in readings:
            self.queue(encoded(one), one["house_id"])
        self.flush()

    def queue(self, value: bytes, house: str, partition: int = -1) -> None:
        self._producer.produce(self.all()[0], value, house.encode(), partition)
        self._producer.poll(0)

    def flush(self) -> None:
        assert self._producer.flush(60) == 0

    def read(self, topic: str) -> List[Message]:
        """All messages of a topic, by partition and offset."""
        consumer = Consumer({"bootstrap.servers": self.brokers, "group.id": "reader", "enable.auto.commit": False})
        found = []
        try:
            for partition in range(PARTITIONS):
                low, high = consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=30)
                consumer.assign([TopicPartition(topic, partition, low)])
                while low < high:
                    message = consumer.poll(30)
                    assert message is not None
                    assert message.error() is None
                    offset, value = message.offset(), message.value()
                    assert offset is not None
                    low = offset + 1
                    found.append(Message(partition, offset, message.key(), value))
        finally:
            consumer.close()
        return found

    def duty_cycles(self) -> List[Reading]:
        return [decoded("dutycycle", message.value) for message in self.read(self.all()[1])]

    def dead_letters(self) -> List[Reading]:
        return [decoded("deadletter", message.value) for message in self.read(self.all()[2])]


def arguments(topics: Topics, folder: Path, change: Dict[str, str]) -> List[str]:
    """The job's command line, with its files in a folder."""
    thresholds = folder / "thresholds.json"
    thresholds.write_text(json.dumps(THRESHOLDS))
    powerraw, dutycycle, deadletter = topics.all()
    usual = {
        "--brokers": topics.brokers,
        "--topic": powerraw,
        "--output-topic": dutycycle,
        "--dead-letter-topic": deadletter,
        "--group": f"{topics.name}-group",
        "--checkpoint": str(folder / "checkpoint"),
        "--thresholds": str(thresholds),
        "--schemas": str(SCHEMAS),
        "--window-ms": "5000",
        "--slide-ms": "1000",
        "--max-gap-ms": "30000",
        "--max-power-w": "100000",
        "--trigger": "200",
        "--progress": str(folder / "progress.jsonl"),
    }
    return [word for pair in {**usual, **change}.items() for word in pair]


def events(folder: Path, kind: str = "progress") -> List[Reading]:
    """The lines of a kind that the job has written so far."""
    path = folder / "progress.jsonl"
    whole = path.read_text().split("\n")[:-1] if path.exists() else []  # the last may be half written
    return [event for event in map(json.loads, whole) if event["event"] == kind]


class Job:
    """The job as a process of its own, started by its command line."""

    def __init__(self, topics: Topics, folder: Path, change: Optional[Dict[str, str]] = None) -> None:
        self.folder = folder
        self.output = (folder / "output.log").open("ab")
        self.log = (folder / "job.log").open("ab")
        self.process = subprocess.Popen(
            [sys.executable, str(JOB), *arguments(topics, folder, change or {})],
            stdout=self.output,
            stderr=self.log,
            env={**os.environ, "PYSPARK_SUBMIT_ARGS": submit_args("512m"), "PYSPARK_PYTHON": sys.executable},
            start_new_session=True,
        )

    def __enter__(self) -> Job:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        self.output.close()
        self.log.close()

    def events(self, kind: str = "progress") -> List[Reading]:
        return events(self.folder, kind)

    def total(self, figure: str) -> int:
        return sum(event[figure] for event in self.events())

    def wait_until(self, holds: Callable[[], bool], seconds: float = 300.0) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            assert self.process.poll() is None, self.tail()
            assert time.monotonic() < deadline, f"not within {seconds} s: {self.events()[-2:]} {self.tail()}"
            time.sleep(0.1)

    def wait_until_read(self, messages: int) -> None:
        self.wait_until(lambda: self.total("rows") >= messages)

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        os.killpg(self.process.pid, how)
        return self.process.wait(120)

    def tail(self) -> str:
        return (self.folder / "job.log").read_text()[-3000:]

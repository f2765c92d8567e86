"""The job as it runs: a process of its own, fed by a real Kafka."""

from __future__ import annotations

import random
import signal
import struct
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Dict, Iterator, List, Optional, Set, Tuple

import pytest
from confluent_kafka import Consumer, TopicPartition
from pyspark.sql import SparkSession

from duty_cycle import run
from dutycycle.settings import parse
from expected import assert_equal, expected, windows_of
from streams import Job, Reading, Topics, arguments, encoded, events, reading

WINDOW_MS, SLIDE_MS, WATERMARK_MS = 5000, 1000, 2000
ON_W = {"fridge": 50.0}
HOUSES = ["1_0_1", "1_0_2", "1_1_1", "2_0_0"]

Letter = Tuple[int, int, str, bytes]
"""partition, offset, reason, bytes"""


def varint(number: int) -> bytes:
    """Avro's zigzag varint of a number that is not negative."""
    zigzag, encoding = number << 1, bytearray()
    while zigzag > 0x7F:
        encoding.append(zigzag & 0x7F | 0x80)
        zigzag >>= 7
    return bytes([*encoding, zigzag])


def garbage(now_ms: int) -> List[Tuple[str, Optional[bytes]]]:
    """Messages that are no readings, each with the reason why."""
    good = reading("1_0_1", now_ms)
    bytes_ = encoded(good)
    noise = random.Random(7)
    return [
        ("empty", None),
        ("avro", b""),
        ("avro", bytes_ + b"\0"),
        ("avro", bytes_ + bytes_),
        *(("avro", bytes_[:length]) for length in range(1, len(bytes_), 3)),
        *(("avro", noise.randbytes(noise.randrange(1, 80))) for _ in range(30)),
        ("avro", b'{"house_id": "1_0_1", "power": 12}'),
        ("avro", b"\0\0\0\0\x01" + bytes_),  # a registry's header
        ("avro", varint(2**30) + b"1_0_1"),  # a string of a gigabyte: must not be allocated
        ("avro", varint(2**60) + b"1_0_1"),
        ("avro", b"\xff" * 24),
        ("id", encoded({**good, "appliance_id": "1_0_2_1"})),
        ("id", encoded({**good, "appliance_id": "1_0_11"})),
        ("id", encoded({**good, "house_id": "", "appliance_id": "_1"})),
        ("id", encoded({**good, "appliance_name": ""})),
        ("power", encoded({**good, "power": float("nan")})),
        ("power", encoded({**good, "power": float("inf")})),
        ("power", encoded({**good, "power": float("-inf")})),
        ("power", encoded({**good, "power": -0.5})),
        ("power", encoded({**good, "power": 1e6})),
        ("interval", encoded({**good, "interval_ms": -1})),
        ("interval", encoded({**good, "interval_ms": 30_001})),
        ("interval", encoded({**good, "interval_ms": 2**31 - 1})),
        ("timestamp", encoded({**good, "timestamp": now_ms + 3_600_000})),
        ("timestamp", encoded({**good, "timestamp": 2**63 - 1})),
        ("timestamp", encoded({**good, "timestamp": -(2**63)})),
        ("timestamp", encoded({**good, "timestamp": now_ms // 1000})),  # seconds
        ("timestamp", encoded({**good, "timestamp": -1})),
    ]


@dataclass(frozen=True)
class Day:
    """All that happened in one run of the job."""

    topics: Topics
    job: Job
    readings: List[Reading]
    late: int
    letters: Set[Letter]
    newest_ms: int
    status: int


@pytest.fixture(scope="module")
def day(brokers: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Day]:
    """One run: readings, then garbage, then late readings, then readings again, then SIGTERM."""
    topics = Topics(brokers, "day")
    start = int(time.time() * 1000) // SLIDE_MS * SLIDE_MS - 120_000
    readings: List[Reading] = []

    def send(batch: List[Reading]) -> None:
        topics.send_all([{k: v for k, v in one.items() if k != "closed_ms"} for one in batch])
        readings.extend(batch)

    def second(n: int) -> List[Reading]:
        return [reading(house, start + n * 1000 + 17, power=40.0 + n % 3 * 10) for house in HOUSES]

    def wait_for_watermark(job: Job, newest: int) -> int:
        closed = newest - WATERMARK_MS
        job.wait_until(lambda: any(event["watermark_ms"] == closed for event in job.events()))
        return closed

    with Job(topics, tmp_path_factory.mktemp("day")) as job:
        send([one for n in range(21) for one in second(n)])
        newest = start + 20_017
        closed = wait_for_watermark(job, newest)
        letters = set()
        for n, (reason, value) in enumerate(garbage(int(time.time() * 1000))):
            partition, offset = topics.send(value, partition=n % 3)
            letters.add((partition, offset, reason, value or b""))
        job.wait_until(lambda: job.total("dead_letters") == len(letters))
        # The first window that holds an instant ends with its slide: these two slides are the last closed and the
        # first open one. Two appliances have several late readings in one second: readings are counted, not sums.
        last_closed = closed // SLIDE_MS * SLIDE_MS - 1
        late = [reading("1_0_1", last_closed - n * 100, closed_ms=closed) for n in range(5)]
        late += [reading("1_0_2", last_closed - 999, closed_ms=closed), reading("2_0_0", start - 1, closed_ms=closed)]
        in_time = [reading("1_1_1", last_closed + n) for n in (1, 2, 999)]
        send([*late, *in_time])
        job.wait_until_read(len(readings) + len(letters))
        send([one for n in range(21, 31) for one in second(n)])
        newest = start + 30_017
        wait_for_watermark(job, newest)
        status = job.stop()
        yield Day(topics, job, readings, len(late), letters, newest, status)


def test_every_closed_window_is_there_and_right_with_late_readings_only_in_windows_still_open(day: Day) -> None:
    wanted = expected(day.readings, WINDOW_MS, SLIDE_MS, ON_W)
    closed = {key: window for key, window in wanted.items() if key[1] <= day.newest_ms - WATERMARK_MS}
    assert len(closed) > 100
    assert_equal(day.topics.duty_cycles(), closed)


def test_late_readings_are_counted_one_by_one(day: Day) -> None:
    assert day.job.total("late") == day.late


def test_what_is_no_reading_goes_to_the_dead_letters_with_place_reason_and_bytes(day: Day) -> None:
    found = day.topics.dead_letters()
    assert {letter["topic"] for letter in found} == {day.topics.all()[0]}
    assert sorted((x["partition"], x["offset"], x["reason"], x["bytes"]) for x in found) == sorted(day.letters)


def test_duty_cycles_and_dead_letters_are_keyed_by_house_and_by_place(day: Day) -> None:
    cycles = day.topics.read(day.topics.all()[1])
    assert {message.key for message in cycles} == {house.encode() for house in HOUSES}
    letters = {message.key for message in day.topics.read(day.topics.all()[2])}
    assert letters == {f"{day.topics.all()[0]}-{partition}-{offset}".encode() for partition, offset, *_ in day.letters}


def test_sigterm_to_the_process_group_ends_the_job_with_status_0(day: Day) -> None:
    assert day.status == 0
    assert day.job.events("stopped")


def test_the_progress_accounts_for_every_message_and_commits_its_position(day: Day) -> None:
    sent = len(day.readings) + len(day.letters)
    assert day.job.total("rows") == sent
    assert day.job.total("lost") == 0
    last = day.job.events()[-1]
    assert last["lag"] == 0
    assert sum(last["end_offsets"].values()) == sent
    consumer = Consumer({"bootstrap.servers": day.topics.brokers, "group.id": f"{day.topics.name}-group"})
    places = [TopicPartition(day.topics.all()[0], int(partition)) for partition in last["end_offsets"]]
    committed = {str(place.partition): place.offset for place in consumer.committed(places, timeout=30)}
    consumer.close()
    assert committed == last["end_offsets"]


def test_a_killed_job_goes_on_where_it_was_and_never_contradicts_itself(brokers: str, tmp_path: Path) -> None:
    topics = Topics(brokers, "killed")
    start = int(time.time() * 1000) // SLIDE_MS * SLIDE_MS - 300_000
    readings: List[Reading] = []
    letters: Set[Tuple[int, int]] = set()

    def send(seconds: range) -> None:
        for n in seconds:
            batch = [reading(house, start + n * 1000 + 250 * k, power=33.3 * k) for house in HOUSES for k in range(4)]
            topics.send_all(batch)
            readings.extend(batch)
            letters.add(topics.send(struct.pack("<q", n)))
            time.sleep(0.05)

    with Job(topics, tmp_path) as job:
        send(range(20))
        job.wait_until(lambda: len(topics.duty_cycles()) > 0)
        send(range(20, 60))  # batches follow each other: the kill hits one
        job.stop(signal.SIGKILL)
        send(range(60, 80))
    with Job(topics, tmp_path) as job:
        send(range(80, 100))
        newest = max(one["timestamp"] for one in readings)
        job.wait_until(lambda: any(event["watermark_ms"] == newest - WATERMARK_MS for event in job.events()))
        assert job.stop() == 0
        assert job.total("late") == 0
    wanted = expected(readings, WINDOW_MS, SLIDE_MS, ON_W)
    closed = {key: window for key, window in wanted.items() if key[1] <= newest - WATERMARK_MS}
    assert_equal(topics.duty_cycles(), closed)
    found = topics.dead_letters()
    assert {(letter["partition"], letter["offset"]) for letter in found} == letters


@pytest.mark.parametrize(("before", "after"), [(60, 20), (20, 60)], ids=["shorter", "longer"])
def test_what_a_topic_that_was_created_again_held_before_the_position_is_lost_and_said_so(
    brokers: str, spark: SparkSession, tmp_path: Path, before: int, after: int
) -> None:
    """The job can't know that offsets start again; it must not say that it has read what it has not."""
    topics = Topics(brokers, f"again-{before}")
    start = int(time.time() * 1000) - 300_000
    settings = parse(arguments(topics, tmp_path, {"--trigger": "once"}))

    def send(count: int, partition: int) -> None:
        for n in range(count):
            topics.queue(encoded(reading("1_0_1", start + n * 100)), "1_0_1", partition=partition)
        topics.flush()

    send(before, partition=0)
    run(spark, settings, threading.Event())
    topics.recreate()
    send(after, partition=0)
    send(5, partition=1)
    run(spark, settings, threading.Event())
    send(7, partition=0)
    run(spark, settings, threading.Event())

    batches = [batch for batch in events(tmp_path) if batch["rows"] or batch["lost"]]
    skipped = after if after < before else before
    assert [(batch["rows"], batch["lost"]) for batch in batches] == [
        (before, 0),
        (after + 5 - skipped, skipped),
        (7, 0),
    ]


def test_a_reading_is_late_by_the_watermark_of_the_batch_before(
    brokers: str, spark: SparkSession, tmp_path: Path
) -> None:
    """Each batch reads while the one before has moved the watermark: what lies between the two is still in time."""
    topics = Topics(brokers, "jitter")
    start, in_batch, chance = int(time.time() * 1000) - 300_000, 40, random.Random(11)
    readings = [
        reading("1_0_1", start + n * 100 - chance.randrange(0, 20_000), power=chance.choice([0, 99.9]))
        for n in range(400)
    ]
    for one in readings:
        topics.queue(encoded(one), one["house_id"], partition=0)
    topics.flush()

    newest, watermarks = 0, [0, 0]  # of the batch before, of this one
    late = 0
    for n in range(0, len(readings), in_batch):
        batch = readings[n : n + in_batch]
        for one in batch:
            one["closed_ms"] = watermarks[0]
            late += min(windows_of(one["timestamp"], WINDOW_MS, SLIDE_MS)) <= watermarks[0]
        newest = max(newest, *(one["timestamp"] for one in batch))
        watermarks = [watermarks[1], newest - WATERMARK_MS]
    assert late > 10
    wanted = expected(readings, WINDOW_MS, SLIDE_MS, ON_W)
    closed = {key: window for key, window in wanted.items() if key[1] <= newest - WATERMARK_MS}

    once = {"--trigger": "once", "--max-offsets-per-trigger": str(in_batch)}
    run(spark, parse(arguments(topics, tmp_path, once)), threading.Event())
    batches = events(tmp_path)
    assert [batch["rows"] for batch in batches[:10]] == [in_batch] * 10
    assert sum(batch["late"] for batch in batches) == late
    assert_equal(topics.duty_cycles(), closed)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"--window-ms": "4500"}, "--window-ms 4500 must be a whole multiple of --slide-ms 1000"),
        ({"--slide-ms": "0"}, "--slide-ms: must be a whole number from 1, not '0'"),
        ({"--thresholds": "/nowhere.json"}, "--thresholds: /nowhere.json: "),
        ({"--schemas": "/nowhere"}, "--schemas: "),
        ({"--starting-offsets": "yesterday"}, "--starting-offsets: must be earliest, latest or"),
        ({"--max-power-w": "many"}, "--max-power-w: must be above 0"),
    ],
)
def test_a_wrong_argument_is_named_before_spark_starts(
    brokers: str, tmp_path: Path, change: Dict[str, str], complaint: str
) -> None:
    job = Job(Topics(brokers, tmp_path.name), tmp_path, change)
    with job:
        assert job.process.wait(30) == 2
        assert complaint in job.tail().splitlines()[-1]

"""The job's arguments: everything it is told, checked before Spark starts."""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Callable, Dict, List, Optional

from dutycycle.readings import Rules
from dutycycle.thresholds import Thresholds

# How a Kafka client of the JVM reaches the brokers. MSK IAM needs aws-msk-iam-auth on the class path.
SECURITY: Dict[str, Dict[str, str]] = {
    "plaintext": {"security.protocol": "PLAINTEXT"},
    "msk-iam": {
        "security.protocol": "SASL_SSL",
        "sasl.mechanism": "AWS_MSK_IAM",
        "sasl.jaas.config": "software.amazon.msk.auth.iam.IAMLoginModule required;",
        "sasl.client.callback.handler.class": "software.amazon.msk.auth.iam.IAMClientCallbackHandler",
    },
}

ONCE = "once"


@dataclass(frozen=True)
class Schemas:
    """The Avro schemas (JSON) of the topic that is read and of those that are written."""

    reading: str
    duty_cycle: str
    dead_letter: str


@dataclass(frozen=True)
class Settings:
    """What the job was told; each field's meaning and unit is in the help of its argument."""

    brokers: str
    topic: str
    output_topic: str
    dead_letter_topic: str
    starting_offsets: str
    group: str
    security: str
    client_rack: Optional[str]
    """None: readings come from the leaders of their partitions, wherever those are."""
    fetch_min_bytes: Optional[int]
    """None: a broker answers with whatever it has."""
    fetch_max_wait_ms: Optional[int]
    window_ms: int
    slide_ms: int
    watermark_ms: int
    rules: Rules
    thresholds: Thresholds
    schemas: Schemas
    checkpoint: str
    trigger_ms: Optional[int]
    """None: read what is there, then end."""
    max_offsets_per_trigger: Optional[int]
    shuffle_partitions: Optional[int]
    """None: as many as there are cores."""
    progress: Optional[str]
    verbose: bool

    @property
    def kafka(self) -> Dict[str, str]:
        """Settings of a Kafka client."""
        return {"bootstrap.servers": self.brokers, **SECURITY[self.security]}

    @property
    def consumer(self) -> Dict[str, str]:
        """Settings of a Kafka consumer: which copy it reads, and how much at a time."""
        own = {
            "client.rack": self.client_rack,
            "fetch.min.bytes": self.fetch_min_bytes,
            "fetch.max.wait.ms": self.fetch_max_wait_ms,
        }
        return {**self.kafka, **{name: str(value) for name, value in own.items() if value is not None}}


def parse(argv: List[str]) -> Settings:
    """Read the command line; a usage error ends the program with status 2 and one line that says what is wrong."""
    parser = _parser()
    given = parser.parse_args(argv)
    if given.window_ms % given.slide_ms:
        parser.error(f"--window-ms {given.window_ms} must be a whole multiple of --slide-ms {given.slide_ms}")
    future_ms = given.watermark_ms // 2 if given.max_future_ms is None else given.max_future_ms
    try:
        schemas = Schemas(*(_schema(given.schemas, name) for name in ("powerraw", "dutycycle", "deadletter")))
    except (OSError, ValueError) as error:
        parser.error(f"argument --schemas: {error}")
    return Settings(
        brokers=given.brokers,
        topic=given.topic,
        output_topic=given.output_topic,
        dead_letter_topic=given.dead_letter_topic,
        starting_offsets=_by_topic(given.topic, given.starting_offsets),
        group=given.group,
        security=given.security,
        client_rack=given.client_rack,
        fetch_min_bytes=given.fetch_min_bytes,
        fetch_max_wait_ms=given.fetch_max_wait_ms,
        window_ms=given.window_ms,
        slide_ms=given.slide_ms,
        watermark_ms=given.watermark_ms,
        rules=Rules(max_power_w=given.max_power_w, max_gap_ms=given.max_gap_ms, max_future_ms=future_ms),
        thresholds=given.thresholds,
        schemas=schemas,
        checkpoint=given.checkpoint,
        trigger_ms=given.trigger,
        max_offsets_per_trigger=given.max_offsets_per_trigger,
        shuffle_partitions=given.shuffle_partitions,
        progress=given.progress,
        verbose=given.verbose,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="duty_cycle.py", description="Readings in, duty cycles out.", allow_abbrev=False
    )

    def add(name: str, text: str, **more: object) -> None:
        parser.add_argument(name, help=text, **more)  # type: ignore[arg-type]

    add("--brokers", "Kafka's bootstrap servers, host:port[,host:port...]", required=True)
    add("--checkpoint", "folder (or s3:// prefix) of the job's position and state", required=True)
    add("--thresholds", "JSON file of on-thresholds, see dutycycle/thresholds.py", required=True, type=_thresholds)
    add("--schemas", "folder with powerraw.avsc, dutycycle.avsc and deadletter.avsc", required=True, type=Path)
    add(
        "--window-ms", "length of a window, wall-clock ms: a whole multiple of the slide", required=True, type=_whole(1)
    )
    add("--slide-ms", "from one window's start to the next's, wall-clock ms", required=True, type=_whole(1))
    add("--max-gap-ms", "longest interval_ms that a reading may have, ms", required=True, type=_whole(1))
    add("--watermark-ms", "how late a reading may be, ms (2000)", default=2_000, type=_whole(0))
    add("--max-future-ms", "how far a timestamp may be ahead of the clock, ms (half the watermark)", type=_whole(0))
    add("--max-power-w", "highest power of one channel, W", required=True, type=_power)
    add("--topic", "where readings come from (powerraw)", default="powerraw")
    add("--output-topic", "where duty cycles go (dutycycle)", default="dutycycle")
    add("--dead-letter-topic", "where messages go that are no readings (deadletter)", default="deadletter")
    add(
        "--starting-offsets",
        'where the first start begins: earliest, latest or {"PARTITION": OFFSET, ...} for every partition; a checkpoint'
        " overrides it (earliest)",
        default="earliest",
        type=_offsets,
    )
    add(
        "--group",
        "consumer group that shows the job's position in Kafka, and prefix of the groups it reads with (igrid-spark)",
        default="igrid-spark",
    )
    add("--security", "how to reach the brokers (plaintext)", choices=sorted(SECURITY), default="plaintext")
    add("--client-rack", "rack of the brokers that are near: the id of the zone on MSK (none: leaders are read)")
    add("--fetch-min-bytes", "a broker answers once it has so many bytes (Kafka's own: 1)", type=_whole(1))
    add("--fetch-max-wait-ms", "the longest that a broker waits for them, ms (Kafka's own: 500)", type=_whole(1))
    add(
        "--trigger",
        "ms from one batch to the next, or `once`: read what is there, then end (1000)",
        default=1_000,
        type=_trigger,
    )
    add("--max-offsets-per-trigger", "most messages in one batch (no limit)", type=_whole(1))
    add(
        "--shuffle-partitions",
        "tasks that aggregate; fixed for a checkpoint's life (the cores known at the start: on a cluster, say it)",
        type=_whole(1),
    )
    add("--progress", "file to which the progress lines of standard output are appended, 10 MB at most (none)")
    parser.add_argument("--verbose", action="store_true", help="a failure shows where in the program it happened")
    return parser


def _whole(least: int) -> Callable[[str], int]:
    def parse_whole(text: str) -> int:
        if not text.isascii() or not text.isdigit() or int(text) < least:
            raise argparse.ArgumentTypeError(f"must be a whole number from {least}, not {text!r}")
        return int(text)

    return parse_whole


def _power(text: str) -> float:
    try:
        power = float(text)
    except ValueError:
        power = float("nan")
    # Above, the sums of a window could leave 64 bits (dutycycle/windows.py).
    if not 0 < power <= 1_000_000:
        raise argparse.ArgumentTypeError(f"must be above 0 and at most 1000000 W, not {text!r}")
    return power


def _trigger(text: str) -> Optional[int]:
    return None if text == ONCE else _whole(0)(text)


def _thresholds(text: str) -> Thresholds:
    try:
        return Thresholds.read(text)
    except (OSError, ValueError) as error:
        raise argparse.ArgumentTypeError(f"{text}: {error}") from error


def _schema(folder: Path, name: str) -> str:
    path = folder / f"{name}.avsc"
    text = path.read_text(encoding="utf-8")
    try:
        json.loads(text)
    except ValueError as error:
        raise ValueError(f"{path} is not JSON: {error}") from error
    return text


def _offsets(text: str) -> str:
    if text in ("earliest", "latest"):
        return text
    try:
        offsets = json.loads(text)
    except ValueError:
        offsets = None
    if not isinstance(offsets, dict) or not all(k.isdigit() and isinstance(v, int) for k, v in offsets.items()):
        raise argparse.ArgumentTypeError(f'must be earliest, latest or {{"0": 123, ...}}, not {text!r}')
    return text


def _by_topic(topic: str, offsets: str) -> str:
    return offsets if offsets in ("earliest", "latest") else json.dumps({topic: json.loads(offsets)})

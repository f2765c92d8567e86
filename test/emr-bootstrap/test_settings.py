"""What the job's arguments become."""

from __future__ import annotations

import json
from pathlib import Path
from typing import List

from dutycycle import settings
from engines import SCHEMAS


def arguments(folder: Path) -> List[str]:
    thresholds = folder / "thresholds.json"
    thresholds.write_text(json.dumps({"default_w": 5, "names": {}, "appliances": {}}))
    required = {
        "--brokers": "b-1:9098",
        "--checkpoint": str(folder / "checkpoint"),
        "--thresholds": str(thresholds),
        "--schemas": str(SCHEMAS),
        "--window-ms": "25000",
        "--slide-ms": "5000",
        "--max-gap-ms": "1250",
        "--max-power-w": "100000",
    }
    return [word for pair in required.items() for word in pair]


def test_a_consumer_reads_as_kafka_does_by_itself(tmp_path: Path) -> None:
    found = settings.parse(arguments(tmp_path))
    assert found.consumer == found.kafka


def test_a_consumer_reads_near_and_much_at_a_time(tmp_path: Path) -> None:
    more = ["--client-rack", "use1-az4", "--fetch-min-bytes", "65536", "--fetch-max-wait-ms", "100"]
    found = settings.parse([*arguments(tmp_path), *more])
    own = {"client.rack": "use1-az4", "fetch.min.bytes": "65536", "fetch.max.wait.ms": "100"}
    assert found.consumer == {**found.kafka, **own}
    # They are a consumer's alone: a producer warns of settings that it does not know.
    assert not own.keys() & found.kafka.keys()

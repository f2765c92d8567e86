"""Real readings of both data sets, read without any of the project's own code."""

from __future__ import annotations

import csv
import gzip
import json
import os
import struct
from functools import lru_cache
from pathlib import Path
from typing import Dict, Iterator, List, TextIO, Tuple

from engines import REPOSITORY
from streams import Reading

MAX_GAP_MS = 30_000
DAY = ("2012-01-18", 1_326_862_800_000, 1_326_949_200_000)
"""The day that sample-data holds: GREEND's file name, and REDD's first and last instant (Boston's midnights)."""

Series = List[Tuple[int, float]]
"""Timestamp in ms and power in W, by time."""


def data() -> Path:
    """The data sets beside the repository, else the sample in it."""
    whole = REPOSITORY.parent / "shared" / "data"
    return whole if whole.exists() else REPOSITORY / "sample-data"


@lru_cache(maxsize=1)
def appliances() -> List[Tuple[str, str, str, Series]]:
    """house_id, appliance_id, name and readings of every appliance; of one day, unless IGRID_ALL_READINGS is set."""
    return list(_appliances("IGRID_ALL_READINGS" in os.environ))


def _appliances(whole: bool) -> Iterator[Tuple[str, str, str, Series]]:
    for house in sorted((data() / "redd" / "low_freq").iterdir()):
        names = dict(line.split() for line in (house / "labels.dat").read_text().splitlines())
        for channel, name in names.items():
            series = _redd(house, channel, (0, 2**62) if whole else (DAY[1], DAY[2]))
            yield _identified(f"1_0_{house.name[-1]}", channel, name, series)
    labels = json.loads((data() / "greend" / "labels.json").read_text())
    for building, names in labels.items():
        files = sorted((data() / "greend" / building).glob("*" if whole else f"*{DAY[0]}*"))
        for column, series in enumerate(_greend(files, len(names)), 1):
            yield _identified(f"2_0_{building[-1]}", str(column), names[column - 1], series)


def readings(house_id: str, appliance_id: str, name: str, series: Series) -> List[Reading]:
    """A series as messages: each reading stands for the time since the one before, at most the maximum gap."""
    before = [series[0][0], *(timestamp for timestamp, _ in series)]
    return [
        {
            "house_id": house_id,
            "appliance_id": appliance_id,
            "appliance_name": name,
            "timestamp": timestamp,
            "power": power,
            "interval_ms": min(timestamp - last, MAX_GAP_MS),
        }
        for (timestamp, power), last in zip(series, before)
    ]


def thinned(series: Series, step_ms: int) -> Series:
    """At most one reading per step."""
    kept = series[:1]
    for timestamp, power in series:
        if timestamp - kept[-1][0] >= step_ms:
            kept.append((timestamp, power))
    return kept


def as_float32(text: str, _known: Dict[str, float] = {}) -> float:  # noqa: B006 - a cache
    """The value that a message's `float` field holds."""
    if text not in _known:
        _known[text] = struct.unpack("f", struct.pack("f", float(text)))[0]
    return _known[text]


def _identified(house_id: str, channel: str, name: str, series: Series) -> Tuple[str, str, str, Series]:
    unique = dict(series)
    return house_id, f"{house_id}_{channel}", name.replace(" ", "_"), sorted(unique.items())


def _redd(house: Path, channel: str, span: Tuple[int, int]) -> Series:
    (path,) = house.glob(f"channel_{channel}.dat*")
    with _open(path) as file:
        rows = (line.split() for line in file)
        every = ((int(seconds) * 1000, as_float32(watts)) for seconds, watts in rows)
        return [one for one in every if span[0] <= one[0] < span[1]]


def _greend(files: List[Path], columns: int) -> List[Series]:
    series: List[Series] = [[] for _ in range(columns)]
    for path in files:
        with _open(path) as file:
            rows = csv.reader(file)
            next(rows)
            for row in rows:
                if len(row) != columns + 1 or row[0] == "timestamp":
                    continue
                timestamp = round(float(row[0]) * 1000)
                for column, watts in enumerate(row[1:]):
                    if watts not in ("", "NULL"):
                        series[column].append((timestamp, as_float32(watts)))
    return series


def _open(path: Path) -> TextIO:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")

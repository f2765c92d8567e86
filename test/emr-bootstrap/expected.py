"""Duty cycles by their definition, in plain Python: what the job's are compared with."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass
from typing import Dict, Iterable, List, Mapping, Tuple

from streams import Reading

Key = Tuple[str, int]
"""appliance_id and window_end."""


@dataclass(frozen=True)
class Expected:
    duty_cycle: float
    coverage: float
    on_ms: int
    observed_ms: int
    mean_power: float
    readings: int


def windows_of(timestamp: int, window_ms: int, slide_ms: int) -> List[int]:
    """Ends of the windows that hold an instant."""
    first = timestamp // slide_ms * slide_ms + slide_ms
    return list(range(first, first + window_ms, slide_ms))


def expected(
    readings: Iterable[Reading], window_ms: int, slide_ms: int, on_w: Mapping[str, float]
) -> Dict[Key, Expected]:
    """Duty cycles of readings, with thresholds by appliance name.

    A reading with `closed_ms` came when the windows up to there were closed, and is in the others only.
    """
    held: Dict[Key, List[Reading]] = defaultdict(list)
    for reading in readings:
        for end in windows_of(reading["timestamp"], window_ms, slide_ms):
            if end > reading.get("closed_ms", 0):
                held[reading["appliance_id"], end].append(reading)
    return {key: _of_window(inside, window_ms, on_w) for key, inside in held.items()}


def _of_window(inside: List[Reading], window_ms: int, on_w: Mapping[str, float]) -> Expected:
    observed = sum(reading["interval_ms"] for reading in inside)
    on = sum(reading["interval_ms"] for reading in inside if reading["power"] >= on_w[reading["appliance_name"]])
    energy = math.fsum(reading["power"] * reading["interval_ms"] for reading in inside)
    return Expected(
        duty_cycle=on / observed if observed else 0.0,
        coverage=observed / window_ms,
        on_ms=on,
        observed_ms=observed,
        mean_power=energy / observed if observed else 0.0,
        readings=len(inside),
    )


def assert_equal(found: Iterable[Reading], wanted: Mapping[Key, Expected]) -> None:
    """Every window is there, none besides, and each figure agrees within 1e-6. Repeats must be identical."""
    by_key: Dict[Key, Reading] = {}
    for cycle in found:
        key = (cycle["appliance_id"], cycle["window_end"])
        assert by_key.setdefault(key, cycle) == cycle, "one window, two answers"
    assert by_key.keys() == wanted.keys()
    for key, window in wanted.items():
        cycle = by_key[key]
        for name, value in vars(window).items():
            assert abs(cycle[name] - value) <= 1e-6, f"{key} {name}: {cycle[name]}, expected {value}"

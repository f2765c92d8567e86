"""Which slot a run of the history DAG is for, and what the DAG is told; Airflow itself: see airflow.engine.test.ts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest

from history_slots import HistorySettings, slot_ms

INTERVAL = timedelta(seconds=25)
ENVIRONMENT = {
    "IGRID_HISTORY_COMMAND": json.dumps(["node", "history.js", "--brokers", "b:9092"]),
    "IGRID_HISTORY_INTERVAL_MS": "25000",
}


@dataclass
class Run:
    run_after: datetime
    data_interval_end: datetime | None = None


def at(second: float) -> datetime:
    return datetime(2026, 11, 23, 12, 0, tzinfo=timezone.utc) + timedelta(seconds=second)


def ms(moment: datetime) -> int:
    return int(moment.timestamp()) * 1000


def test_the_slot_is_the_end_of_the_data_interval_and_not_the_time_of_the_run() -> None:
    assert slot_ms(Run(run_after=at(61), data_interval_end=at(25)), INTERVAL) == ms(at(25))


def test_a_run_by_hand_is_for_the_newest_slot() -> None:
    assert slot_ms(Run(run_after=at(61.234567)), INTERVAL) == ms(at(50))


def test_an_end_that_floats_made_a_microsecond_short_is_still_its_slot() -> None:
    short = Run(run_after=at(50), data_interval_end=at(50) - timedelta(microseconds=1))
    assert slot_ms(short, INTERVAL) == ms(at(50))


def test_settings_are_the_environments_and_a_run_may_take_five_minutes_by_default() -> None:
    settings = HistorySettings.of(ENVIRONMENT)
    assert settings.command == ("node", "history.js", "--brokers", "b:9092")
    assert settings.interval == INTERVAL
    assert settings.timeout == timedelta(minutes=5)
    assert HistorySettings.of({**ENVIRONMENT, "IGRID_HISTORY_TIMEOUT_S": "60"}).timeout == timedelta(minutes=1)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("IGRID_HISTORY_COMMAND", None),
        ("IGRID_HISTORY_COMMAND", "node history.js"),
        ("IGRID_HISTORY_COMMAND", "[]"),
        ("IGRID_HISTORY_COMMAND", '["node", 1]'),
        ("IGRID_HISTORY_INTERVAL_MS", None),
        ("IGRID_HISTORY_INTERVAL_MS", "0"),
        ("IGRID_HISTORY_INTERVAL_MS", "25.5"),
        ("IGRID_HISTORY_TIMEOUT_S", "-1"),
    ],
)
def test_a_missing_or_wrong_setting_is_named(name: str, value: str | None) -> None:
    environment = {key: text for key, text in {**ENVIRONMENT, name: value}.items() if text is not None}
    with pytest.raises(ValueError, match=name):
        HistorySettings.of(environment)

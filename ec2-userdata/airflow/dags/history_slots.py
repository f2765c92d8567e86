"""What the history DAG is told, and which slot a run of it is for. Knows nothing of Airflow."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class HistorySettings:
    """What the DAG is told by the environment of Airflow's processes."""

    command: tuple[str, ...]
    """The history program and its arguments, all but the slot: IGRID_HISTORY_COMMAND, a JSON array of strings."""

    interval: timedelta
    """Time from slot to slot: IGRID_HISTORY_INTERVAL_MS, whole ms of the clock."""

    timeout: timedelta
    """How long a run may take: IGRID_HISTORY_TIMEOUT_S, whole seconds. Default: 300, which is also the Kafka
    transaction's time-out: a run that takes longer could not commit any more."""

    @staticmethod
    def of(environment: Mapping[str, str]) -> HistorySettings:
        """Raises ValueError that names the variable which is missing or wrong; Airflow shows it as an import error."""
        return HistorySettings(
            command=_words(environment, "IGRID_HISTORY_COMMAND"),
            interval=timedelta(milliseconds=_whole(environment, "IGRID_HISTORY_INTERVAL_MS")),
            timeout=timedelta(seconds=_whole(environment, "IGRID_HISTORY_TIMEOUT_S", default="300")),
        )


def _words(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    try:
        words = json.loads(environment.get(name, ""))
    except json.JSONDecodeError:
        words = None
    if not isinstance(words, list) or not words or not all(isinstance(word, str) for word in words):
        raise ValueError(f'{name} must be a JSON array of strings such as ["node", "history.js"]')
    return tuple(words)


def _whole(environment: Mapping[str, str], name: str, default: str = "") -> int:
    text = environment.get(name, default)
    if not text.isdecimal() or int(text) == 0:
        raise ValueError(f"{name} must be a whole number above 0, not {text!r}")
    return int(text)


class Run(Protocol):
    """What of a DAG run says which slot it is for."""

    data_interval_end: datetime | None
    run_after: datetime


def slot_ms(run: Run, interval: timedelta) -> int:
    """
    The slot of a run, ms since 1970: a whole multiple of the interval, as the timetable's own are, so that a run
    started by hand is for the newest slot and not for one of its own.
    """
    moment = run.data_interval_end or run.run_after
    step = interval // timedelta(milliseconds=1)
    # The timetable computes with floats: a moment may be a microsecond short of its slot.
    since_epoch = (moment - EPOCH + timedelta(microseconds=500)) // timedelta(milliseconds=1)
    return since_epoch // step * step

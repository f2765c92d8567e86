"""
### What appliances usually draw

Every half history window (20 minutes of grid time; never more often than 25 seconds of the clock, so at high speeds
every n-th) one run computes the **usual power** of every appliance: energy over observed time at this time of the grid
day, over the last five grid days, from one history window before the slot's moment to one after it. It reads Druid's
`powerraw` and writes one Kafka transaction to topic `history`, from which Druid's `history` is made.

- **The slot** is the end of the run's data interval: the schedule's time, not the clock's.
- **Running a slot twice changes nothing**: a slot that the topic holds whole is left as it is, and a run that died
  half-way leaves nothing that a reader sees. So a failed run may be cleared and run again at any time.
- **Nothing is caught up on**: after an outage the next run is the newest slot; a dashboard shows no older one as "now".
- **A failed run** is tried again up to three times with growing pauses, then given up in favour of the next slot. The
  last line of its log says what was wrong: Druid or Kafka away, Druid without all of its data, Druid empty.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Protocol

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, DeltaDataIntervalTimetable

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


settings = HistorySettings.of(os.environ)

with DAG(
    dag_id="igrid_history",
    description="The usual power of every appliance at this time of day",
    doc_md=__doc__,
    # Aligned to multiples of the interval since the epoch; a plain timedelta would run at odd moments.
    schedule=DeltaDataIntervalTimetable(settings.interval),
    start_date=datetime(2020, 1, 1, tzinfo=timezone.utc),
    catchup=False,
    max_active_runs=1,
    user_defined_macros={"slot_ms": lambda run: slot_ms(run, settings.interval)},
    tags=["igrid"],
) as dag:
    BashOperator(
        task_id="write_slot",
        doc_md="Runs the history program for the slot; the last line of its log is the outcome.",
        # exec: the program itself gets Airflow's SIGTERM, and aborts its transaction.
        bash_command=f"exec {shlex.join(settings.command)} --slot {{{{ slot_ms(dag_run) }}}}",
        append_env=True,
        env={},
        retries=3,
        retry_delay=settings.interval / 5,
        retry_exponential_backoff=True,
        max_retry_delay=settings.interval,
        execution_timeout=settings.timeout,
    )

"""
### What appliances usually draw

Every half history window (20 minutes of grid time; never more often than 25 seconds of the clock, so at high speeds
every n-th) one run computes the **usual power** of every appliance: energy over observed time at this time of the grid
day, over the last five grid days, from one history window before the slot's moment to one after it. It reads Druid's
`powerraw` and writes one Kafka transaction to topic `history`, from which Druid's `history` is made.

- **The slot** is the end of the run's data interval: the schedule's time, not the clock's.
- **Running a slot twice changes nothing**: a slot that is complete in the topic stays unchanged, and a run that died
  half-way leaves nothing that a reader sees. So a failed run may be cleared and run again at any time.
- **Nothing is caught up on**: after an outage the next run is the newest slot; a dashboard shows no older one as "now".
- **A failed run** is tried again up to three times with growing pauses, then given up in favour of the next slot. The
  last line of its log says what was wrong: Druid or Kafka away, Druid without all of its data, Druid empty.
"""

from __future__ import annotations

import os
import shlex
from datetime import datetime, timezone

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, DeltaDataIntervalTimetable

from history_slots import HistorySettings, slot_ms

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

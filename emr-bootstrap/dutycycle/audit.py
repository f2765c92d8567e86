"""Exact figures of a batch that held late readings or messages that are none, by reading it a second time.

In the streaming query itself the watermark is out of reach (Spark counts late *partial sums*, not readings), and a
second output would decode every message twice. So the query only notes whether a batch holds anything of the kind,
which costs next to nothing, and the rare batch that does is read again here, as static data with the same bounds, clock
and watermark.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from dutycycle.journal import Batch
from dutycycle.readings import decode, reason
from dutycycle.settings import Settings
from dutycycle.stream import encode, for_spark

_EARLIEST = -2
"""How Spark's Kafka source spells the beginning of a partition."""


@dataclass(frozen=True)
class Findings:
    """What was found in a batch, in messages."""

    late: int = 0
    dead_letters: int = 0


class Audit:
    """Counts late readings and passes what is no reading on to the dead-letter topic."""

    def __init__(self, spark: SparkSession, settings: Settings) -> None:
        self._spark = spark
        self._settings = settings

    def closed_by(self, oldest_ms: int) -> int:
        """The watermark from which on a reading of this instant is late: the end of the first of its windows.

        A reading is late when at least one of its windows was closed before it was read; it still counts in those that
        were not. Window ends are whole multiples of the slide, because the window is.
        """
        slide_ms = self._settings.slide_ms
        return oldest_ms // slide_ms * slide_ms + slide_ms

    def findings(self, batch: Batch) -> Findings:
        """Read the batch again: count, and write its dead letters (again, if it has been looked at before)."""
        messages = self._messages(batch)
        slide_ms = self._settings.slide_ms
        first_end = F.floor(F.col("timestamp") / slide_ms) * slide_ms + slide_ms
        has_no_reason = F.col("reason").isNull()
        counted = messages.agg(
            F.count_if(has_no_reason & (first_end <= batch.closed_ms)).alias("late"),
            F.count("reason").alias("rejected"),
        ).first()
        if counted is None:  # an aggregate without groups always gives a row
            return Findings()
        if counted["rejected"]:
            self._write(messages.filter(~has_no_reason))
        return Findings(late=counted["late"], dead_letters=counted["rejected"])

    def _messages(self, batch: Batch) -> DataFrame:
        topic = self._settings.topic
        # In a topic that was created again, a partition may end before the place at which the batch began.
        start = {
            str(partition): min(batch.start.get(partition, _EARLIEST), offset)
            for partition, offset in batch.end.items()
        }
        end = {str(partition): offset for partition, offset in batch.end.items()}
        messages = (
            self._spark.read.format("kafka")
            .options(**for_spark(self._settings.kafka))
            .option("assign", json.dumps({topic: sorted(batch.end)}))
            .option("startingOffsets", json.dumps({topic: start}))
            .option("endingOffsets", json.dumps({topic: end}))
            .option("groupIdPrefix", self._settings.group)
            .option("failOnDataLoss", "false")
            .load()
        )
        why = reason(self._settings.rules, F.lit(batch.now_ms))
        return decode(messages, self._settings.schemas.reading).withColumn("reason", why)

    def _write(self, rejected: DataFrame) -> None:
        letters = rejected.select(
            "topic",
            "partition",
            "offset",
            "reason",
            F.coalesce("value", F.lit(b"")).alias("bytes"),
        )
        # Where the message was is its identity: a letter that is written twice can be told by its key.
        key = F.concat_ws("-", "topic", "partition", "offset")
        encode(letters, key, self._settings.schemas.dead_letter).write.format("kafka").options(
            **for_spark(self._settings.kafka)
        ).option("topic", self._settings.dead_letter_topic).save()

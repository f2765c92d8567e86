"""What the checkpoint says of the batches of the past: which messages each read, by which clock and watermark."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Dict, Optional, cast

from pyspark.sql import SparkSession

Offsets = Dict[int, int]
"""Offset by partition of the one topic that is read."""


@dataclass(frozen=True)
class Batch:
    """A batch that Spark has begun, and perhaps finished."""

    batch_id: int
    start: Offsets
    """First message of each partition; one that is missing here is read from its beginning."""
    end: Offsets
    """The message after the last of each partition."""
    now_ms: int
    """The clock by which its messages were judged, ms since the epoch."""
    closed_ms: int
    """Windows that end at or before this were closed when it began, ms since the epoch."""


class Journal:
    """Reads the logs of offsets and commits through the classes by which Spark writes them."""

    def __init__(self, spark: SparkSession, checkpoint: str) -> None:
        self._spark = cast(Any, spark)
        self._checkpoint = checkpoint
        logs = self._spark._jvm.org.apache.spark.sql.execution.streaming
        self._offsets = logs.OffsetSeqLog(self._spark._jsparkSession, f"{checkpoint}/offsets")
        self._commits = logs.CommitLog(self._spark._jsparkSession, f"{checkpoint}/commits")

    def topic_id(self) -> Optional[str]:
        """Which topic the offsets are of; None when that is not noted yet."""
        path, files = self._topic_note()
        if not files.exists(path):
            return None
        file = files.open(path)
        try:
            text: str = self._spark._jvm.org.apache.commons.io.IOUtils.toString(file, "UTF-8")
        finally:
            file.close()
        return text

    def note_topic(self, topic_id: str) -> None:
        """Note which topic the offsets are of from now on.

        Offsets alone can't tell a topic from the one of the same name that was created after it, and Kafka forgets the
        group's committed offsets together with the topic.
        """
        path, files = self._topic_note()
        file = files.create(path, True)
        try:
            file.write(topic_id.encode())
        finally:
            file.close()

    def _topic_note(self) -> Any:
        path = self._spark._jvm.org.apache.hadoop.fs.Path(f"{self._checkpoint}/topic-id")
        return path, path.getFileSystem(self._spark._jsc.hadoopConfiguration())

    def last_finished(self) -> Optional[int]:
        """Id of the newest batch that was finished, if any was."""
        latest = self._commits.getLatest()
        return int(latest.get()._1()) if latest.isDefined() else None

    def batch(self, batch_id: int) -> Optional[Batch]:
        """A batch by its id; None when the log no longer (Spark keeps the last hundred) or not yet holds it."""
        this = self._offsets.get(batch_id)
        before = self._offsets.get(batch_id - 1) if batch_id > 0 else None
        if not this.isDefined() or (before is not None and not before.isDefined()):
            return None
        return Batch(
            batch_id=batch_id,
            start=self._initial() if before is None else _end(before),
            end=_end(this),
            now_ms=int(this.get().metadata().get().batchTimestampMs()),
            # Spark drops what is late by the watermark of the batch before: between the two lie the windows that this
            # batch closes at its end, to which its own readings still belong (SPARK-40925).
            closed_ms=0 if before is None else int(before.get().metadata().get().batchWatermarkMs()),
        )

    def _initial(self) -> Offsets:
        """Where the very first batch began."""
        path = self._spark._jvm.org.apache.hadoop.fs.Path(f"{self._checkpoint}/sources/0/0")
        file = path.getFileSystem(self._spark._jsc.hadoopConfiguration()).open(path)
        try:
            text: str = self._spark._jvm.org.apache.commons.io.IOUtils.toString(file, "UTF-8")
        finally:
            file.close()
        return offsets_of(json.loads(text[text.index("{") :]))


def offsets_of(by_topic: Dict[str, Dict[str, int]]) -> Offsets:
    """Offsets as Spark writes them, {topic: {partition: offset}}, of the only topic."""
    (by_partition,) = by_topic.values()
    return {int(partition): offset for partition, offset in by_partition.items()}


def _end(entry: Any) -> Offsets:
    return offsets_of(json.loads(entry.get().offsets().head().get().json()))

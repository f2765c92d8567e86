"""What the job reports about itself: a JSON line per batch, on standard output and, if asked for, in a file.

    {"event": "progress", "batch_id": 7, "rows": 1200, "late": 0, "dead_letters": 0, "lost": 0, "lag": 35,
     "watermark_ms": 1700000000000, "newest_ms": 1700000002000, "duration_ms": 310, "rows_per_s": 3870.9,
     "state_rows": 2400, "state_bytes": 1048576, "end_offsets": {"0": 512, "1": 688}}

rows          messages read
late          readings of which at least one window was closed already (dutycycle/audit.py)
dead_letters  messages that were no readings, each now in the dead-letter topic
lost          messages that were not read: Kafka's retention deleted them, or the topic was created again and has them
              before the offset at which the job continues
lag           messages in the topic that were not yet read when the line was written
watermark_ms  every window that ends at or before it is in the output topic, ms since the epoch; 0 in the beginning
newest_ms     timestamp of the newest reading of this batch, ms since the epoch; null when it held none
duration_ms   how long the batch took, planning and commit included
rows_per_s    rows / duration
state_rows    sums (appliance x open window) that are held in the state store
state_bytes   memory that they take, by Spark's estimate
end_offsets   the message after the last that was read, by partition

A batch without messages closes the windows that the batch before moved the watermark past. After a kill, batches that
were finished but not reported come first, marked "recovered": true, with null for what was not measured. Every line is
written when all of its figures are final. One more line says {"event": "started"}, another {"event": "stopped"}.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime
from logging.handlers import RotatingFileHandler
from typing import Any, Dict, Iterator, Optional, cast

from py4j.protocol import Py4JJavaError
from pyspark.sql.streaming.query import StreamingQuery

from dutycycle.audit import Audit, Findings
from dutycycle.journal import Batch, Journal, Offsets, offsets_of
from dutycycle.position import Position
from dutycycle.stream import OBSERVED

_FILE_BYTES = 5_000_000


def lines(path: Optional[str]) -> logging.Logger:
    """Where lines go: standard output and, if given, a file (and one older, of 5 MB at most each)."""
    logger = logging.getLogger("duty-cycle")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers.clear()
    logger.addHandler(logging.StreamHandler(sys.stdout))
    if path is not None:
        logger.addHandler(RotatingFileHandler(path, maxBytes=_FILE_BYTES, backupCount=1, encoding="utf-8"))
    return logger


class Report:
    """Reports on each finished batch once, in order, after looking into what it rejected."""

    def __init__(self, audit: Audit, journal: Journal, position: Position, out: logging.Logger) -> None:
        self._audit = audit
        self._journal = journal
        self._position = position
        self._out = out
        self._reported: Optional[int] = None
        """Id of the last batch that was reported on."""
        self._looked: Optional[str] = None
        """When the last progress that was looked at began: it tells one from the next."""
        self._closed_ms: Optional[int] = None
        """Watermark of that batch: what was closed when the next began."""
        self._is_recreated = False
        """Whether the next batch is the first of a topic that was created again."""

    def event(self, event: str, **figures: object) -> None:
        self._out.info(json.dumps({"event": event, **figures}))

    def recover(self) -> None:
        """Before the query starts: report on the batches that an earlier process finished but did not report."""
        self._reported = self._journal.last_finished()
        noted, topic_id = self._journal.topic_id(), self._position.topic_id()
        # A new checkpoint has no note, nor has one of an older version of the job.
        if noted is None:
            self._journal.note_topic(topic_id)
        self._is_recreated = noted not in (None, topic_id)
        # The messages of unreported batches went with the old topic: their offsets are of others now.
        if not self._is_recreated:
            for batch in self._unreported():
                self._report_again(batch)

    def look(self, query: StreamingQuery) -> None:
        """Report on the batches that were finished since the last look."""
        last = self._new_progress(query)
        if last is None:
            return
        # Each that is asked for is written and read as JSON, and Spark keeps a hundred.
        follows = self._reported is not None and last["batchId"] == self._reported + 1
        recent = [last] if follows else query.recentProgress
        # While nothing comes, Spark posts progress of a batch that it has not run: by the id of the next.
        ran = {one["batchId"]: one for one in recent if "addBatch" in one["durationMs"]}
        if not ran:
            return
        first = min(ran) if self._reported is None else self._reported + 1
        for batch_id in range(first, max(ran) + 1):
            if batch_id in ran:
                self._report(ran[batch_id])
            else:
                self._report_again(self._batch(batch_id))
            self._reported = batch_id

    def _new_progress(self, query: StreamingQuery) -> Optional[Dict[str, Any]]:
        """The newest progress, unless it was looked at before. That is asked ten times a second: it costs little."""
        last = cast(Any, query)._jsq.lastProgress()
        if last is None or last.timestamp() == self._looked:
            return None
        self._looked = last.timestamp()
        progress: Dict[str, Any] = json.loads(last.json())
        return progress

    def _report(self, progress: Dict[str, Any]) -> None:
        batch_id = progress["batchId"]
        (source,) = progress["sources"]
        nothing = {"rows": 0, "rejected": 0, "oldest_ms": None}
        observed = progress.get("observedMetrics", {}).get(OBSERVED, nothing)
        times = progress.get("eventTime", {})
        found = Findings()
        if observed["rejected"] or self._is_late(batch_id, observed["oldest_ms"]):
            found = self._audit.findings(self._batch(batch_id))
        end = offsets_of(source["endOffset"])
        start = source["startOffset"]
        # Spark does not say where the very first batch began; the checkpoint does.
        begin = self._batch(batch_id).start if start is None else offsets_of(start)
        self._is_recreated |= any(offset < begin.get(partition, 0) for partition, offset in end.items())
        # Offsets go back only when the topic was created again: then all that the new one holds was there to read, and
        # Spark (failOnDataLoss=false) continues at the new end.
        expected = _messages({} if self._is_recreated else begin, end)
        duration_ms = progress["durationMs"]["triggerExecution"]
        self._emit(
            batch_id,
            end,
            found,
            rows=observed["rows"],
            lost=max(0, expected - observed["rows"]),
            watermark_ms=_ms(times.get("watermark")) or 0,
            newest_ms=_ms(times.get("max")),
            duration_ms=duration_ms,
            rows_per_s=round(observed["rows"] * 1000 / max(duration_ms, 1), 1),
            state_rows=sum(operator["numRowsTotal"] for operator in progress["stateOperators"]),
            state_bytes=sum(operator["memoryUsedBytes"] for operator in progress["stateOperators"]),
        )
        self._closed_ms = _ms(times.get("watermark")) or 0
        if self._is_recreated:
            self._is_recreated = False
            self._journal.note_topic(self._position.topic_id())
            print(
                f"duty_cycle: the topic was deleted and created again: `lost` of batch {batch_id} is what the new one "
                f"held and was not read; what the old one held behind {begin} is unknown",
                file=sys.stderr,
            )

    def _is_late(self, batch_id: int, oldest_ms: Optional[int]) -> bool:
        if oldest_ms is None:
            return False
        if self._closed_ms is None:
            self._closed_ms = self._batch(batch_id).closed_ms
        return self._audit.closed_by(oldest_ms) <= self._closed_ms

    def _report_again(self, batch: Batch) -> None:
        """Report on a batch whose progress is no longer known."""
        self._closed_ms = None
        rows = _messages(batch.start, batch.end)
        self._emit(batch.batch_id, batch.end, self._audit.findings(batch), rows=rows, recovered=True)

    def _batch(self, batch_id: int) -> Batch:
        batch = self._journal.batch(batch_id)
        if batch is None:
            raise RuntimeError(f"the checkpoint no longer knows batch {batch_id}, which was not yet reported on")
        return batch

    def _emit(self, batch_id: int, end: Offsets, found: Findings, **figures: object) -> None:
        unknown = ("lost", "watermark_ms", "newest_ms", "duration_ms", "rows_per_s", "state_rows", "state_bytes")
        lag = None
        try:
            self._position.write(end)
            lag = _messages(end, self._position.ends(end))
        except Py4JJavaError as error:
            # The stream continues without it, and the next batch tries again.
            print(f"duty_cycle: position not committed: {error.java_exception.getMessage()}", file=sys.stderr)
        self.event(
            "progress",
            batch_id=batch_id,
            late=found.late,
            dead_letters=found.dead_letters,
            lag=lag,
            **{**dict.fromkeys(unknown), **figures},
            end_offsets={str(partition): offset for partition, offset in sorted(end.items())},
        )

    def _unreported(self) -> Iterator[Batch]:
        """Finished batches with messages past the position, oldest first."""
        position = self._position.read()
        batches = []
        batch_id = self._reported
        while batch_id is not None and batch_id >= 0:
            batch = self._journal.batch(batch_id)
            if batch is None or (position is not None and _messages(position, batch.end) == 0):
                break
            batches.append(batch)
            batch_id -= 1
        return reversed(batches)


def _messages(start: Offsets, end: Offsets) -> int:
    return sum(max(0, offset - start.get(partition, 0)) for partition, offset in end.items())


def _ms(iso: Optional[str]) -> Optional[int]:
    """Progress times are ISO 8601 in UTC with ms, e.g. 2024-01-01T00:00:00.000Z."""
    if iso is None:
        return None
    return round(datetime.strptime(iso, "%Y-%m-%dT%H:%M:%S.%f%z").timestamp() * 1000)

"""Lines of log files, sent to CloudWatch Logs from where the last start of the agent left off."""

from __future__ import annotations

import glob
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cloudwatch_agent.rules import LogFile, streams

# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html: a request has at most
# 10,000 events and 1,048,576 bytes, each event counted with 26 more.
_MOST_EVENTS = 10_000
_MOST_BYTES = 1_048_576
_EVENT_OVERHEAD = 26
# The agent cuts longer lines.
_LONGEST_LINE = 256 * 1024 - _EVENT_OVERHEAD


class Shipper:
    """Sends new lines of the configured files."""

    def __init__(self, logs: Any, entries: list[LogFile], state: Path) -> None:
        self._logs = logs
        self._entries = entries
        self._state = state
        state.mkdir(parents=True, exist_ok=True)

    def ship(self) -> None:
        """Sends whole lines that no call has sent before. Raises what the client raises; the lines stay unsent."""
        for entry in self._entries:
            found = [path for path in glob.glob(entry.pattern) if os.path.isfile(path)]
            for path, stream in streams(entry, {path: os.path.getmtime(path) for path in found}).items():
                self._ship_file(path, entry.group, stream)

    def _ship_file(self, path: str, group: str, stream: str) -> None:
        state = self._state / path.replace("/", "_")
        offset = int(state.read_text(encoding="utf-8")) if state.exists() else 0
        with open(path, "rb") as file:
            if os.fstat(file.fileno()).st_size < offset:
                # logrotate has cut it (copytruncate).
                offset = 0
            file.seek(offset)
            for lines in _batches(file):
                self._put(group, stream, lines)
                offset += sum(len(line) for line in lines)
                state.write_text(str(offset), encoding="utf-8")

    def _put(self, group: str, stream: str, lines: list[bytes]) -> None:
        now = int(time.time() * 1000)
        messages = [line.rstrip(b"\r\n")[:_LONGEST_LINE].decode("utf-8", "replace") for line in lines]
        events = [{"timestamp": now, "message": message} for message in messages if message]
        if not events:
            return
        request = {"logGroupName": group, "logStreamName": stream, "logEvents": events}
        try:
            self._logs.put_log_events(**request)
        except self._logs.exceptions.ResourceNotFoundException:
            self._logs.create_log_stream(logGroupName=group, logStreamName=stream)
            self._logs.put_log_events(**request)


def _batches(file: Iterator[bytes]) -> Iterator[list[bytes]]:
    """Whole lines in batches that fit a request; a last line without its end waits for the rest."""
    batch: list[bytes] = []
    size = 0
    for line in file:
        if not line.endswith(b"\n"):
            break
        counted = min(len(line), _LONGEST_LINE) + _EVENT_OVERHEAD
        if batch and (len(batch) == _MOST_EVENTS or size + counted > _MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(line)
        size += counted
    if batch:
        yield batch

"""What the datasets' SQL says through Superset's templating as `{{ grid.NAME }}`: the grid's durations, the expressions
that several datasets share, and the moment that "now" ends at.

The moment is asked of Druid once for all tiles of a refresh and put into their SQL as a literal: the tiles agree with
each other, and Druid reads the segments of that minute alone.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

from grid_settings import GridSettings

# A tile that asks within this time of another gets the other's moment: less than the dashboard's refresh (15 s), and
# more than the tiles of one refresh take to ask, one after the other, on a busy machine.
MOMENT_SECONDS = 8.0
# A second is taken for complete when Druid has readings of the second after the next: the replay keeps its partitions
# within half the watermark (1 s) of each other, and Druid reads them in turn.
SKEW = timedelta(seconds=1)
# Readings older than this are not "now": the tiles then show no figure rather than an old one.
STALE_SECONDS = 30

NEWEST = f"""
SELECT MAX(__time) AS newest FROM druid.powerraw
WHERE __time > CURRENT_TIMESTAMP - INTERVAL '{STALE_SECONDS}' SECOND AND __time <= CURRENT_TIMESTAMP
"""

SOURCES = "SELECT TABLE_NAME AS name FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_SCHEMA = 'druid'"

# Ids are made as {1=REDD,2=GREEND}_{playback}_{house}, shown as "REDD {house} #{playback}"; an id of another making
# stands for itself.
DATA_SET = "CASE SUBSTRING(house_id, 1, 2) WHEN '1_' THEN 'REDD' WHEN '2_' THEN 'GREEND' ELSE 'other' END"
HOUSE = (
    "CASE SUBSTRING(house_id, 1, 2)"
    " WHEN '1_' THEN REGEXP_REPLACE(house_id, '^1_([^_]+)_(.+)$', 'REDD $2 #$1')"
    " WHEN '2_' THEN REGEXP_REPLACE(house_id, '^2_([^_]+)_(.+)$', 'GREEND $2 #$1')"
    " ELSE house_id END"
)

# What a class is called on the dashboard: the order in which load is shed, then its name. The number is what Superset
# sorts series and slices by, so that the classes have one order on all charts.
CLASS_LABELS = {
    "deferrable": "1 deferrable",
    "thermostatic": "2 thermostatic",
    "discretionary": "3 discretionary",
    "essential": "4 essential",
}
UNKNOWN_CLASS_LABEL = "5 unknown"
CLASS_LABEL = (
    "CASE LOOKUP(appliance_name, 'appliance_class')"
    + "".join(f" WHEN '{name}' THEN '{label}'" for name, label in CLASS_LABELS.items())
    + f" ELSE '{UNKNOWN_CLASS_LABEL}' END"
)

Ask = Callable[[str], list[dict[str, Any]]]


class GridSql:
    """The `grid` of the datasets' SQL: SQL text, and numbers of the wall clock."""

    data_set = DATA_SET
    house = HOUSE
    class_label = CLASS_LABEL
    channel = "REGEXP_EXTRACT(appliance_id, '[^_]+$')"
    is_appliance = "LOOKUP(appliance_name, 'appliance_role') = 'appliance'"

    def __init__(
        self,
        settings: GridSettings,
        ask: Ask,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """
        :param ask: answers Druid SQL with rows, a timestamp as ISO 8601 text; with none when Druid is away.
        :param clock: seconds since the epoch.
        """
        self.speed = settings.speed
        self.now_seconds = settings.now_seconds
        self.expected_seconds = settings.expected_seconds
        self.window_ms = settings.window_ms
        self.slide_ms = settings.slide_ms
        self.history_slot_ms = settings.history_slot_ms
        self._ask = ask
        self._clock = clock
        self._lock = threading.Lock()
        self._end = datetime.fromtimestamp(0, timezone.utc)
        self._asked_at = 0.0
        self._known: set[str] = set()

    @property
    def now_end(self) -> str:
        """The first moment after "now"."""
        return self.now_back(0)

    @property
    def now_start(self) -> str:
        """The moment that "now" begins with."""
        return self.now_back(self.now_seconds)

    @property
    def expected_start(self) -> str:
        """The moment since when an appliance must have been heard to be expected in "now"."""
        return self.now_back(self.expected_seconds)

    @property
    def history_start(self) -> str:
        """The moment since when the newest history slot must have been, or an appliance heard to be expected."""
        return self.now_back(max(self.expected_seconds, 30 + 2 * self.history_slot_ms / 1000))

    def now_back(self, seconds: float) -> str:
        """The moment `seconds` before the end of "now"."""
        with self._lock:
            asked_at = self._clock()
            if not 0 <= asked_at - self._asked_at < MOMENT_SECONDS:
                rows = self._ask(NEWEST) if self._has("powerraw") else []
                self._end = _complete_until(rows[0]["newest"] if rows else None, asked_at)
                self._asked_at = asked_at
            moment = self._end - timedelta(seconds=seconds)
        return f"TIME_PARSE('{moment.strftime('%Y-%m-%dT%H:%M:%S.%f')[:-3]}Z')"

    def all_of(self, *names: str) -> str:
        """The rows of several data sources, those left out that have not had their first message: to Druid a data
        source without rows is a table that does not exist, and an error."""
        with self._lock:
            known = [name for name in names if self._has(name)]
        return f"TABLE(APPEND({', '.join(_text(name) for name in known or names)}))"

    def column(self, source: str, name: str, sql_type: str) -> str:
        """A column that only `source` has, NULL as long as that one has not had its first message."""
        with self._lock:
            return f'"{name}"' if self._has(source) else f"CAST(NULL AS {sql_type})"

    def newest_ms(self, source: str) -> int:
        """Time of the newest event of a data source, ms since the epoch; -1 when there is none yet."""
        with self._lock:
            # Without a condition: Druid knows its segments' ends, and reads none of them.
            rows = self._ask(f'SELECT MAX(__time) AS newest FROM druid."{source}"') if self._has(source) else []
        return round(_moment(rows[0]["newest"]).timestamp() * 1000) if rows and rows[0]["newest"] else -1

    def _has(self, source: str) -> bool:
        if source not in self._known:
            self._known = {str(row["name"]) for row in self._ask(SOURCES)}
        return source in self._known


def _complete_until(newest: str | None, now: float) -> datetime:
    """The end of the newest complete second; with no recent reading a moment before which there is nothing to find."""
    if newest is None:
        return datetime.fromtimestamp(int(now), timezone.utc)
    return _moment(newest).replace(microsecond=0) - SKEW


def _moment(iso: str) -> datetime:
    # Python 3.10's fromisoformat knows no Z.
    return datetime.fromisoformat(iso.replace("Z", "+00:00"))


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"

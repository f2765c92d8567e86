"""The time filter asks the server what its range means, and the server must mean what the tiles' queries mean.

Superset takes "Last 10 minutes" as ending at DEFAULT_RELATIVE_END_TIME in a query, but at midnight when it answers
`/api/v1/time_range/` (superset/views/api.py): a range that begins after its end, refused with status 400.

The filter shows the answer for as long as the dashboard is open. For a range that moves with the clock, two instants
would be wrong at the next refresh, so the answer says how far back it reaches.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

# The units that Superset counts back from now by; "Last 2 hours" it takes for something else, and refuses.
LAST = re.compile(r"last\s+(?:(\d+)\s+)?(second|minute|day|week|month|quarter|year)s?", re.IGNORECASE)

Ends = tuple[Any, Any]


class Said:
    """Stands where Superset expects a datetime that it prints."""

    def __init__(self, text: str) -> None:
        self._text = text

    def isoformat(self) -> str:
        return self._text


def said(time_range: str | None, ends: tuple[datetime | None, datetime | None]) -> Ends:
    """:returns: `ends`, or words when they are those of a range that moves with the clock."""
    last = LAST.fullmatch((time_range or "").strip())
    if last is None:
        return ends
    count, unit = int(last[1] or 1), last[2].lower()
    return Said(f"{count} {unit}{'' if count == 1 else 's'} ago"), Said("now")


def mean_the_same_as_queries(config: dict[str, Any]) -> None:
    """From now on `/api/v1/time_range/` understands every range as the queries do.

    :param config: Superset's.
    """
    from superset.utils.date_parser import get_since_until  # noqa: PLC0415 # Not in the environment of the tests.
    from superset.views import api  # noqa: PLC0415

    api.get_since_until = _like_queries(get_since_until, config)


def _like_queries(get_since_until: Callable[..., Any], config: dict[str, Any]) -> Callable[..., Ends]:
    def get(time_range: str | None = None, time_shift: str | None = None) -> Ends:
        ends = get_since_until(
            time_range=time_range,
            time_shift=time_shift,
            relative_start=config["DEFAULT_RELATIVE_START_TIME"],
            relative_end=config["DEFAULT_RELATIVE_END_TIME"],
        )
        return ends if time_shift else said(time_range, ends)

    return get

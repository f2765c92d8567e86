from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from time_ranges import _like_queries, said

ENDS = (datetime(2026, 11, 28, 0, 18, 40), datetime(2026, 11, 28, 0, 28, 40))


@pytest.mark.parametrize(
    ("time_range", "since"),
    [
        ("Last 10 minutes", "10 minutes ago"),
        ("last 36 Days", "36 days ago"),
        ("Last 1 minute", "1 minute ago"),
        ("Last week", "1 week ago"),
    ],
)
def test_a_range_that_moves_with_the_clock_is_said_in_words(time_range: str, since: str) -> None:
    assert [end.isoformat() for end in said(time_range, ENDS)] == [since, "now"]


@pytest.mark.parametrize(
    "time_range",
    [
        "2026-11-28T00:18:40 : 2026-11-28T00:28:40",
        "Last 10 minutes : today",
        "previous calendar week",
        "Last hour",
        "",
        None,
    ],
)
def test_a_range_with_ends_of_its_own_has_them(time_range: str | None) -> None:
    assert said(time_range, ENDS) == ENDS


def test_the_answer_and_the_queries_have_the_same_ends() -> None:
    asked: dict[str, Any] = {}

    def get_since_until(**arguments: Any) -> tuple[datetime, datetime]:
        asked.update(arguments)
        return ENDS

    like_queries = _like_queries(
        get_since_until, {"DEFAULT_RELATIVE_START_TIME": "now", "DEFAULT_RELATIVE_END_TIME": "now"}
    )
    assert like_queries(time_range="2026 : 2027", time_shift=None) == ENDS
    assert asked["relative_start"] == asked["relative_end"] == "now"


def test_a_range_that_superset_refuses_is_refused() -> None:
    def get_since_until(**_arguments: Any) -> tuple[datetime, datetime]:
        raise ValueError("From date cannot be larger than to date")

    like_queries = _like_queries(
        get_since_until, {"DEFAULT_RELATIVE_START_TIME": "now", "DEFAULT_RELATIVE_END_TIME": "now"}
    )
    with pytest.raises(ValueError, match="From date"):
        like_queries(time_range="Last 10 minutes")

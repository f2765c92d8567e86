from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path
from typing import Any

import pytest

from grid_settings import GridSettings
from grid_sql import SOURCES, GridSql

SETTINGS = GridSettings.read(
    {
        "IGRID_SUPERSET_HOME": "/nowhere",
        "IGRID_DRUID_URI": "druid://nowhere",
        "IGRID_SPEED": "24",
        "IGRID_WINDOW_MS": "25000",
        "IGRID_SLIDE_MS": "5000",
        "IGRID_MAX_GAP_MS": "1250",
        "IGRID_HISTORY_SLOT_MS": "25000",
    }
)


class Druid:
    """Answers the questions that grid_sql asks, and counts those for the newest reading."""

    def __init__(self, newest: dict[str, str | None]) -> None:
        self.newest = newest
        self.asked = 0
        self.now = 1_000_000.0

    def __call__(self, sql: str) -> list[dict[str, Any]]:
        if sql == SOURCES:
            return [{"name": name} for name in self.newest]
        self.asked += 1
        table = re.search(r'FROM druid\."?(\w+)', sql)
        assert table is not None
        return [{"newest": self.newest[table[1]]}]

    def grid(self) -> GridSql:
        return GridSql(SETTINGS, self, lambda: self.now)


# Those that the terminal and the canary are held to: test/src/druid/power-now.test.ts.
CASES = json.loads((Path(__file__).parents[2] / "support" / "power-now.json").read_text())


@pytest.mark.parametrize("case", CASES)
def test_now_is_the_one_of_the_terminal_and_the_canary(case: dict[str, Any]) -> None:
    druid = Druid({"powerraw": case["newest"]})
    grid = GridSql(dataclasses.replace(SETTINGS, max_gap_ms=case["max_gap_ms"]), druid, lambda: druid.now)
    assert grid.now_start == f"TIME_PARSE('{case['start']}')"
    assert grid.now_end == f"TIME_PARSE('{case['end']}')"


def test_now_ends_before_the_second_that_may_still_be_incomplete() -> None:
    grid = Druid({"powerraw": "2026-11-23T05:40:13.000Z"}).grid()
    assert grid.now_end == "TIME_PARSE('2026-11-23T05:40:12.000Z')"
    assert grid.now_start == "TIME_PARSE('2026-11-23T05:40:07.000Z')"
    assert grid.expected_start == "TIME_PARSE('2026-11-23T05:39:12.000Z')"


def test_tiles_of_one_refresh_share_their_now() -> None:
    druid = Druid({"powerraw": "2026-11-23T05:40:13.000Z"})
    grid = druid.grid()
    first = grid.now_end
    druid.newest["powerraw"] = "2026-11-23T05:40:16.000Z"
    druid.now += 7
    assert grid.now_end == first
    assert druid.asked == 1
    # The next refresh, 10 s after this one.
    druid.now += 3
    assert grid.now_end == "TIME_PARSE('2026-11-23T05:40:15.000Z')"


def test_a_clock_that_was_set_back_does_not_hold_now_back() -> None:
    druid = Druid({"powerraw": "2026-11-23T05:40:13.000Z"})
    grid = druid.grid()
    first = grid.now_end
    druid.newest["powerraw"] = "2026-11-23T05:40:16.000Z"
    druid.now -= 3_600
    assert grid.now_end != first


def test_without_recent_readings_now_is_the_clocks_moment_in_which_nothing_is_found() -> None:
    silent = Druid({"powerraw": None})
    silent.now = 1_795_412_400.7
    assert silent.grid().now_end == "TIME_PARSE('2026-11-23T05:40:00.000Z')"
    young = Druid({})
    young.now = 1_795_412_400.7
    assert young.grid().now_end == "TIME_PARSE('2026-11-23T05:40:00.000Z')"
    assert young.asked == 0, "a data source that Druid does not know must not be asked"


def test_a_druid_that_is_away_leaves_the_sql_whole_so_that_the_tile_says_so() -> None:
    grid = GridSql(SETTINGS, lambda _: [], lambda: 1_795_412_400.0)
    assert grid.now_end == "TIME_PARSE('2026-11-23T05:40:00.000Z')"
    assert grid.all_of("dutycycle", "powerraw") == "TABLE(APPEND('dutycycle', 'powerraw'))"
    assert grid.newest_ms("powerraw") == -1


def test_a_data_source_without_messages_is_left_out_until_its_first() -> None:
    druid = Druid({"powerraw": None})
    grid = druid.grid()
    assert grid.all_of("powerraw", "history") == "TABLE(APPEND('powerraw'))"
    assert grid.column("history", "days", "BIGINT") == "CAST(NULL AS BIGINT)"
    assert grid.newest_ms("history") == -1
    druid.newest["history"] = "2026-11-23T05:40:00.000Z"
    assert grid.all_of("powerraw", "history") == "TABLE(APPEND('powerraw', 'history'))"
    assert grid.column("history", "days", "BIGINT") == '"days"'
    assert grid.newest_ms("history") == 1_795_412_400_000


def test_the_newest_history_slot_lies_within_the_span_that_is_looked_at_for_it() -> None:
    grid = Druid({"powerraw": "2026-11-23T05:40:13.000Z"}).grid()
    # Two slots of 25 s and 30 s for the run that writes them; no less than what an appliance is expected from.
    assert grid.history_start == "TIME_PARSE('2026-11-23T05:38:52.000Z')"


def test_every_class_is_shown_behind_its_place_in_the_order_of_shedding() -> None:
    assert GridSql.class_label == (
        "CASE LOOKUP(appliance_name, 'appliance_class')"
        " WHEN 'deferrable' THEN '1 deferrable' WHEN 'thermostatic' THEN '2 thermostatic'"
        " WHEN 'discretionary' THEN '3 discretionary' WHEN 'essential' THEN '4 essential' ELSE '5 unknown' END"
    )

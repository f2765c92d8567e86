"""The one computation, on static data: against its definition, and against what it is for."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import asdict
from pathlib import Path
from typing import Dict, List

import pytest
from pyspark.sql import DataFrame, SparkSession

from dutycycle.thresholds import Thresholds
from dutycycle.windows import duty_cycles, event_time
from expected import assert_equal, expected
from real_readings import appliances, readings, thinned
from streams import Reading, reading

WINDOW_MS, SLIDE_MS = 600_000, 120_000
COLUMNS = "house_id string, appliance_id string, appliance_name string, timestamp long, power float, interval_ms int"
NAMES = [column.split()[0] for column in COLUMNS.split(", ")]


def computed(readings: DataFrame, thresholds: Thresholds, window_ms: int = WINDOW_MS) -> List[Reading]:
    rows = duty_cycles(readings.withColumn("event_time", event_time()), window_ms, SLIDE_MS, thresholds)
    return [row.asDict() for row in rows.collect()]


def frame(spark: SparkSession, readings: List[Reading]) -> DataFrame:
    return spark.createDataFrame([tuple(one[name] for name in NAMES) for one in readings], COLUMNS)


def frame_of_file(spark: SparkSession, path: Path) -> DataFrame:
    return spark.read.csv(str(path), schema=COLUMNS)


def test_every_window_of_every_real_appliance_agrees_with_the_definition(spark: SparkSession, tmp_path: Path) -> None:
    on_w: Dict[str, float] = defaultdict(lambda: 10.0, mains=200.0, refrigerator=50.0, fridge=50.0, TV=20.0)
    wanted = {}
    with (tmp_path / "readings.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        for appliance in appliances():
            series = readings(*appliance)
            writer.writerows([one[name] for name in NAMES] for one in series)
            wanted.update(expected(series, WINDOW_MS, SLIDE_MS, on_w))
    assert len({appliance for appliance, _ in wanted}) == 36
    assert len(wanted) > 20_000
    thresholds = Thresholds(default_w=10, names=dict(on_w), appliances={})
    assert_equal(computed(frame_of_file(spark, tmp_path / "readings.csv"), thresholds), wanted)


def test_thinning_a_day_to_a_reading_every_3_s_moves_no_duty_cycle_by_more_than_2_points(
    spark: SparkSession, tmp_path: Path
) -> None:
    with (tmp_path / "readings.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        for house, appliance, name, series in appliances():
            for kept, step_ms in (("all", 0), ("thinned", 3000)):
                some = thinned(series, step_ms) if step_ms else series
                for one in readings(house, f"{appliance}_{kept}", name, some):
                    writer.writerow(one[column] for column in NAMES)
    thresholds = Thresholds(default_w=10, names={"mains": 200, "refrigerator": 50, "fridge": 50}, appliances={})
    on: Dict[str, int] = defaultdict(int)
    observed: Dict[str, int] = defaultdict(int)
    # Windows that follow each other without overlap, so that a day is their sum.
    for cycle in computed(frame_of_file(spark, tmp_path / "readings.csv"), thresholds, window_ms=SLIDE_MS):
        on[cycle["appliance_id"]] += cycle["on_ms"]
        observed[cycle["appliance_id"]] += cycle["observed_ms"]
    of_all = {key: on[key] / observed[key] for key in observed if key.endswith("_all")}
    moved = {key: abs(duty - on[twin] / observed[twin]) for key, duty in of_all.items() for twin in [twin_of(key)]}
    assert len(moved) == 36
    assert max(moved.values()) <= 0.02, moved


def twin_of(appliance: str) -> str:
    return appliance.replace("_all", "_thinned")


START = 1_700_000_400_000 // WINDOW_MS * WINDOW_MS
ANY = Thresholds(default_w=10, names={}, appliances={})


def full_window(spark: SparkSession, readings: List[Reading], thresholds: Thresholds = ANY) -> Dict[str, Reading]:
    """Duty cycles by appliance of the window that begins at START."""
    cycles = computed(frame(spark, readings), thresholds)
    return {cycle["appliance_id"]: cycle for cycle in cycles if cycle["window_start"] == START}


def test_time_without_readings_is_not_observed_rather_than_off(spark: SparkSession) -> None:
    half = [reading("1_0_1", START + n * 1000 - 1, power=100) for n in range(1, 301)]
    cycle = full_window(spark, half)["1_0_1_1"]
    assert (cycle["duty_cycle"], cycle["coverage"], cycle["mean_power"]) == (1.0, 0.5, 100.0)


def test_a_reading_counts_for_as_long_as_it_stands_for(spark: SparkSession) -> None:
    uneven = [
        reading("1_0_1", START + 10_000, power=0, interval_ms=9000),
        reading("1_0_1", START + 11_000, power=2000, interval_ms=1000),
    ]
    cycle = full_window(spark, uneven)["1_0_1_1"]
    assert (cycle["duty_cycle"], cycle["mean_power"]) == (0.1, 200.0)
    assert (cycle["on_ms"], cycle["observed_ms"], cycle["readings"]) == (1000, 10_000, 2)


def test_a_first_reading_alone_gives_a_window_that_says_nothing_was_observed(spark: SparkSession) -> None:
    cycle = full_window(spark, [reading("1_0_1", START, interval_ms=0)])["1_0_1_1"]
    assert (cycle["duty_cycle"], cycle["coverage"], cycle["mean_power"], cycle["readings"]) == (0.0, 0.0, 0.0, 1)


def test_a_window_holds_its_first_instant_and_not_its_last(spark: SparkSession) -> None:
    edges = [reading("1_0_1", START), reading("1_0_2", START - 1), reading("1_0_3", START + WINDOW_MS)]
    assert full_window(spark, edges).keys() == {"1_0_1_1"}


def test_the_threshold_of_an_appliance_goes_before_that_of_its_name_and_that_before_the_default(
    spark: SparkSession,
) -> None:
    thresholds = Thresholds(default_w=10, names={"fridge": 50}, appliances={"1_0_2_1": 150})
    on = [
        reading("1_0_1", START, power=50),
        reading("1_0_2", START, power=149),
        reading("1_0_3", START, power=49),
        reading("1_0_4", START, power=10, appliance_name="lamp"),
        reading("1_0_5", START, power=9, appliance_name="lamp"),
    ]
    found = {appliance: cycle["duty_cycle"] for appliance, cycle in full_window(spark, on, thresholds).items()}
    assert found == {"1_0_1_1": 1.0, "1_0_2_1": 0.0, "1_0_3_1": 0.0, "1_0_4_1": 1.0, "1_0_5_1": 0.0}


def test_appliances_whose_ids_and_names_run_together_alike_are_kept_apart(spark: SparkSession) -> None:
    """The sums are kept under one string for all names: it must not matter where one ends and the next begins."""
    names = [
        ("1_0_1", "1_0_1_1", "2 kettles"),
        ("1_0_1", "1_0_1_12", " kettles"),
        ("1_0_1", "1_0_1_12 ", "kettles"),
        ("1_0", "1_0_1_12 ", "kettles"),
        ("häuser", "häuser_1é", "éclairage 燈"),
        ("häuser", "häuser_1", "ééclairage 燈"),
    ]
    alike = [
        {**reading(house, START, power=n + 20), "appliance_id": appliance, "appliance_name": name}
        for n, (house, appliance, name) in enumerate(names)
    ]
    cycles = [cycle for cycle in computed(frame(spark, alike), ANY) if cycle["window_start"] == START]
    found = {(one["house_id"], one["appliance_id"], one["appliance_name"]): one["readings"] for one in cycles}
    assert found == dict.fromkeys(names, 1)


def test_the_order_of_readings_does_not_change_the_last_bit(spark: SparkSession) -> None:
    uneven = [reading("1_0_1", START + n * 997, power=0.1 * 1.37**n) for n in range(40)]
    forwards = frame(spark, uneven).repartition(7)
    backwards = frame(spark, uneven[::-1]).coalesce(1)
    one, other = (sorted(map(str, computed(some, ANY))) for some in (forwards, backwards))
    assert one == other


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[]", "is not a JSON object"),
        ("{}", "default_w must be a number of watts from 0, not null"),
        ('{"default_w": -1}', "default_w must be a number of watts from 0, not -1"),
        ('{"default_w": 5, "names": {"lamp": "10"}}', 'names.lamp must be a number of watts from 0, not "10"'),
        ('{"default_w": 5, "appliances": [1]}', r"appliances must be an object of watts, not \[1\]"),
    ],
)
def test_a_wrong_thresholds_file_is_refused_by_field(tmp_path: Path, text: str, complaint: str) -> None:
    (tmp_path / "thresholds.json").write_text(text)
    with pytest.raises(ValueError, match=complaint):
        Thresholds.read(str(tmp_path / "thresholds.json"))


def test_a_thresholds_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    thresholds = Thresholds(default_w=5.5, names={"lamp": 10}, appliances={"1_0_1_1": 3})
    (tmp_path / "thresholds.json").write_text(str(asdict(thresholds)).replace("'", '"'))
    assert Thresholds.read(str(tmp_path / "thresholds.json")) == thresholds

"""How messages are judged, where the stream's own tests (test_stream.py) cannot look."""

from __future__ import annotations

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from dutycycle.readings import Rules, decode
from engines import SCHEMAS
from streams import encoded, reading

NOW = 1_700_000_000_000
RULES = Rules(max_power_w=100_000, max_gap_ms=30_000, max_future_ms=1000)
SCHEMA = (SCHEMAS / "powerraw.avsc").read_text()


def judged(spark: SparkSession, value: bytes, now: int) -> DataFrame:
    messages = spark.createDataFrame(
        [("powerraw", 0, 0, value)], "topic string, partition int, offset long, value binary"
    )
    return decode(messages.repartition(1), SCHEMA, RULES, F.lit(now)).select("reason")


@pytest.mark.parametrize(
    ("timestamp", "reason"), [(NOW, None), (NOW + 1000, None), (NOW + 1001, "timestamp"), (10**14 + 1, "timestamp")]
)
def test_a_timestamp_may_be_ahead_of_the_clock_by_the_tolerance_and_no_more(
    spark: SparkSession, timestamp: int, reason: str
) -> None:
    (row,) = judged(spark, encoded(reading("1_0_1", timestamp)), NOW).collect()
    assert row["reason"] == reason


def test_the_next_batchs_clock_needs_no_new_code(spark: SparkSession) -> None:
    compiled = spark._jvm.org.apache.spark.sql.catalyst.expressions.codegen.CodeGenerator  # type: ignore[union-attr]
    judged(spark, b"", NOW).collect()
    before = compiled.compileTime()
    judged(spark, b"", NOW + 1).collect()
    assert compiled.compileTime() == before

"""How messages are judged, where the stream's own tests (test_stream.py) cannot look."""

from __future__ import annotations

import re

import pytest
from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F

from dutycycle.readings import READING, Rules, decode, is_reading, reason
from engines import SCHEMAS
from streams import encoded, reading

NOW = 1_700_000_000_000
RULES = Rules(max_power_w=100_000, max_gap_ms=30_000, max_future_ms=1000)
SCHEMA = (SCHEMAS / "powerraw.avsc").read_text()


def judged(spark: SparkSession, value: bytes, now: int) -> DataFrame:
    messages = spark.createDataFrame(
        [("powerraw", 0, 0, value)], "topic string, partition int, offset long, value binary"
    )
    decoded = decode(messages.repartition(1), SCHEMA)
    return decoded.select(is_reading(RULES, F.lit(now)).alias("is_reading"), reason(RULES, F.lit(now)).alias("reason"))


@pytest.mark.parametrize(
    ("timestamp", "why"), [(NOW, None), (NOW + 1000, None), (NOW + 1001, "timestamp"), (10**14 + 1, "timestamp")]
)
def test_a_timestamp_may_be_ahead_of_the_clock_by_the_tolerance_and_no_more(
    spark: SparkSession, timestamp: int, why: str
) -> None:
    (row,) = judged(spark, encoded(reading("1_0_1", timestamp)), NOW).collect()
    assert row["reason"] == why
    assert row["is_reading"] == (why is None)


def test_the_next_batchs_clock_needs_no_new_code(spark: SparkSession) -> None:
    compiled = spark._jvm.org.apache.spark.sql.catalyst.expressions.codegen.CodeGenerator  # type: ignore[union-attr]
    judged(spark, b"", NOW).collect()
    before = compiled.compileTime()
    judged(spark, b"", NOW + 1).collect()
    assert compiled.compileTime() == before


@pytest.mark.parametrize("length", [1, 63, 64, 65, 4095, 4096])
def test_a_name_may_be_as_long_as_avro_is_allowed_to_read(spark: SparkSession, length: int) -> None:
    (row,) = judged(
        spark, encoded(reading("1_0_1", NOW, appliance_name="é" * (length // 2) + "x" * (length % 2))), NOW
    ).collect()
    assert (row["is_reading"], row["reason"]) == (True, None)


@pytest.mark.parametrize("timestamp", [2**41 - 1, 2**41, 10**14])
@pytest.mark.parametrize("interval_ms", [0, 63, 64, 8191, 8192, 30_000])
def test_a_reading_is_one_whatever_the_lengths_of_its_varints(
    spark: SparkSession, timestamp: int, interval_ms: int
) -> None:
    now = max(NOW, timestamp)
    message = encoded(reading("1_0_1", timestamp, interval_ms=interval_ms))
    (row,) = judged(spark, message, now).collect()
    assert (row["is_reading"], row["reason"]) == (True, None)
    for cut in (message + b"\0", message[:-1]):
        (row,) = judged(spark, cut, now).collect()
        assert (row["is_reading"], row["reason"]) == (False, "avro")


def test_what_is_asked_of_every_message_is_small_enough_to_be_compiled(spark: SparkSession) -> None:
    messages = spark.createDataFrame([("t", 0, 0, b"")], "topic string, partition int, offset long, value binary")
    asked = decode(messages, SCHEMA).select(*READING, is_reading(RULES, F.lit(NOW)))
    plan = asked._jdf.queryExecution().explainString(
        spark._jvm.org.apache.spark.sql.execution.ExplainMode.fromString("codegen")  # type: ignore[union-attr]
    )
    sizes = [int(size) for size in re.findall(r"maxMethodCodeSize:(\d+)", plan)]
    # HotSpot's -XX:HugeMethodLimit, above which a method is interpreted forever.
    assert sizes
    assert max(sizes) < 8000

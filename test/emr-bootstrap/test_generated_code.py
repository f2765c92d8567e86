"""What Spark makes of the streaming query: the code that runs for every message."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, Dict, Iterator, List, cast

import pytest
from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from dutycycle import stream
from dutycycle.settings import parse
from streams import Topics, arguments, reading

HUGE_METHOD_BYTES = 8000
"""HotSpot's -XX:HugeMethodLimit: it compiles no method above it, which then is interpreted forever."""


def generated(spark: SparkSession, query: StreamingQuery) -> Dict[str, int]:
    """The classes of the last batch, as Java source, and the bytes of code of each one's largest method."""
    plan = cast(Any, query)._jsq.streamingQuery().lastExecution().executedPlan()
    debug = getattr(cast(Any, spark)._jvm.org.apache.spark.sql.execution.debug, "package$")
    stages = getattr(debug, "MODULE$").codegenStringSeq(plan)
    parts = [stages.apply(n) for n in range(stages.size())]
    return {part._2(): part._3().maxMethodCodeSize() for part in parts}


@pytest.fixture(scope="module")
def batches(
    brokers: str, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[List[Dict[str, int]]]:
    """The generated classes of one batch after the other, each with a clock and a watermark of its own."""
    topics = Topics(brokers, "generated")
    setting = "spark.sql.streaming.noDataMicroBatches.enabled"  # batches without messages have another plan
    spark.conf.set(setting, "false")
    folder: Path = tmp_path_factory.mktemp("generated")
    query = stream.start(spark, parse(arguments(topics, folder, {"--trigger": "0"})))
    try:
        found = []
        for _ in range(3):
            topics.send_all([reading("1_0_1", int(time.time() * 1000))])
            query.processAllAvailable()
            found.append(generated(spark, query))
        yield found
    finally:
        query.stop()
        spark.conf.unset(setting)


def test_the_next_batchs_clock_and_watermark_need_no_new_code(batches: List[Dict[str, int]]) -> None:
    first, *others = [set(batch) for batch in batches]
    assert any("AvroDataToCatalyst" in source for source in first)
    assert all(other == first for other in others)


def test_no_method_is_too_large_to_be_compiled(batches: List[Dict[str, int]]) -> None:
    assert max(batches[-1].values()) < HUGE_METHOD_BYTES

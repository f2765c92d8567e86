"""One Kafka and one Spark session for all tests: each costs seconds to start."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Iterator

import pytest
from pyspark.sql import SparkSession

from engines import kafka, submit_args


@pytest.fixture(scope="session")
def brokers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with kafka(tmp_path_factory.mktemp("kafka")) as address:
        yield address


@pytest.fixture(scope="session")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SparkSession]:
    warehouse: Path = tmp_path_factory.mktemp("spark")
    os.environ["PYSPARK_SUBMIT_ARGS"] = submit_args()
    session = (
        SparkSession.builder.appName("tests")
        .config("spark.sql.shuffle.partitions", 2)
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(warehouse))
        .getOrCreate()
    )
    yield session
    session.stop()

"""The streaming query: Kafka in, duty cycles to Kafka out."""

from __future__ import annotations

from typing import Dict

from pyspark.sql import Column, DataFrame, SparkSession
from pyspark.sql import functions as F
from pyspark.sql.avro.functions import to_avro
from pyspark.sql.streaming.query import StreamingQuery

from dutycycle.readings import READING, decode, is_reading
from dutycycle.settings import Settings
from dutycycle.windows import duty_cycles, event_time

OBSERVED = "messages"
"""Name of the figures that each batch takes of its own input: rows, rejected, oldest_ms."""


def for_spark(kafka: Dict[str, str]) -> Dict[str, str]:
    """A Kafka client's settings as options of Spark's source and sink."""
    return {f"kafka.{name}": value for name, value in kafka.items()}


def start(spark: SparkSession, settings: Settings) -> StreamingQuery:
    """Start computing duty cycles.

    The output is at least once: a batch that a restart repeats reads the same messages with the same clock and
    watermark (all three are in the checkpoint before it begins), so it writes the same bytes again.
    """
    source = (
        spark.readStream.format("kafka")
        .options(**for_spark(settings.consumer))
        .option("subscribe", settings.topic)
        .option("startingOffsets", settings.starting_offsets)
        .option("groupIdPrefix", settings.group)
        # What retention took while the job was down is gone: go on and report how much (`lost`) rather than stay down.
        .option("failOnDataLoss", "false")
    )
    if settings.max_offsets_per_trigger is not None:
        source = source.option("maxOffsetsPerTrigger", settings.max_offsets_per_trigger)
    # In a stream this is the batch's clock, which is in the checkpoint: a repeated batch judges as it did before.
    now = F.unix_millis(F.current_timestamp())
    # What is observed is copied row by row, so the messages' bytes stay behind.
    messages = (
        decode(source.load(), settings.schemas.reading)
        .select(*READING, is_reading(settings.rules, now).alias("is_reading"))
        .observe(
            OBSERVED,
            F.count(F.lit(1)).alias("rows"),
            F.count_if(~F.col("is_reading")).alias("rejected"),
            F.min(F.when(F.col("is_reading"), F.col("timestamp"))).alias("oldest_ms"),
        )
    )
    readings = (
        messages.filter("is_reading")
        .withColumn("event_time", event_time())
        .withWatermark("event_time", f"{settings.watermark_ms} milliseconds")
    )
    cycles = duty_cycles(readings, settings.window_ms, settings.slide_ms, settings.thresholds)
    writer = (
        encode(cycles, F.col("house_id"), settings.schemas.duty_cycle)
        .writeStream.format("kafka")
        .queryName("duty-cycle")
        .options(**for_spark(settings.kafka))
        # Duty cycles repeat ids and instants: a third of the bytes, on the wire and on the brokers' disks.
        .option("kafka.compression.type", "zstd")
        .option("topic", settings.output_topic)
        .option("checkpointLocation", settings.checkpoint)
        .outputMode("append")
    )
    if settings.trigger_ms is None:
        return writer.trigger(availableNow=True).start()
    return writer.trigger(processingTime=f"{settings.trigger_ms} milliseconds").start()


def encode(rows: DataFrame, key: Column, schema: str) -> DataFrame:
    """Rows as messages: all columns as one headerless Avro record."""
    return rows.select(key.cast("binary").alias("key"), to_avro(F.struct(*rows.columns), schema).alias("value"))

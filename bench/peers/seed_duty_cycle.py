"""The duty-cycle job as the seed's was, rewritten: what ours is compared with.

What the seed's job did (its published script, Spark 2.4.5, run by `spark-submit` with no settings but its packages):

- read `powerraw` from Kafka with no limit to a batch, `failOnDataLoss` off, as fast as one batch can follow another;
- decode with from_avro as it is: a message that is no record ends the stream;
- count, per house, appliance and window of 10 min that starts every 2 min (divided by the speed of 24, in whole
  seconds), all readings and those above 5 W; a watermark of 2 s; 200 shuffle partitions and the state store in the
  heap, which are Spark's defaults;
- write time_end, house, appliance and the ratio as JSON to `dutycycle`, with a checkpoint in the default file system.

Three things differ here. It runs on the Spark that our job runs on. It reads the schema that the topic has today (one
field more). And it stops: at the messages that were in the topic when it started, which it reads from the beginning
(the seed's began with the newest). --max-offsets-per-trigger is no setting of the seed's: it makes the batches that
arrive when readings come at a given rate, and the same for both jobs.

Prints a line of JSON per batch: rows, duration_ms, state_rows.
"""

import argparse
import json
import sys
import time
from typing import Any, Dict

from pyspark.sql import SparkSession
from pyspark.sql import functions as F
from pyspark.sql.avro.functions import from_avro
from pyspark.sql.streaming.query import StreamingQuery

SPEED = 24
WINDOW_S = 10 * 60 // SPEED
SLIDE_S = WINDOW_S // 5
ON_W = 5.0
POLL_S = 0.5  # each look costs CPU time that is not the job's


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--output-topic", required=True)
    parser.add_argument("--checkpoint", required=True)
    parser.add_argument("--schema", required=True, type=argparse.FileType(encoding="utf-8"))
    parser.add_argument("--messages", required=True, type=int, help="stop when as many are read")
    parser.add_argument("--max-offsets-per-trigger", type=int)
    arguments = parser.parse_args()

    spark = SparkSession.builder.appName("dutycycle").getOrCreate()
    follow(start(spark, arguments), arguments.messages)
    spark.stop()
    return 0


def start(spark: SparkSession, arguments: argparse.Namespace) -> StreamingQuery:
    source = (
        spark.readStream.format("kafka")
        .option("kafka.bootstrap.servers", arguments.brokers)
        .option("subscribe", arguments.topic)
        .option("startingOffsets", "earliest")
        .option("failOnDataLoss", "false")
    )
    if arguments.max_offsets_per_trigger is not None:
        source = source.option("maxOffsetsPerTrigger", arguments.max_offsets_per_trigger)
    readings = source.load().select(from_avro(F.col("value"), arguments.schema.read()).alias("value"))
    counts = (
        readings.select((F.col("value.timestamp") / 1000).cast("timestamp").alias("time"), "value.*")
        .withWatermark("time", "2 seconds")
        .groupBy(F.window("time", f"{WINDOW_S} seconds", f"{SLIDE_S} seconds"), "house_id", "appliance_id")
        .agg(F.count("power").alias("all"), F.count(F.when(F.col("power") > ON_W, True)).alias("on"))
    )
    duty_cycles = counts.select(
        F.to_json(
            F.struct(
                F.col("window.end").alias("time_end"),
                "house_id",
                "appliance_id",
                (F.col("on") / F.col("all")).alias("duty_cycle"),
            )
        ).alias("value")
    )
    return (
        duty_cycles.writeStream.format("kafka")
        .option("kafka.bootstrap.servers", arguments.brokers)
        .option("topic", arguments.output_topic)
        .option("checkpointLocation", arguments.checkpoint)
        .start()
    )


def follow(query: StreamingQuery, messages: int) -> None:
    """Print each batch until all messages are read, then stop the query."""
    printed: Dict[int, Any] = {}
    while sum(rows for rows in printed.values()) < messages:
        time.sleep(POLL_S)
        error = query.exception()
        if error is not None:
            raise error
        for progress in query.recentProgress:
            batch = progress["batchId"]
            if batch in printed or "addBatch" not in progress["durationMs"]:
                continue
            printed[batch] = progress["numInputRows"]
            state_rows = sum(operator["numRowsTotal"] for operator in progress["stateOperators"])
            duration_ms = progress["durationMs"]["triggerExecution"]
            print(
                json.dumps({"rows": progress["numInputRows"], "duration_ms": duration_ms, "state_rows": state_rows}),
                flush=True,
            )
    query.stop()


if __name__ == "__main__":
    sys.exit(main())

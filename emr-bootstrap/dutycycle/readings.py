"""From the bytes of a message to a reading, or to the reason why it is none."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.avro.functions import from_avro

EMPTY = "empty"
"""The message has no value (a tombstone)."""
AVRO = "avro"
"""The value is not exactly one record of the schema."""
ID = "id"
"""An id or a name is empty, or the appliance id does not go on from the house id."""
POWER = "power"
"""Power is not finite, negative, or above the limit."""
INTERVAL = "interval"
"""The interval is negative or longer than the maximum gap."""
TIMESTAMP = "timestamp"
"""The timestamp is in the future, or no number of ms at all (before 2001)."""

READING = ("house_id", "appliance_id", "appliance_name", "timestamp", "power", "interval_ms")
"""The columns of a reading."""

_EARLIEST_MS = 1_000_000_000_000
_LATEST_MS = 100_000_000_000_000

MAX_STRING_BYTES = 4096
"""The longest string that is decoded: the job sets it as Avro's limit. Longer ones make a message that is no record."""

_FLOAT_BYTES = 4


@dataclass(frozen=True)
class Rules:
    """What a message must hold to be a reading."""

    max_power_w: float
    """Highest power of one channel, W."""
    max_gap_ms: int
    """Longest time that a reading may stand for, wall-clock ms."""
    max_future_ms: int
    """How far a timestamp may be ahead of the clock, ms. Such a reading drags the watermark along and so makes others
    late: keep it below the watermark."""


def decode(messages: DataFrame, schema: str) -> DataFrame:
    """Read messages without judging them: every message gives one row.

    messages: rows of Spark's Kafka source (topic, partition, offset, value are used).
    schema: the Avro schema of the topic, JSON. The bytes carry no header, so it must be the writer's.

    Gives topic, partition, offset and value of the message, and the fields of the reading: null when there is none.
    """
    # PERMISSIVE: what can't be read becomes a record of nulls instead of an end to the stream.
    reading = from_avro(F.col("value"), schema, {"mode": "PERMISSIVE"})
    return messages.select("topic", "partition", "offset", "value", reading.alias("reading")).select(
        "topic", "partition", "offset", "value", "reading.*"
    )


def is_reading(rules: Rules, now: Column) -> Column:
    """Whether a decoded message is a reading: never null.

    It is asked of every message, so it is kept small: HotSpot compiles no method of more than 8,000 bytes, and Spark
    makes one method of all that is computed of a row. With the reason (below) instead of this answer that method is
    larger, stays interpreted forever, and the job reads a third of the messages a second.

    now: what the clock says, ms since the epoch.
    """
    ids_fit = F.col("appliance_id").startswith(F.concat("house_id", F.lit("_")))
    fits = (
        F.col("timestamp").between(_EARLIEST_MS, _LATEST_MS)
        & (F.col("timestamp") <= _by_reference(now + rules.max_future_ms))
        & F.col("interval_ms").between(0, rules.max_gap_ms)
        & F.col("power").between(0.0, rules.max_power_w)  # NaN is above every number
        & (F.length("house_id") > 0)
        & (F.length("appliance_name") > 0)
        & ids_fit
        & (F.length("value") == _encoded_bytes(rules))
    )
    return F.coalesce(fits, F.lit(False))


def reason(rules: Rules, now: Column) -> Column:
    """Why a decoded message is no reading: one of this module's words; null when it is one."""
    house_id, appliance_id, name = F.col("house_id"), F.col("appliance_id"), F.col("appliance_name")
    power, interval = F.col("power"), F.col("interval_ms")
    is_part_of_house = appliance_id.startswith(F.concat(house_id, F.lit("_")))
    return (
        F.when(is_reading(rules, now), F.lit(None).cast("string"))
        .when(F.col("value").isNull(), EMPTY)
        .when(F.col("timestamp").isNull() | (F.length("value") != _encoded_bytes()), AVRO)
        .when((house_id == "") | (name == "") | ~is_part_of_house, ID)
        .when(F.isnan(power) | ~power.between(0.0, rules.max_power_w), POWER)
        .when(~interval.between(0, rules.max_gap_ms), INTERVAL)
        .otherwise(TIMESTAMP)
    )


def _by_reference(clock: Column) -> Column:
    """The batch's clock, from an expression that generated code calls instead of spelling out what it says.

    Spark puts the clock into the plan of each batch when all else is planned, as a constant, and generated code spells
    constants out. The clock is another in every batch, and so would be the code that reads and decodes messages:
    generated, loaded and compiled again, and interpreted until then. Expressions with a lambda are evaluated, not
    generated; this one is the cheapest of them: no element, nothing to call.
    """
    nothing = F.array().cast("array<int>")
    return F.aggregate(nothing, clock, lambda so_far, _: so_far)


def _encoded_bytes(rules: Optional[Rules] = None) -> Column:
    """How many bytes Avro's one canonical encoding of the decoded reading takes.

    A decoder stops when it has read its record, so cut-in garbage may decode and leave bytes over. Comparing lengths
    finds that for a fraction of what encoding again would cost.

    rules: only right where interval and timestamp are within them, in less code. Default: right for every record.
    """
    total = F.lit(_FLOAT_BYTES)
    for name in ("house_id", "appliance_name", "appliance_id"):
        length = F.octet_length(name)
        total = total + length + _varint_bytes(length, 0, MAX_STRING_BYTES)
    interval = (0, rules.max_gap_ms) if rules else (-(2**31), 2**31 - 1)
    timestamp = (_EARLIEST_MS, _LATEST_MS) if rules else (-(2**63), 2**63 - 1)
    return total + _varint_bytes(F.col("interval_ms"), *interval) + _varint_bytes(F.col("timestamp"), *timestamp)


def _varint_bytes(number: Column, least: int, most: int) -> Column:
    """Bytes of a zigzag varint (Avro specification, binary encoding) of a number from least to most.

    n bytes hold the numbers from -2^(7n-1) to 2^(7n-1) - 1.
    """
    magnitude = number if least >= 0 else F.greatest(number, F.bitwise_not(number))
    smallest = 0 if least <= 0 <= most else min(abs(least), abs(most))
    largest = max(most, ~least)
    limits = [1 << (7 * n - 1) for n in range(1, 10)]
    count = F.lit(1 + sum(limit <= smallest for limit in limits))
    for limit in limits:
        if smallest < limit <= largest:
            count = count + (magnitude >= limit).cast("int")
    return count

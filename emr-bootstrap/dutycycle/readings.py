"""From the bytes of a message to a reading, or to the reason why it is none."""

from __future__ import annotations

from dataclasses import dataclass

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

_EARLIEST_MS = 1_000_000_000_000
_LATEST_MS = 100_000_000_000_000


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


def decode(messages: DataFrame, schema: str, rules: Rules, now: Column) -> DataFrame:
    """Read messages without judging the caller: every message gives one row.

    messages: rows of Spark's Kafka source (topic, partition, offset, value are used).
    schema: the Avro schema of the topic, JSON. The bytes carry no header, so it must be the writer's.
    now: what the clock says, ms since the epoch.

    Gives the fields of the reading, ``reason`` (null: it is one; else one of this module's words) and topic,
    partition, offset and value of the message.
    """
    decoded = messages.select(
        "topic",
        "partition",
        "offset",
        "value",
        # PERMISSIVE: what can't be read becomes a record of nulls instead of an end to the stream.
        from_avro(F.col("value"), schema, {"mode": "PERMISSIVE"}).alias("reading"),
    ).select("topic", "partition", "offset", "value", "reading.*")
    return decoded.withColumn("reason", _reason(rules, now))


def _reason(rules: Rules, now: Column) -> Column:
    house_id, appliance_id, name = F.col("house_id"), F.col("appliance_id"), F.col("appliance_name")
    power, interval, timestamp = F.col("power"), F.col("interval_ms"), F.col("timestamp")
    is_part_of_house = appliance_id.startswith(F.concat(house_id, F.lit("_")))
    return (
        F.when(F.col("value").isNull(), EMPTY)
        .when(timestamp.isNull() | (F.length("value") != _encoded_bytes()), AVRO)
        .when((house_id == "") | (name == "") | ~is_part_of_house, ID)
        .when(F.isnan(power) | ~power.between(0.0, rules.max_power_w), POWER)
        .when(~interval.between(0, rules.max_gap_ms), INTERVAL)
        .when(~timestamp.between(_EARLIEST_MS, _LATEST_MS), TIMESTAMP)
        .when(_by_reference(timestamp) > _by_reference(now + rules.max_future_ms), TIMESTAMP)
    )


def _by_reference(milliseconds: Column) -> Column:
    """A plausible instant, as a type whose constants Spark's generated code refers to.

    It spells out a long in the code. The clock is another in every batch, and so would be the code: compiled anew, and
    interpreted until it is warm again.
    """
    return milliseconds.cast("decimal(18,0)")


def _encoded_bytes() -> Column:
    """How many bytes Avro's one canonical encoding of the decoded reading takes.

    A decoder stops when it has read its record, so cut-in garbage may decode and leave bytes over. Comparing lengths
    finds that for a fraction of what encoding again would cost.
    """
    strings = [F.octet_length(name) for name in ("house_id", "appliance_name", "appliance_id")]
    numbers = [F.col("timestamp"), F.col("interval_ms").cast("long")]
    float_bytes = F.lit(4)
    total = float_bytes
    for length in strings:
        total = total + length + _varint_bytes(length.cast("long"))
    for number in numbers:
        total = total + _varint_bytes(number)
    return total


def _varint_bytes(number: Column) -> Column:
    """Bytes of a zigzag varint: seven bits a byte (Avro specification, binary encoding)."""
    zigzag = F.shiftleft(number, 1).bitwiseXOR(F.shiftright(number, 63))
    column = F.when(zigzag < 0, 10)  # the 64th bit is set
    for n in range(1, 9):
        column = column.when(zigzag < (1 << (7 * n)), n)
    return column.otherwise(9)

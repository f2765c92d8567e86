"""Readings in, duty cycles out: the one thing this job computes, the same on a stream and on static data."""

from __future__ import annotations

from typing import List

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from dutycycle.thresholds import Thresholds

# Energy is summed in whole uW x ms. Integers add up to the same total in whatever order Spark merges partial sums, so a
# window that is computed twice (after a restart, say) is the same to the last bit; sums of doubles are not. A reading
# is off by at most half a uW, and 64 bits hold 9.2e12 W x ms: a window of ten minutes at 15 MW.
_MICRO = 1_000_000

# A string's length in bytes is below this (dutycycle/readings.py), so that two of them fit into an int.
_LENGTHS = 1 << 15


def event_time() -> Column:
    """The instant of a reading, from its column ``timestamp`` (ms since the epoch)."""
    return F.timestamp_millis(F.col("timestamp"))


def duty_cycles(readings: DataFrame, window_ms: int, slide_ms: int, thresholds: Thresholds) -> DataFrame:
    """How much of each window each appliance was on.

    A reading stands for ``interval_ms`` backwards from its timestamp and belongs wholly to every window that holds its
    timestamp: with it, energy and on-time add up whatever the sampling rate. Time without readings is not off, it is
    not observed: it lowers the coverage.

    readings: house_id, appliance_id (string; begins with the house_id), appliance_name (string), timestamp (long, ms),
        power (float, W, finite, not negative), interval_ms (int) and event_time (the same instant as timestamp, with a
        watermark when the readings are a stream).
    window_ms, slide_ms: wall-clock ms, the first a whole multiple of the second; windows start at the whole multiples
        of slide_ms since the epoch.

    Gives one row per appliance and window that holds at least one reading, as in the schema ``dutycycle``: house_id,
    appliance_id, appliance_name, window_start, window_end (long, ms), duty_cycle, coverage (double), on_ms, observed_ms
    (long, ms), mean_power (double, W), readings (long).
    """
    interval = F.col("interval_ms").cast("long")
    is_on = F.col("power").cast("double") >= thresholds.column()
    micro_watts = (F.col("power").cast("double") * _MICRO + 0.5).cast("long")
    slides = F.array(*(F.lit(slide).cast("long") for slide in range(0, window_ms, slide_ms)))
    # As window() does it: the column that windows are told by carries the watermark of the instants that it is made of.
    watermark = readings.schema["event_time"].metadata
    sums = (
        readings.select(
            *_packed_names(),
            _first_end(slide_ms).alias("first_end"),
            interval.alias("observed"),
            F.when(is_on, interval).otherwise(F.lit(0)).alias("on"),
            (micro_watts * interval).alias("energy"),
        )
        .select("*", F.explode(slides).alias("slide"))
        .select("*", F.timestamp_millis(F.col("first_end") + F.col("slide")).alias("end", metadata=watermark))
        .groupBy("end", "names", "lengths")
        .agg(
            F.sum("on").alias("on_ms"),
            F.sum("observed").alias("observed_ms"),
            F.sum("energy").alias("energy"),
            F.count(F.lit(1)).alias("readings"),
        )
    )
    observed = F.col("observed_ms")
    return sums.select(
        *_unpacked_names(),
        (F.unix_millis("end") - window_ms).alias("window_start"),
        F.unix_millis("end").alias("window_end"),
        F.when(observed > 0, F.col("on_ms") / observed).otherwise(F.lit(0.0)).alias("duty_cycle"),
        (observed / F.lit(window_ms)).alias("coverage"),
        "on_ms",
        "observed_ms",
        F.when(observed > 0, F.col("energy") / _MICRO / observed).otherwise(F.lit(0.0)).alias("mean_power"),
        "readings",
    )


def _first_end(slide_ms: int) -> Column:
    """When the first window ends that holds a reading, ms; the others follow slide by slide."""
    timestamp = F.col("timestamp")
    return timestamp - F.pmod(timestamp, F.lit(slide_ms).cast("long")) + slide_ms


# The sums are looked up once for every window of every reading, and are written to the state with every batch, all by
# their key. So it is small and flat: one string for three, which share most of their bytes, and an instant for a
# window. With the struct that window() makes, Spark has no use for its quicker hash map (HashAggregateExec: primitives
# and strings only).


def _packed_names() -> List[Column]:
    """An appliance's id and name as one string, and how long in bytes its house's id and its own are."""
    house_bytes, id_bytes = F.octet_length("house_id"), F.octet_length("appliance_id")
    return [
        F.concat("appliance_id", "appliance_name").alias("names"),
        (house_bytes * _LENGTHS + id_bytes).alias("lengths"),
    ]


def _unpacked_names() -> List[Column]:
    """The reverse: house_id, appliance_id and appliance_name. By bytes, since what was sent may be no UTF-8."""
    names, lengths = F.col("names").cast("binary"), F.col("lengths")
    house_bytes, id_bytes = F.shiftright(lengths, _LENGTHS.bit_length() - 1), F.pmod(lengths, F.lit(_LENGTHS))
    return [
        names.substr(F.lit(1), house_bytes).cast("string").alias("house_id"),
        names.substr(F.lit(1), id_bytes).cast("string").alias("appliance_id"),
        names.substr(id_bytes + 1, F.octet_length(names)).cast("string").alias("appliance_name"),
    ]

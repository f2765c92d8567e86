"""Readings in, duty cycles out: the one thing this job computes, the same on a stream and on static data."""

from __future__ import annotations

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F

from dutycycle.thresholds import Thresholds

# Energy is summed in whole uW x ms. Integers add up to the same total in whatever order Spark merges partial sums, so a
# window that is computed twice (after a restart, say) is the same to the last bit; sums of doubles are not. A reading
# is off by at most half a uW, and 64 bits hold 9.2e12 W x ms: a window of ten minutes at 15 MW.
_MICRO = 1_000_000


def event_time() -> Column:
    """The instant of a reading, from its column ``timestamp`` (ms since the epoch)."""
    return F.timestamp_millis(F.col("timestamp"))


def duty_cycles(readings: DataFrame, window_ms: int, slide_ms: int, thresholds: Thresholds) -> DataFrame:
    """How much of each window each appliance was on.

    A reading stands for ``interval_ms`` backwards from its timestamp and belongs wholly to every window that holds its
    timestamp: with it, energy and on-time add up whatever the sampling rate. Time without readings is not off, it is
    not observed: it lowers the coverage.

    readings: house_id, appliance_id, appliance_name (string), power (float, W, finite, not negative), interval_ms (int)
        and event_time (timestamp; with a watermark when the readings are a stream).
    window_ms, slide_ms: wall-clock ms; windows start at the whole multiples of slide_ms since the epoch.

    Gives one row per appliance and window that holds at least one reading, as in the schema ``dutycycle``: house_id,
    appliance_id, appliance_name, window_start, window_end (long, ms), duty_cycle, coverage (double), on_ms, observed_ms
    (long, ms), mean_power (double, W), readings (long).
    """
    interval = F.col("interval_ms").cast("long")
    is_on = F.col("power").cast("double") >= thresholds.column()
    micro_watts = (F.col("power").cast("double") * _MICRO + 0.5).cast("long")
    sums = (
        readings.select(
            "house_id",
            "appliance_id",
            "appliance_name",
            "event_time",
            interval.alias("observed"),
            F.when(is_on, interval).otherwise(F.lit(0)).alias("on"),
            (micro_watts * interval).alias("energy"),
        )
        .groupBy(
            F.window("event_time", f"{window_ms} milliseconds", f"{slide_ms} milliseconds").alias("window"),
            "house_id",
            "appliance_id",
            "appliance_name",
        )
        .agg(
            F.sum("on").alias("on_ms"),
            F.sum("observed").alias("observed_ms"),
            F.sum("energy").alias("energy"),
            F.count(F.lit(1)).alias("readings"),
        )
    )
    observed = F.col("observed_ms")
    return sums.select(
        "house_id",
        "appliance_id",
        "appliance_name",
        F.unix_millis("window.start").alias("window_start"),
        F.unix_millis("window.end").alias("window_end"),
        F.when(observed > 0, F.col("on_ms") / observed).otherwise(F.lit(0.0)).alias("duty_cycle"),
        (observed / F.lit(window_ms)).alias("coverage"),
        "on_ms",
        "observed_ms",
        F.when(observed > 0, F.col("energy") / _MICRO / observed).otherwise(F.lit(0.0)).alias("mean_power"),
        "readings",
    )

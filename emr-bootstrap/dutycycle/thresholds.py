"""From what power on an appliance counts as on."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Dict

from pyspark.sql import Column
from pyspark.sql import functions as F


@dataclass(frozen=True)
class Thresholds:
    """On-thresholds in W: an appliance is on while power >= threshold.

    The most specific one holds: the appliance's own, else its name's, else the default.
    """

    default_w: float
    names: Dict[str, float]
    appliances: Dict[str, float]

    @staticmethod
    def read(path: str) -> Thresholds:
        """Read ``{"default_w": n, "names": {appliance_name: w}, "appliances": {appliance_id: w}}``, all in W.

        Raises OSError when the file can't be read and ValueError, naming the field, when it says something else.
        """
        parsed = json.loads(Path(path).read_text(encoding="utf-8"))
        if not isinstance(parsed, dict):
            raise ValueError("is not a JSON object")
        return Thresholds(
            default_w=_watts("default_w", parsed.get("default_w")),
            names=_watts_by_key("names", parsed.get("names", {})),
            appliances=_watts_by_key("appliances", parsed.get("appliances", {})),
        )

    def column(self) -> Column:
        """The threshold of a row with the columns ``appliance_id`` and ``appliance_name``, W."""
        by_name = _look_up(self.names, F.col("appliance_name"))
        by_appliance = _look_up(self.appliances, F.col("appliance_id"))
        return F.coalesce(by_appliance, by_name, F.lit(self.default_w))


def _look_up(watts: Dict[str, float], key: Column) -> Column:
    """``watts[key]`` or null: one branch per distinct threshold, of which there are far fewer than keys."""
    column = F.lit(None).cast("double")
    for watt in sorted(set(watts.values())):
        keys = sorted(k for k, w in watts.items() if w == watt)
        column = F.when(key.isin(keys), F.lit(watt)).otherwise(column)
    return column


def _watts(field: str, value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value < float("inf"):
        raise ValueError(f"{field} must be a number of watts from 0, not {json.dumps(value)}")
    return float(value)


def _watts_by_key(field: str, value: object) -> Dict[str, float]:
    if not isinstance(value, dict):
        raise ValueError(f"{field} must be an object of watts, not {json.dumps(value)}")
    return {str(key): _watts(f"{field}.{key}", watts) for key, watts in value.items()}

"""
Metric filters: MiniStack keeps them, this makes metrics of the log events that they match.

Of the patterns, those on JSON are evaluated that compare fields with text, all of which must hold:

    { ($.event = "progress") && ($.rows = "*") }

https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntaxForMetricFilters.html
A filter with another pattern is refused, because it would never give a metric here.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import cloudwatch, cloudwatch_logs

from emulator.shapes import PropertyError, request

_CONDITION = re.compile(r'\(?\s*\$\.([\w.]+)\s*(=|!=)\s*"([^"]*)"\s*\)?')
_FIELD = re.compile(r"\$\.([\w.]+)")

Condition = Callable[[Mapping[str, Any]], bool]


def parse(pattern: str) -> Condition:
    """What a pattern asks of an event. Raises PropertyError."""
    braced = re.fullmatch(r"\s*\{(.*)\}\s*", pattern)
    parts = [_CONDITION.fullmatch(part.strip()) for part in braced[1].split("&&")] if braced else [None]
    conditions = []
    for part in parts:
        if part is None:
            raise PropertyError(f"the rehearsal evaluates no filter pattern of this form: {pattern}")
        conditions.append(_condition(*part.groups()))
    return lambda event: all(condition(event) for condition in conditions)


def _condition(field: str, operator: str, wanted: str) -> Condition:
    def holds(event: Mapping[str, Any]) -> bool:
        found = field_of(event, field)
        if found is None or isinstance(found, dict | list):
            # A field that is absent or no single value neither equals nor differs.
            return False
        # Only `*` is a wildcard.
        matches = fnmatch.fnmatchcase(_text(found), re.sub(r"([?\[])", r"[\1]", wanted))
        return matches == (operator == "=")

    return holds


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def field_of(event: Mapping[str, Any], path: str) -> Any:
    """A field of an event by its path, such as `detail.state`; nothing when it is absent."""
    value: Any = event
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def value_of(event: Mapping[str, Any], metric_value: str) -> float | None:
    """The number that an event gives: a constant, or a field's value if that is a number."""
    field = _FIELD.fullmatch(metric_value)
    found = field_of(event, field[1]) if field else metric_value
    if isinstance(found, bool):
        return None
    try:
        return float(found)
    except (TypeError, ValueError):
        return None


def event_of(message: str) -> Mapping[str, Any] | None:
    """A log event's fields, if it is a JSON object."""
    if not message.lstrip().startswith("{"):
        return None
    try:
        found = json.loads(message)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


_put_filter: Callable[[dict[str, Any]], Any] = cloudwatch_logs._put_metric_filter
_put_events: Callable[[dict[str, Any]], Any] = cloudwatch_logs._put_log_events


def _put_metric_filter(data: dict[str, Any]) -> Any:
    try:
        request("logs", "PutMetricFilter", data)
        parse(str(data["filterPattern"]))
        for transformation in data["metricTransformations"]:
            if transformation.get("dimensions") or "defaultValue" in transformation:
                raise PropertyError("the rehearsal evaluates neither dimensions nor default values of metric filters")
    except PropertyError as error:
        return error_response_json("InvalidParameterException", str(error), 400)
    return _put_filter(data)


def _put_log_events(data: dict[str, Any]) -> Any:
    answer = _put_events(data)
    if answer[0] == 200:
        group = data["logGroupName"]
        filters = [known for known in cloudwatch_logs._metric_filters.values() if known["logGroupName"] == group]
        if filters:
            _publish(filters, data.get("logEvents", []))
    return answer


def _publish(filters: list[dict[str, Any]], log_events: list[dict[str, Any]]) -> None:
    conditions = [(parse(known["filterPattern"]), known["metricTransformations"]) for known in filters]
    for log_event in log_events:
        event = event_of(log_event["message"])
        if event is None:
            continue
        for matches, transformations in conditions:
            if not matches(event):
                continue
            for transformation in transformations:
                value = value_of(event, transformation["metricValue"])
                if value is not None:
                    _store(transformation, log_event["timestamp"] / 1000, value)


def _store(transformation: Mapping[str, Any], timestamp: float, value: float) -> None:
    unit = transformation.get("unit", "None")
    cloudwatch._store_datum(
        transformation["metricNamespace"],
        transformation["metricName"],
        dims={},
        ts=timestamp,
        unit=unit,
        value=value,
        values=None,
        counts=None,
        stat_values=None,
    )


def install() -> None:
    """Puts them in the place of MiniStack's own, which is asked by these names at each call."""
    cloudwatch_logs._put_metric_filter = _put_metric_filter
    cloudwatch_logs._put_log_events = _put_log_events

"""Metric filters, by the form of pattern that the deployment uses."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws import client
from emulator.metric_filters import event_of, parse, value_of
from emulator.shapes import PropertyError
from stacks import Stack, resources_of, template


@pytest.mark.parametrize(
    ("pattern", "event", "expected"),
    [
        ('{ $.event = "progress" }', {"event": "progress"}, True),
        ('{ $.event = "progress" }', {"event": "progressing"}, False),
        ('{ $.event = "prog*" }', {"event": "progressing"}, True),
        ('{ $.event != "progress" }', {"event": "started"}, True),
        ('{ $.event != "progress" }', {"other": 1}, False),
        ('{ ($.event = "progress") && ($.rows = "*") }', {"event": "progress", "rows": 0}, True),
        ('{ ($.event = "progress") && ($.rows = "*") }', {"event": "progress"}, False),
        ('{ ($.event = "progress") && ($.rows = "*") }', {"event": "progress", "rows": None}, False),
        ('{ $.event = "a?c" }', {"event": "abc"}, False),
        ('{ $.event = "a?c" }', {"event": "a?c"}, True),
        ('{ $.detail.state = "FAILED" }', {"detail": {"state": "FAILED"}}, True),
        ('{ $.detail.state = "FAILED" }', {"detail": "FAILED"}, False),
        ('{ $.detail = "*" }', {"detail": {"state": "FAILED"}}, False),
    ],
)
def test_a_pattern_matches_fields_of_json(pattern: str, event: dict[str, Any], expected: bool) -> None:
    assert parse(pattern)(event) is expected


@pytest.mark.parametrize(
    "pattern",
    ["", "ERROR", "{ $.rows > 1 }", '{ ($.a = "x") || ($.b = "y") }', '{ $.a = "x"', "{ $.a NOT EXISTS }", "[a, b]"],
)
def test_a_pattern_that_is_not_evaluated_is_refused(pattern: str) -> None:
    with pytest.raises(PropertyError, match="evaluates no filter pattern of this form"):
        parse(pattern)


def test_a_value_is_a_constant_or_a_number_in_a_field() -> None:
    event = {"rows": 5, "text": "2.5", "word": "x", "flag": True, "nested": {"ms": 7}}
    assert [value_of(event, value) for value in ("1", "$.rows", "$.text", "$.nested.ms")] == [1, 5, 2.5, 7]
    assert [value_of(event, value) for value in ("$.word", "$.flag", "$.absent", "$.nested")] == [None] * 4


def test_only_objects_are_events() -> None:
    assert event_of(' {"a": 1}') == {"a": 1}
    assert [event_of(message) for message in ("plain text", "[1]", '{"a":', "{}x")] == [None] * 4


def sent(group: str, *messages: str) -> None:
    logs = client("logs")
    logs.put_log_events(
        logGroupName=group,
        logStreamName="stream",
        logEvents=[{"timestamp": int(time.time() * 1000), "message": message} for message in messages],
    )


def statistics(name: str, namespace: str = "grid") -> dict[str, Any] | None:
    now = datetime.now(UTC)
    found = client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=1),
        Period=3600,
        Statistics=["Sum", "SampleCount"],
    )["Datapoints"]
    return {
        "Sum": sum(point["Sum"] for point in found),
        "SampleCount": sum(point["SampleCount"] for point in found),
    } if found else None  # fmt: skip


@pytest.mark.usefixtures("emulator")
def test_events_that_match_become_data_of_the_metric() -> None:
    transformation = {"MetricNamespace": "grid", "MetricName": "Rows", "MetricValue": "$.rows"}
    pattern = '{ ($.event = "progress") && ($.rows = "*") }'
    filtered = {"FilterPattern": pattern, "MetricTransformations": [transformation], "LogGroupName": {"Ref": "Log"}}
    stack = Stack(
        {"Log": {"Type": "AWS::Logs::LogGroup"}, "Rows": {"Type": "AWS::Logs::MetricFilter", "Properties": filtered}}
    )
    group = stack.id_of("Log")
    client("logs").create_log_stream(logGroupName=group, logStreamName="stream")
    sent(group, '{"event":"started","rows":100}', "not JSON")
    assert statistics("Rows") is None
    sent(group, '{"event":"progress","rows":3}', '{"event":"progress","rows":"many"}', '{"event":"progress","rows":4}')
    assert statistics("Rows") == {"Sum": 7, "SampleCount": 2}
    stack.delete()


@pytest.mark.usefixtures("emulator")
def test_the_deployments_own_filters_are_all_evaluated() -> None:
    made = resources_of(template("operations"), ["AWS::Logs::MetricFilter"], lambda _output: "known-group")
    client("logs").create_log_group(logGroupName="known-group")
    stack = Stack(made)
    filters = client("logs").describe_metric_filters(logGroupName="known-group")["metricFilters"]
    assert len(filters) == len(made) > 10
    stack.delete()
    client("logs").delete_log_group(logGroupName="known-group")


@pytest.mark.usefixtures("emulator")
def test_a_filter_that_gives_no_metric_here_is_refused() -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="refusing")
    for pattern, more in (
        ("ERROR", {}),
        ('{ $.a = "b" }', {"dimensions": {"a": "$.a"}}),
        ('{ $.a = "b" }', {"defaultValue": 0}),
    ):
        with pytest.raises(ClientError, match="the rehearsal evaluates"):
            logs.put_metric_filter(
                logGroupName="refusing",
                filterName="f",
                filterPattern=pattern,
                metricTransformations=[{"metricNamespace": "grid", "metricName": "x", "metricValue": "1", **more}],
            )
    logs.delete_log_group(logGroupName="refusing")

"""Replacements of hosts as the operations stack counts them: Auto Scaling's event, a rule, its log and its metric."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from emulator.aws import client
from emulator.events import publish
from stacks import Stack, resources_of, template

pytestmark = pytest.mark.usefixtures("emulator")

STOPPED = (
    "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or "
    "stopped"
)
REMOVED = "an instance was taken out of service in response to a user request"


def replacements(*left_out: str) -> dict[str, Any]:
    """The rules of the seed's own operations stack, for groups that are called by their output."""
    resources = resources_of(
        template("operations"), ["AWS::Events::Rule", "AWS::Logs::ResourcePolicy"], lambda output: f"group-{output}"
    )
    return {name: resource for name, resource in resources.items() if resource["Type"] not in left_out}


def group_of(rule: dict[str, Any]) -> str:
    [name] = rule["Properties"]["EventPattern"]["detail"]["AutoScalingGroupName"]
    return str(name)


def terminated(group: str, cause: str) -> None:
    detail = {"AutoScalingGroupName": group, "Cause": f"At 2026-11-27T20:00:00Z {cause}.", "EC2InstanceId": "i-0123"}
    publish("aws.autoscaling", "EC2 Instance Terminate Successful", detail)


def counted(rule: str, name: str = "Invocations") -> float:
    now = datetime.now(UTC)
    found = client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Events",
        MetricName=name,
        Dimensions=[{"Name": "RuleName", "Value": rule}],
        StartTime=now - timedelta(hours=1),
        EndTime=now + timedelta(minutes=5),
        Period=300,
        Statistics=["Sum"],
    )
    return float(sum(point["Sum"] for point in found["Datapoints"]))


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it did not happen within 20 s"
        time.sleep(0.05)


def test_a_host_that_was_not_running_is_counted_for_its_group_alone_and_kept_in_the_log() -> None:
    resources = replacements()
    stack = Stack(resources)
    rules = {name: group_of(rule) for name, rule in resources.items() if rule["Type"] == "AWS::Events::Rule"}
    druid = next(name for name, group in rules.items() if "druid" in name or "druid" in name.lower())
    others = [stack.id_of(name) for name, group in rules.items() if group != rules[druid]]
    assert others
    terminated(rules[druid], REMOVED)
    for count in (1, 2):
        terminated(rules[druid], STOPPED)
        until(lambda count=count: counted(stack.id_of(druid)) == count)  # type: ignore[misc]
    assert [counted(rule) for rule in others] == [0] * len(others)
    assert counted(stack.id_of(druid), "FailedInvocations") == 0
    events = client("logs").filter_log_events(logGroupName="/aws/events/igrid/replacements")["events"]
    assert len(events) == 2
    assert all(STOPPED in event["message"] for event in events)
    stack.delete()


def test_without_the_policy_of_the_log_group_an_event_is_lost_and_counted_as_failed() -> None:
    resources = replacements("AWS::Logs::ResourcePolicy")
    stack = Stack(resources)
    name = next(name for name, rule in resources.items() if rule["Type"] == "AWS::Events::Rule")
    terminated(group_of(resources[name]), STOPPED)
    until(lambda: counted(stack.id_of(name), "FailedInvocations") == 1)
    assert client("logs").filter_log_events(logGroupName="/aws/events/igrid/replacements")["events"] == []
    stack.delete()

"""Alarms and the budget."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.aws import ACCOUNT, client
from stacks import Stack, StackError, resources_of, template

pytestmark = pytest.mark.usefixtures("emulator")

TYPES = ["AWS::CloudWatch::Alarm", "AWS::Budgets::Budget"]
STAT = {"Metric": {"Namespace": "grid", "MetricName": "lag"}, "Period": 60, "Stat": "Maximum"}


def alarm(**properties: Any) -> dict[str, Any]:
    common = {"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 1}
    return {"Type": "AWS::CloudWatch::Alarm", "Properties": {**common, **properties}}


def alarms() -> list[dict[str, Any]]:
    pages = client("cloudwatch").get_paginator("describe_alarms").paginate()
    return [found for page in pages for found in page["MetricAlarms"]]


def budgets() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client("budgets").describe_budgets(AccountId=ACCOUNT).get("Budgets", [])
    return found


def test_the_deployments_own_alarms_and_budget_are_made_and_leave_nothing() -> None:
    made = resources_of(template("operations", "prod"), TYPES, lambda output: f"stand-in-{output[-8:]}")
    for resource in made.values():
        # See stacks.py for the limit.
        if "AlarmDescription" in resource["Properties"]:
            resource["Properties"]["AlarmDescription"] = "see the runbook"
    stack = Stack(made)
    assert len(alarms()) == sum(resource["Type"] == "AWS::CloudWatch::Alarm" for resource in made.values()) > 0
    assert len(budgets()) == 1
    stack.delete()
    assert alarms() == []
    assert budgets() == []


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"Metrics": [{"Id": "a", "MetricStat": STAT}, {"Id": "a", "MetricStat": STAT}]}, "two metrics have one id"),
        ({"Metrics": [{"Id": "a", "MetricStat": STAT}, {"Id": "b", "MetricStat": STAT}]}, "returns data to an alarm"),
        ({"Metrics": [{"Id": "a", "Expression": "b", "MetricStat": STAT}]}, "either an expression or a metric"),
        ({"Metrics": [{"Id": "a"}]}, "either an expression or a metric"),
        ({"ComparisonOperator": "Above"}, "'Above' is not one of"),
        ({"EvaluationPeriods": 0, "MetricName": "lag", "Namespace": "grid"}, "0 is less than 1"),
        ({"Colour": "red"}, "extraneous key [Colour] is not permitted"),
    ],
)
def test_an_alarm_that_cloudwatch_would_refuse_fails_its_stack(properties: dict[str, Any], reason: str) -> None:
    with pytest.raises(StackError) as raised:
        Stack({"Alarm": alarm(**properties)})
    assert reason in str(raised.value)


def test_an_alarm_changes_in_place() -> None:
    stack = Stack({"Alarm": alarm(MetricName="lag", Namespace="grid", Period=60, Statistic="Maximum")})
    [made] = alarms()
    stack.update({"Alarm": alarm(MetricName="lag", Namespace="grid", Period=60, Statistic="Maximum", Threshold=5)})
    [changed] = alarms()
    assert (changed["AlarmName"], changed["Threshold"]) == (made["AlarmName"], 5)
    stack.delete()


def test_a_composite_alarm_is_made_of_others_changes_in_place_and_goes() -> None:
    def composite(**properties: Any) -> dict[str, Any]:
        rule = {"AlarmRule": {"Fn::Sub": "ALARM(${Alarm})"}}
        return {"Type": "AWS::CloudWatch::CompositeAlarm", "Properties": {**rule, **properties}}

    def found() -> list[dict[str, Any]]:
        answer = client("cloudwatch").describe_alarms(AlarmTypes=["CompositeAlarm"])
        alarms: list[dict[str, Any]] = answer["CompositeAlarms"]
        return alarms

    simple = alarm(MetricName="lag", Namespace="grid", Period=60, Statistic="Maximum")
    stack = Stack({"Alarm": simple, "Both": composite()})
    [made] = found()
    assert made["AlarmRule"] == f"ALARM({stack.id_of('Alarm')})"
    stack.update({"Alarm": simple, "Both": composite(AlarmDescription="lags")})
    [changed] = found()
    assert (changed["AlarmName"], changed["AlarmDescription"]) == (made["AlarmName"], "lags")
    stack.delete()
    assert found() == []
    with pytest.raises(StackError, match="extraneous key \\[Colour\\] is not permitted"):
        Stack({"Alarm": simple, "Both": composite(Colour="red")})


def test_a_budget_needs_its_limit_in_the_form_of_the_service() -> None:
    budget = {"BudgetType": "COSTLY", "TimeUnit": "MONTHLY"}
    with pytest.raises(StackError, match="'COSTLY' is not one of"):
        Stack({"Budget": {"Type": "AWS::Budgets::Budget", "Properties": {"Budget": budget}}})

"""
Alarms: those on metric math and composite ones, which MiniStack's templates lack, and the check of all of them by the
service's model.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ministack.services import cloudwatch
from ministack.services.cloudformation import provisioners

from emulator.aws import ACCOUNT, REGION, client
from emulator.registry import Created, Place, ResourceType
from emulator.resources.unique_names import refuse_if_taken
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]

_record = provisioners._cw_metric_alarm_record
_delete_alarm = provisioners._RESOURCE_HANDLERS["AWS::CloudWatch::Alarm"]["delete"]


def _name(place: Place, properties: Properties) -> str:
    return str(properties.get("AlarmName") or provisioners._physical_name(place.stack_name, place.logical_id))


def _put(name: str, properties: Properties) -> Created:
    wanted = request("cloudwatch", "PutMetricAlarm", {**properties, "AlarmName": name})
    metrics = wanted.get("Metrics")
    if metrics is None:
        record = _record(name, dict(properties))
    else:
        _check_math(metrics)
        # MiniStack keeps alarms on one metric only: this one carries its expressions beside a metric that is none.
        stand_in = {"MetricName": "-", "Namespace": "-", "Period": 60}
        rest = {key: value for key, value in properties.items() if key != "Metrics"}
        record = {**_record(name, {**rest, **stand_in}), "Metrics": metrics}
    cloudwatch.cloudformation_put_metric_alarm(record)
    cloudwatch.cloudformation_set_metric_alarm_tags(name, list(properties.get("Tags") or []))
    return name, {"Arn": record["AlarmArn"]}


def _check_math(metrics: list[dict[str, Any]]) -> None:
    identities = [metric["Id"] for metric in metrics]
    if len(set(identities)) != len(identities):
        raise PropertyError(f"two metrics have one id: {', '.join(identities)}")
    answers = [metric["Id"] for metric in metrics if metric.get("ReturnData", True)]
    if len(answers) != 1:
        raise PropertyError(f"exactly one metric returns data to an alarm, not {len(answers)}")
    for metric in metrics:
        if ("Expression" in metric) == ("MetricStat" in metric):
            raise PropertyError(f"metric {metric['Id']}: either an expression or a metric")


def _create(place: Place, properties: Properties) -> Created:
    name = properties.get("AlarmName")
    if name is not None:
        known = client("cloudwatch").describe_alarms(AlarmNames=[name], AlarmTypes=["MetricAlarm", "CompositeAlarm"])
        found = [*known["MetricAlarms"], *known["CompositeAlarms"]]
        refuse_if_taken("AWS::CloudWatch::Alarm", name, {alarm["AlarmName"]: alarm for alarm in found})
    return _put(_name(place, properties), properties)


def _update(_place: Place, name: str, _old: Properties, new: Properties) -> Created:
    return _put(name, new)


def _delete(name: str, properties: Properties) -> None:
    _delete_alarm(name, dict(properties))


def _put_composite(name: str, properties: Properties) -> Created:
    client("cloudwatch").put_composite_alarm(
        **request("cloudwatch", "PutCompositeAlarm", {**properties, "AlarmName": name})
    )
    return name, {"Arn": f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:{name}"}


def _create_composite(place: Place, properties: Properties) -> Created:
    return _put_composite(_name(place, properties), properties)


def _update_composite(_place: Place, name: str, _old: Properties, new: Properties) -> Created:
    return _put_composite(name, new)


def _delete_composite(name: str, _properties: Properties) -> None:
    client("cloudwatch").delete_alarms(AlarmNames=[name])


TYPES = [
    ResourceType("AWS::CloudWatch::Alarm", _create, _delete, _update, replacing=("AlarmName",)),
    ResourceType(
        "AWS::CloudWatch::CompositeAlarm", _create_composite, _delete_composite, _update_composite, ("AlarmName",)
    ),
]

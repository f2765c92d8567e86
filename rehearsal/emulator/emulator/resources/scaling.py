"""Application Auto Scaling, of which the deployment uses the growth of MSK's disks. Only on record."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from emulator.aws import ACCOUNT, REGION
from emulator.registry import Created, Place, ResourceType
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]
SERVICE = "application-autoscaling"

_targets: dict[str, dict[str, Any]] = {}
_policies: dict[str, dict[str, Any]] = {}


def _register(_place: Place, properties: Properties) -> Created:
    wanted = request(
        SERVICE,
        "RegisterScalableTarget",
        {**properties, "Tags": {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}},
    )
    if wanted["MinCapacity"] > wanted["MaxCapacity"]:
        raise PropertyError("MinCapacity is greater than MaxCapacity")
    identity = "|".join(wanted[key] for key in ("ResourceId", "ScalableDimension", "ServiceNamespace"))
    _targets[identity] = wanted
    return identity, {"Id": identity}


def _update(_place: Place, _identity: str, _old: Properties, new: Properties) -> Created:
    return _register(_place, new)


def _deregister(identity: str, _properties: Properties) -> None:
    if any(policy["target"] == identity for policy in _policies.values()):
        raise ValueError(f"{identity} still has a scaling policy")
    del _targets[identity]


def _put_policy(_place: Place, properties: Properties) -> Created:
    target = properties.get("ScalingTargetId")
    if target not in _targets:
        raise PropertyError(f"no scalable target {target}")
    of_target = {key: _targets[target][key] for key in ("ResourceId", "ScalableDimension", "ServiceNamespace")}
    rest = {key: value for key, value in properties.items() if key != "ScalingTargetId"}
    wanted = request(SERVICE, "PutScalingPolicy", {**rest, **of_target})
    arn = (
        f"arn:aws:autoscaling:{REGION}:{ACCOUNT}:scalingPolicy:{uuid.uuid4()}:resource/"
        f"{of_target['ServiceNamespace']}/{of_target['ResourceId']}:policyName/{wanted['PolicyName']}"
    )
    _policies[arn] = {"target": target, **wanted}
    return arn, {"Arn": arn}


def _delete_policy(arn: str, _properties: Properties) -> None:
    del _policies[arn]


TYPES = [
    ResourceType(
        "AWS::ApplicationAutoScaling::ScalableTarget",
        _register,
        _deregister,
        _update,
        replacing=("ResourceId", "ScalableDimension", "ServiceNamespace"),
    ),
    ResourceType(
        "AWS::ApplicationAutoScaling::ScalingPolicy",
        _put_policy,
        _delete_policy,
        replacing=("PolicyName", "ScalingTargetId", "PolicyType", "TargetTrackingScalingPolicyConfiguration"),
    ),
]

"""
Groups of Auto Scaling: each keeps its one instance, replaces it when it no longer runs, waits for its signal where its
policies require that, and notifies EventBridge.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from ministack.services import ec2
from ministack.services.cloudformation import provisioners, wait_conditions

from emulator.aws import client
from emulator.events import publish
from emulator.registry import Created, Place, ResourceType
from emulator.resources import instances
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]
GROUP = "AWS::AutoScaling::AutoScalingGroup"

# Without either, a group does not replace an instance that no longer runs
# (https://docs.aws.amazon.com/autoscaling/ec2/userguide/as-suspend-resume-processes.html).
_HEALING = {"HealthCheck", "ReplaceUnhealthy", "Launch", "Terminate"}

# What Auto Scaling gives as causes.
_MISSING = "an instance was started in response to a difference between desired and actual capacity"
_STOPPED = (
    "an instance was taken out of service in response to an EC2 health check indicating it has been terminated or "
    "stopped"
)
_REMOVED = "an instance was taken out of service in response to a user request"


@dataclass
class Group:
    """What a group is beside its record in MiniStack."""

    properties: Properties
    members: list[str] = field(default_factory=list)
    # Former members that may not be gone yet.
    leaving: list[str] = field(default_factory=list)
    # Held while members are started or ended.
    lock: threading.RLock = field(default_factory=threading.RLock)
    suspended: frozenset[str] = frozenset()


_groups: dict[str, Group] = {}
_create_record = provisioners._asg_create
_update_record = provisioners._RESOURCE_HANDLERS[GROUP]["update"]
_delete_record = provisioners._RESOURCE_HANDLERS[GROUP]["delete"]


def _create_group(place: Place, properties: Properties) -> Created:
    _check_group(properties)
    name, attributes = _create_record(place.logical_id, dict(properties), place.stack_name)
    group = Group(properties)
    policy = _definition(place).get("CreationPolicy")
    signal = policy.get("ResourceSignal", {}) if policy else None
    try:
        # An empty group that is known would heal.
        with group.lock:
            _groups[name] = group
            token = _fill(place, name, signal)
        _await(place, name, token, signal)
    except BaseException:
        _remove(name)
        _delete_record(name, dict(properties))
        raise
    return name, attributes


def _update_group(place: Place, name: str, old: Properties, new: Properties) -> Created:
    _check_group(new)
    group = _groups[name]
    _update_record(name, dict(old), dict(new), place.stack_name, place.logical_id)
    with group.lock:
        group.properties = new
    policy = _definition(place).get("UpdatePolicy", {}).get("AutoScalingRollingUpdate")
    if old.get("LaunchTemplate") != new.get("LaunchTemplate") and policy is not None:
        if int(policy.get("MinInstancesInService", 0)) > 0:
            raise ValueError("the rehearsal replaces a group's only instance before it starts the new one")
        waits = str(policy.get("WaitOnResourceSignals", False)).lower() == "true"
        signal = {"Count": 1, "Timeout": policy.get("PauseTime", "PT5M")} if waits else None
        with _suspended(group, policy.get("SuspendProcesses", [])):
            try:
                with group.lock:
                    _empty(name, _REMOVED)
                    token = _fill(place, name, signal)
                _await(place, name, token, signal)
            except BaseException:
                # MiniStack rolls back what its handlers have finished: this one has replaced the instance already.
                _update_record(name, dict(new), dict(old), place.stack_name, place.logical_id)
                with group.lock:
                    group.properties = old
                    _empty(name, _REMOVED)
                    _launch_member(name)
                raise
    return name, {}


@contextmanager
def _suspended(group: Group, processes: list[str]) -> Iterator[None]:
    """Processes of Auto Scaling that rest while CloudFormation replaces instances."""
    group.suspended = frozenset(processes)
    try:
        yield
    finally:
        group.suspended = frozenset()


def _delete_group(name: str, properties: Properties) -> None:
    _remove(name)
    _delete_record(name, dict(properties))


def _remove(name: str) -> None:
    """Ends a group's instances, and keeps it from starting others."""
    group = _groups[name]
    with group.lock:
        _empty(name, _REMOVED)
        for identity in group.leaving:
            instances.terminate(identity)
        del _groups[name]


def _check_group(properties: Properties) -> None:
    zones = properties.get("VPCZoneIdentifier")
    tags = [{**tag, "ResourceType": "auto-scaling-group"} for tag in properties.get("Tags", [])]
    rest = {
        key: value
        for key, value in properties.items()
        if key not in ("MetricsCollection", "NotificationConfigurations")
    }
    wanted = {"AutoScalingGroupName": "-", **rest, "Tags": tags}
    wanted["VPCZoneIdentifier"] = ",".join(zones) if isinstance(zones, list) else zones
    request("autoscaling", "CreateAutoScalingGroup", wanted)
    if int(properties["MinSize"]) != 1 or int(properties["MaxSize"]) != 1:
        raise ValueError("the rehearsal has groups of one instance only")


def _definition(place: Place) -> Properties:
    # As MiniStack reads it for wait conditions: policies are beside the properties.
    definition: Properties = provisioners._cfn_wait_condition_definition(place.stack_name, place.logical_id)
    return definition


def _fill(place: Place, name: str, signal: Properties | None) -> Any:
    """Starts the group's instance. Returns what its signal is awaited by, where one is asked for."""
    stack_id = provisioners._cr_stack_id(place.stack_name)
    token = wait_conditions.register_slot(stack_id)
    waiting: dict[str, Any] = {"token": token, "stack_name": place.stack_name, "resource_type": GROUP}
    if signal is not None:
        # Before the start: a host could be quicker than the wait.
        with wait_conditions._lock:
            wait_conditions._waiting[(stack_id, place.logical_id)] = waiting
    _launch_member(name)
    return token


def _await(place: Place, name: str, token: Any, signal: Properties | None) -> None:
    """Waits for the signal. Meanwhile the group heals as ever: it may be that of a second instance."""
    if signal is None:
        return
    stack_id = provisioners._cr_stack_id(place.stack_name)
    seconds = _seconds(str(signal.get("Timeout", "PT5M")))
    count = int(signal.get("Count", 1))
    try:
        wait_conditions.wait_for(token, stack_id, place.stack_name, place.logical_id, GROUP, count, seconds)
    except TimeoutError:
        raise RuntimeError(
            f"Failed to receive {count} resource signal(s) within the specified duration ({signal.get('Timeout')})"
        ) from None
    except RuntimeError:
        raise RuntimeError(
            f"Received 1 FAILURE signal(s) out of {count}. Unable to satisfy 100% MinSuccessfulInstancesPercent"
            f" requirement (logs of the machine: {', '.join(_groups[name].members)})"
        ) from None


def _launch_member(name: str) -> None:
    group = _groups[name]
    with group.lock:
        data, subnet = _launch_request(group.properties)
        started = time.time()
        try:
            identity = instances.launch({**data, "SubnetId": subnet})
        except BaseException as error:
            _tell(name, _Activity("Launch", _MISSING, started, None, str(error)))
            raise
        group.members.append(identity)
        _show(name)
    _tell(name, _Activity("Launch", _MISSING, started, identity))


def _launch_request(properties: Properties) -> tuple[dict[str, Any], str]:
    """What RunInstances is asked for, and the subnet."""
    reference = properties["LaunchTemplate"]
    key = "LaunchTemplateId" if "LaunchTemplateId" in reference else "LaunchTemplateName"
    [version] = client("ec2").describe_launch_template_versions(
        **{key: reference[key]}, Versions=[str(reference["Version"])]
    )["LaunchTemplateVersions"]
    record = next(
        stored
        for template in ec2._launch_templates.values()
        if template["LaunchTemplateId"] == version["LaunchTemplateId"]
        for stored in template["Versions"]
        if str(stored["VersionNumber"]) == str(version["VersionNumber"])
    )
    data = dict(record["LaunchTemplateData"])
    zones = properties["VPCZoneIdentifier"]
    subnet = zones[0] if isinstance(zones, list) else zones.split(",")[0]
    propagated = [
        {"Key": tag["Key"], "Value": tag["Value"]} for tag in properties.get("Tags", []) if tag.get("PropagateAtLaunch")
    ]
    data["TagSpecifications"] = [{"ResourceType": "instance", "Tags": propagated}] if propagated else []
    return data, subnet


def _empty(name: str, cause: str) -> None:
    """Ends the members, and returns when they are gone entirely."""
    group = _groups[name]
    with group.lock:
        members, group.members = group.members, []
        _show(name)
        for identity in members:
            _end_member(name, identity, cause)


def _end_member(name: str, identity: str, cause: str) -> None:
    started = time.time()
    instances.terminate(identity)
    _tell(name, _Activity("Terminate", cause, started, identity))


def _show(name: str) -> None:
    """What DescribeAutoScalingGroups answers."""
    group = provisioners._asg._asgs.get(name)
    if group is None:
        return
    group["Instances"] = [
        {
            "InstanceId": identity,
            "LifecycleState": "InService",
            "HealthStatus": "Healthy",
            "AvailabilityZone": ec2._instances[identity]["Placement"]["AvailabilityZone"],
            "ProtectedFromScaleIn": False,
            "LaunchTemplate": group["LaunchTemplate"],
            "LaunchConfigurationName": "",
        }
        for identity in _groups[name].members
        if identity in ec2._instances
    ]


def heal() -> None:
    """Replaces instances that no longer run, as Auto Scaling does with those that fail EC2's status checks."""
    for name, group in list(_groups.items()):
        if not group.lock.acquire(blocking=False):
            # Its instances are just being started or ended.
            continue
        try:
            if name in _groups:
                _heal_group(name, group)
        except Exception:
            # It tries again the next time, as Auto Scaling does.
            logging.getLogger("emulator").exception("an instance of %s could not be replaced", name)
        finally:
            group.lock.release()


def _heal_group(name: str, group: Group) -> None:
    gone = [identity for identity in group.members if not instances.is_in_service(identity)]
    if group.suspended & _HEALING or (group.members and not gone):
        return
    group.members = [identity for identity in group.members if identity not in gone]
    group.leaving = gone
    _show(name)
    for identity in gone:
        # Auto Scaling does not wait until it is gone: the new one must handle what the old one still holds.
        threading.Thread(target=_end_member, args=(name, identity, _STOPPED), daemon=True).start()
    _launch_member(name)


@dataclass(frozen=True)
class _Activity:
    """One start or end of an instance."""

    what: Literal["Launch", "Terminate"]
    cause: str
    started: float
    # None: it did not come to one.
    instance: str | None
    # Why it failed.
    problem: str = ""


def _tell(name: str, activity: _Activity) -> None:
    """https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-event-reference.html"""
    record = provisioners._asg._asgs.get(name)
    if record is None:
        return
    what, instance = activity.what, activity.instance
    doing = "Launching a new" if what == "Launch" else "Terminating"
    detail = {
        "StatusCode": "Failed" if activity.problem else "InProgress",
        "Description": f"{doing} EC2 instance: {instance}" if instance else f"{doing} EC2 instance.",
        "AutoScalingGroupName": name,
        "ActivityId": str(uuid.uuid4()),
        "Details": {"Availability Zone": record["AvailabilityZones"][0], "Subnet ID": record["VPCZoneIdentifier"]},
        "RequestId": str(uuid.uuid4()),
        "StatusMessage": activity.problem,
        "StartTime": _time(activity.started),
        "EndTime": _time(time.time()),
        "Cause": f"At {_time(activity.started)} {activity.cause}.",
        **({"EC2InstanceId": instance} if instance else {}),
    }
    resources = [record["AutoScalingGroupARN"], *([instances.arn(instance)] if instance else [])]
    outcome = "Unsuccessful" if activity.problem else "Successful"
    publish("aws.autoscaling", f"EC2 Instance {what} {outcome}", detail, resources)


def _time(seconds: float) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


def _seconds(duration: str) -> float:
    match = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", duration)
    if match is None or not any(match.groups()):
        raise PropertyError(f"{duration} is not a duration such as PT25M")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


TYPES = [
    ResourceType(
        GROUP,
        _create_group,
        _delete_group,
        _update_group,
        replacing=("AutoScalingGroupName",),
    ),
]

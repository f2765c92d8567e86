"""
EC2 instances that are machines: RunInstances boots one, TerminateInstances ends it, RebootInstances reboots it. A group
of Auto Scaling keeps its number of them, and waits for their signals where its policies say so.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import os
import re
import threading
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import ec2
from ministack.services.cloudformation import provisioners, wait_conditions

from emulator.aws import client
from emulator.disks import has_disk
from emulator.machines import Machine
from emulator.registry import Created, Place, ResourceType
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]

# Folders that outlive hosts, by the hosts' names: what stands in for storage that the rehearsal hasn't.
_volumes: dict[str, list[str]] = json.loads(os.environ.get("REHEARSAL_VOLUMES", "{}"))

machines: dict[str, Machine] = {}
# Held from the choice of an address until a record has it.
addresses_lock = threading.RLock()
# Told the id of each instance whose machine is gone for good.
on_terminated: list[Callable[[str], None]] = []


# ---- instances ---------------------------------------------------------------


def launch(wanted: Mapping[str, Any], root: str = "debian", binds: Mapping[str, str] | None = None) -> str:
    """
    Boots an instance from a request of RunInstances (checked by the model), and returns its id.
    """
    checked = request("ec2", "RunInstances", {"MinCount": 1, "MaxCount": 1, **wanted})
    api = client("ec2")
    [subnet] = api.describe_subnets(SubnetIds=[checked["SubnetId"]])["Subnets"]
    api.describe_security_groups(GroupIds=checked.get("SecurityGroupIds", []))
    image = _image(checked["ImageId"])
    profile, error = ec2._resolve_iam_instance_profile(
        iam_arn=checked.get("IamInstanceProfile", {}).get("Arn", ""),
        iam_name=checked.get("IamInstanceProfile", {}).get("Name", ""),
    )
    if error:
        raise PropertyError(f"InvalidParameterValue: {error[2].decode()}")
    user_data = checked.get("UserData", "")
    if len(base64.b64decode(user_data)) > 16_384:
        raise PropertyError("User data is limited to 16384 bytes")
    with addresses_lock:
        address = free_address(subnet["CidrBlock"])
        [record] = ec2._launch_instances_internal(
            image_id=image,
            instance_type=checked["InstanceType"],
            subnet_id=checked["SubnetId"],
            count=1,
            user_data=user_data,
            sg_ids=checked.get("SecurityGroupIds"),
            requested_private_ip=address,
            iam_profile=profile,
        )
    record["Placement"]["AvailabilityZone"] = subnet["AvailabilityZone"]
    # A private subnet has no public addresses.
    record["PublicIpAddress"] = record["PublicDnsName"] = ""
    identity: str = record["InstanceId"]
    for specification in checked.get("TagSpecifications", []):
        if specification["ResourceType"] == "instance":
            ec2._tags[identity] = [dict(tag) for tag in specification["Tags"]]
    names = [tag["Value"] for tag in ec2._tags.get(identity, []) if tag["Key"] == "Name"]
    volumes = {target: name for name in names for target in _volumes.get(name, [])}
    machine = Machine(
        identity,
        address,
        root,
        binds or {},
        volumes,
        has_disk=has_disk(checked["InstanceType"]),
        on_end=lambda: _ended(identity),
    )
    machines[identity] = machine
    try:
        machine.boot()
    except BaseException:
        terminate(identity)
        raise
    return identity


def terminate(identity: str) -> None:
    """Ends an instance; one that is gone already stays gone."""
    machine = machines.pop(identity, None)
    if machine is not None:
        machine.terminate()
    if identity in ec2._instances:
        _terminate_record({"InstanceId.1": [identity]})
    for told in on_terminated:
        told(identity)


def _ended(identity: str) -> None:
    # Powered off from the inside: EC2's default for an instance that shuts itself down is to stop it.
    record = ec2._instances.get(identity)
    if record:
        record["State"] = {"Code": 80, "Name": "stopped"}


def _image(image: str) -> str:
    if not image.startswith("resolve:ssm:"):
        return image
    name = image.removeprefix("resolve:ssm:")
    return str(client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


def free_address(cidr: str) -> str:
    """An address of a subnet that neither an instance nor an interface has; to be asked under the lock."""
    used = {record["PrivateIpAddress"] for record in ec2._instances.values() if record["State"]["Name"] != "terminated"}
    used |= {record["PrivateIpAddress"] for record in ec2._network_interfaces.values()}
    # AWS keeps the first four addresses and the last one of a subnet to itself.
    for address in list(ipaddress.ip_network(cidr).hosts())[9:-1]:
        if str(address) not in used:
            return str(address)
    raise RuntimeError(f"InsufficientFreeAddressesInSubnet: {cidr}")


_terminate_record = ec2._ACTION_MAP["TerminateInstances"]
_reboot_record = ec2._ACTION_MAP["RebootInstances"]


def _identities(parameters: Mapping[str, Any]) -> list[str]:
    listed: list[str] = ec2._parse_member_list(parameters, "InstanceId")
    return listed


def _terminate_instances(parameters: Mapping[str, Any]) -> Any:
    answer = _terminate_record(parameters)
    if answer[0] == 200:
        for identity in _identities(parameters):
            threading.Thread(target=terminate, args=(identity,), daemon=True).start()
    return answer


def _reboot_instances(parameters: Mapping[str, Any]) -> Any:
    answer = _reboot_record(parameters)
    if answer[0] == 200:
        for identity in _identities(parameters):
            if identity in machines:
                machines[identity].reboot()
    return answer


# ---- groups ------------------------------------------------------------------

_groups: dict[str, list[str]] = {}
_templates: dict[str, Properties] = {}
_busy: set[str] = set()
_create_record = provisioners._asg_create
_update_record = provisioners._RESOURCE_HANDLERS["AWS::AutoScaling::AutoScalingGroup"]["update"]
_delete_record = provisioners._RESOURCE_HANDLERS["AWS::AutoScaling::AutoScalingGroup"]["delete"]
GROUP = "AWS::AutoScaling::AutoScalingGroup"


def _create_group(place: Place, properties: Properties) -> Created:
    _check_group(properties)
    name, attributes = _create_record(place.logical_id, dict(properties), place.stack_name)
    _groups[name], _templates[name] = [], properties
    _busy.add(name)
    try:
        policy = _definition(place).get("CreationPolicy")
        _fill(place, name, policy.get("ResourceSignal", {}) if policy else None)
    except BaseException:
        _empty(name)
        _delete_record(name, dict(properties))
        raise
    finally:
        _busy.discard(name)
    return name, attributes


def _update_group(place: Place, name: str, old: Properties, new: Properties) -> Created:
    _check_group(new)
    _busy.add(name)
    try:
        _update_record(name, dict(old), dict(new), place.stack_name, place.logical_id)
        _templates[name] = new
        if old.get("LaunchTemplate") != new.get("LaunchTemplate"):
            policy = _definition(place).get("UpdatePolicy", {}).get("AutoScalingRollingUpdate")
            if policy is not None:
                if int(policy.get("MinInstancesInService", 0)) > 0:
                    raise ValueError("the rehearsal replaces a group's only instance before it starts the new one")
                waits = str(policy.get("WaitOnResourceSignals", False)).lower() == "true"
                signal = {"Count": 1, "Timeout": policy.get("PauseTime", "PT5M")} if waits else None
                _empty(name)
                _fill(place, name, signal)
    finally:
        _busy.discard(name)
    return name, {}


def _delete_group(name: str, properties: Properties) -> None:
    _busy.add(name)
    _empty(name)
    _groups.pop(name, None)
    _templates.pop(name, None)
    _delete_record(name, dict(properties))
    _busy.discard(name)


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


def _fill(place: Place, name: str, signal: Properties | None) -> None:
    """Starts the group's instance and waits for its signal, where one is asked for."""
    stack_id = provisioners._cr_stack_id(place.stack_name)
    token = wait_conditions.register_slot(stack_id)
    waiting: dict[str, Any] = {"token": token, "stack_name": place.stack_name, "resource_type": GROUP}
    if signal is not None:
        # Before the start: a host could be quicker than the wait.
        with wait_conditions._lock:
            wait_conditions._waiting[(stack_id, place.logical_id)] = waiting
    _launch_member(name)
    if signal is None:
        return
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
            f" requirement (logs of the machine: {', '.join(_groups[name])})"
        ) from None


def _launch_member(name: str) -> None:
    properties = _templates[name]
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
    identity = launch({**data, "SubnetId": subnet})
    _groups[name].append(identity)
    _show(name)


def _empty(name: str) -> None:
    for identity in _groups.get(name, []):
        terminate(identity)
    _groups[name] = []
    _show(name)


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
        for identity in _groups[name]
        if identity in ec2._instances
    ]


def heal() -> None:
    """Replaces instances of groups that are gone, as Auto Scaling does with those that fail EC2's status checks."""
    for name, members in list(_groups.items()):
        if name in _busy:
            continue
        gone = [identity for identity in members if identity not in machines or not machines[identity].is_running]
        if not gone:
            continue
        for identity in gone:
            terminate(identity)
        _groups[name] = [identity for identity in members if identity not in gone]
        _launch_member(name)


def _seconds(duration: str) -> float:
    match = re.fullmatch(r"PT(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", duration)
    if match is None or not any(match.groups()):
        raise PropertyError(f"{duration} is not a duration such as PT25M")
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds


def install() -> None:
    """RunInstances and its kin act on machines."""
    ec2._ACTION_MAP["TerminateInstances"] = _terminate_instances
    ec2._ACTION_MAP["RebootInstances"] = _reboot_instances


TYPES = [
    ResourceType(
        GROUP,
        _create_group,
        _delete_group,
        _update_group,
        replacing=("AutoScalingGroupName",),
    ),
]

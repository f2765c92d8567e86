"""EC2 instances that are machines: RunInstances boots one, TerminateInstances ends it, RebootInstances reboots it."""

from __future__ import annotations

import base64
import json
import logging
import os
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ministack.services import ec2

from emulator.address_pool import POOL
from emulator.aws import ACCOUNT, REGION, client
from emulator.disks import has_disk
from emulator.events import publish
from emulator.machines import Machine
from emulator.network import StillThereError
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]

# Folders that outlive hosts, by the hosts' names: substitutes for storage that the rehearsal does not have.
_volumes: dict[str, list[str]] = json.loads(os.environ.get("REHEARSAL_VOLUMES", "{}"))

machines: dict[str, Machine] = {}
# What an instance does that shuts itself down, where that is not EC2's default: to stop.
_behaviours: dict[str, str] = {}
# One for each instance, held while it ends.
_ending: dict[str, threading.Lock] = {}
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
    address = POOL.take(subnet["CidrBlock"])
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
    machines[identity], _ending[identity] = machine, threading.Lock()
    _behaviours[identity] = checked.get("InstanceInitiatedShutdownBehavior", "stop")
    try:
        machine.boot()
    except BaseException:
        terminate(identity)
        raise
    _notify(identity, "running")
    return identity


def terminate(identity: str) -> None:
    """
    Ends an instance, and returns when nothing of its machine is left; one that is gone already stays gone. Only then it
    is `terminated`, its interfaces are free, and another may get its address.
    """
    if identity not in _ending:
        return
    with _ending[identity]:
        machine = machines.get(identity)
        if machine is None:
            return
        _shut_down(identity)
        try:
            machine.terminate()
        except StillThereError as left:
            # Its address is not given out again.
            logging.getLogger("emulator").error("%s", left)
        else:
            POOL.release(machine.address)
        del machines[identity]
        _behaviours.pop(identity, None)
        _terminate_record({"InstanceId.1": [identity]})
        for told in on_terminated:
            told(identity)
    _notify(identity, "terminated")


def is_in_service(identity: str) -> bool:
    """Whether an instance runs and is to go on running."""
    machine = machines.get(identity)
    return machine is not None and machine.is_running and ec2._instances[identity]["State"]["Name"] == "running"


def _shut_down(identity: str) -> None:
    record = ec2._instances[identity]
    if record["State"]["Name"] != "shutting-down":
        record["State"] = {"Code": 32, "Name": "shutting-down"}
        _notify(identity, "shutting-down")
    record.pop("_terminated_at", None)


def _ended(identity: str) -> None:
    """
    Powered off from the inside.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/Using_ChangingInstanceInitiatedShutdownBehavior.html
    """
    if _behaviours.get(identity) == "terminate":
        terminate(identity)
    elif identity in machines and ec2._instances[identity]["State"]["Name"] == "running":
        ec2._instances[identity]["State"] = {"Code": 80, "Name": "stopped"}
        _notify(identity, "stopped")


def _notify(identity: str, state: str) -> None:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/monitoring-instance-state-changes.html"""
    publish(
        "aws.ec2",
        "EC2 Instance State-change Notification",
        {"instance-id": identity, "state": state},
        [arn(identity)],
    )


def arn(identity: str) -> str:
    """The instance as events and policies name it."""
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{identity}"


def _image(image: str) -> str:
    if not image.startswith("resolve:ssm:"):
        return image
    name = image.removeprefix("resolve:ssm:")
    return str(client("ssm").get_parameter(Name=name)["Parameter"]["Value"])


_terminate_record = ec2._ACTION_MAP["TerminateInstances"]
_reboot_record = ec2._ACTION_MAP["RebootInstances"]
_describe_record = ec2._ACTION_MAP["DescribeInstances"]
_matches_others = ec2._matches_filters

# Those of DescribeInstances that an answer follows, beside tags by their name.
_FILTERS = ("instance-id", "instance-state-name", "instance-type", "image-id", "tag-key", "tag-value")


def _identities(parameters: Mapping[str, Any]) -> list[str]:
    listed: list[str] = ec2._parse_member_list(parameters, "InstanceId")
    return listed


_SHUTTING_DOWN = re.compile(r"(<currentState><code>)48(</code><name>)terminated")


def _say_shutting_down(found: re.Match[str]) -> str:
    return f"{found[1]}32{found[2]}shutting-down"


def _terminate_instances(parameters: Mapping[str, Any]) -> Any:
    status, headers, body = _terminate_record(parameters)
    ending = [identity for identity in _identities(parameters) if status == 200 and identity in machines]
    for identity in ending:
        _shut_down(identity)
        threading.Thread(target=terminate, args=(identity,), daemon=True).start()
    # MiniStack calls it terminated at once.
    return status, headers, _SHUTTING_DOWN.sub(_say_shutting_down, body.decode()).encode() if ending else body


def _reboot_instances(parameters: Mapping[str, Any]) -> Any:
    answer = _reboot_record(parameters)
    if answer[0] == 200:
        for identity in _identities(parameters):
            if identity in machines:
                machines[identity].reboot()
    return answer


def _describe_instances(parameters: Mapping[str, Any]) -> Any:
    """MiniStack passes over filters that it does not know, and answers with every instance."""
    for name in ec2._parse_filters(parameters):
        if name not in _FILTERS and not name.startswith("tag:"):
            return ec2._error("InvalidParameterValue", f"The emulator knows no filter '{name}' of instances", 400)
    return _describe_record(parameters)


def _matches_filters(instance: Mapping[str, Any], filters: Mapping[str, Sequence[str]]) -> bool:
    if instance["InstanceId"] not in filters.get("instance-id", [instance["InstanceId"]]):
        return False
    matches: bool = _matches_others(instance, filters)
    return matches


def install() -> None:
    """RunInstances and its kin act on machines."""
    ec2._ACTION_MAP["DescribeInstances"] = _describe_instances
    ec2._matches_filters = _matches_filters
    ec2._ACTION_MAP["TerminateInstances"] = _terminate_instances
    ec2._ACTION_MAP["RebootInstances"] = _reboot_instances

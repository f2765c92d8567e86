"""
Network interfaces that outlive machines. Attaching one gives a running machine a second link, by the interface's MAC
address, as on EC2; a terminated machine lets go of it.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from ministack.services import ec2

from emulator.address_pool import POOL
from emulator.aws import client
from emulator.machines import answer_as_router
from emulator.names import hardware_address
from emulator.registry import Created, Place, ResourceType
from emulator.resources import instances
from emulator.resources.addresses import tagged
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]

_attach_record = ec2._ACTION_MAP["AttachNetworkInterface"]
_detach_record = ec2._ACTION_MAP["DetachNetworkInterface"]


def _create(_place: Place, properties: Properties) -> Created:
    wanted = tagged(properties, "network-interface")
    if "GroupSet" in wanted:
        wanted["Groups"] = wanted.pop("GroupSet")
    checked = request("ec2", "CreateNetworkInterface", wanted)
    api = client("ec2")
    [subnet] = api.describe_subnets(SubnetIds=[checked["SubnetId"]])["Subnets"]
    api.describe_security_groups(GroupIds=checked.get("Groups", []))
    if "PrivateIpAddress" in checked:
        raise PropertyError("the rehearsal chooses the address of a network interface")
    identity: str = api.create_network_interface(**checked)["NetworkInterface"]["NetworkInterfaceId"]
    record = ec2._network_interfaces[identity]
    address = POOL.take(subnet["CidrBlock"])
    record["PrivateIpAddress"] = address
    record["MacAddress"] = hardware_address(address)
    # The first address of a subnet is its router.
    network = ipaddress.ip_network(subnet["CidrBlock"])
    answer_as_router(f"{network.network_address + 1}")
    return identity, {"Id": identity, "PrimaryPrivateIpAddress": address}


def _delete(identity: str, _properties: Properties) -> None:
    if ec2._network_interfaces[identity]["Status"] != "available":
        raise ValueError(f"InvalidParameterValue: Network interface '{identity}' is currently in use.")
    address = ec2._network_interfaces[identity]["PrivateIpAddress"]
    client("ec2").delete_network_interface(NetworkInterfaceId=identity)
    POOL.release(address)


def _attach(parameters: Mapping[str, Any]) -> Any:
    identity, instance = ec2._p(parameters, "NetworkInterfaceId"), ec2._p(parameters, "InstanceId")
    record = ec2._network_interfaces.get(identity)
    machine = instances.machines.get(instance)
    if record is None:
        return _attach_record(parameters)
    if machine is None or not machine.is_running:
        return ec2._error("IncorrectState", f"Instance '{instance}' is not running.", 400)
    if record["Status"] != "available":
        return ec2._error("InvalidParameterValue", f"Network interface '{identity}' is currently in use.", 400)
    if record["AvailabilityZone"] != ec2._instances[instance]["Placement"]["AvailabilityZone"]:
        return ec2._error("InvalidParameterCombination", "You may not attach a network interface across zones.", 400)
    machine.attach(record["MacAddress"], int(ec2._p(parameters, "DeviceIndex")))
    return _attach_record(parameters)


def _detach(parameters: Mapping[str, Any]) -> Any:
    wanted = ec2._p(parameters, "AttachmentId")
    for record in ec2._network_interfaces.values():
        attachment = record.get("Attachment") or {}
        if attachment.get("AttachmentId") == wanted:
            machine = instances.machines.get(attachment["InstanceId"])
            if machine is not None:
                machine.detach(int(attachment["DeviceIndex"]))
            return _detach_record(parameters)
    return ec2._error("InvalidAttachmentID.NotFound", f"The attachment '{wanted}' does not exist", 400)


def _release(instance: str) -> None:
    """Interfaces that a terminated instance had: they were not made with it, so they stay."""
    for record in ec2._network_interfaces.values():
        if (record.get("Attachment") or {}).get("InstanceId") == instance:
            record.update({"Status": "available", "Attachment": None})


def install() -> None:
    """Attaching and detaching act on machines."""
    ec2._ACTION_MAP.update({"AttachNetworkInterface": _attach, "DetachNetworkInterface": _detach})
    instances.on_terminated.append(_release)


TYPES = [
    ResourceType(
        "AWS::EC2::NetworkInterface", _create, _delete, replacing=("SubnetId", "PrivateIpAddress", "InterfaceType")
    )
]

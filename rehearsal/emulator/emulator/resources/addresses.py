"""Elastic IP addresses, NAT gateways and flow logs: MiniStack has their APIs, not their resource types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.aws import client
from emulator.registry import Created, Place, ResourceType
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]

# The address of each gateway, by the gateway's id: MiniStack forgets it.
_allocations: dict[str, str] = {}


def tagged(properties: Properties, resource_type: str) -> dict[str, Any]:
    """EC2's requests name the tagged resource where templates have a plain list."""
    rest = {key: value for key, value in properties.items() if key != "Tags"}
    tags = properties.get("Tags")
    return {**rest, "TagSpecifications": [{"ResourceType": resource_type, "Tags": tags}]} if tags else rest


def _create_address(_place: Place, properties: Properties) -> Created:
    made = client("ec2").allocate_address(**request("ec2", "AllocateAddress", tagged(properties, "elastic-ip")))
    return made["PublicIp"], {"AllocationId": made["AllocationId"], "PublicIp": made["PublicIp"]}


def _delete_address(public_ip: str, _properties: Properties) -> None:
    ec2 = client("ec2")
    [address] = ec2.describe_addresses(PublicIps=[public_ip])["Addresses"]
    used = [gateway for gateway, allocation in _allocations.items() if allocation == address["AllocationId"]]
    if used:
        raise ValueError(f"InvalidIPAddress.InUse: {public_ip} is in use by {used[0]}")
    ec2.release_address(AllocationId=address["AllocationId"])


def _create_gateway(_place: Place, properties: Properties) -> Created:
    ec2 = client("ec2")
    wanted = request("ec2", "CreateNatGateway", tagged(properties, "natgateway"))
    if "SubnetId" not in wanted:
        raise PropertyError("a gateway in a zone needs SubnetId")
    ec2.describe_subnets(SubnetIds=[wanted["SubnetId"]])
    if wanted.get("ConnectivityType", "public") == "public":
        if "AllocationId" not in wanted:
            raise PropertyError("a public gateway needs AllocationId")
        known = ec2.describe_addresses()["Addresses"]
        if wanted["AllocationId"] not in [address["AllocationId"] for address in known]:
            raise PropertyError(f"InvalidAllocationID.NotFound: {wanted['AllocationId']}")
    gateway: str = ec2.create_nat_gateway(**wanted)["NatGateway"]["NatGatewayId"]
    if "AllocationId" in wanted:
        _allocations[gateway] = wanted["AllocationId"]
    return gateway, {"NatGatewayId": gateway}


def _delete_gateway(gateway_id: str, _properties: Properties) -> None:
    client("ec2").delete_nat_gateway(NatGatewayId=gateway_id)
    _allocations.pop(gateway_id, None)


def _create_flow_log(_place: Place, properties: Properties) -> Created:
    wanted = {key: value for key, value in properties.items() if key != "ResourceId"}
    wanted["ResourceIds"] = [properties.get("ResourceId")]
    if wanted.get("LogDestinationType", "cloud-watch-logs") == "cloud-watch-logs":
        if not wanted.get("DeliverLogsPermissionArn"):
            raise PropertyError("a flow log to CloudWatch needs DeliverLogsPermissionArn")
        name = wanted.get("LogGroupName")
        groups = client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        if name not in [group["logGroupName"] for group in groups]:
            raise PropertyError(f"the log group {name} does not exist")
    made = client("ec2").create_flow_logs(**request("ec2", "CreateFlowLogs", tagged(wanted, "vpc-flow-log")))
    _raise_unsuccessful(made)
    [flow_log] = made["FlowLogIds"]
    return flow_log, {"Id": flow_log}


def _delete_flow_log(flow_log: str, _properties: Properties) -> None:
    _raise_unsuccessful(client("ec2").delete_flow_logs(FlowLogIds=[flow_log]))


def _raise_unsuccessful(answer: Mapping[str, Any]) -> None:
    """EC2 answers 200 for flow logs that it did not make or delete, and lists them item by item."""
    for item in answer.get("Unsuccessful", []):
        raise ValueError(f"{item['Error']['Code']}: {item['Error']['Message']}")


TYPES = [
    ResourceType("AWS::EC2::EIP", _create_address, _delete_address, replacing=("Domain", "NetworkBorderGroup")),
    ResourceType("AWS::EC2::NatGateway", _create_gateway, _delete_gateway, replacing=("AllocationId", "SubnetId")),
    ResourceType(
        "AWS::EC2::FlowLog",
        _create_flow_log,
        _delete_flow_log,
        replacing=("DeliverLogsPermissionArn", "LogDestinationType", "LogGroupName", "ResourceId", "TrafficType"),
    ),
]

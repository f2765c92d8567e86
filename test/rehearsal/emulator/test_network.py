"""The network's resource types: addresses, NAT gateways, flow logs, security groups and their rules."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.aws import client
from emulator.resources import network_interfaces
from stacks import Stack, StackError, resources_of, template

pytestmark = pytest.mark.usefixtures("emulator")

TYPES = ["AWS::EC2::NatGateway", "AWS::EC2::FlowLog", "AWS::EC2::SecurityGroupIngress", "AWS::EC2::SecurityGroupEgress"]
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.50.0.0/16"}}
SUBNET = {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.50.1.0/24"}}
ADDRESS = {"Type": "AWS::EC2::EIP", "Properties": {"Domain": "vpc"}}


def group(**properties: Any) -> dict[str, Any]:
    return {
        "Type": "AWS::EC2::SecurityGroup",
        "Properties": {"GroupDescription": "test", "VpcId": {"Ref": "Vpc"}, **properties},
    }


def ingress(**properties: Any) -> dict[str, Any]:
    rule = {"GroupId": {"Fn::GetAtt": ["Group", "GroupId"]}, "IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    return {"Type": "AWS::EC2::SecurityGroupIngress", "Properties": {**rule, **properties}}


def gateway(allocation: object) -> dict[str, Any]:
    return {"Type": "AWS::EC2::NatGateway", "Properties": {"SubnetId": {"Ref": "Subnet"}, "AllocationId": allocation}}


def rules_of(group_id: str) -> list[dict[str, Any]]:
    [described] = client("ec2").describe_security_groups(GroupIds=[group_id])["SecurityGroups"]
    rules: list[dict[str, Any]] = described["IpPermissions"]
    return rules


def test_the_deployments_own_network_is_made_and_leaves_nothing() -> None:
    ec2 = client("ec2")
    before = {group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    stack = Stack(resources_of(template("network"), TYPES, str))
    made = {group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]}
    assert len(made - before) >= 8
    assert ec2.describe_flow_logs()["FlowLogs"]
    stack.delete()
    assert {group["GroupId"] for group in ec2.describe_security_groups()["SecurityGroups"]} == before
    assert ec2.describe_flow_logs()["FlowLogs"] == []
    assert ec2.describe_addresses()["Addresses"] == []
    assert [gate for gate in ec2.describe_nat_gateways()["NatGateways"] if gate["State"] != "deleted"] == []


def test_a_rule_is_in_its_group_until_it_is_deleted() -> None:
    resources = {"Vpc": VPC, "Group": group()}
    stack = Stack({**resources, "Rule": ingress(CidrIp="10.0.0.0/8")})
    [rule] = rules_of(stack.id_of("Group"))
    assert rule["IpRanges"] == [{"CidrIp": "10.0.0.0/8"}]
    stack.update(resources)
    assert rules_of(stack.id_of("Group")) == []
    stack.delete()


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({}, "a rule names one peer, not 0: none"),
        ({"CidrIp": "10.0.0.0/8", "CidrIpv6": "::/0"}, "a rule names one peer, not 2: CidrIp, CidrIpv6"),
        ({"CidrIp": "10.0.0.0/8", "Port": 1}, "extraneous key [Port] is not permitted"),
        ({"CidrIp": "10.0.0.0/8", "FromPort": "https"}, "expected a number, found 'https'"),
        ({"SourceSecurityGroupId": "sg-0000000000000dead"}, "InvalidGroup.NotFound"),
    ],
)
def test_a_rule_that_ec2_would_refuse_fails_its_stack(properties: dict[str, Any], reason: str) -> None:
    with pytest.raises(StackError) as raised:
        Stack({"Vpc": VPC, "Group": group(), "Rule": ingress(**properties)})
    assert reason in str(raised.value)


def test_a_group_that_a_rule_of_another_names_can_not_be_deleted() -> None:
    named = Stack({"Vpc": VPC, "Group": group()})
    other = Stack({"Vpc": VPC, "Group": group(), "Rule": ingress(SourceSecurityGroupId=named.id_of("Group"))})
    with pytest.raises(StackError, match=f"DependencyViolation: {other.id_of('Group')} has a rule that names"):
        named.delete()
    other.delete()
    named.delete()


def test_a_group_that_something_is_in_can_not_be_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_interfaces, "answer_as_router", lambda _: None)
    named = Stack({"Vpc": VPC, "Subnet": SUBNET, "Group": group()})
    properties = {"SubnetId": named.id_of("Subnet"), "GroupSet": [named.id_of("Group")]}
    user = Stack({"Link": {"Type": "AWS::EC2::NetworkInterface", "Properties": properties}})
    with pytest.raises(StackError, match=f"has a dependent object: {user.id_of('Link')}"):
        named.delete()
    user.delete()
    named.delete()


def test_an_address_in_use_can_not_be_released() -> None:
    address = Stack({"Address": ADDRESS})
    ec2 = client("ec2")
    [known] = ec2.describe_addresses(PublicIps=[address.id_of("Address")])["Addresses"]
    user = Stack({"Vpc": VPC, "Subnet": SUBNET, "Gateway": gateway(known["AllocationId"])})
    with pytest.raises(StackError, match=f"InvalidIPAddress.InUse.*{user.id_of('Gateway')}"):
        address.delete()
    user.delete()
    address.delete()


@pytest.mark.parametrize(
    ("gate", "reason"),
    [
        (gateway("eipalloc-0000000000000dead"), "InvalidAllocationID.NotFound"),
        ({"Type": "AWS::EC2::NatGateway", "Properties": {"SubnetId": {"Ref": "Subnet"}}}, "needs AllocationId"),
        ({"Type": "AWS::EC2::NatGateway", "Properties": {}}, "needs SubnetId"),
    ],
)
def test_a_gateway_needs_a_subnet_and_an_address(gate: dict[str, Any], reason: str) -> None:
    with pytest.raises(StackError) as raised:
        Stack({"Vpc": VPC, "Subnet": SUBNET, "Gateway": gate})
    assert reason in str(raised.value)


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"LogGroupName": "none"}, "needs DeliverLogsPermissionArn"),
        ({"LogGroupName": "none", "DeliverLogsPermissionArn": "arn:aws:iam::1:role/r"}, "the log group none does not"),
    ],
)
def test_a_flow_log_needs_its_group_and_the_role_that_writes_there(properties: dict[str, Any], reason: str) -> None:
    log = {"ResourceId": {"Ref": "Vpc"}, "ResourceType": "VPC", "TrafficType": "ALL", **properties}
    with pytest.raises(StackError) as raised:
        Stack({"Vpc": VPC, "Log": {"Type": "AWS::EC2::FlowLog", "Properties": log}})
    assert reason in str(raised.value)

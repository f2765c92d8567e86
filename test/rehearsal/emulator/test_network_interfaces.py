"""Network interfaces that outlive hosts: attached to one machine at a time, and free again when it is gone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws import client
from emulator.resources import instances, network_interfaces
from stacks import Stack, StackError
from standins import Machine

pytestmark = pytest.mark.usefixtures("emulator")

NETWORK: dict[str, Any] = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.80.0.0/16"}},
    "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.80.1.0/24"}},
}


def interface(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::NetworkInterface", "Properties": {"SubnetId": {"Ref": "Subnet"}, **properties}}


@pytest.fixture
def routers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Addresses that the router was given: the rehearsal's bridge is not here."""
    answered: list[str] = []
    monkeypatch.setattr(network_interfaces, "answer_as_router", answered.append)
    return answered


@pytest.fixture
def stack(routers: list[str]) -> Iterator[Stack]:  # noqa: ARG001
    made = Stack({**NETWORK, "Link": interface()})
    yield made
    made.delete()
    assert client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []


@pytest.fixture
def machine(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> Iterator[Machine]:
    monkeypatch.setattr(instances, "Machine", Machine)
    wanted = {"ImageId": "ami-00000000000000001", "InstanceType": "m5.large", "SubnetId": stack.id_of("Subnet")}
    identity = instances.launch(wanted)
    launched = instances.machines[identity]
    assert isinstance(launched, Machine)
    yield launched
    instances.terminate(identity)


def described(stack: Stack) -> dict[str, Any]:
    found = client("ec2").describe_network_interfaces(NetworkInterfaceIds=[stack.id_of("Link")])
    link: dict[str, Any] = found["NetworkInterfaces"][0]
    return link


def attach(stack: Stack, instance: str, index: int = 1) -> str:
    answer = client("ec2").attach_network_interface(
        NetworkInterfaceId=stack.id_of("Link"), InstanceId=instance, DeviceIndex=index
    )
    return str(answer["AttachmentId"])


def test_an_interface_has_an_address_and_a_router(stack: Stack, machine: Machine, routers: list[str]) -> None:
    link = described(stack)
    assert link["PrivateIpAddress"].startswith("10.80.1.")
    assert link["PrivateIpAddress"] != machine.address
    assert routers == ["10.80.1.1"]


def test_attaching_gives_the_machine_a_link_and_detaching_takes_it(stack: Stack, machine: Machine) -> None:
    attachment = attach(stack, machine.name)
    assert machine.links == {1: described(stack)["MacAddress"]}
    with pytest.raises(ClientError, match="is currently in use"):
        attach(stack, machine.name, 2)
    client("ec2").detach_network_interface(AttachmentId=attachment)
    assert machine.links == {}
    assert described(stack)["Status"] == "available"
    with pytest.raises(ClientError, match="does not exist"):
        client("ec2").detach_network_interface(AttachmentId=attachment)


def test_a_machine_that_is_gone_lets_go(stack: Stack, machine: Machine) -> None:
    attach(stack, machine.name)
    instances.terminate(machine.name)
    assert described(stack)["Status"] == "available"
    with pytest.raises(ClientError, match="is not running"):
        attach(stack, machine.name)


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"PrivateIpAddress": "10.80.1.9"}, "the rehearsal chooses the address"),
        ({"GroupSet": ["sg-0000000000000dead"]}, "InvalidGroup.NotFound"),
        ({"Colour": "red"}, "extraneous key [Colour] is not permitted"),
    ],
)
def test_an_interface_that_ec2_would_refuse_fails_its_stack(properties: dict[str, Any], reason: str) -> None:
    with pytest.raises(StackError) as raised:
        Stack({**NETWORK, "Link": interface(**properties)})
    assert reason in str(raised.value)

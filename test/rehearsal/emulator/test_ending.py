"""An instance that ends: what it had is free when nothing of its machine is left, and not before."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, ClassVar

import pytest

from emulator.aws import client
from emulator.network import StillThereError
from emulator.resources import instances, network_interfaces
from emulator.waiting import wait_until
from stacks import Stack
from standins import Machine

pytestmark = pytest.mark.usefixtures("emulator")

# With four addresses: three machines and the interface fill it.
NETWORK: dict[str, Any] = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.92.0.0/16"}},
    "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.92.1.0/28"}},
    "Link": {"Type": "AWS::EC2::NetworkInterface", "Properties": {"SubnetId": {"Ref": "Subnet"}}},
}


class Slow(Machine):
    """A machine that stops when the test allows it, maybe not without a trace."""

    may_end: ClassVar[threading.Event]
    trace: ClassVar[str] = ""

    def terminate(self, keep_logs: bool = True) -> None:
        assert self.may_end.wait(30)
        super().terminate(keep_logs)
        if self.trace:
            raise StillThereError(self.trace)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stack]:
    monkeypatch.setattr(instances, "Machine", Slow)
    monkeypatch.setattr(Slow, "may_end", threading.Event(), raising=False)
    monkeypatch.setattr(network_interfaces, "answer_as_router", lambda _: None)
    stack = Stack(NETWORK)
    yield stack
    Slow.may_end.set()
    for identity in list(instances.machines):
        instances.terminate(identity)
    stack.delete()


def launch(network: Stack) -> str:
    wanted = {"ImageId": "ami-00000000000000001", "InstanceType": "m5.large", "SubnetId": network.id_of("Subnet")}
    return instances.launch(wanted)


def state_of(identity: str) -> str:
    [reservation] = client("ec2").describe_instances(InstanceIds=[identity])["Reservations"]
    return str(reservation["Instances"][0]["State"]["Name"])


def link(network: Stack) -> dict[str, Any]:
    found = client("ec2").describe_network_interfaces(NetworkInterfaceIds=[network.id_of("Link")])
    described: dict[str, Any] = found["NetworkInterfaces"][0]
    return described


def test_no_machine_gets_an_address_before_its_last_machine_is_gone(network: Stack) -> None:
    first, *_ = [launch(network) for _ in range(3)]
    address = instances.machines[first].address
    answer = client("ec2").terminate_instances(InstanceIds=[first])
    assert answer["TerminatingInstances"][0]["CurrentState"] == {"Code": 32, "Name": "shutting-down"}
    assert state_of(first) == "shutting-down"
    # Somebody else who ends it, as a group does that heals, does not make it gone.
    threading.Thread(target=instances.terminate, args=(first,), daemon=True).start()
    with pytest.raises(RuntimeError, match="InsufficientFreeAddressesInSubnet"):
        launch(network)
    Slow.may_end.set()
    assert wait_until(lambda: state_of(first) == "terminated", 20)
    assert instances.machines[launch(network)].address == address


def test_ending_an_instance_returns_when_it_is_gone(network: Stack) -> None:
    identity = launch(network)
    enders = [threading.Thread(target=instances.terminate, args=(identity,)) for _ in range(2)]
    for ender in enders:
        ender.start()
    enders[1].join(0.5)
    assert [ender.is_alive() for ender in enders] == [True, True]
    Slow.may_end.set()
    for ender in enders:
        ender.join(20)
    assert state_of(identity) == "terminated"


def test_an_interface_stays_in_use_until_the_machine_that_has_it_is_gone(network: Stack) -> None:
    first = launch(network)
    wanted = {"NetworkInterfaceId": network.id_of("Link"), "DeviceIndex": 1}
    client("ec2").attach_network_interface(InstanceId=first, **wanted)
    client("ec2").terminate_instances(InstanceIds=[first])
    assert (link(network)["Status"], link(network)["Attachment"]["InstanceId"]) == ("in-use", first)
    Slow.may_end.set()
    assert wait_until(lambda: link(network)["Status"] == "available", 20)
    assert state_of(first) == "terminated"


def test_an_interface_can_be_taken_from_a_machine_that_is_shutting_down(network: Stack) -> None:
    first, second = launch(network), launch(network)
    wanted = {"NetworkInterfaceId": network.id_of("Link"), "DeviceIndex": 1}
    attachment = client("ec2").attach_network_interface(InstanceId=first, **wanted)["AttachmentId"]
    client("ec2").terminate_instances(InstanceIds=[first])
    client("ec2").detach_network_interface(AttachmentId=attachment, Force=True)
    old, new = instances.machines[first], instances.machines[second]
    assert isinstance(old, Slow)
    assert isinstance(new, Slow)
    # The link is taken from the machine, before another one has it.
    assert old.links == {}
    client("ec2").attach_network_interface(InstanceId=second, **wanted)
    assert new.links == {1: link(network)["MacAddress"]}


def test_the_address_of_a_machine_that_left_a_trace_is_never_given_again(
    network: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Slow, "trace", "there is still the link v1")
    Slow.may_end.set()
    first, *_ = [launch(network) for _ in range(3)]
    instances.terminate(first)
    assert state_of(first) == "terminated"
    with pytest.raises(RuntimeError, match="InsufficientFreeAddressesInSubnet"):
        launch(network)

"""Groups of Auto Scaling: their instance is a machine that boots, signals, fails, is replaced and ends."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from emulator.aws import client
from emulator.resources import instances
from stacks import Stack, StackError, resources_of, template
from standins import Machine

pytestmark = pytest.mark.usefixtures("emulator", "machines")

GROUP = "AWS::AutoScaling::AutoScalingGroup"
NETWORK: dict[str, Any] = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.70.0.0/16"}},
    "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.70.1.0/24"}},
    "Sg": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "host", "VpcId": {"Ref": "Vpc"}}},
}


@pytest.fixture
def machines(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(instances, "Machine", Machine)
    monkeypatch.setattr(Machine, "signals", None)
    monkeypatch.setattr(Machine, "broken", False)
    yield
    assert instances.machines == {}, "a test left machines behind"


@pytest.fixture
def network() -> Iterator[Stack]:
    stack = Stack(NETWORK)
    yield stack
    stack.delete()


def host(under: Stack, **template_data: Any) -> dict[str, Any]:
    """The deployment's own producer."""

    def stand_in(output: str) -> str:
        return under.id_of("Subnet") if "Subnet" in output else under.id_of("Sg") if "GroupId" in output else "stand-in"

    resources = resources_of(template("replay"), [GROUP], stand_in)
    groups = [name for name, resource in resources.items() if resource["Type"] == GROUP]
    for name in groups[1:]:
        del resources[name]
    data = next(r for r in resources.values() if r["Type"] == "AWS::EC2::LaunchTemplate")["Properties"]
    data["LaunchTemplateData"].update(template_data)
    return resources


def group_of(resources: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return next((name, resource) for name, resource in resources.items() if resource["Type"] == GROUP)


def signalling(monkeypatch: pytest.MonkeyPatch, stack: str, resource: str, status: str) -> None:
    monkeypatch.setattr(Machine, "signals", (stack, resource, status))


def running() -> list[dict[str, Any]]:
    found = client("ec2").describe_instances(Filters=[{"Name": "instance-state-name", "Values": ["running"]}])
    return [instance for reservation in found["Reservations"] for instance in reservation["Instances"]]


def test_a_group_is_complete_when_its_host_has_signalled(network: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = host(network)
    name, _ = group_of(resources)
    signalling(monkeypatch, "hosts", name, "SUCCESS")
    stack = Stack(resources, "hosts")
    [instance] = running()
    assert instance["SubnetId"] == network.id_of("Subnet")
    assert {tag["Key"] for tag in instance["Tags"]} >= {"Name", "project"}
    assert instances.machines[instance["InstanceId"]].address == instance["PrivateIpAddress"]
    [group] = client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert [member["InstanceId"] for member in group["Instances"]] == [instance["InstanceId"]]
    stack.delete()
    assert running() == []


def test_a_host_that_fails_fails_its_stack_and_is_gone(network: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = host(network)
    name, _ = group_of(resources)
    signalling(monkeypatch, "failing", name, "FAILURE")
    with pytest.raises(StackError, match=r"Received 1 FAILURE signal\(s\) out of 1"):
        Stack(resources, "failing")
    assert running() == []


def test_a_host_that_never_signals_fails_its_stack_in_time(network: Stack) -> None:
    resources = host(network)
    _, group = group_of(resources)
    group["CreationPolicy"]["ResourceSignal"]["Timeout"] = "PT1S"
    with pytest.raises(StackError, match=r"Failed to receive 1 resource signal\(s\) within .* \(PT1S\)"):
        Stack(resources)
    assert running() == []


def test_a_machine_that_does_not_boot_leaves_no_instance(network: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Machine, "broken", True)
    with pytest.raises(StackError, match="does not boot: no space left"):
        Stack(host(network))
    assert running() == []


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"UserData": base64.b64encode(b"#" * 16_385).decode()}, "User data is limited to 16384 bytes"),
        ({"IamInstanceProfile": {"Name": "none"}}, "Invalid IAM Instance Profile"),
        ({"SecurityGroupIds": ["sg-0000000000000dead"]}, "InvalidGroup.NotFound"),
        ({"InstanceType": "t99.huge"}, "'t99.huge' is not one of"),
        ({"ImageId": "resolve:ssm:/none"}, "ParameterNotFound"),
    ],
)
def test_a_launch_that_ec2_would_refuse_fails_its_stack(network: Stack, data: dict[str, Any], reason: str) -> None:
    with pytest.raises(StackError) as raised:
        Stack(host(network, **data))
    assert reason in str(raised.value)


def test_a_group_heals_and_its_host_reboots(network: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    resources = host(network)
    name, _ = group_of(resources)
    signalling(monkeypatch, "healing", name, "SUCCESS")
    stack = Stack(resources, "healing")
    [first] = running()
    client("ec2").reboot_instances(InstanceIds=[first["InstanceId"]])
    machine = instances.machines[first["InstanceId"]]
    assert isinstance(machine, Machine)
    assert machine.reboots == 1
    # A stack that is complete takes no more signals.
    monkeypatch.setattr(Machine, "signals", None)
    client("ec2").terminate_instances(InstanceIds=[first["InstanceId"]])
    instances.heal()
    [second] = running()
    assert second["InstanceId"] != first["InstanceId"]
    instances.heal()
    assert [instance["InstanceId"] for instance in running()] == [second["InstanceId"]]
    stack.delete()

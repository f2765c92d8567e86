"""Groups of Auto Scaling: their instance is a machine that boots, signals, fails, is replaced and ends."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError

from emulator.aws import client
from emulator.resources import groups, instances
from seen import Seen, events_of
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

    made = without_staged_files(template("replay"))
    first, *others = [name for name, resource in made["Resources"].items() if resource["Type"] == GROUP]
    for name in others:
        del made["Resources"][name]
    resources = resources_of(made, [GROUP], stand_in)
    assert first in resources
    data = next(r for r in resources.values() if r["Type"] == "AWS::EC2::LaunchTemplate")["Properties"]
    data["LaunchTemplateData"].update(template_data)
    return resources


def without_staged_files(made: dict[str, Any]) -> dict[str, Any]:
    """The template without the custom resources that copy files, whose function is in another stack."""
    staged = {name for name, resource in made["Resources"].items() if resource["Type"] == "Custom::StagedFile"}

    def replaced(value: Any) -> Any:
        if isinstance(value, dict):
            if value.get("Fn::GetAtt", [None])[0] in staged:
                return "stand-in"
            return {key: replaced(inner) for key, inner in value.items() if key not in staged}
        if isinstance(value, list):
            return [replaced(inner) for inner in value if not (isinstance(inner, str) and inner in staged)]
        return value

    without: dict[str, Any] = replaced(made)
    return without


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
    groups.heal()
    [second] = running()
    assert second["InstanceId"] != first["InstanceId"]
    groups.heal()
    assert [instance["InstanceId"] for instance in running()] == [second["InstanceId"]]
    stack.delete()


def test_instances_are_told_by_the_filters_that_are_asked_for_and_no_other_filter_is_passed_over(
    network: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack, identity = launched(network, monkeypatch, "filtered")
    asked = client("ec2").describe_instances

    def found(name: str, *values: str) -> list[str]:
        reservations = asked(Filters=[{"Name": name, "Values": list(values)}])["Reservations"]
        return [instance["InstanceId"] for one in reservations for instance in one["Instances"]]

    assert found("instance-id", identity) == [identity]
    # Of an instance that EC2 has forgotten, or never had, it says nothing.
    assert found("instance-id", "i-0123456789abcdef0") == []
    assert identity in found("instance-id", "i-0123456789abcdef0", identity)
    assert identity in found("instance-state-name", "running")
    with pytest.raises(ClientError, match="subnet-id"):
        found("subnet-id", network.id_of("Subnet"))
    stack.delete()


# ---- groups that heal, and what EventBridge sees of it -------------------------


@pytest.fixture
def seen() -> Iterator[Seen]:
    with events_of(["aws.ec2", "aws.autoscaling"]) as found:
        yield found


def machine_of(identity: str) -> Machine:
    machine = instances.machines[identity]
    assert isinstance(machine, Machine)
    return machine


def launched(network: Stack, monkeypatch: pytest.MonkeyPatch, stack: str, **data: Any) -> tuple[Stack, str]:
    """A group that is complete, and its instance."""
    resources = host(network, **data)
    signalling(monkeypatch, stack, group_of(resources)[0], "SUCCESS")
    made = Stack(resources, stack)
    monkeypatch.setattr(Machine, "signals", None)
    [instance] = running()
    return made, instance["InstanceId"]


@pytest.mark.parametrize(("behaviour", "state"), [("stop", "stopped"), ("terminate", "terminated")])
def test_a_host_that_shuts_itself_down_is_replaced(
    network: Stack, monkeypatch: pytest.MonkeyPatch, seen: Seen, behaviour: str, state: str
) -> None:
    stack, first = launched(network, monkeypatch, behaviour, InstanceInitiatedShutdownBehavior=behaviour)
    machine_of(first).end()
    [reservation] = client("ec2").describe_instances(InstanceIds=[first])["Reservations"]
    assert reservation["Instances"][0]["State"]["Name"] == state
    groups.heal()
    [second] = running()
    assert second["InstanceId"] != first
    gone = seen.until("EC2 Instance Terminate Successful", first)
    assert "EC2 health check indicating it has been terminated or stopped" in gone["detail"]["Cause"]
    launch = seen.until("EC2 Instance Launch Successful", second["InstanceId"])
    [group] = client("autoscaling").describe_auto_scaling_groups()["AutoScalingGroups"]
    assert launch["detail"]["AutoScalingGroupName"] == group["AutoScalingGroupName"]
    assert launch["resources"][0] == group["AutoScalingGroupARN"]
    assert state in seen.states(first)
    stack.delete()


def test_a_group_tells_of_its_first_and_its_last_instance(
    network: Stack, monkeypatch: pytest.MonkeyPatch, seen: Seen
) -> None:
    stack, instance = launched(network, monkeypatch, "telling")
    seen.until("EC2 Instance Launch Successful", instance)
    stack.delete()
    last = seen.until("EC2 Instance Terminate Successful", instance)
    assert "user request" in last["detail"]["Cause"]
    assert seen.states(instance) == ["running", "shutting-down", "terminated"]


def test_a_launch_that_fails_is_told_and_tried_again(
    network: Stack, monkeypatch: pytest.MonkeyPatch, seen: Seen
) -> None:
    stack, first = launched(network, monkeypatch, "trying")
    machine_of(first).end()
    monkeypatch.setattr(Machine, "broken", True)
    groups.heal()
    assert "no space left" in seen.until("EC2 Instance Launch Unsuccessful", "trying")["detail"]["StatusMessage"]
    assert running() == []
    monkeypatch.setattr(Machine, "broken", False)
    groups.heal()
    assert len(running()) == 1
    stack.delete()


class Failing(Machine):
    """The first one shuts itself down at its first boot; the second signals, as a host whose mirror is back."""

    boots: ClassVar[int] = 0

    def boot(self) -> None:
        type(self).boots += 1
        if self.boots == 1:
            self.is_up = True
            threading.Timer(0.2, self.end).start()
        else:
            super().boot()


@contextmanager
def healing() -> Iterator[None]:
    """Groups heal meanwhile."""
    stop = threading.Event()

    def heal() -> None:
        while not stop.wait(0.1):
            groups.heal()

    healer = threading.Thread(target=heal)
    healer.start()
    try:
        yield
    finally:
        stop.set()
        healer.join()


def test_a_first_boot_that_fails_is_repeated_by_another_host_before_the_stack_gives_up(
    network: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(instances, "Machine", Failing)
    monkeypatch.setattr(Failing, "boots", 0)
    resources = host(network)
    signalling(monkeypatch, "second", group_of(resources)[0], "SUCCESS")
    with healing():
        stack = Stack(resources, "second")
    assert Failing.boots == 2
    assert len(running()) == 1
    stack.delete()


def test_a_group_does_not_heal_before_it_has_its_first_host(network: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = threading.Event()
    fill = groups._fill

    def late(*arguments: Any) -> Any:
        begun.set()
        # Others get their turn meanwhile.
        healer.join(1)
        return fill(*arguments)

    def heal() -> None:
        assert begun.wait(20)
        groups.heal()

    monkeypatch.setattr(groups, "_fill", late)
    resources = host(network)
    signalling(monkeypatch, "early", group_of(resources)[0], "SUCCESS")
    healer = threading.Thread(target=heal)
    healer.start()
    stack = Stack(resources, "early")
    healer.join()
    assert len(running()) == 1
    stack.delete()


def test_a_group_does_not_heal_while_an_update_suspends_it(network: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    stack, _ = launched(network, monkeypatch, "suspended")
    resources = host(network, EbsOptimized=False)
    _, group = group_of(resources)
    policy = group["UpdatePolicy"]["AutoScalingRollingUpdate"]
    policy["PauseTime"] = "PT3S"
    assert {"HealthCheck", "ReplaceUnhealthy"} <= set(policy["SuspendProcesses"])
    monkeypatch.setattr(instances, "Machine", Failing)
    monkeypatch.setattr(Failing, "boots", 0)
    with healing(), pytest.raises(StackError, match="Failed to receive 1 resource signal"):
        stack.update(resources)
    # The second one is of the old template: the update is rolled back.
    assert Failing.boots == 2
    [instance] = running()
    assert instance["InstanceId"] in instances.machines
    stack.delete()

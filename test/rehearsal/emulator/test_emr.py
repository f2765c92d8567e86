"""EMR: a cluster that boots and runs its bootstrap action, and steps with EMR's states, each a real process."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws import client
from emulator.resources import emr, instances
from emulator.waiting import wait_until
from seen import events_of
from stacks import Stack, StackError, resources_of, template
from standins import Machine

pytestmark = pytest.mark.usefixtures("emulator", "machines")

TAGS = [{"Key": "for-use-with-amazon-emr-managed-policies", "Value": "true"}]
KEYS = ("EmrManagedMasterSecurityGroup", "EmrManagedSlaveSecurityGroup", "ServiceAccessSecurityGroup")


@pytest.fixture
def machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(instances, "Machine", Machine)
    monkeypatch.setattr(Machine, "statuses", {"aws": 0, "chmod": 0, "script": 0})


@pytest.fixture(scope="module")
def network(emulator: None) -> Stack:  # noqa: ARG001
    def group() -> dict[str, Any]:
        properties = {"GroupDescription": "emr", "VpcId": {"Ref": "Vpc"}, "Tags": TAGS}
        return {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}

    block = {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.80.1.0/24"}
    return Stack(
        {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.80.0.0/16"}},
            "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {**block, "Tags": TAGS}},
            "Untagged": {"Type": "AWS::EC2::Subnet", "Properties": {**block, "CidrBlock": "10.80.2.0/24"}},
            **{key: group() for key in KEYS},
        }
    )


def cluster(under: Stack, **properties: Any) -> dict[str, Any]:
    """The deployment's own cluster in a network that is ready, with some properties changed."""
    resources = resources_of(template("spark"), ["AWS::EMR::Cluster"], lambda output: f"stand-in-{output[-8:]}")
    [name] = [name for name, resource in resources.items() if resource["Type"] == "AWS::EMR::Cluster"]
    wanted = resources[name]["Properties"]
    wanted["Instances"].update({"Ec2SubnetId": under.id_of("Subnet"), **{key: under.id_of(key) for key in KEYS}})
    wanted["Instances"].pop("AdditionalMasterSecurityGroups", None)
    wanted["Instances"].pop("AdditionalSlaveSecurityGroups", None)
    wanted.pop("SecurityConfiguration", None)
    wanted.update(properties)
    needed = ("AWS::EMR::Cluster", "AWS::IAM::Role", "AWS::IAM::InstanceProfile", "AWS::S3::Bucket")
    kept = {key: resource for key, resource in resources.items() if resource["Type"] in needed}
    return {"Cluster" if key == name else key: resource for key, resource in kept.items()}


@pytest.fixture
def running(network: Stack) -> Iterator[str]:
    """A cluster's id."""
    stack = Stack(cluster(network))
    yield stack.id_of("Cluster")
    stack.delete()
    for key in KEYS[:2]:
        groups = client("ec2").describe_security_groups(GroupIds=[network.id_of(key)])["SecurityGroups"]
        client("ec2").revoke_security_group_ingress(
            GroupId=network.id_of(key), IpPermissions=groups[0]["IpPermissions"]
        )


def add(identity: str, *command: str) -> str:
    step = {
        "Name": command[0],
        "ActionOnFailure": "CONTINUE",
        "HadoopJarStep": {"Jar": "command-runner.jar", "Args": list(command)},
    }
    [made] = client("emr").add_job_flow_steps(JobFlowId=identity, Steps=[step])["StepIds"]
    return str(made)


def state_of(identity: str, step: str) -> str:
    return str(client("emr").describe_step(ClusterId=identity, StepId=step)["Step"]["Status"]["State"])


def becomes(identity: str, step: str, state: str) -> None:
    until = time.monotonic() + 20
    while (found := state_of(identity, step)) != state:
        assert time.monotonic() < until, f"the step is {found}, not {state}"
        time.sleep(0.05)


def test_the_deployments_own_cluster_waits_for_steps_once_it_is_made(running: str) -> None:
    described = client("emr").describe_cluster(ClusterId=running)["Cluster"]
    assert described["Status"]["State"] == "WAITING"
    assert described["Status"]["Timeline"]["ReadyDateTime"]


def test_a_step_runs_and_completes(running: str) -> None:
    becomes(running, add(running, "true"), "COMPLETED")


def test_a_step_that_fails_says_why(running: str) -> None:
    step = add(running, "ls", "/nowhere")
    becomes(running, step, "FAILED")
    details = client("emr").describe_step(ClusterId=running, StepId=step)["Step"]["Status"]["FailureDetails"]
    assert "/nowhere" in details["Message"]


def test_a_step_that_fails_is_told_to_eventbridge(running: str) -> None:
    with events_of(["aws.emr"]) as seen:
        step = add(running, "false")
        told = seen.until("EMR Step Status Change", step)
    assert (told["detail"]["state"], told["detail"]["clusterId"], told["detail"]["name"]) == (
        "FAILED",
        running,
        "false",
    )


def test_one_step_runs_and_the_next_is_pending_until_it_is_cancelled(running: str) -> None:
    first, second = add(running, "sleep", "60"), add(running, "true")
    becomes(running, first, "RUNNING")
    assert state_of(running, second) == "PENDING"
    client("emr").cancel_steps(ClusterId=running, StepIds=[first])
    becomes(running, first, "CANCELLED")
    becomes(running, second, "COMPLETED")


def test_a_pending_step_is_cancelled_and_never_runs(running: str) -> None:
    first, second = add(running, "sleep", "60"), add(running, "true")
    becomes(running, first, "RUNNING")
    [answer] = client("emr").cancel_steps(ClusterId=running, StepIds=[second])["CancelStepsInfoList"]
    assert answer["Status"] == "SUBMITTED"
    assert state_of(running, second) == "CANCELLED"
    client("emr").cancel_steps(ClusterId=running, StepIds=[first])
    becomes(running, first, "CANCELLED")
    assert state_of(running, second) == "CANCELLED"


def test_a_step_that_has_ended_can_not_be_cancelled(running: str) -> None:
    step = add(running, "true")
    becomes(running, step, "COMPLETED")
    [answer] = client("emr").cancel_steps(ClusterId=running, StepIds=[step])["CancelStepsInfoList"]
    assert (answer["Status"], answer["Reason"]) == ("FAILED", "is COMPLETED")


def test_each_step_has_an_answer_of_its_own(running: str) -> None:
    ended = add(running, "true")
    becomes(running, ended, "COMPLETED")
    current = add(running, "sh", "-c", "trap '' TERM; sleep 60 & wait; wait")
    becomes(running, current, "RUNNING")
    answers = client("emr").cancel_steps(ClusterId=running, StepIds=[ended, current])["CancelStepsInfoList"]
    assert {answer["StepId"]: answer["Status"] for answer in answers} == {ended: "FAILED", current: "SUBMITTED"}
    becomes(running, current, "CANCEL_PENDING")
    [again] = client("emr").cancel_steps(ClusterId=running, StepIds=[current])["CancelStepsInfoList"]
    assert (again["Status"], again["Reason"]) == ("FAILED", "is being cancelled already")
    client("emr").cancel_steps(ClusterId=running, StepIds=[current], StepCancellationOption="TERMINATE_PROCESS")
    becomes(running, current, "CANCELLED")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"StepIds": ["s-NONE"]}, "Step id 's-NONE' is not valid."),
        ({"StepIds": ["s-NONE"], "ClusterId": "j-NONE"}, "Cluster id 'j-NONE' is not valid."),
    ],
)
def test_what_does_not_exist_can_not_be_cancelled(running: str, arguments: dict[str, Any], reason: str) -> None:
    with pytest.raises(ClientError, match=reason):
        client("emr").cancel_steps(**{"ClusterId": running, **arguments})


def test_steps_are_listed_newest_first_and_by_state(running: str) -> None:
    first = add(running, "true")
    becomes(running, first, "COMPLETED")
    second = add(running, "sleep", "60")
    becomes(running, second, "RUNNING")
    assert [step["Id"] for step in client("emr").list_steps(ClusterId=running)["Steps"]] == [second, first]
    listed = client("emr").list_steps(ClusterId=running, StepStates=["RUNNING", "PENDING"])["Steps"]
    assert [step["Id"] for step in listed] == [second]
    client("emr").cancel_steps(ClusterId=running, StepIds=[second])
    becomes(running, second, "CANCELLED")


def test_a_cluster_that_ends_cancels_its_steps_and_takes_no_more(network: Stack) -> None:
    stack = Stack(cluster(network))
    identity = stack.id_of("Cluster")
    step = add(identity, "sleep", "60")
    becomes(identity, step, "RUNNING")
    stack.delete()
    assert state_of(identity, step) == "CANCELLED"
    with pytest.raises(ClientError, match="shutting down may not be modified"):
        add(identity, "true")


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"SecurityConfiguration": "none"}, "the security configuration none does not exist"),
        ({"Steps": [{"Name": "s", "HadoopJarStep": {"Jar": "j"}}]}, "takes steps by AddJobFlowSteps"),
        ({"Tags": []}, "cluster lacks the tag for-use-with-amazon-emr-managed-policies"),
        ({"Nodes": 3}, "extraneous key [Nodes] is not permitted"),
        ({"ServiceRole": "arn:aws:iam::111122223333:role/none"}, "NoSuchEntity"),
    ],
)
def test_a_cluster_that_emr_would_refuse_fails_its_stack(
    network: Stack, properties: dict[str, Any], reason: str
) -> None:
    with pytest.raises(StackError) as raised:
        Stack(cluster(network, **properties))
    assert reason in str(raised.value)


def test_a_subnet_without_emrs_tag_is_refused(network: Stack) -> None:
    wanted = cluster(network)
    wanted["Cluster"]["Properties"]["Instances"]["Ec2SubnetId"] = network.id_of("Untagged")
    with pytest.raises(StackError, match=f"{network.id_of('Untagged')} lacks the tag"):
        Stack(wanted)


def test_a_type_that_emr_does_not_have_is_refused(network: Stack) -> None:
    wanted = cluster(network)
    wanted["Cluster"]["Properties"]["Instances"]["MasterInstanceGroup"]["InstanceType"] = "m5.large"
    with pytest.raises(StackError, match=r"EMR does not support the instance type m5\.large"):
        Stack(wanted)


def test_a_bootstrap_action_that_fails_ends_the_cluster_and_is_named(
    network: Stack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Machine, "statuses", {"aws": 0, "chmod": 0, "script": 3})
    with pytest.raises(StackError, match=r"bootstrap action 1 \(.+\) returned a non-zero return code"):
        Stack(cluster(network))
    assert instances.machines == {}
    assert emr._clusters == {}


def monitored(network: Stack, group: str, *actions: str) -> dict[str, Any]:
    """The cluster with its output in a log group, and nodes that may do some things there."""
    logs = {"Enabled": True, "LogGroupName": group, "LogTypes": {"STEP_LOGS": ["STDOUT", "STDERR"]}}
    resources = cluster(network, MonitoringConfiguration={"CloudWatchLogConfiguration": logs})
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    policy = {"PolicyName": "logs", "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]}}
    for resource in resources.values():
        if resource["Type"] == "AWS::IAM::Role":
            resource["Properties"]["Policies"] = [policy]
    return resources


def lines_of(group: str) -> list[str]:
    events = client("logs").filter_log_events(logGroupName=group)["events"]
    return sorted(event["message"] for event in events)


def test_a_steps_output_is_sent_to_the_log_group_that_the_cluster_names(network: Stack) -> None:
    client("logs").create_log_group(logGroupName="steps")
    stack = Stack(monitored(network, "steps", "logs:CreateLogStream", "logs:PutLogEvents"))
    becomes(stack.id_of("Cluster"), add(stack.id_of("Cluster"), "bash", "-c", "echo one; echo two >&2"), "COMPLETED")
    assert wait_until(lambda: lines_of("steps") == ["one", "two"], 20)
    stack.delete()


def test_nodes_that_may_not_write_logs_send_none_and_run_their_steps(
    network: Stack, caplog: pytest.LogCaptureFixture
) -> None:
    client("logs").create_log_group(logGroupName="closed")
    stack = Stack(monitored(network, "closed", "logs:CreateLogStream"))
    becomes(stack.id_of("Cluster"), add(stack.id_of("Cluster"), "echo", "one"), "COMPLETED")
    assert wait_until(lambda: "AccessDenied" in caplog.text, 20)
    assert lines_of("closed") == []
    stack.delete()

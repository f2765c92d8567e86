"""Run Command with documents of our own, on machines whose agent runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from emulator.aws import client
from emulator.resources import instances, systems_manager
from stacks import Stack, StackError
from standins import Machine

pytestmark = pytest.mark.usefixtures("emulator")


def document(**content: Any) -> dict[str, Any]:
    made = {
        "schemaVersion": "2.2",
        "parameters": {"word": {"type": "String", "allowedPattern": "^[a-z]+$"}},
        "mainSteps": [{"action": "aws:runShellScript", "name": "say", "inputs": {"runCommand": ["echo {{ word }}"]}}],
        **content,
    }
    return {"Type": "AWS::SSM::Document", "Properties": {"DocumentType": "Command", "Content": made}}


class Host(Machine):
    """A machine whose commands are said back."""

    def run(self, arguments: Any, timeout: float = 60) -> Any:
        done = super().run(arguments, timeout)
        done.stdout = " ".join(arguments)
        return done


@pytest.fixture
def host(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(instances, "Machine", Host)
    under = Stack(
        {
            "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.90.0.0/16"}},
            "Subnet": {
                "Type": "AWS::EC2::Subnet",
                "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.90.1.0/24"},
            },
        }
    )
    image = "resolve:ssm:/aws/service/debian/release/12/latest/amd64"
    identity = instances.launch({"ImageId": image, "InstanceType": "t3.small", "SubnetId": under.id_of("Subnet")})
    yield identity
    instances.terminate(identity)
    under.delete()


def refusal(**arguments: Any) -> str:
    with pytest.raises(ClientError) as raised:
        client("ssm").send_command(**arguments)
    return str(raised.value)


def test_a_document_runs_with_its_parameters_filled_in(host: str) -> None:
    stack = Stack({"Document": document()})
    sent = client("ssm").send_command(
        DocumentName=stack.id_of("Document"), InstanceIds=[host], Parameters={"word": ["hello"]}
    )["Command"]
    until = time.monotonic() + 20
    status = "Pending"
    while status in ("Pending", "InProgress") and time.monotonic() < until:
        answer = client("ssm").get_command_invocation(CommandId=sent["CommandId"], InstanceId=host)
        status = answer["Status"]
        time.sleep(0.05)
    assert (status, answer["StandardOutputContent"]) == ("Success", "/bin/bash -c echo hello")
    stack.delete()


@pytest.mark.parametrize(
    ("parameters", "reason"),
    [
        ({}, "word is missing"),
        ({"word": ["hello; reboot"]}, r"word does not match"),
        ({"word": ["hello"], "more": ["x"]}, "InvalidParameters: more"),
    ],
)
def test_parameters_that_the_document_does_not_take_are_refused(
    host: str, parameters: dict[str, list[str]], reason: str
) -> None:
    stack = Stack({"Document": document()})
    assert reason in refusal(DocumentName=stack.id_of("Document"), InstanceIds=[host], Parameters=parameters)
    stack.delete()


def test_a_document_that_was_deleted_does_not_run(host: str) -> None:
    stack = Stack({"Document": document()})
    name = stack.id_of("Document")
    stack.delete()
    assert "InvalidDocument" in refusal(DocumentName=name, InstanceIds=[host])
    assert name not in systems_manager._documents


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ({"schemaVersion": "1.2"}, "a command document has the schemaVersion 2.2 and mainSteps"),
        ({"mainSteps": []}, "a command document has the schemaVersion 2.2 and mainSteps"),
    ],
)
def test_a_document_of_another_form_fails_its_stack(content: dict[str, Any], reason: str) -> None:
    with pytest.raises(StackError) as raised:
        Stack({"Document": document(**content)})
    assert reason in str(raised.value)

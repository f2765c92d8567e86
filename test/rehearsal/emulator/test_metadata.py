"""The instance metadata service, asked over HTTP from the address of an instance."""

from __future__ import annotations

import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import ThreadingHTTPServer
from typing import Any

import boto3
import pytest
from ministack.services import ec2

from emulator import metadata
from emulator.aws import PORT, REGION
from emulator.resources import instances
from stacks import Stack
from standins import Machine

pytestmark = pytest.mark.usefixtures("emulator")

TOKEN, LIFETIME = "X-aws-ec2-metadata-token", "X-aws-ec2-metadata-token-ttl-seconds"


def profile(service: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    return {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.95.0.0/16"}},
        "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.95.1.0/24"}},
        "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust}},
        "Profile": {"Type": "AWS::IAM::InstanceProfile", "Properties": {"Roles": [{"Ref": "Role"}]}},
    }


@pytest.fixture
def service() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), metadata._Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/latest"
    server.shutdown()
    server.server_close()


@pytest.fixture(params=["ec2.amazonaws.com"])
def instance(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, str]]:
    """The id of an instance at the address that the tests ask from, and its role."""
    monkeypatch.setattr(instances, "Machine", Machine)
    stack = Stack(profile(request.param))
    role = {"Name": stack.id_of("Profile")}
    wanted = {"ImageId": "ami-1", "InstanceType": "t3.small", "SubnetId": stack.id_of("Subnet"), "UserData": "aGVsbG8="}
    identity = instances.launch({**wanted, "IamInstanceProfile": role})
    ec2._instances[identity]["PrivateIpAddress"] = "127.0.0.1"
    yield identity, stack.id_of("Role")
    instances.terminate(identity)
    stack.delete()


def ask(url: str, method: str = "GET", **headers: str) -> tuple[int, str]:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method=method, headers=named)) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def token(service: str) -> dict[str, str]:
    return {TOKEN: ask(f"{service}/api/token", "PUT", **{LIFETIME: "60"})[1]}


def test_it_answers_with_a_token_only(service: str, instance: tuple[str, str]) -> None:
    url = f"{service}/meta-data/instance-id"
    assert ask(url)[0] == 401
    assert ask(url, **{TOKEN: "made-up"})[0] == 401
    assert ask(url, **token(service)) == (200, instance[0])


@pytest.mark.parametrize("lifetime", ["", "0", "21601", "long"])
def test_a_token_has_a_lifetime_of_six_hours_at_most(service: str, lifetime: str) -> None:
    assert ask(f"{service}/api/token", "PUT", **{LIFETIME: lifetime})[0] == 400


@pytest.mark.usefixtures("instance")
def test_user_data_arrives_as_it_was_given(service: str) -> None:
    assert ask(f"{service}/user-data", **token(service)) == (200, "hello")


@pytest.mark.usefixtures("instance")
def test_what_is_not_there_is_not_found(service: str) -> None:
    assert ask(f"{service}/meta-data/public-ipv4", **token(service))[0] == 404


def test_credentials_are_the_roles_and_are_good_for_signing(service: str, instance: tuple[str, str]) -> None:
    identity, role = instance
    path = f"{service}/meta-data/iam/security-credentials"
    assert ask(f"{path}/", **token(service)) == (200, role)
    given = json.loads(ask(f"{path}/{role}", **token(service))[1])
    assert given["Code"] == "Success"
    sts = boto3.client(
        "sts",
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{PORT}",
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["Token"],
    )
    assert sts.get_caller_identity()["Arn"].endswith(f":assumed-role/{role}/{identity}")


@pytest.mark.parametrize("instance", ["lambda.amazonaws.com"], indirect=True)
def test_a_role_that_ec2_may_not_assume_gives_no_credentials(service: str, instance: tuple[str, str]) -> None:
    url = f"{service}/meta-data/iam/security-credentials/{instance[1]}"
    given = json.loads(ask(url, **token(service))[1])
    assert given["Code"] == "AssumeRoleUnauthorizedAccess"
    assert "AccessKeyId" not in given

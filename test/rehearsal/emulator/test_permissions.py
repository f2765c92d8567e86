"""IAM in the emulator: what roles may do, by policies as CloudFormation makes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from emulator import permissions
from emulator.aws import ACCOUNT, PORT, REGION, client
from stacks import Stack

pytestmark = pytest.mark.usefixtures("emulator")

SECRET = {"Type": "AWS::SecretsManager::Secret", "Properties": {"GenerateSecretString": {}}}


def role(service: str = "lambda.amazonaws.com", **properties: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": service}}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **properties}}


def policy(*statements: Mapping[str, Any]) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}
    return {
        "Type": "AWS::IAM::Policy",
        "Properties": {"PolicyName": "test", "Roles": [{"Ref": "Role"}], "PolicyDocument": document},
    }


class Caller:
    """A client with a role's credentials."""

    def __init__(self, role_name: str) -> None:
        self.role = role_name
        self._given = client("sts").assume_role(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{role_name}", RoleSessionName="test"
        )["Credentials"]

    def client(self, service: str, secret: str | None = None) -> Any:
        return boto3.client(
            service,
            region_name=REGION,
            endpoint_url=f"http://127.0.0.1:{PORT}",
            aws_access_key_id=self._given["AccessKeyId"],
            aws_secret_access_key=secret or self._given["SecretAccessKey"],
            aws_session_token=self._given["SessionToken"],
        )

    def calls(self) -> list[tuple[str, str, str]]:
        lines = (json.loads(line) for line in permissions.FILE.read_text().splitlines())
        return [(line["action"], line["resource"], line["decision"]) for line in lines if line["role"] == self.role]


def refusal(call: Any, **arguments: Any) -> str:
    with pytest.raises(ClientError) as raised:
        call(**arguments)
    return str(raised.value.response["Error"]["Code"])


def test_a_role_reads_the_secret_that_its_policy_refers_to() -> None:
    allowed = policy({"Action": "secretsmanager:GetSecretValue", "Resource": {"Ref": "Secret"}})
    stack = Stack({"Secret": SECRET, "Role": role(), "Policy": allowed})
    caller = Caller(stack.id_of("Role"))
    secret = stack.id_of("Secret")
    assert caller.client("secretsmanager").get_secret_value(SecretId=secret)["ARN"] == secret
    assert caller.calls() == [("secretsmanager:GetSecretValue", secret, "allowed")]


def test_what_no_policy_allows_is_refused_and_on_record_once() -> None:
    stack = Stack({"Secret": SECRET, "Role": role()})
    caller = Caller(stack.id_of("Role"))
    secrets, secret = caller.client("secretsmanager"), stack.id_of("Secret")
    assert refusal(secrets.get_secret_value, SecretId=secret) == "AccessDeniedException"
    assert refusal(secrets.get_secret_value, SecretId=secret) == "AccessDeniedException"
    assert caller.calls() == [("secretsmanager:GetSecretValue", secret, "denied")]


def test_a_boundary_takes_away_what_the_policy_allows() -> None:
    boundary = {
        "Type": "AWS::IAM::ManagedPolicy",
        "Properties": {
            "PolicyDocument": {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
            }
        },
    }
    allowed = policy({"Action": "secretsmanager:*", "Resource": "*"})
    bounded = role(PermissionsBoundary={"Ref": "Boundary"})
    stack = Stack({"Secret": SECRET, "Boundary": boundary, "Role": bounded, "Policy": allowed})
    secrets = Caller(stack.id_of("Role")).client("secretsmanager")
    assert refusal(secrets.get_secret_value, SecretId=stack.id_of("Secret")) == "AccessDeniedException"


def test_a_statement_with_not_action_allows_everything_else() -> None:
    allowed = policy({"NotAction": "secretsmanager:DeleteSecret", "Resource": "*"})
    stack = Stack({"Secret": SECRET, "Role": role(), "Policy": allowed})
    secrets, secret = Caller(stack.id_of("Role")).client("secretsmanager"), stack.id_of("Secret")
    assert secrets.get_secret_value(SecretId=secret)["ARN"] == secret
    assert refusal(secrets.delete_secret, SecretId=secret) == "AccessDeniedException"


def test_an_explicit_denial_wins() -> None:
    allowed = policy(
        {"Action": "secretsmanager:*", "Resource": "*"},
        {"Effect": "Deny", "Action": "secretsmanager:Get*", "Resource": "*"},
    )
    stack = Stack({"Secret": SECRET, "Role": role(), "Policy": allowed})
    caller = Caller(stack.id_of("Role"))
    secret = stack.id_of("Secret")
    assert refusal(caller.client("secretsmanager").get_secret_value, SecretId=secret) == "AccessDeniedException"
    assert caller.calls()[0][2] == "denied"


def test_a_condition_that_the_emulator_knows_nothing_of_is_assumed_to_hold() -> None:
    condition = {"StringEquals": {"aws:SourceVpce": "vpce-1"}}
    allowed = policy({"Action": "secretsmanager:GetSecretValue", "Resource": "*", "Condition": condition})
    stack = Stack({"Secret": SECRET, "Role": role(), "Policy": allowed})
    caller = Caller(stack.id_of("Role"))
    secret = stack.id_of("Secret")
    assert caller.client("secretsmanager").get_secret_value(SecretId=secret)["ARN"] == secret
    assert caller.calls() == [("secretsmanager:GetSecretValue", secret, "assumed")]


def test_calls_are_taken_for_calls_over_tls() -> None:
    insecure = {"Effect": "Deny", "Action": "*", "Resource": "*", "Condition": {"Bool": {"aws:SecureTransport": False}}}
    stack = Stack({"Secret": SECRET, "Role": role(), "Policy": policy({"Action": "*", "Resource": "*"}, insecure)})
    secrets = Caller(stack.id_of("Role")).client("secretsmanager")
    assert secrets.get_secret_value(SecretId=stack.id_of("Secret"))["Name"]


def test_a_cluster_of_kafka_is_known_by_its_arn() -> None:
    arn = f"arn:aws:kafka:{REGION}:{ACCOUNT}:cluster/igrid/1b2c"
    assert permissions._resource("kafka", "GET", f"/v1/clusters/{arn.replace(':', '%3A').replace('/', '%2F')}") == arn
    assert permissions._resource("kafka", "GET", f"/v1/clusters/{arn}/bootstrap-brokers") == arn


def test_a_wrong_signature_is_refused_before_any_policy_is_read() -> None:
    allowed = policy({"Action": "secretsmanager:*", "Resource": "*"})
    stack = Stack({"Secret": SECRET, "Role": role(), "Policy": allowed})
    caller = Caller(stack.id_of("Role"))
    secrets = caller.client("secretsmanager", secret="wrong")
    assert refusal(secrets.get_secret_value, SecretId=stack.id_of("Secret")) == "InvalidSignatureException"
    assert caller.calls() == []


def test_a_parameter_without_a_name_gets_one_that_fits_the_arn_in_a_policy() -> None:
    parameter = {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "a"}}
    arn = {"Fn::Sub": "arn:aws:ssm:${AWS::Region}:${AWS::AccountId}:parameter/${Parameter}"}
    resources = {"Parameter": parameter, "Role": role(), "Policy": policy({"Action": "ssm:*", "Resource": arn})}
    stack = Stack(resources)
    name = stack.id_of("Parameter")
    parameters = Caller(stack.id_of("Role")).client("ssm")
    assert parameters.get_parameter(Name=name)["Parameter"]["Value"] == "a"
    changed = {**parameter, "Properties": {"Type": "String", "Value": "b"}}
    stack.update({**resources, "Parameter": changed})
    assert stack.id_of("Parameter") == name
    assert parameters.get_parameter(Name=name)["Parameter"]["Value"] == "b"
    stack.delete()

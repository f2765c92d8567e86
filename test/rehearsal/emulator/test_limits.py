"""Limits of services that MiniStack's own types don't have."""

from __future__ import annotations

from typing import Any

import pytest

from stacks import Stack, StackError

pytestmark = pytest.mark.usefixtures("emulator")

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ec2.amazonaws.com"}}],
}
ROLE = {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": TRUST}}
VPC = {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.96.0.0/16"}}


def policy_of(characters: int) -> dict[str, Any]:
    """A document of at least so many characters."""
    resource = "arn:aws:s3:::" + "x" * characters
    return {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": resource}]}


def inline(name: str, characters: int) -> dict[str, Any]:
    properties = {"PolicyName": name, "PolicyDocument": policy_of(characters), "Roles": [{"Ref": "Role"}]}
    return {"Type": "AWS::IAM::Policy", "Properties": properties}


def group(**properties: Any) -> dict[str, Any]:
    return {"Type": "AWS::EC2::SecurityGroup", "Properties": {"VpcId": {"Ref": "Vpc"}, **properties}}


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        (
            {"Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": TRUST, "PendingWindowInDays": 3}}},
            "PendingWindowInDays is 3: it must be between 7 and 30",
        ),
        (
            {"Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"RetentionInDays": 10}}},
            "RetentionInDays is 10: it must be one of 1, 3, 5, 7, 14",
        ),
        (
            {"Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "steps of the job"}}},
            "'steps of the job' does not match",
        ),
        (
            {"Role": {"Type": "AWS::IAM::Role", "Properties": {**ROLE["Properties"], "Description": "Druid → S3"}}},  # type: ignore[dict-item]
            "'Druid → S3' does not match",
        ),
        ({"Role": ROLE, "A": inline("a", 6_000), "B": inline("b", 6_000)}, "Maximum policy size of 10240 bytes"),
        (
            {"P": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {"PolicyDocument": policy_of(6_144)}}},
            "Cannot exceed quota for PolicySize: 6144",
        ),
        (
            {"P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x" * 4_097}}},
            "Standard tier parameters support a maximum parameter value of 4096 characters",
        ),
        (
            {
                "R": {
                    "Type": "AWS::Events::Rule",
                    "Properties": {"Description": "x" * 513, "EventPattern": {"source": ["a"]}},
                }
            },
            "513 characters is more than 512",
        ),
        (
            {"Vpc": VPC, "G": group(GroupDescription="Druid's host")},
            'Invalid security group description "Druid\'s host"',
        ),
        (
            {
                "Vpc": VPC,
                "G": group(
                    GroupDescription="host",
                    SecurityGroupIngress=[{"IpProtocol": "-1", "CidrIp": "10.0.0.0/8", "Description": "a > b"}],
                ),
            },
            "Invalid security group description 'a > b'",
        ),
    ],
)
def test_what_a_service_would_refuse_fails_its_stack(resources: dict[str, Any], reason: str) -> None:
    with pytest.raises(StackError) as raised:
        Stack(resources)
    assert reason in str(raised.value)


def test_what_fits_is_taken() -> None:
    Stack(
        {
            "Key": {"Type": "AWS::KMS::Key", "Properties": {"KeyPolicy": TRUST, "PendingWindowInDays": 7}},
            "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/igrid/x", "RetentionInDays": 14}},
            "Role": ROLE,
            "A": inline("a", 4_000),
            "B": inline("b", 4_000),
            "P": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": "x" * 4_096}},
            "Vpc": VPC,
            "G": group(GroupDescription="host"),
        }
    ).delete()

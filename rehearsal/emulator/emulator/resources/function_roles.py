"""What Lambda checks when a function is made or changed: its properties, its role, and what it needs for a VPC."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import ec2, iam
from ministack.services.cloudformation import provisioners

from emulator.aws import ACCOUNT, REGION
from emulator.permissions import role_may
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]
FUNCTION = "AWS::Lambda::Function"

# https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions; the words are
# Lambda's own (aws/aws-cdk#23589). Those that describe have no finer resource.
_INTERFACE = f"arn:aws:ec2:{REGION}:{ACCOUNT}:network-interface/eni-00000000000000000"
VPC_CALLS = {
    "CreateNetworkInterface": _INTERFACE,
    "DescribeNetworkInterfaces": "*",
    "DescribeSubnets": "*",
    "DeleteNetworkInterface": _INTERFACE,
    "AssignPrivateIpAddresses": _INTERFACE,
    "UnassignPrivateIpAddresses": _INTERFACE,
}


def check(properties: Properties) -> None:
    """Raises PropertyError if Lambda would refuse the function."""
    tags = {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
    request("lambda", "CreateFunction", {"FunctionName": "function", **properties, "Tags": tags})
    name = str(properties["Role"]).rsplit("/", 1)[-1]
    if not _can_be_assumed(name):
        raise PropertyError("The role defined for the function cannot be assumed by Lambda.")
    vpc = properties.get("VpcConfig") or {}
    if not vpc.get("SubnetIds"):
        return
    for subnet in vpc["SubnetIds"]:
        if subnet not in ec2._subnets:
            raise PropertyError(f"Error occurred while DescribeSubnets. The subnet ID '{subnet}' does not exist")
    for group in vpc.get("SecurityGroupIds", []):
        if group not in ec2._security_groups:
            raise PropertyError(
                f"Error occurred while DescribeSecurityGroups. The security group '{group}' does not exist"
            )
    for call, resource in VPC_CALLS.items():
        if not role_may(name, f"ec2:{call}", resource):
            raise PropertyError(f"The provided execution role does not have permissions to call {call} on EC2")


def _can_be_assumed(name: str) -> bool:
    role = iam._roles.get(name)
    if role is None:
        return False
    document = role["AssumeRolePolicyDocument"]
    policy = json.loads(document) if isinstance(document, str) else document
    return any(
        statement["Effect"] == "Allow"
        and "sts:AssumeRole" in _listed(statement.get("Action"))
        and "lambda.amazonaws.com" in _listed(dict(statement.get("Principal", {})).get("Service"))
        for statement in _listed(policy["Statement"])
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _checked(handler: Callable[..., Any], position: int) -> Callable[..., Any]:
    def handle(*arguments: Any) -> Any:
        check(arguments[position])
        return handler(*arguments)

    return handle


def install() -> None:
    """Puts the check before what MiniStack does."""
    handlers = provisioners._RESOURCE_HANDLERS[FUNCTION]
    handlers.update({"create": _checked(handlers["create"], 1), "update": _checked(handlers["update"], 2)})

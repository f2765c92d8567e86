"""Functions as Lambda takes them: a role that it can assume, and that may do what a VPC needs."""

from __future__ import annotations

from typing import Any

import pytest

from emulator.aws import client
from emulator.resources import function_roles
from stacks import Stack, StackError, resources_of, template

pytestmark = pytest.mark.usefixtures("emulator")

NETWORK: dict[str, Any] = {
    "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.94.0.0/16"}},
    "Subnet": {"Type": "AWS::EC2::Subnet", "Properties": {"VpcId": {"Ref": "Vpc"}, "CidrBlock": "10.94.1.0/24"}},
    "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "f", "VpcId": {"Ref": "Vpc"}}},
}
IN_VPC = {"SubnetIds": [{"Ref": "Subnet"}], "SecurityGroupIds": [{"Fn::GetAtt": ["Group", "GroupId"]}]}
MANAGED = "arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole"


def role(principal: str = "lambda.amazonaws.com", **properties: Any) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": principal}}
    trust = {"Version": "2012-10-17", "Statement": [statement]}
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": trust, **properties}}


def inline(*statements: dict[str, Any]) -> dict[str, Any]:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement} for statement in statements]}
    return {"Policies": [{"PolicyName": "test", "PolicyDocument": document}]}


def function(**properties: Any) -> dict[str, Any]:
    given = {
        "Code": {"ZipFile": "exports.handler = () => 1;"},
        "Handler": "index.handler",
        "Runtime": "nodejs24.x",
        "Role": {"Fn::GetAtt": ["Role", "Arn"]},
    }
    return {"Type": "AWS::Lambda::Function", "Properties": {**given, **properties}}


def refusal(resources: dict[str, Any]) -> str:
    with pytest.raises(StackError) as raised:
        Stack(resources)
    return str(raised.value)


@pytest.mark.parametrize(
    "permissions",
    [
        {"ManagedPolicyArns": [MANAGED]},
        inline({"Action": [f"ec2:{call}" for call in function_roles.VPC_CALLS], "Resource": "*"}),
        inline({"Action": "ec2:*", "Resource": "*"}),
    ],
)
def test_a_role_with_what_a_vpc_needs_is_taken(permissions: dict[str, Any]) -> None:
    Stack({**NETWORK, "Role": role(**permissions), "Function": function(VpcConfig=IN_VPC)}).delete()


def test_a_function_in_no_vpc_needs_nothing_of_it() -> None:
    Stack({"Role": role(), "Function": function()}).delete()


@pytest.mark.parametrize("missing", list(function_roles.VPC_CALLS))
def test_each_call_that_a_vpc_needs_is_asked_for(missing: str) -> None:
    allowed = [f"ec2:{call}" for call in function_roles.VPC_CALLS if call != missing]
    permissions = inline({"Action": allowed, "Resource": "*"})
    said = refusal({**NETWORK, "Role": role(**permissions), "Function": function(VpcConfig=IN_VPC)})
    assert f"The provided execution role does not have permissions to call {missing} on EC2" in said


@pytest.mark.parametrize(
    "permissions",
    [
        # As this project had it: logs alone.
        inline({"Action": ["logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}),
        {
            "ManagedPolicyArns": [MANAGED],
            **inline({"Effect": "Deny", "Action": "ec2:CreateNetworkInterface", "Resource": "*"}),
        },
        {"ManagedPolicyArns": [MANAGED], "PermissionsBoundary": "arn:aws:iam::aws:policy/AmazonS3FullAccess"},
    ],
)
def test_a_role_that_may_not_make_an_interface_is_refused_in_lambdas_words(permissions: dict[str, Any]) -> None:
    said = refusal({**NETWORK, "Role": role(**permissions), "Function": function(VpcConfig=IN_VPC)})
    assert "The provided execution role does not have permissions to call CreateNetworkInterface on EC2" in said


@pytest.mark.parametrize(
    ("resources", "reason"),
    [
        ({"Role": role("ec2.amazonaws.com"), "Function": function()}, "cannot be assumed by Lambda"),
        ({"Function": function(Role="arn:aws:iam::111122223333:role/none")}, "cannot be assumed by Lambda"),
        ({"Role": role(), "Function": function(Colour="red")}, "extraneous key [Colour] is not permitted"),
        ({"Role": role(), "Function": function(Runtime="cobol1.x")}, "'cobol1.x' is not one of"),
        ({"Role": role(), "Function": function(MemorySize=64)}, "64 is less than 128"),
        ({"Role": role(), "Function": function(VpcConfig={"SubnetIds": ["subnet-0"]})}, "'subnet-0' does not exist"),
    ],
)
def test_a_function_that_lambda_would_refuse_fails_its_stack(resources: dict[str, Any], reason: str) -> None:
    assert reason in refusal(resources)


def test_a_function_that_moves_into_a_vpc_is_checked_again() -> None:
    resources = {**NETWORK, "Role": role()}
    stack = Stack({**resources, "Function": function()})
    with pytest.raises(StackError, match="does not have permissions to call CreateNetworkInterface"):
        stack.update({**resources, "Function": function(VpcConfig=IN_VPC)})
    stack.delete()


@pytest.mark.parametrize("preset", ["dev", "lean", "seed", "district", "city", "prod"])
def test_the_deployments_own_functions_are_taken(preset: str) -> None:
    under = Stack(NETWORK)

    def stand_in(output: str) -> str:
        return under.id_of("Subnet") if "Subnet" in output else under.id_of("Group")

    resources = resources_of(template("foundation", preset), ["AWS::Lambda::Function"], stand_in)
    roles = {"AWS::IAM::Role", "AWS::Logs::LogGroup", "AWS::Lambda::Function"}
    made = {name: resource for name, resource in resources.items() if resource["Type"] in roles}
    for resource in made.values():
        if resource["Type"] == "AWS::Lambda::Function":
            resource["Properties"].update({"Code": {"ZipFile": "exports.handler = () => 1;"}})
            resource["Properties"].pop("Environment", None)
    stack = Stack(made)
    names = {found["FunctionName"] for found in client("lambda").list_functions()["Functions"]}
    assert len(names) >= 3
    stack.delete()
    under.delete()

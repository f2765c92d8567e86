"""
A first deployment in the profile prod that fails half-way, and the next attempt. The data of each stack as the CDK
application synthesises it, with one resource that fails after all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ministack.services import rds

from emulator.aws import client
from emulator.resources import database, msk
from stacks import Stack, StackError, resources_of, template
from standins import Broker

pytestmark = pytest.mark.usefixtures("emulator", "broker", "servers")

STACKS = ("foundation", "kafka", "spark", "druid", "airflow", "superset")
DATA = (
    "AWS::RDS::DBInstance",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::MSK::Cluster",
    "AWS::MSK::Topic",
)
NEEDED = (
    "AWS::KMS::Key",
    "AWS::MSK::Configuration",
    "AWS::Logs::LogGroup",
    "AWS::RDS::DBParameterGroup",
    "AWS::RDS::DBSubnetGroup",
    "AWS::EC2::SecurityGroup",
    "AWS::IAM::Role",
)
BROKEN = {"Type": "AWS::SSM::Document", "Properties": {"DocumentType": "Command", "Content": {}}}
# What cannot be made again, beside buckets: that of the certificates holds nothing for good.
KEPT = ("cluster", "database", "topic")
ZONES = ("us-east-1a", "us-east-1b", "us-east-1c")


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> type[Broker]:
    monkeypatch.setattr(msk, "KafkaAdminClient", Broker)
    monkeypatch.setattr(Broker, "topics", {})
    return Broker


@pytest.fixture
def servers(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database is its record."""
    monkeypatch.setattr(database, "_start", lambda *_: None)


@pytest.fixture
def network() -> Iterator[Stack]:
    resources: dict[str, Any] = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.95.0.0/16"}},
        "Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": {"GroupDescription": "g", "VpcId": {"Ref": "Vpc"}}},
    }
    for number, zone in enumerate(ZONES, 1):
        block = {"VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.95.{number}.0/24", "AvailabilityZone": zone}
        resources[f"Subnet{number}"] = {"Type": "AWS::EC2::Subnet", "Properties": block}
    stack = Stack(resources)
    yield stack
    stack.delete()


def data_of(name: str, network: Stack) -> dict[str, Any]:
    """What a stack keeps, with all that it refers to."""

    def stand_in(output: str) -> str:
        # The name of a subnet's output ends with the start of a hash.
        subnet = re.search(r"Subnet(\d)Subnet", output)
        if subnet:
            return network.id_of(f"Subnet{subnet[1]}")
        return network.id_of("Group") if "GroupId" in output else f"stand-in-{output[-8:].lower()}"

    made = resources_of(template(name, "prod"), DATA, stand_in)
    unneeded = {name for name, resource in made.items() if resource["Type"] not in (*DATA, *NEEDED)}
    assert not unneeded, f"{unneeded} are neither data nor what data needs"
    return made


def held() -> set[str]:
    """Everything in the account that holds data, or blocks a name."""
    kafka, databases = client("kafka"), client("rds").describe_db_instances()["DBInstances"]
    return {
        *[f"bucket {bucket['Name']}" for bucket in client("s3").list_buckets()["Buckets"]],
        *[f"secret {secret['Name']}" for secret in client("secretsmanager").list_secrets()["SecretList"]],
        *[f"database {server['DBInstanceIdentifier']}" for server in databases],
        *[f"cluster {cluster['ClusterName']}" for cluster in kafka.list_clusters()["ClusterInfoList"]],
        *[f"configuration {found['Name']}" for found in kafka.list_configurations()["Configurations"]],
        *[f"log group {group['logGroupName']}" for group in client("logs").describe_log_groups()["logGroups"]],
        *[f"topic {name}" for name in Broker.topics],
    }


def clear(before: set[str]) -> None:
    """Removes by hand what a deleted stack of prod has kept."""
    for name in {found.removeprefix("bucket ") for found in held() - before if found.startswith("bucket ")}:
        client("s3").delete_bucket(Bucket=name)
    for secret in {found.removeprefix("secret ") for found in held() - before if found.startswith("secret ")}:
        client("secretsmanager").delete_secret(SecretId=secret, ForceDeleteWithoutRecovery=True)
    for server in {found.removeprefix("database ") for found in held() - before if found.startswith("database ")}:
        rds._instances.pop(server)
    for cluster in client("kafka").list_clusters()["ClusterInfoList"]:
        client("kafka").delete_cluster(ClusterArn=cluster["ClusterArn"])
    for configuration in client("kafka").list_configurations()["Configurations"]:
        msk._delete_configuration(configuration["Arn"], {})
    Broker.topics.clear()


@pytest.fixture
def before(network: Stack) -> Iterator[set[str]]:  # noqa: ARG001
    """What there was; the rest is removed afterwards, before the network that it is in."""
    there = held()
    yield there
    clear(there)


@pytest.mark.parametrize("name", STACKS)
def test_a_first_deployment_of_prod_that_fails_leaves_nothing_and_the_next_one_works(
    name: str, network: Stack, before: set[str]
) -> None:
    resources = data_of(name, network)
    broken = {**resources, "Broken": {**BROKEN, "DependsOn": list(resources)}}
    with pytest.raises(StackError, match="Broken: a command document has the schemaVersion"):
        Stack(broken, f"first-{name}")
    [stack] = client("cloudformation").describe_stacks(StackName=f"first-{name}")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_COMPLETE"
    assert held() == before
    client("cloudformation").delete_stack(StackName=f"first-{name}")
    second = Stack(resources, f"first-{name}")
    made = held()
    assert made > before
    buckets = {
        f"bucket {second.id_of(logical)}"
        for logical, resource in resources.items()
        if resource["Type"] == "AWS::S3::Bucket" and resource["DeletionPolicy"] == "RetainExceptOnCreate"
    }
    second.delete()
    # What was made for good is kept when the stack goes.
    data = [resource for resource in resources.values() if resource["Type"] in DATA]
    assert "Retain" not in {resource.get("DeletionPolicy") for resource in data}
    assert buckets | {found for found in made if found.split()[0] in KEPT} <= held()


@pytest.mark.usefixtures("before")
def test_what_retain_leaves_behind_makes_the_next_attempt_fail(network: Stack) -> None:
    """How prod was before, and why it is RetainExceptOnCreate now."""
    resources = data_of("kafka", network)
    for resource in resources.values():
        if resource["Type"] in DATA:
            resource["DeletionPolicy"] = "Retain"
    with pytest.raises(StackError, match="Broken"):
        Stack({**resources, "Broken": {**BROKEN, "DependsOn": list(resources)}}, "retain")
    assert "cluster igrid" in held()
    client("cloudformation").delete_stack(StackName="retain")
    with pytest.raises(StackError, match="already exists"):
        Stack(resources, "retain")


@pytest.mark.parametrize(
    ("kind", "properties"),
    [
        ("AWS::Logs::LogGroup", {"LogGroupName": "/aws/rds/instance/igrid-metadata/postgresql"}),
        ("AWS::SecretsManager::Secret", {"Name": "igrid", "GenerateSecretString": {}}),
        (
            "AWS::CloudWatch::Alarm",
            {
                **{
                    "AlarmName": "igrid",
                    "MetricName": "lag",
                    "Namespace": "grid",
                    "Period": 60,
                    "Statistic": "Maximum",
                },
                **{"ComparisonOperator": "GreaterThanThreshold", "EvaluationPeriods": 1, "Threshold": 1},
            },
        ),
        (
            "AWS::RDS::DBInstance",
            {
                **{"DBInstanceIdentifier": "igrid-metadata", "DBInstanceClass": "db.t4g.micro", "Engine": "postgres"},
                **{"MasterUsername": "igrid", "MasterUserPassword": "long-enough", "AllocatedStorage": "20"},
            },
        ),
    ],
)
def test_a_name_in_use_is_refused_and_free_again_when_its_resource_is_gone(
    kind: str, properties: dict[str, Any]
) -> None:
    named = {"Named": {"Type": kind, "DeletionPolicy": "Delete", "Properties": properties}}
    first = Stack(named)
    with pytest.raises(StackError, match="already exists"):
        Stack(named)
    first.delete()
    Stack(named).delete()


def test_a_group_of_a_vpc_has_its_name_alone(network: Stack) -> None:
    vpc = network.id_of("Vpc")
    properties = {"GroupName": "igrid-druid", "GroupDescription": "d", "VpcId": vpc}
    named = {"Group": {"Type": "AWS::EC2::SecurityGroup", "Properties": properties}}
    first = Stack(named)
    with pytest.raises(StackError, match=f"'igrid-druid' already exists for VPC '{vpc}'"):
        Stack(named)
    first.delete()


def test_a_protected_database_stops_the_rollback_of_its_creation() -> None:
    properties = {
        **{"DBInstanceIdentifier": "protected", "DBInstanceClass": "db.t4g.micro", "Engine": "postgres"},
        **{"MasterUsername": "igrid", "MasterUserPassword": "long-enough", "AllocatedStorage": "20"},
        "DeletionProtection": True,
    }
    server = {"Type": "AWS::RDS::DBInstance", "DeletionPolicy": "RetainExceptOnCreate", "Properties": properties}
    with pytest.raises(StackError, match="protected from deletion"):
        Stack({"Server": server, "Broken": {**BROKEN, "DependsOn": "Server"}}, "locked")
    [stack] = client("cloudformation").describe_stacks(StackName="locked")["Stacks"]
    assert stack["StackStatus"] == "ROLLBACK_FAILED"
    client("rds").modify_db_instance(DBInstanceIdentifier="protected", DeletionProtection=False, ApplyImmediately=True)
    client("rds").delete_db_instance(DBInstanceIdentifier="protected", SkipFinalSnapshot=True)
    with pytest.raises(ClientError, match="DBInstanceNotFound"):
        client("rds").describe_db_instances(DBInstanceIdentifier="protected")

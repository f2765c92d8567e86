"""MSK's resource types and the scaling of its disks."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from emulator.aws import client
from emulator.resources import msk
from stacks import Stack, StackError, resources_of, template
from standins import Broker

pytestmark = pytest.mark.usefixtures("emulator", "broker")

TYPES = ["AWS::MSK::Cluster", "AWS::MSK::Topic", "AWS::ApplicationAutoScaling::ScalingPolicy"]


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> type[Broker]:
    monkeypatch.setattr(msk, "KafkaAdminClient", Broker)
    monkeypatch.setattr(Broker, "topics", {})
    return Broker


def network(zones: tuple[str, ...] = ("us-east-1a", "us-east-1b", "us-east-1c")) -> dict[str, Any]:
    resources: dict[str, Any] = {
        "Vpc": {"Type": "AWS::EC2::VPC", "Properties": {"CidrBlock": "10.60.0.0/16"}},
        "Group": {
            "Type": "AWS::EC2::SecurityGroup",
            "Properties": {"GroupDescription": "brokers", "VpcId": {"Ref": "Vpc"}},
        },
    }
    for number, zone in enumerate(zones, 1):
        block = {"VpcId": {"Ref": "Vpc"}, "CidrBlock": f"10.60.{number}.0/24", "AvailabilityZone": zone}
        resources[f"Subnet{number}"] = {"Type": "AWS::EC2::Subnet", "Properties": block}
    return resources


def of_network(stack: Stack, subnets: int = 3) -> Any:
    """What the deployment's own network puts out, by what the output's name says."""

    def stand_in(output: str) -> str:
        if "SecurityGroup" in output.replace("securitygroups", "SecurityGroup"):
            return stack.id_of("Group")
        number = next(number for number in (3, 2, 1) if f"Subnet{number}" in output)
        return stack.id_of(f"Subnet{min(number, subnets)}")

    return stand_in


def stream(under: Stack, **properties: Any) -> dict[str, Any]:
    """The deployment's own brokers, with some properties changed."""
    resources = resources_of(template("kafka"), TYPES, of_network(under))
    cluster = next(resource for resource in resources.values() if resource["Type"] == "AWS::MSK::Cluster")
    cluster["Properties"].update({"ClusterName": f"igrid-{under.name}", **properties})
    for resource in resources.values():
        if resource["Type"] == "AWS::MSK::Configuration":
            resource["Properties"]["Name"] = f"igrid-{under.name}"
    return resources


def test_the_deployments_own_brokers_and_topics_are_made_and_leave_nothing(broker: type[Broker]) -> None:
    under = Stack(network())
    stack = Stack(stream(under))
    assert sorted(broker.topics) == ["deadletter", "dutycycle", "history", "powerraw"]
    assert broker.topics["powerraw"]["partitions"] == 6
    assert broker.topics["powerraw"]["configs"]["min.insync.replicas"] == "1"
    stack.delete()
    assert broker.topics == {}
    assert client("kafka").list_clusters()["ClusterInfoList"] == []
    assert client("kafka").list_configurations()["Configurations"] == []
    under.delete()


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"NumberOfBrokerNodes": 4}, "must be a multiple of the subnets (3)"),
        ({"NumberOfBrokerNodes": 99}, "99 is more than 15"),
        ({"KafkaVersion": ""}, "0 characters is less than 1"),
        ({"Brokers": 3}, "extraneous key [Brokers] is not permitted"),
    ],
)
def test_brokers_that_msk_would_refuse_fail_their_stack(properties: dict[str, Any], reason: str) -> None:
    under = Stack(network())
    with pytest.raises(StackError) as raised:
        Stack(stream(under, **properties))
    assert reason in str(raised.value)
    under.delete()


def test_brokers_lie_in_different_zones() -> None:
    under = Stack(network(("us-east-1a", "us-east-1b", "us-east-1b")))
    with pytest.raises(StackError, match="the client subnets must lie in different availability zones"):
        Stack(stream(under))
    under.delete()


def test_a_topic_has_no_more_copies_than_there_are_brokers() -> None:
    under = Stack(network())
    resources = stream(under)
    for resource in resources.values():
        if resource["Type"] == "AWS::MSK::Topic":
            resource["Properties"]["ReplicationFactor"] = 4
    with pytest.raises(StackError, match="ReplicationFactor is greater than the number of brokers"):
        Stack(resources)
    under.delete()


def topic_of(resources: dict[str, Any], name: str = "powerraw") -> dict[str, Any]:
    return next(
        resource["Properties"]
        for resource in resources.values()
        if resource["Type"] == "AWS::MSK::Topic" and resource["Properties"]["TopicName"] == name
    )


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_a_topics_settings_change_in_place_and_its_partitions_do_not(broker: type[Broker]) -> None:
    under = Stack(network())
    resources = stream(under)
    stack = Stack(resources)
    topic = topic_of(resources)
    topic["Configs"] = encoded('{"retention.ms":"1000"}')
    stack.update(resources)
    # What the new template no longer has is the broker's default again.
    assert broker.topics["powerraw"]["configs"] == {"retention.ms": "1000"}
    topic["PartitionCount"] = 12
    with pytest.raises(StackError, match="the rehearsal doesn't change the number of partitions"):
        stack.update(resources)
    stack.delete()
    under.delete()


@pytest.mark.parametrize(
    ("configs", "reason"),
    [
        ("cleanup.policy=compact", "Configs is not base64 of text"),
        # As this project had it: Java properties.
        (encoded("min.insync.replicas=1\nretention.ms=1000\n"), "Configs is not base64 of a JSON object, but of"),
        (encoded('["retention.ms"]'), "expected a JSON object"),
        (encoded('{"retention.ms":1000}'), "the value of retention.ms is 1000: expected a string"),
        (encoded('{"preallocate":true}'), "the value of preallocate is true: expected a string"),
        (encoded('{"retention.hours":"1"}'), "retention.hours is not a setting of a topic in Kafka 3.9"),
    ],
)
def test_settings_of_a_topic_that_msk_would_refuse_fail_its_stack(
    broker: type[Broker], configs: str, reason: str
) -> None:
    under = Stack(network())
    resources = stream(under)
    topic_of(resources)["Configs"] = configs
    with pytest.raises(StackError) as raised:
        Stack(resources)
    assert reason in str(raised.value)
    assert broker.topics == {}
    under.delete()


def test_settings_that_the_broker_does_not_take_fail_their_stack(
    broker: type[Broker], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(msk, "_PATIENCE_SECONDS", 0.1)
    create = broker.create_topics

    def create_without_settings(self: Broker, topics: Any) -> None:
        create(self, topics)
        for topic in topics:
            self.topics[topic.name]["configs"].pop("retention.ms")

    monkeypatch.setattr(broker, "create_topics", create_without_settings)
    under = Stack(network())
    with pytest.raises(StackError, match=r"the broker has \{'min\.insync\.replicas': '1'\} for the topic"):
        Stack(stream(under))
    under.delete()


def test_a_configuration_in_use_can_not_be_deleted() -> None:
    under = Stack(network())
    stack = Stack(stream(under))
    [configuration] = client("kafka").list_configurations()["Configurations"]
    with pytest.raises(ValueError, match="the configuration is in use by"):
        msk._delete_configuration(configuration["Arn"], {})
    stack.delete()
    under.delete()


def test_an_unknown_configuration_is_not_deleted_in_silence() -> None:
    with pytest.raises(ValueError, match="NotFoundException"):
        msk._delete_configuration("arn:aws:kafka:us-east-1:1:configuration/none/1", {})


def test_a_scaling_policy_needs_its_target() -> None:
    policy = {
        "Type": "AWS::ApplicationAutoScaling::ScalingPolicy",
        "Properties": {"PolicyName": "grow", "PolicyType": "TargetTrackingScaling", "ScalingTargetId": "none"},
    }
    with pytest.raises(StackError, match="no scalable target none"):
        Stack({"Policy": policy})

"""Properties of a template against a service's own model."""

from __future__ import annotations

import pytest

from emulator.shapes import PropertyError, request

BROKERS = {"ClientSubnets": ["subnet-1"], "InstanceType": "kafka.m5.large"}
CLUSTER = {
    "ClusterName": "igrid",
    "KafkaVersion": "3.9.x.kraft",
    "NumberOfBrokerNodes": 3,
    "BrokerNodeGroupInfo": BROKERS,
}


def refused(service: str, operation: str, properties: dict[str, object]) -> str:
    with pytest.raises(PropertyError) as raised:
        request(service, operation, properties)
    return str(raised.value)


def test_numbers_and_booleans_may_be_text_as_cloudformation_sends_them() -> None:
    encryption = {"EncryptionInTransit": {"InCluster": "true"}}
    made = request("kafka", "CreateCluster", {**CLUSTER, "NumberOfBrokerNodes": "3", "EncryptionInfo": encryption})
    assert made["NumberOfBrokerNodes"] == 3
    assert made["EncryptionInfo"]["EncryptionInTransit"]["InCluster"] is True


def test_keys_take_the_case_of_the_service() -> None:
    assert request("kafka", "CreateCluster", {**CLUSTER, "CLUSTERNAME": "igrid"})["ClusterName"] == "igrid"


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"Zookeeper": "z"}, "extraneous key [Zookeeper] is not permitted"),
        ({"BrokerNodeGroupInfo": {**BROKERS, "Disk": 1}}, "CreateCluster.BrokerNodeGroupInfo: extraneous key [Disk]"),
        ({"BrokerNodeGroupInfo": {"ClientSubnets": []}}, "required key [InstanceType] not found"),
        ({"NumberOfBrokerNodes": "many"}, "CreateCluster.NumberOfBrokerNodes: expected a number, found 'many'"),
        ({"NumberOfBrokerNodes": True}, "expected a number, found True"),
        ({"NumberOfBrokerNodes": 99}, "99 is more than 15"),
        ({"NumberOfBrokerNodes": 0}, "0 is less than 1"),
        ({"ClusterName": ""}, "0 characters is less than 1"),
        ({"ClusterName": ["a"]}, "expected text, found ['a']"),
        ({"EnhancedMonitoring": "EVERYTHING"}, "'EVERYTHING' is not one of DEFAULT"),
        ({"BrokerNodeGroupInfo": "one"}, "expected an object, found 'one'"),
        ({"BrokerNodeGroupInfo": {**BROKERS, "ClientSubnets": "subnet-1"}}, "expected a list, found 'subnet-1'"),
        ({"EncryptionInfo": {"EncryptionInTransit": {"InCluster": "maybe"}}}, "expected true or false, found 'maybe'"),
    ],
)
def test_what_the_service_would_refuse_is_refused_with_its_path(properties: dict[str, object], reason: str) -> None:
    assert reason in refused("kafka", "CreateCluster", {**CLUSTER, **properties})


def test_a_pattern_without_anchors_is_one_of_the_whole_text() -> None:
    assert "'igrid steps' does not match" in refused("logs", "CreateLogGroup", {"logGroupName": "igrid steps"})
    assert request("logs", "CreateLogGroup", {"logGroupName": "/igrid/steps"}) == {"logGroupName": "/igrid/steps"}


def test_text_keeps_to_the_pattern_of_the_service() -> None:
    assert "'a name' does not match" in refused("ssm", "CreateDocument", {"Name": "a name", "Content": "{}"})

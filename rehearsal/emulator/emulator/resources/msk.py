"""
MSK: the control plane as MiniStack has it, checked by MSK's own model; the data plane is one real Kafka broker, in
which topics are really made.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from kafka.admin import AlterConfigOp, ConfigResource, ConfigResourceType, KafkaAdminClient, NewTopic
from ministack.services import msk

from emulator.aws import client
from emulator.registry import Created, Place, ResourceType
from emulator.resources.topic_configs import parse
from emulator.settings import KAFKA
from emulator.shapes import PropertyError, request
from emulator.waiting import wait_until

Properties = Mapping[str, Any]

# https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html
_STRINGS = ("BootstrapBrokerString", "BootstrapBrokerStringTls", "BootstrapBrokerStringSaslIam")

# How long the broker may take to show what it was told.
_PATIENCE_SECONDS = 10.0


def _create_cluster(_place: Place, properties: Properties) -> Created:
    wanted = request("kafka", "CreateCluster", properties)
    subnets = wanted["BrokerNodeGroupInfo"]["ClientSubnets"]
    if wanted["NumberOfBrokerNodes"] % len(subnets) != 0:
        raise PropertyError(f"the number of broker nodes must be a multiple of the subnets ({len(subnets)})")
    ec2 = client("ec2")
    zones = {subnet["AvailabilityZone"] for subnet in ec2.describe_subnets(SubnetIds=subnets)["Subnets"]}
    if len(zones) != len(subnets):
        raise PropertyError("the client subnets must lie in different availability zones")
    ec2.describe_security_groups(GroupIds=wanted["BrokerNodeGroupInfo"]["SecurityGroups"])
    configuration = wanted["ConfigurationInfo"]
    client("kafka").describe_configuration_revision(Arn=configuration["Arn"], Revision=configuration["Revision"])
    arn = client("kafka").create_cluster(**wanted)["ClusterArn"]
    return arn, {"Arn": arn, "CurrentVersion": "K3AEGXETSR30VB"}


def _update_cluster(_place: Place, arn: str, old: Properties, new: Properties) -> Created:
    request("kafka", "CreateCluster", new)
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    if changed - {"Tags", "ConfigurationInfo", "EnhancedMonitoring", "LoggingInfo"}:
        raise ValueError(f"the rehearsal can't change {', '.join(sorted(changed))} of a cluster in place")
    return arn, {"Arn": arn, "CurrentVersion": "K3AEGXETSR30VB"}


def _delete_cluster(arn: str, _properties: Properties) -> None:
    client("kafka").delete_cluster(ClusterArn=arn)


def _create_configuration(_place: Place, properties: Properties) -> Created:
    rest = {key: value for key, value in properties.items() if key != "LatestRevision"}
    wanted = request("kafka", "CreateConfiguration", {"KafkaVersions": [], **rest})
    # An empty list is what the template says; the service wants none.
    made = client("kafka").create_configuration(**{key: value for key, value in wanted.items() if value != []})
    arn, revision = made["Arn"], made["LatestRevision"]["Revision"]
    return arn, {"Arn": arn, "LatestRevision.Revision": str(revision)}


def _delete_configuration(arn: str, _properties: Properties) -> None:
    for cluster in client("kafka").list_clusters()["ClusterInfoList"]:
        if cluster.get("CurrentBrokerSoftwareInfo", {}).get("ConfigurationArn") == arn:
            raise ValueError(f"BadRequestException: the configuration is in use by {cluster['ClusterArn']}")
    if msk._configurations.pop(arn, None) is None:
        raise ValueError(f"NotFoundException: {arn}")
    msk._config_revisions.pop(arn, None)


def _create_topic(_place: Place, properties: Properties) -> Created:
    wanted = request("kafka", "CreateTopic", properties)
    settings = parse(properties.get("Configs"))
    cluster = client("kafka").describe_cluster(ClusterArn=wanted["ClusterArn"])["ClusterInfo"]
    if wanted["ReplicationFactor"] > cluster["NumberOfBrokerNodes"]:
        raise PropertyError("ReplicationFactor is greater than the number of brokers")
    name = wanted["TopicName"]
    admin = KafkaAdminClient(bootstrap_servers=KAFKA)
    try:
        # One broker stands for all: copies are checked above and not made.
        admin.create_topics([NewTopic(name, wanted["PartitionCount"], 1, topic_configs=settings)])
        _check_settings(admin, name, settings)
    finally:
        admin.close()
    arn = f"{wanted['ClusterArn'].replace(':cluster/', ':topic/', 1)}/{name}"
    return arn, {"TopicArn": arn}


def _update_topic(place: Place, arn: str, old: Properties, new: Properties) -> Created:
    request("kafka", "CreateTopic", new)
    before, after = parse(old.get("Configs")), parse(new.get("Configs"))
    if old["PartitionCount"] != new["PartitionCount"]:
        raise ValueError(f"{place.logical_id}: the rehearsal doesn't change the number of partitions")
    name = new["TopicName"]
    changes: dict[str, Any] = {**dict.fromkeys(before.keys() - after.keys(), (AlterConfigOp.DELETE, None)), **after}
    admin = KafkaAdminClient(bootstrap_servers=KAFKA)
    try:
        answer = admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=changes)])
        if answer["topic"][name] != "OK":
            raise ValueError(f"BadRequestException: {answer['topic'][name]}")
        _check_settings(admin, name, after)
    finally:
        admin.close()
    return arn, {"TopicArn": arn}


def _check_settings(admin: KafkaAdminClient, name: str, wanted: Mapping[str, str]) -> None:
    """Raises RuntimeError unless the broker has exactly these settings for a topic, at once or soon."""
    found: dict[str, str] = {}

    def is_applied() -> bool:
        # None: all of them. Its own default for this list is an empty one, which asks for nothing.
        answer = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, name, configs=None)])
        found.clear()
        found.update(
            {
                setting: str(entry["value"])
                for setting, entry in answer["topic"][name].items()
                if entry["config_source"] == "DYNAMIC_TOPIC_CONFIG"
            }
        )
        return found == wanted

    if not wait_until(is_applied, _PATIENCE_SECONDS):
        raise RuntimeError(f"the broker has {found} for the topic {name}, not {dict(wanted)}")


def _delete_topic(_arn: str, properties: Properties) -> None:
    name = properties["TopicName"]
    admin = KafkaAdminClient(bootstrap_servers=KAFKA)
    try:
        admin.delete_topics([name])
        # The broker deletes later than it answers; a topic that is created again under the name would still exist.
        for _ in range(100):
            if name not in admin.list_topics():
                return
            time.sleep(0.1)
        raise TimeoutError(f"the topic {name} is still there")
    finally:
        admin.close()


def _bootstrap_strings(name: str) -> dict[str, str]:
    """Only what the cluster's settings open: a client that asks for another kind gets nothing, as with MSK."""
    [cluster] = [info for info in msk._clusters.values() if info["ClusterName"] == name]
    authentication = _lower(cluster["ClientAuthentication"])
    encryption = _lower(cluster["EncryptionInfo"]).get("encryptionintransit", {}).get("clientbroker", "TLS")
    answers = dict.fromkeys(_STRINGS, "")
    if authentication.get("sasl", {}).get("iam", {}).get("enabled"):
        answers["BootstrapBrokerStringSaslIam"] = KAFKA
    if authentication.get("unauthenticated", {}).get("enabled"):
        key = "BootstrapBrokerString" if "PLAINTEXT" in encryption else "BootstrapBrokerStringTls"
        answers[key] = KAFKA
    return {key: value for key, value in answers.items() if value}


def _lower(value: Any) -> Any:
    if isinstance(value, dict):
        return {key.lower(): _lower(inner) for key, inner in value.items()}
    return value


def install() -> None:
    """GetBootstrapBrokers as MSK answers it."""
    msk._bootstrap_strings = _bootstrap_strings


TYPES = [
    ResourceType(
        "AWS::MSK::Cluster",
        _create_cluster,
        _delete_cluster,
        _update_cluster,
        replacing=("ClusterName", "ClientAuthentication", "BrokerNodeGroupInfo"),
    ),
    ResourceType(
        "AWS::MSK::Configuration",
        _create_configuration,
        _delete_configuration,
        replacing=("Name", "ServerProperties", "Description"),
    ),
    ResourceType(
        "AWS::MSK::Topic",
        _create_topic,
        _delete_topic,
        _update_topic,
        replacing=("ClusterArn", "TopicName", "ReplicationFactor"),
    ),
]

"""Rules of security groups as resources of their own, and the refusal to delete a group that another one names."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import ec2 as instances
from ministack.services import msk, rds
from ministack.services.cloudformation import provisioners

from emulator.aws import client
from emulator.registry import Created, Place, ResourceType
from emulator.resources.limits import check_descriptions
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]

PEERS = {
    "CidrIp": ("IpRanges", "CidrIp"),
    "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "SourcePrefixListId": ("PrefixListIds", "PrefixListId"),
    "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
    "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
}


def _permission(properties: Properties) -> dict[str, Any]:
    check_descriptions(properties)
    peers = [name for name in PEERS if name in properties]
    if len(peers) != 1:
        raise PropertyError(f"a rule names one peer, not {len(peers)}: {', '.join(peers) or 'none'}")
    known = {"GroupId", "IpProtocol", "FromPort", "ToPort", "Description", *PEERS}
    if unknown := sorted(properties.keys() - known):
        raise PropertyError(f"extraneous key [{unknown[0]}] is not permitted")
    [peer] = peers
    where, key = PEERS[peer]
    range_ = {key: properties[peer]}
    if "Description" in properties:
        range_["Description"] = properties["Description"]
    ports = {name: properties[name] for name in ("FromPort", "ToPort") if name in properties}
    return {"IpProtocol": properties["IpProtocol"], **ports, where: [range_]}


def _create(direction: str) -> Callable[[Place, Properties], Created]:
    operation = f"AuthorizeSecurityGroup{direction}"

    def create(_place: Place, properties: Properties) -> Created:
        wanted = request(
            "ec2", operation, {"GroupId": properties.get("GroupId"), "IpPermissions": [_permission(properties)]}
        )
        ec2 = client("ec2")
        for pair in wanted["IpPermissions"][0].get("UserIdGroupPairs", []):
            ec2.describe_security_groups(GroupIds=[pair["GroupId"]])
        authorize = getattr(ec2, f"authorize_security_group_{direction.lower()}")
        [rule] = authorize(**wanted)["SecurityGroupRules"]
        return rule["SecurityGroupRuleId"], {"Id": rule["SecurityGroupRuleId"]}

    return create


def _delete(direction: str) -> Callable[[str, Properties], None]:
    def delete(rule_id: str, properties: Properties) -> None:
        revoke = getattr(client("ec2"), f"revoke_security_group_{direction.lower()}")
        revoke(GroupId=properties["GroupId"], SecurityGroupRuleIds=[rule_id])

    return delete


_make_group = provisioners._ec2_sg_create
_drop_group = provisioners._ec2_sg_delete
_change_group = provisioners._ec2_sg_update


def _create_group(place: Place, properties: Properties) -> Created:
    check_descriptions(properties)
    name, vpc = properties.get("GroupName"), properties.get("VpcId")
    for group in client("ec2").describe_security_groups()["SecurityGroups"]:
        if name is not None and (group["GroupName"], group.get("VpcId")) == (name, vpc):
            raise PropertyError(f"The security group '{name}' already exists for VPC '{vpc}' (InvalidGroup.Duplicate)")
    group_id, attributes = _make_group(place.logical_id, dict(properties), place.stack_name)
    return group_id, attributes


def _update_group(place: Place, group_id: str, old: Properties, new: Properties) -> Created:
    check_descriptions(new)
    changed: Created = _change_group(group_id, dict(old), dict(new), place.stack_name, place.logical_id)
    return changed


def _delete_group(group_id: str, properties: Properties) -> None:
    for group in client("ec2").describe_security_groups()["SecurityGroups"]:
        if group["GroupId"] == group_id:
            continue
        for rule in [*group["IpPermissions"], *group["IpPermissionsEgress"]]:
            if any(pair.get("GroupId") == group_id for pair in rule.get("UserIdGroupPairs", [])):
                raise ValueError(f"DependencyViolation: {group['GroupId']} has a rule that names {group_id}")
    if users := _users_of(group_id):
        raise ValueError(f"DependencyViolation: resource {group_id} has a dependent object: {', '.join(users)}")
    _drop_group(group_id, dict(properties))


def _users_of(group_id: str) -> list[str]:
    """What has a network interface in a group: the group can't be deleted before it is gone."""
    alive = [record for record in instances._instances.values() if record["State"]["Name"] != "terminated"]
    return [
        *[one["InstanceId"] for one in alive if _names(one.get("SecurityGroups"), "GroupId", group_id)],
        *[key for key, one in instances._network_interfaces.items() if _names(one.get("Groups"), "GroupId", group_id)],
        *[
            key
            for key, one in rds._instances.items()
            if _names(one.get("VpcSecurityGroups"), "VpcSecurityGroupId", group_id)
        ],
        *[one["ClusterName"] for one in msk._clusters.values() if group_id in json.dumps(one["BrokerNodeGroupInfo"])],
    ]


def _names(groups: Any, key: str, group_id: str) -> bool:
    return any(group.get(key) == group_id for group in groups or [])


_REPLACING = ("GroupId", "IpProtocol", "FromPort", "ToPort", *PEERS)

TYPES = [
    ResourceType("AWS::EC2::SecurityGroupIngress", _create("Ingress"), _delete("Ingress"), replacing=_REPLACING),
    ResourceType("AWS::EC2::SecurityGroupEgress", _create("Egress"), _delete("Egress"), replacing=_REPLACING),
    ResourceType(
        "AWS::EC2::SecurityGroup",
        _create_group,
        _delete_group,
        _update_group,
        replacing=("GroupName", "GroupDescription", "VpcId"),
    ),
]

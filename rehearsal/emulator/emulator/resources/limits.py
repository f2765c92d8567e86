"""
Limits of AWS' services that MiniStack's own resource types don't have: each as a check of the properties, before they
are used.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import iam, rds
from ministack.services.cloudformation import provisioners

from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html: white space does not count.
_INLINE_POLICIES, _MANAGED_POLICY, _TRUST_POLICY = 10_240, 6_144, 2_048
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
_ENVIRONMENT = 4_096
# https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html
_PARAMETER = 4_096
# https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
_RETENTION = (
    *(1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731),
    *(1_096, 1_827, 2_192, 2_557, 2_922, 3_288, 3_653),
)
# https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
_DESCRIPTION = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")
# https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-release-calendar.html: majors that RDS
# still makes. A minor version may be retired any day: a template that names one is refused when it is none of these.
_POSTGRES = ("13", "14", "15", "16", "17", "18")
_LEAST_STORAGE_GIB = 20


def _size(document: Any) -> int:
    text = document if isinstance(document, str) else json.dumps(document)
    return len(re.sub(r"\s", "", text))


def _check_key(properties: Properties) -> None:
    days = int(properties.get("PendingWindowInDays", 30))
    if not 7 <= days <= 30:
        raise PropertyError(f"PendingWindowInDays is {days}: it must be between 7 and 30")


def _check_log_group(properties: Properties) -> None:
    request("logs", "CreateLogGroup", {"logGroupName": properties.get("LogGroupName", "made-up")})
    days = properties.get("RetentionInDays")
    if days is not None and int(days) not in _RETENTION:
        raise PropertyError(f"RetentionInDays is {days}: it must be one of {', '.join(map(str, _RETENTION))}")


def _check_role(properties: Properties) -> None:
    trust = _size(properties["AssumeRolePolicyDocument"])
    if trust > _TRUST_POLICY:
        raise PropertyError(f"the trust policy has {trust} characters: IAM takes {_TRUST_POLICY}")
    inline = sum(_size(policy["PolicyDocument"]) for policy in properties.get("Policies", []))
    _check_inline("the role", inline)
    rest = {key: properties[key] for key in ("Description", "Path", "MaxSessionDuration") if key in properties}
    request("iam", "CreateRole", {"RoleName": "role", "AssumeRolePolicyDocument": "{}", **rest})


def _check_inline(role: str, size: int) -> None:
    if size > _INLINE_POLICIES:
        raise PropertyError(f"Maximum policy size of {_INLINE_POLICIES} bytes exceeded for {role}: {size}")


def _check_policy(properties: Properties) -> None:
    name, size = properties["PolicyName"], _size(properties["PolicyDocument"])
    for role in properties.get("Roles", []):
        others = (iam._roles.get(role) or {}).get("InlinePolicies", {})
        _check_inline(f"role {role}", size + sum(_size(text) for other, text in others.items() if other != name))


def _check_managed_policy(properties: Properties) -> None:
    size = _size(properties["PolicyDocument"])
    if size > _MANAGED_POLICY:
        raise PropertyError(f"Cannot exceed quota for PolicySize: {_MANAGED_POLICY}, found {size}")


def _check_parameter(properties: Properties) -> None:
    value = str(properties.get("Value", ""))
    if properties.get("Tier", "Standard") == "Standard" and len(value.encode()) > _PARAMETER:
        raise PropertyError(f"Standard tier parameters support a maximum parameter value of {_PARAMETER} characters")
    request("ssm", "PutParameter", {"Name": properties.get("Name", "made-up"), "Value": value})


def _check_function(properties: Properties) -> None:
    variables = (properties.get("Environment") or {}).get("Variables", {})
    size = len(json.dumps(variables, separators=(",", ":")).encode())
    if size > _ENVIRONMENT:
        raise PropertyError(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the 4KB limit: {size} bytes"
        )


def _check_rule(properties: Properties) -> None:
    rest = {key: properties[key] for key in ("Description", "ScheduleExpression", "State") if key in properties}
    request("events", "PutRule", {"Name": properties.get("Name", "made-up"), **rest})


def check_descriptions(properties: Properties) -> None:
    """Of a security group or a rule of one."""
    rules = [*properties.get("SecurityGroupIngress", []), *properties.get("SecurityGroupEgress", [])]
    texts = [properties.get("GroupDescription"), *[rule.get("Description") for rule in (properties, *rules)]]
    for text in texts:
        if text is not None and not _DESCRIPTION.fullmatch(str(text)):
            raise PropertyError(
                f"Invalid security group description {text!r}. Valid descriptions are strings less than 256 characters "
                "from the following set: a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"
            )


def check_database(properties: Properties) -> None:
    """The version of PostgreSQL, the family of its parameters, and the disk."""
    version = str(properties.get("EngineVersion", _POSTGRES[-2]))
    if version not in _POSTGRES:
        raise PropertyError(
            f"Cannot find version {version} for postgres: name a major version alone, one of {', '.join(_POSTGRES)}"
        )
    name = properties.get("DBParameterGroupName")
    family = (rds._param_groups.get(name) or {}).get("DBParameterGroupFamily") if name else None
    if family is not None and family != f"postgres{version}":
        raise PropertyError(
            f"The parameter group {name} with DBParameterGroupFamily {family} can't be used for this instance. "
            f"Please use a parameter group with DBParameterGroupFamily postgres{version}"
        )
    storage = int(properties.get("AllocatedStorage", _LEAST_STORAGE_GIB))
    if storage < _LEAST_STORAGE_GIB:
        raise PropertyError(f"Invalid storage size for engine name postgres: {storage} is less than 20 GiB")


CHECKS: Mapping[str, Callable[[Properties], None]] = {
    "AWS::Events::Rule": _check_rule,
    "AWS::IAM::ManagedPolicy": _check_managed_policy,
    "AWS::IAM::Policy": _check_policy,
    "AWS::IAM::Role": _check_role,
    "AWS::KMS::Key": _check_key,
    "AWS::Lambda::Function": _check_function,
    "AWS::Logs::LogGroup": _check_log_group,
    "AWS::SSM::Parameter": _check_parameter,
}


def _checked(handler: Callable[..., Any], check: Callable[[Properties], None], position: int) -> Callable[..., Any]:
    def handle(*arguments: Any) -> Any:
        check(arguments[position])
        return handler(*arguments)

    return handle


def install() -> None:
    """Puts the checks before what MiniStack does."""
    for kind, check in CHECKS.items():
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        handlers["create"] = _checked(handlers["create"], check, 1)
        handlers["update"] = _checked(handlers["update"], check, 2)

"""Identities and secrets of a template as AWS makes them, where that decides what a role may do."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import iam, secretsmanager
from ministack.services.cloudformation import provisioners

Properties = Mapping[str, Any]


def _refer_to_secrets_by_arn() -> None:
    """Ref of a secret is its ARN, as policies have it: aws-resource-secretsmanager-secret.html, Return values."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SecretsManager::Secret"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def by_arn(answer: tuple[str, Properties]) -> tuple[str, Properties]:
        _, attributes = answer
        return str(attributes["Id"]), attributes

    handlers.update(
        {
            "create": lambda *arguments: by_arn(create(*arguments)),
            "update": lambda arn, *arguments: by_arn(update(_name_of(arn), *arguments)),
            "delete": lambda arn, properties: delete(_name_of(arn), properties),
        }
    )


def _name_of(arn: str) -> str:
    for name, secret in secretsmanager._secrets.items():
        if secret["ARN"] == arn:
            return str(name)
    raise ValueError(f"ResourceNotFoundException: there is no secret {arn}")


def _name_parameters() -> None:
    """A parameter without a name gets one without slashes, as CDK counts on when it writes the ARN in a policy."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::SSM::Parameter"]
    create, update = handlers["create"], handlers["update"]

    def named(logical_id: str, properties: Properties, stack_name: str) -> Any:
        name = properties.get("Name") or f"CFN-{logical_id}-{secrets.token_hex(6)}"
        return create(logical_id, {**properties, "Name": name}, stack_name)

    def renamed(name: str, old: Properties, new: Properties, *where: Any) -> Any:
        return update(name, {"Name": name, **old}, {"Name": name, **new}, *where)

    handlers.update({"create": named, "update": renamed})


def _keep_boundaries() -> None:
    """A role's permissions boundary, which MiniStack's own type forgets."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]

    def bounded(handler: Callable[..., Any], position: int) -> Callable[..., Any]:
        def make(*arguments: Any) -> Any:
            answer = handler(*arguments)
            iam._roles[answer[0]]["PermissionsBoundary"] = arguments[position].get("PermissionsBoundary")
            return answer

        return make

    handlers.update({"create": bounded(handlers["create"], 1), "update": bounded(handlers["update"], 2)})


def install() -> None:
    """Puts MiniStack's own types right."""
    _refer_to_secrets_by_arn()
    _name_parameters()
    _keep_boundaries()

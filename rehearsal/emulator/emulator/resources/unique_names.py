"""
Names that are in use: a template that gives a resource a name which another one has is refused, as CloudFormation's
handlers do (AlreadyExists), where MiniStack's own types would take the other one's place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import cloudwatch_logs, secretsmanager
from ministack.services.cloudformation import provisioners

from emulator.shapes import PropertyError

Properties = Mapping[str, Any]

# The property with the name, and what has names so far. RDS, MSK, EC2 and CloudWatch have checks of their own beside
# their types; a name that CloudFormation makes up is unique on AWS.
_NAMED: Mapping[str, tuple[str, Callable[[], Mapping[str, Any]]]] = {
    "AWS::Logs::LogGroup": ("LogGroupName", lambda: cloudwatch_logs._log_groups),
    # Secrets that wait for their deletion keep their names.
    "AWS::SecretsManager::Secret": ("Name", lambda: secretsmanager._secrets),
}


def refuse_if_taken(kind: str, name: object, taken: Mapping[str, Any]) -> None:
    """Raises PropertyError, in CloudFormation's words, for a name that somebody has."""
    if name is not None and name in taken:
        raise PropertyError(f"Resource of type '{kind}' with identifier '{name}' already exists. (AlreadyExists)")


def _checked(kind: str, handler: Callable[..., Any]) -> Callable[..., Any]:
    key, taken = _NAMED[kind]

    def create(logical_id: str, properties: Properties, stack_name: str) -> Any:
        refuse_if_taken(kind, properties.get(key), taken())
        return handler(logical_id, properties, stack_name)

    return create


def install() -> None:
    """Puts the check before what MiniStack does."""
    for kind in _NAMED:
        handlers = provisioners._RESOURCE_HANDLERS[kind]
        handlers["create"] = _checked(kind, handlers["create"])

"""Resource types as data, and how they join MiniStack's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ministack.services.cloudformation import provisioners, stacks

Attributes = Mapping[str, Any]
Created = tuple[str, Attributes]


@dataclass(frozen=True)
class Place:
    """The place of a resource in its stack."""

    logical_id: str
    stack_name: str


@dataclass(frozen=True)
class ResourceType:
    """A resource type of CloudFormation."""

    name: str
    # Physical id and attributes for Ref and Fn::GetAtt.
    create: Callable[[Place, Mapping[str, Any]], Created]
    delete: Callable[[str, Mapping[str, Any]], None]
    # In place, with the old and the new properties. Default: what is not replacing is refused.
    update: Callable[[Place, str, Mapping[str, Any], Mapping[str, Any]], Created] | None = None
    # Properties whose change makes a new resource.
    replacing: tuple[str, ...] = field(default=())


def install(types: list[ResourceType]) -> None:
    """Makes MiniStack know the types. Their handlers may block: each call has a thread of its own."""
    names = set()
    for kind in types:
        provisioners._RESOURCE_HANDLERS[kind.name] = _handlers(kind)
        provisioners._REPLACING_PROPERTIES[kind.name] = kind.replacing
        names.add(kind.name)
    blocks = stacks._runs_on_worker_thread
    stacks._runs_on_worker_thread = lambda kind: kind in names or blocks(kind)


def _handlers(kind: ResourceType) -> dict[str, Any]:
    def create(logical_id: str, properties: Mapping[str, Any], stack_name: str) -> tuple[str, dict[str, Any]]:
        physical_id, attributes = kind.create(Place(logical_id, stack_name), properties)
        return physical_id, dict(attributes)

    def update(
        physical_id: str, old: Mapping[str, Any], new: Mapping[str, Any], stack_name: str, logical_id: str
    ) -> tuple[str, dict[str, Any]]:
        if kind.update is None:
            changed = sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
            raise ValueError(f"{kind.name}: the rehearsal can't change {', '.join(changed)} in place")
        identity, attributes = kind.update(Place(logical_id, stack_name), physical_id, old, new)
        return identity, dict(attributes)

    return {"create": create, "update": update, "update_with_logical_id": True, "delete": kind.delete}

"""
Properties of a template as the request of an API, by the service's own model (botocore carries them all).

CloudFormation takes numbers and booleans as text and spells some names in its own case; everything else that the model
doesn't know is refused, as AWS refuses it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import botocore.session
from botocore.model import OperationModel, Shape, StructureShape

Properties = Mapping[str, Any]


class PropertyError(ValueError):
    """A property that the service's model refuses."""


@cache
def _operation(service: str, operation: str) -> OperationModel:
    return botocore.session.get_session().get_service_model(service).operation_model(operation)


def request(service: str, operation: str, properties: Properties) -> dict[str, Any]:
    """The input of an operation; raises PropertyError with the path of what is unknown, missing or out of range."""
    shape = _operation(service, operation).input_shape
    if not isinstance(shape, StructureShape):
        raise PropertyError(f"{operation} takes no properties")
    return _structure(shape, properties, operation)


def _structure(shape: StructureShape, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, Mapping):
        raise PropertyError(f"{path}: expected an object, found {value!r}")
    members = {name.lower(): name for name in shape.members}
    result: dict[str, Any] = {}
    for key, inner in value.items():
        name = members.get(str(key).lower())
        if name is None:
            raise PropertyError(f"{path}: extraneous key [{key}] is not permitted")
        result[name] = _value(shape.members[name], inner, f"{path}.{name}")
    for required in shape.required_members:
        if required not in result:
            raise PropertyError(f"{path}: required key [{required}] not found")
    return result


def _value(shape: Shape, value: Any, path: str) -> Any:  # noqa: PLR0911
    match shape.type_name:
        case "structure" if isinstance(shape, StructureShape):
            return _structure(shape, value, path)
        case "list":
            if not isinstance(value, list):
                raise PropertyError(f"{path}: expected a list, found {value!r}")
            _in_range(shape, len(value), path, "items")
            return [_value(shape.member, item, f"{path}[{index}]") for index, item in enumerate(value)]
        case "map":
            if not isinstance(value, Mapping):
                raise PropertyError(f"{path}: expected an object, found {value!r}")
            return {str(key): _value(shape.value, inner, f"{path}.{key}") for key, inner in value.items()}
        case "integer" | "long":
            return _number(shape, value, path, int)
        case "float" | "double":
            return _number(shape, value, path, float)
        case "boolean":
            return _boolean(value, path)
        case "string":
            return _text(shape, value, path)
        case _:
            return value


def _number(shape: Shape, value: Any, path: str, kind: type[int] | type[float]) -> int | float:
    if isinstance(value, bool):
        raise PropertyError(f"{path}: expected a number, found {value!r}")
    try:
        number = kind(value)
    except (TypeError, ValueError):
        raise PropertyError(f"{path}: expected a number, found {value!r}") from None
    _in_range(shape, number, path, "")
    return number


def _boolean(value: Any, path: str) -> bool:
    if isinstance(value, bool):
        return value
    if str(value).lower() in ("true", "false"):
        return str(value).lower() == "true"
    raise PropertyError(f"{path}: expected true or false, found {value!r}")


def _text(shape: Shape, value: Any, path: str) -> str:
    if isinstance(value, bool | list | dict):
        raise PropertyError(f"{path}: expected text, found {value!r}")
    text = str(value)
    allowed = shape.metadata.get("enum")
    if allowed and text not in allowed:
        raise PropertyError(f"{path}: {text!r} is not one of {', '.join(allowed)}")
    _in_range(shape, len(text), path, "characters")
    pattern = shape.metadata.get("pattern")
    if isinstance(pattern, str) and not _matches(pattern, text):
        raise PropertyError(f"{path}: {text!r} does not match {pattern}")
    return text


def _matches(pattern: str, text: str) -> bool:
    """Services take a pattern for the whole text, whether it has anchors or not."""
    try:
        # Patterns of the models are Java's: the few that Python can't read are left to the service.
        return r"\p{" in pattern or re.fullmatch(pattern, text) is not None
    except re.error:
        return True


def _in_range(shape: Shape, number: int | float, path: str, unit: str) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and number < low:
        raise PropertyError(f"{path}: {number} {unit} is less than {low}".replace("  ", " "))
    if high is not None and number > high:
        raise PropertyError(f"{path}: {number} {unit} is more than {high}".replace("  ", " "))

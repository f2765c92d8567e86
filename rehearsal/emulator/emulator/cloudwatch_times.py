"""
Times in CloudWatch's answers over JSON. A time is a number there (https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html);
MiniStack leaves that of a dashboard as text, which ends every ListDashboards of the JavaScript SDK.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ministack.services import cloudwatch

_times: Callable[[Any], Any] = cloudwatch._json_timestamps


def json_times(value: Any) -> Any:
    """An answer with all its times as seconds since 1970."""
    if isinstance(value, dict):
        return {
            key: cloudwatch._json_timestamp(item) if key == "LastModified" else json_times(item)
            for key, item in _times(value).items()
        }
    if isinstance(value, list):
        return [json_times(item) for item in value]
    return value


def install() -> None:
    """Puts it in the place of MiniStack's own, which is asked by this name at each answer."""
    cloudwatch._json_timestamps = json_times

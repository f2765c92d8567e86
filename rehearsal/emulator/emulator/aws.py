"""Clients of the emulated services themselves: a handler asks for what it needs as anybody would."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

REGION = os.environ.get("MINISTACK_REGION", "us-east-1")
ACCOUNT = os.environ.get("MINISTACK_ACCOUNT_ID", "000000000000")
PORT = int(os.environ.get("GATEWAY_PORT", "4566"))


def client(service: str) -> Any:
    """A client of one service, to be called from worker threads only: the server answers on the main one."""
    return _client(service, ACCOUNT, "rehearsal", None)


def client_as(credentials: Mapping[str, str], service: str) -> Any:
    """The same with a role's credentials, as the metadata service gives them."""
    return _client(service, credentials["AccessKeyId"], credentials["SecretAccessKey"], credentials["Token"])


@cache
def _client(service: str, key: str, secret: str, token: str | None) -> Any:
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{PORT}",
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        aws_session_token=token,
        config=Config(retries={"max_attempts": 0}, read_timeout=60),
    )

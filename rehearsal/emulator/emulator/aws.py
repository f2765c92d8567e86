"""Clients of the emulated services themselves: a handler asks for what it needs as anybody would."""

from __future__ import annotations

import os
from functools import cache
from typing import Any

import boto3
from botocore.config import Config

REGION = os.environ.get("MINISTACK_REGION", "us-east-1")
ACCOUNT = os.environ.get("MINISTACK_ACCOUNT_ID", "000000000000")
PORT = int(os.environ.get("GATEWAY_PORT", "4566"))


@cache
def client(service: str) -> Any:
    """A client of one service, to be called from worker threads only: the server answers on the main one."""
    return boto3.client(
        service,
        region_name=REGION,
        endpoint_url=f"http://127.0.0.1:{PORT}",
        aws_access_key_id=ACCOUNT,
        aws_secret_access_key="rehearsal",
        config=Config(retries={"max_attempts": 0}, read_timeout=60),
    )

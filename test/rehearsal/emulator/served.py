"""
The emulator's resource types, asked as a deployment asks them: through CloudFormation's API of a MiniStack that serves
on a port of its own, with machines and brokers that only say that they are there.
"""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ACCOUNT, REGION = "111122223333", "us-east-1"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


STATE = Path(tempfile.mkdtemp(prefix="igrid-emulator-"))
# PostgreSQL runs as a user of its own, who must get to its folder.
STATE.chmod(0o755)
(STATE / "logs").mkdir()
# The emulator reads its settings as it is imported.
os.environ.update(
    {
        "AUTH": "true",
        "AWS_EC2_METADATA_DISABLED": "true",
        "GATEWAY_PORT": str(_free_port()),
        "BIND_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "REHEARSAL_ADDRESS": "127.0.0.1",
        "REHEARSAL_AUTHORITY": str(STATE / "authority"),
        "REHEARSAL_KAFKA": "127.0.0.1:1",
        "REHEARSAL_PREFIX": "16",
        "REHEARSAL_RESOLVER": "10.40.0.2",
        "REHEARSAL_ROOTS": str(STATE / "roots"),
        "REHEARSAL_ROUTER": "10.40.0.1",
        "REHEARSAL_STATE": str(STATE),
    }
)


@pytest.fixture(scope="session")
def emulator() -> Iterator[None]:
    """Serves until the last test has run."""
    import ministack.app  # noqa: PLC0415
    from hypercorn.asyncio import serve  # noqa: PLC0415
    from hypercorn.config import Config  # noqa: PLC0415

    from emulator import program  # noqa: PLC0415
    from emulator.resources import emr  # noqa: PLC0415

    program.install()
    threading.Thread(target=emr.run_steps, daemon=True).start()
    config = Config()
    config.bind = [f"127.0.0.1:{os.environ['GATEWAY_PORT']}"]
    config.errorlog = None
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    application: Any = ministack.app.app
    server = threading.Thread(
        target=lambda: loop.run_until_complete(serve(application, config, shutdown_trigger=stop.wait)), daemon=True
    )
    server.start()
    _wait_for_port(int(os.environ["GATEWAY_PORT"]))
    yield
    loop.call_soon_threadsafe(stop.set)
    server.join(10)


def _wait_for_port(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError("MiniStack did not start")

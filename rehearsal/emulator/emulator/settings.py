"""What the rehearsal tells its emulator, through environment variables."""

from __future__ import annotations

import os
from pathlib import Path


def setting(name: str) -> str:
    """A variable that must be set."""
    value = os.environ.get(name, "")
    if not value:
        raise SystemExit(f"emulator: the environment variable {name} is not set")
    return value


# The address under which services are reached, by hosts and from outside of the emulated network alike.
SERVICE_ADDRESS = setting("REHEARSAL_ADDRESS")
# Folder of everything that a rehearsal leaves: machines, databases, logs.
STATE = Path(setting("REHEARSAL_STATE"))
# host:port of the Kafka broker that stands for MSK.
KAFKA = setting("REHEARSAL_KAFKA")
# Folder with the machines' root folders: `debian` and `emr`.
ROOTS = Path(setting("REHEARSAL_ROOTS"))
# The authority that the machines trust: files ca.pem and ca.key.
AUTHORITY = Path(setting("REHEARSAL_AUTHORITY"))

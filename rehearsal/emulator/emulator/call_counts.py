"""
How often each role made each call: what AWS would bill. One object of JSON, written again every second: calls by `ROLE
ACTION FOLDER`, where FOLDER is the resource without what follows its last slash.
"""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from pathlib import Path

from emulator.settings import STATE

FILE = STATE / "logs" / "call-counts.json"

_EVERY_SECONDS = 1.0

_counts: Counter[str] = Counter()
_lock = threading.Lock()


def count(role: str, action: str, resource: str) -> None:
    """Adds a call."""
    folder = resource.rpartition("/")[0] or resource
    with _lock:
        _counts[f"{role} {action} {folder}"] += 1


def write(file: Path = FILE) -> None:
    """Writes what was counted so far; a reader sees all of it or what was there before."""
    with _lock:
        text = json.dumps(_counts)
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part")
    part.write_text(text)
    part.replace(file)


def _keep() -> None:
    while True:
        time.sleep(_EVERY_SECONDS)
        write()


def install() -> None:
    """Writes from now on."""
    threading.Thread(target=_keep, name="call-counts", daemon=True).start()

"""
host_lock.py LOCK: prints the part of a lock that applies to hosts. pip asks the Python that it runs on, and that is
another one than Debian 12's: a package that only an older 3.11 needs would be left out.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

# pip's own copy: there is no other package in a new environment.
from pip._vendor.packaging.markers import Marker

HOST = {"python_full_version": "3.11.2", "python_version": "3.11", "sys_platform": "linux"}


def of_hosts(lock: str) -> str:
    """The lock's entries whose markers hold on a host, without their markers."""
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock)
    kept = []
    for entry in entries:
        _, _, marker = entry.split("\\\n")[0].partition(" ; ")
        if not marker or Marker(marker.strip()).evaluate(HOST):
            kept.append(entry.replace(f" ; {marker}", " ") if marker else entry)
    return "\n".join(kept)


if __name__ == "__main__":
    print(of_hosts(Path(sys.argv[1]).read_text()))

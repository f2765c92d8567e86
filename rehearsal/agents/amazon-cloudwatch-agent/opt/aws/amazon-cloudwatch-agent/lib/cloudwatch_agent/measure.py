"""Values of this machine, as Telegraf's plugins `mem` and `disk` compute them."""

from __future__ import annotations

import os
from pathlib import Path

from cloudwatch_agent.rules import Metric, Mount

# Debian's image has ext4 at /. A rehearsal's machine has a layer over a shared folder there instead, so this one file
# system is called by the name that it has on AWS.
_ROOT_FSTYPE = "ext4"


def mounts(table: str) -> list[Mount]:
    """File systems of /proc/mounts, the last one mounted at each path."""
    by_path = {}
    for line in table.splitlines():
        device, path, fstype = line.split(" ")[:3]
        by_path[path] = Mount(os.path.basename(device), path, _ROOT_FSTYPE if path == "/" else fstype)
    return list(by_path.values())


def own_mounts() -> list[Mount]:
    """File systems of this machine."""
    return mounts(Path("/proc/self/mounts").read_text(encoding="utf-8"))


def value(metric: Metric) -> float:
    """Percent."""
    return (
        memory(Path("/proc/meminfo").read_text(encoding="utf-8")) if metric.mount is None else disk(metric.mount.path)
    )


def memory(meminfo: str) -> float:
    """Used memory in percent, of /proc/meminfo (gopsutil: reclaimable slabs count as cache)."""
    kib = {}
    for line in meminfo.splitlines():
        name, rest = line.split(":", 1)
        kib[name] = int(rest.split()[0])
    cached = kib["Cached"] + kib.get("SReclaimable", 0)
    return 100 * (kib["MemTotal"] - kib["MemFree"] - kib["Buffers"] - cached) / kib["MemTotal"]


def disk(path: str) -> float:
    """Used disk in percent of what users other than root can fill, as df shows it."""
    found = os.statvfs(path)
    used = found.f_blocks - found.f_bfree
    total = used + found.f_bavail
    return 100 * used / total if total > 0 else 0.0

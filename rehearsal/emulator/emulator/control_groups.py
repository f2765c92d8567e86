"""
A control group of its own for each machine. systemd-nspawn makes a machine's below the one that it is started in: were
that the same for all, units of one name would share a group across machines, and each machine's systemd would find
processes in it that it can't see.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

_ROOT = Path("/sys/fs/cgroup")
# The rehearsal removes what is below these when it ends (rehearsal/control-groups.ts).
PARENT = "igrid-rehearsal"

_JOIN = 'while [ "$1" != -- ]; do echo $$ >"$1/cgroup.procs"; shift; done; shift; exec "$@"'


def hierarchies(lines: str, root: Path = _ROOT) -> list[Path]:
    """
    Where this process is in the hierarchies by which systemd tells units, from the text of /proc/self/cgroup
    (cgroups(7)): version 2, and what systemd itself named in version 1.
    """
    found = []
    for line in lines.splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "name=systemd":
            found.append(root / "systemd" / path.lstrip("/"))
        elif controllers == "":
            unified = root / "unified"
            found.append((unified if unified.is_dir() else root) / path.lstrip("/"))
    return found


def in_own_group(name: str, command: Sequence[str]) -> list[str]:
    """The command, started in control groups of this name."""
    groups = [place / PARENT / name for place in hierarchies(Path("/proc/self/cgroup").read_text())]
    for group in groups:
        group.mkdir(parents=True, exist_ok=True)
    return ["sh", "-euc", _JOIN, "join", *map(str, groups), "--", *command]

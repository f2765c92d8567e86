"""
What a machine is in the network of the rehearsal: a namespace with one end of each of its links, the other ends on the
bridge, and what the bridge and the kernel have learned about its addresses. No firewall rule names a machine: the only
one, which masquerades, is for all of them (rehearsal/namespaces.ts).
"""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from emulator.waiting import wait_until

NAMESPACES = Path("/run/netns")

# The kernel takes namespaces apart after `ip netns delete` has returned.
_PATIENCE_SECONDS = 30


class StillThereError(RuntimeError):
    """A machine has ended and something of it is still in the network."""


def ip(arguments: str) -> str:
    """Runs ip(8) and returns what it prints; raises RuntimeError with what it refuses."""
    done = subprocess.run(["ip", *arguments.split()], check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"ip {arguments}: {done.stderr.strip()}")
    return done.stdout


def delete_link(name: str) -> None:
    """Deletes a link, and with it its other end, wherever that is; one that is gone already stays gone."""
    try:
        ip(f"link delete {name}")
    except RuntimeError:
        if name in links():
            raise


def links() -> list[str]:
    """The links that there are, by name. Not from /sys: the rehearsal has that of the whole computer."""
    return [link["ifname"] for link in json.loads(ip("-json link show"))]


@dataclass(frozen=True)
class Place:
    """The place of a machine in the network."""

    # Of its network namespace.
    namespace: str
    # The bridge's end of its first link; others end with the same text.
    link: str
    address: str
    hardware: str

    def clear(self, bridge: str) -> None:
        """Takes away all that there is; raises StillThereError if something does not go."""
        file = NAMESPACES / self.namespace
        identity = file.stat().st_ino if file.exists() else None
        for link in self._links():
            delete_link(link)
        if identity is not None:
            ip(f"netns delete {self.namespace}")
        if bridge in links():
            ip(f"neigh flush to {self.address} dev {bridge}")
        left: list[str] = []

        def is_gone() -> bool:
            left[:] = self.traces(bridge, identity)
            return not left

        if not wait_until(is_gone, _PATIENCE_SECONDS, every=0.1):
            raise StillThereError(f"{self.namespace} ({self.address}) has ended, but there is still {', '.join(left)}")

    def traces(self, bridge: str, identity: int | None) -> list[str]:
        """What is left of it, a few words each; `identity` is the inode of its namespace."""
        found = [f"the link {link}" for link in self._links()]
        if (NAMESPACES / self.namespace).exists():
            found.append(f"the namespace {self.namespace}")
        found += [f"the process {process} in its namespace" for process in _inside(identity)]
        if bridge in links():
            found += [f"the neighbour {self.address}"] if _knows_neighbour(bridge, self.address) else []
            found += [f"the bridge's entry of {self.hardware}"] if _knows_hardware(bridge, self.hardware) else []
        return found

    def _links(self) -> list[str]:
        return sorted(link for link in links() if link.endswith(self.link))


def _inside(identity: int | None) -> list[str]:
    """Processes in a network namespace, by the inode of its file."""
    if identity is None:
        return []
    found = []
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                if os.stat(process / "ns/net").st_ino == identity:
                    found.append(process.name)
            except OSError:
                # It has ended meanwhile.
                continue
    return found


def _knows_neighbour(bridge: str, address: str) -> bool:
    entries = json.loads(ip(f"-json neigh show to {address} dev {bridge}") or "[]")
    return any("FAILED" not in entry.get("state", []) for entry in entries)


def _knows_hardware(bridge: str, hardware: str) -> bool:
    done = subprocess.run(["bridge", "-json", "fdb", "show", "br", bridge], check=True, capture_output=True, text=True)
    return any(entry["mac"] == hardware for entry in json.loads(done.stdout or "[]"))

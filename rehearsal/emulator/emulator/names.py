"""Names and leases of the emulated network: one file each for its server, which reads them as they appear."""

from __future__ import annotations

from emulator.settings import STATE

# dnsmasq's --hostsdir.
FOLDER = STATE / "names"
# dnsmasq's --dhcp-hostsdir.
LEASES = STATE / "leases"


def name_address(name: str, address: str) -> None:
    """Lets a name point to an address."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    (FOLDER / name).write_text(f"{address} {name}\n")


def lease(hardware_address: str, address: str) -> None:
    """Gives a machine its address whenever it asks."""
    LEASES.mkdir(parents=True, exist_ok=True)
    (LEASES / address).write_text(f"{hardware_address},{address}\n")


def hardware_address(address: str) -> str:
    """The address of a machine's interface on its link: locally administered, and unique in the network."""
    return "02:00:" + ":".join(f"{int(part):02x}" for part in address.split("."))

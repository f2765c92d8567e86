"""
Addresses of subnets, handed out in turn. An address stays taken until its holder says that nothing of the machine is
left, and then the others of the subnet come first: a new machine never meets the traces of an old one.
"""

from __future__ import annotations

import ipaddress
import threading


class AddressPool:
    """The addresses of all subnets of the emulated network."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._taken: set[str] = set()
        # How many addresses of a subnet were tried so far, by its CIDR.
        self._tried: dict[str, int] = {}

    def take(self, cidr: str) -> str:
        """A free address of a subnet; raises RuntimeError if there is none."""
        # AWS keeps the first four addresses and the last one of a subnet to itself; the first ones are for looks.
        addresses = [str(address) for address in list(ipaddress.ip_network(cidr).hosts())[9:-1]]
        with self._lock:
            for _ in addresses:
                tried = self._tried.get(cidr, 0)
                self._tried[cidr] = tried + 1
                address = addresses[tried % len(addresses)]
                if address not in self._taken:
                    self._taken.add(address)
                    return address
        raise RuntimeError(f"InsufficientFreeAddressesInSubnet: {cidr}")

    def release(self, address: str) -> None:
        """Gives an address back; raises KeyError if it is not in use."""
        with self._lock:
            self._taken.remove(address)


# One for all: the emulated VPCs share a bridge.
POOL = AddressPool()

"""Addresses of subnets: in turn, and never twice at a time."""

from __future__ import annotations

import pytest

from emulator.address_pool import AddressPool

# Four addresses beside those that AWS and the rehearsal keep.
CIDR = "10.91.1.0/28"


def test_an_address_comes_back_after_all_others_of_its_subnet() -> None:
    pool = AddressPool()
    first = [pool.take(CIDR) for _ in range(2)]
    for address in first:
        pool.release(address)
    second = [pool.take(CIDR) for _ in range(2)]
    assert set(first).isdisjoint(second)
    assert pool.take(CIDR) == first[0]


def test_an_address_that_was_not_released_is_not_given_again() -> None:
    pool = AddressPool()
    taken = {pool.take(CIDR) for _ in range(4)}
    assert len(taken) == 4
    with pytest.raises(RuntimeError, match=r"InsufficientFreeAddressesInSubnet: 10\.91\.1\.0/28"):
        pool.take(CIDR)
    released = taken.pop()
    pool.release(released)
    assert pool.take(CIDR) == released


def test_networks_that_overlap_share_their_addresses() -> None:
    pool = AddressPool()
    assert pool.take("10.91.1.0/28") != pool.take("10.91.1.0/27")


def test_only_a_taken_address_is_released() -> None:
    with pytest.raises(KeyError):
        AddressPool().release("10.91.1.9")

"""The place of a machine in a real network, in a namespace of the test's own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EMULATOR = Path(__file__).resolve().parents[3] / "rehearsal" / "emulator"

# As machines plug in: a namespace, a link of its own and one that was attached to it.
PLUG_IN = """
import json, subprocess, sys
from emulator import network
from emulator.network import Place, ip

subprocess.run(["mount", "-t", "tmpfs", "tmpfs", "/run"], check=True)
for line in '''
link add vpc type bridge
address add 10.93.0.1/16 dev vpc
link set vpc up
netns add i-1
link add vmachine1 type veth peer name ens5 address 02:00:0a:5d:00:0a netns i-1
link add 1vmachine1 type veth peer name ens6 address 02:00:0a:5d:00:0b netns i-1
link set vmachine1 master vpc up
link set 1vmachine1 master vpc up
-n i-1 link set lo up
-n i-1 address add 10.93.0.10/16 dev ens5
-n i-1 link set ens5 up
'''.strip().splitlines():
    ip(line)
place = Place("i-1", "vmachine1", "10.93.0.10", "02:00:0a:5d:00:0a")
identity = (network.NAMESPACES / "i-1").stat().st_ino
subprocess.run(["ip", "netns", "exec", "i-1", "ping", "-c", "1", "-W", "5", "10.93.0.1"], capture_output=True)
ip("neigh replace 10.93.0.10 lladdr 02:00:0a:5d:00:0a dev vpc nud stale")
subprocess.run(["bridge", "fdb", "replace", "02:00:0a:5d:00:0a", "dev", "vmachine1", "master", "dynamic"], check=True)
"""


def run(script: str) -> str:
    """What a script prints that is run in a network namespace of its own."""
    environment = {**os.environ, "PYTHONPATH": str(EMULATOR)}
    done = subprocess.run(
        ["unshare", "--net", "--mount", "--propagation=private", sys.executable, "-c", PLUG_IN + script],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def can_unshare() -> bool:
    try:
        return subprocess.run(["unshare", "--net", "true"], check=False, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


pytestmark = pytest.mark.skipif(
    os.geteuid() != 0 or not can_unshare(), reason="a network namespace of its own needs root, and unshare(1)"
)


def test_a_machine_that_is_plugged_in_leaves_traces_everywhere() -> None:
    said = run("print(*place.traces('vpc', identity), sep='\\n')")
    assert said.splitlines() == [
        "the link 1vmachine1",
        "the link vmachine1",
        "the namespace i-1",
        "the neighbour 10.93.0.10",
        "the bridge's entry of 02:00:0a:5d:00:0a",
    ]


def test_a_place_that_is_cleared_has_no_trace() -> None:
    assert run("place.clear('vpc'); print(place.traces('vpc', identity), network.links())") == "[] ['lo', 'vpc']\n"


def test_a_machine_can_have_the_very_addresses_of_one_that_is_gone() -> None:
    said = run(
        """
place.clear('vpc')
for line in '''
netns add i-2
link add vmachine2 type veth peer name ens5 address 02:00:0a:5d:00:0a netns i-2
link set vmachine2 master vpc up
-n i-2 address add 10.93.0.10/16 dev ens5
-n i-2 link set ens5 up
'''.strip().splitlines():
    ip(line)
ip("neigh replace 10.93.0.10 lladdr 02:00:0a:5d:00:0a dev vpc nud permanent")
print(ip("-n i-2 -brief address show ens5").split()[1:3])
"""
    )
    assert said == "['UP', '10.93.0.10/16']\n"


def test_a_process_that_stays_in_the_namespace_is_named() -> None:
    said = run(
        """
network._PATIENCE_SECONDS = 1
left = subprocess.Popen(["ip", "netns", "exec", "i-1", "sleep", "60"])
import time
until = time.monotonic() + 20
while not network._inside(identity) and time.monotonic() < until:
    time.sleep(0.05)
try:
    place.clear('vpc')
except network.StillThereError as error:
    print(str(error).replace(str(left.pid), "PID"))
left.kill()
left.wait()
"""
    )
    assert said == "i-1 (10.93.0.10) has ended, but there is still the process PID in its namespace\n"


def test_a_machine_that_was_never_plugged_in_is_cleared_as_well() -> None:
    said = run("other = Place('i-9', 'vmachine9', '10.93.0.99', '02:00:0a:5d:00:63'); print(other.clear('vpc'))")
    assert said == "None\n"

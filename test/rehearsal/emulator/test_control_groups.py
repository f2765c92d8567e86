"""Control groups of machines: in which hierarchies, and that a command starts in them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from emulator import control_groups

VERSION_1 = "3:memory:/process\n1:name=systemd:/user.slice\n0::/user.slice\n"


def test_version_2_alone(tmp_path: Path) -> None:
    assert control_groups.hierarchies("0::/user.slice/session-1.scope\n", tmp_path) == [
        tmp_path / "user.slice/session-1.scope"
    ]


def test_version_1_and_the_unified_hierarchy_beside_it(tmp_path: Path) -> None:
    (tmp_path / "unified").mkdir()
    assert control_groups.hierarchies(VERSION_1, tmp_path) == [
        tmp_path / "systemd/user.slice",
        tmp_path / "unified/user.slice",
    ]


def test_a_command_joins_the_groups_of_its_name_before_it_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    places = [tmp_path / "systemd", tmp_path / "unified"]
    monkeypatch.setattr(control_groups, "hierarchies", lambda _: places)
    command = control_groups.in_own_group("i-1", ["sh", "-c", 'echo "$$ $1"', "word", "two words"])
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    pid, _, words = said.strip().partition(" ")
    assert words == "two words"
    assert [(place / "igrid-rehearsal/i-1/cgroup.procs").read_text() for place in places] == [f"{pid}\n"] * 2

"""Disks that types of instances come with: which have one, and that it goes with its last user."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from emulator import disks
from emulator.waiting import wait_until


def attached(file: Path) -> str:
    return subprocess.run(["losetup", "--associated", file], check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize(
    ("instance_type", "has_disk"),
    [
        ("i3.2xlarge", True),
        ("i4i.large", True),
        ("im4gn.large", True),
        ("m5d.xlarge", True),
        ("r6gd.large", True),
        ("m5.large", False),
        ("t3.medium", False),
        ("r6g.large", False),
        ("inf2.xlarge", False),
    ],
)
def test_types_with_a_disk(instance_type: str, has_disk: bool) -> None:
    assert disks.has_disk(instance_type) is has_disk


def test_a_disk_is_blank_and_goes_with_its_last_user(tmp_path: Path) -> None:
    file = tmp_path / "disk"
    disk = disks.blank_disk(file)
    if disk is None:
        pytest.skip("this computer lends no loop devices")
    with Path(disk.device).open("rb") as user:
        assert user.read(1 << 20) == bytes(1 << 20)
        disk.release()
        assert disk.device in attached(file)
    assert wait_until(lambda: attached(file) == "", 5)


def test_without_loop_devices_there_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "losetup").write_text("#!/bin/sh\necho permission denied >&2\nexit 1\n")
    (tmp_path / "losetup").chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert disks.blank_disk(tmp_path / "disk") is None
    assert not (tmp_path / "disk").exists()


def test_a_system_is_shown_the_model(tmp_path: Path) -> None:
    (tmp_path / "etc/systemd/system").mkdir(parents=True)
    disks.Disk("/dev/null", -1).show(tmp_path)
    [model] = tmp_path.glob("**/nvme1n1/device/model")
    assert model.read_text().startswith("Amazon EC2 NVMe Instance Storage ")
    [unit] = (tmp_path / "etc/systemd/system/sysinit.target.wants").iterdir()
    assert unit.is_symlink()

"""Blank loop devices in place of the NVMe disks that some types of instances have of their own."""

from __future__ import annotations

import logging
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

# Families for storage, and the option d of others
# (https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html).
_FAMILIES = re.compile(r"i[ms]?\d+[a-z]*|[a-z]+\d+[a-z]*d[a-z]*")
# A file with holes: what is not written takes no place.
_BYTES = 2 << 30
NAME = "nvme1n1"
# As the kernel shows it, padded to the 40 characters of NVMe's field.
_MODEL = f"{'Amazon EC2 NVMe Instance Storage':<40}\n"

_BLOCK = "usr/lib/rehearsal/block"
_UNIT = "etc/systemd/system/rehearsal-disk.service"
# A container sees the block devices of the computer that it runs on: hosts tell theirs by the model.
_SHOW = f"""\
[Unit]
DefaultDependencies=no
Before=sysinit.target
[Service]
Type=oneshot
ExecStart=mount --bind /{_BLOCK} /sys/block
[Install]
WantedBy=sysinit.target
"""


def has_disk(instance_type: str) -> bool:
    """Whether instances of a type come with a disk; it is one here, whatever their number."""
    return _FAMILIES.fullmatch(instance_type.split(".", maxsplit=1)[0]) is not None


@dataclass(frozen=True)
class Disk:
    """A loop device. Held open, it goes with its last user: however the rehearsal ends, the kernel frees it."""

    device: str
    _held: int

    def show(self, root: Path) -> None:
        """Makes a machine's system find it as it finds an NVMe disk on EC2."""
        model = root / _BLOCK / NAME / "device" / "model"
        model.parent.mkdir(parents=True)
        model.write_text(_MODEL)
        (root / _UNIT).write_text(_SHOW)
        wanted = root / "etc/systemd/system/sysinit.target.wants"
        wanted.mkdir(parents=True, exist_ok=True)
        (wanted / Path(_UNIT).name).symlink_to(f"/{_UNIT}")

    def release(self) -> None:
        """Gives the device back once its machine does not use it."""
        os.close(self._held)


def blank_disk(file: Path) -> Disk | None:
    """A new disk in a file; none, and a warning, where this computer lends no loop devices."""
    with file.open("wb") as content:
        content.truncate(_BYTES)
    attached = subprocess.run(["losetup", "--find", "--show", file], check=False, capture_output=True, text=True)
    if attached.returncode != 0:
        logging.getLogger("emulator").warning("no disk of its own for a machine: %s", attached.stderr.strip())
        file.unlink()
        return None
    device = attached.stdout.strip()
    held = os.open(device, os.O_RDONLY)
    # A device in use is detached when its last user closes it.
    subprocess.run(["losetup", "--detach", device], check=True)
    return Disk(device, held)

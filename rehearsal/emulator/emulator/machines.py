"""
Machines: Debian roots that boot under systemd in a container of their own, with a network namespace on the bridge that
stands for the VPC.
"""

from __future__ import annotations

import logging
import os
import shutil
import signal
import subprocess
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from emulator import network
from emulator.control_groups import in_own_group
from emulator.disks import NAME, Disk, blank_disk
from emulator.names import hardware_address, lease
from emulator.network import ip as _ip
from emulator.settings import AUTHORITY, ROOTS, STATE
from emulator.waiting import wait_until

BRIDGE = "vpc"
# https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns.html: the resolver is the VPC's base plus two.
ROUTER, RESOLVER = os.environ["REHEARSAL_ROUTER"], os.environ["REHEARSAL_RESOLVER"]
PREFIX = os.environ["REHEARSAL_PREFIX"]

_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

# With --keep-unit the process that started systemd-nspawn has to start it again (systemd-nspawn(1)).
_REBOOTS = 133

# What a host is given before its first boot: where it is, not what it is to become.
_CLOUD_INIT = """\
datasource_list: [ Ec2 ]
datasource:
  Ec2:
    metadata_urls: [ 'http://169.254.169.254' ]
    max_wait: 60
    timeout: 10
    strict_id: false
network:
  config: disabled
"""
# AWS' names have certificates of the rehearsal's authority, which is among the system's: Node has a list of its own.
_ENVIRONMENT = """\
[Manager]
DefaultEnvironment=NODE_USE_SYSTEM_CA=1
"""


@dataclass
class Machine:
    """One machine. Its disk is a layer over the root that it was made from."""

    name: str
    address: str
    root: str = "debian"
    # Read-only folders of this computer: target by source.
    binds: Mapping[str, str] = field(default_factory=dict)
    # Folders of the machine that outlive it, each by its name among the rehearsal's volumes.
    volumes: Mapping[str, str] = field(default_factory=dict)
    # Whether it comes with a disk beside the system's.
    has_disk: bool = False
    on_end: Callable[[], None] = lambda: None
    _process: subprocess.Popen[bytes] | None = None
    _own_disk: Disk | None = None
    _stopping: bool = False

    @property
    def folder(self) -> Path:
        return STATE / "machines" / self.name

    @property
    def disk(self) -> Path:
        return self.folder / "disk"

    @property
    def is_running(self) -> bool:
        """Whether it is up, or on its way there after a reboot."""
        return self._process is not None and self._process.poll() in (None, _REBOOTS)

    def boot(self) -> None:
        """Makes the disk and the network, and starts it."""
        self._make_disk()
        self._prepare()
        if self.has_disk:
            self._own_disk = blank_disk(self.folder / "own-disk")
        if self._own_disk:
            self._own_disk.show(self.disk)
        self._plug_in()
        # How cloud-init tells EC2 from other clouds, on instances that are older than Nitro.
        (self.folder / "uuid").write_text(f"ec2{self.name[-5:]}-0000-4000-8000-000000000000\n")
        self._start()

    def _start(self) -> None:
        binds = {**self.binds, "/sys/hypervisor/uuid": str(self.folder / "uuid")}
        command = [
            "systemd-nspawn",
            "--quiet",
            "--boot",
            "--register=no",
            "--keep-unit",
            # With "pipe" there is no /dev/console; an instance of EC2 has one, which is kept as its console output.
            "--console=read-only",
            "--link-journal=no",
            "--resolv-conf=off",
            "--timezone=off",
            f"--directory={self.disk}",
            f"--machine={self.name}",
            f"--hostname={self.hostname}",
            # Both: an own /sys, too.
            "--private-network",
            f"--network-namespace-path=/run/netns/{self.name}",
            *[f"--bind-ro={source}:{target}" for target, source in binds.items()],
            *[f"--bind={_volume(name)}:{target}" for target, name in self.volumes.items()],
            *[f"--bind={disk.device}:/dev/{NAME}" for disk in (self._own_disk,) if disk],
        ]
        console = (self.folder / "console.log").open("ab")
        self._process = subprocess.Popen(
            in_own_group(self.name, command),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            start_new_session=True,
        )
        if not wait_until(lambda: self.leader() is not None or not self.is_running, 30) or not self.is_running:
            raise RuntimeError(f"{self.name} does not boot: {(self.folder / 'console.log').read_text().strip()[-300:]}")
        threading.Thread(target=self._watch, name=f"machine-{self.name}", daemon=True).start()

    @property
    def hostname(self) -> str:
        return f"ip-{self.address.replace('.', '-')}"

    def terminate(self, keep_logs: bool = True) -> None:
        """
        Ends it as a terminated instance ends: a short while for systemd to stop, then no more. The disk is gone.

        Returns once nothing of it is left in the network; raises StillThereError, with what is left, if something is.
        """
        self._stopping = True
        if self._process is not None and self._process.poll() is None:
            leader = self.leader()
            if leader is not None:
                # systemd's own signal for "power off": SIGRTMIN+4.
                os.kill(leader, signal.SIGRTMIN + 4)
            try:
                self._process.wait(40)
            except subprocess.TimeoutExpired:
                if leader is not None:
                    os.kill(leader, signal.SIGKILL)
                self._process.kill()
                self._process.wait()
        if keep_logs:
            self.save_logs()
        self._unplug()
        if self._own_disk is not None:
            self._own_disk.release()
            self._own_disk = None
            (self.folder / "own-disk").unlink()
        if self.disk.is_mount():
            subprocess.run(["umount", "--lazy", self.disk], check=True, capture_output=True)
        for folder in ("upper", "work", "disk"):
            if (self.folder / folder).exists():
                shutil.rmtree(self.folder / folder)

    def reboot(self) -> None:
        """Reboots it in an orderly way; its disk stays."""
        leader = self.leader()
        if leader is None:
            raise RuntimeError(f"{self.name} does not run")
        os.kill(leader, signal.SIGRTMIN + 5)

    def leader(self) -> int | None:
        """Process id of the machine's own systemd, as seen from here."""
        if self._process is None:
            return None
        for child in descendants(self._process.pid):
            try:
                command = Path(f"/proc/{child}/cmdline").read_bytes()
            except OSError:
                continue
            if b"systemd-nspawn" not in command.split(b"\0")[0]:
                return child
        return None

    def command(self, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> list[str]:
        """How a command is run inside, from here."""
        leader = self.leader()
        if leader is None:
            raise RuntimeError(f"{self.name} does not run")
        variables = {
            "PATH": _PATH,
            "NODE_USE_SYSTEM_CA": "1",
            **(environment or {}),
        }
        return [
            *("nsenter", f"--target={leader}", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--wdns=/"),
            *("--", "env", "--ignore-environment", *[f"{name}={value}" for name, value in variables.items()]),
            *arguments,
        ]

    def attach(self, hardware: str, index: int) -> None:
        """Gives it another link, as yet down; its index is the device's on the instance, from 1."""
        link = f"{index}{self.link}"
        _ip(f"link add {link} type veth peer name ens{5 + index} address {hardware} netns {self.name}")
        _ip(f"link set {link} master {BRIDGE} up")

    def detach(self, index: int) -> None:
        """Takes that link away."""
        network.delete_link(f"{index}{self.link}")

    def run(self, arguments: Sequence[str], timeout: float = 60) -> subprocess.CompletedProcess[str]:
        """Runs a command inside and returns what it said."""
        return subprocess.run(
            self.command(arguments), check=False, capture_output=True, text=True, timeout=timeout, errors="replace"
        )

    def save_logs(self) -> None:
        """Copies what tells how it went from the disk to the folder of logs."""
        target = STATE / "logs" / self.name
        target.mkdir(parents=True, exist_ok=True)
        console = self.folder / "console.log"
        if console.exists():
            shutil.copy(console, target)
        for path in sorted((self.disk / "var/log").glob("**/*")):
            if path.is_file() and "journal" not in path.parts and path.suffix != ".journal":
                shutil.copy(path, target / "-".join(path.relative_to(self.disk / "var/log").parts))
        journals = self.disk / "var/log/journal"
        if journals.is_dir():
            text = subprocess.run(["journalctl", f"--directory={journals}", "--no-pager", "--merge"],
                                  check=False, capture_output=True)  # fmt: skip
            (target / "journal.log").write_bytes(text.stdout)

    def _watch(self) -> None:
        process = self._process
        assert process is not None
        status = process.wait()
        if self._stopping:
            return
        if status == _REBOOTS:
            try:
                self._start()
            except RuntimeError:
                logging.getLogger("emulator").exception("%s does not come back from its reboot", self.name)
                self.on_end()
        else:
            self.on_end()

    def _make_disk(self) -> None:
        lower = ROOTS / self.root
        for name in ("upper", "work", "disk"):
            (self.folder / name).mkdir(parents=True)
        options = f"lowerdir={lower},upperdir={self.folder}/upper,workdir={self.folder}/work"
        mounted = subprocess.run(
            ["mount", "-t", "overlay", "overlay", "-o", options, self.disk], check=False, capture_output=True, text=True
        )
        if mounted.returncode != 0:
            # A file system that overlays can't be laid over (another overlay, say) gets a copy.
            shutil.rmtree(self.disk)
            subprocess.run(["cp", "--archive", "--reflink=auto", lower, self.disk], check=True)

    def _prepare(self) -> None:
        files = {
            "etc/hostname": f"{self.hostname}\n",
            "etc/hosts": f"127.0.0.1 localhost\n{self.address} {self.hostname}\n",
            "etc/resolv.conf": f"nameserver {RESOLVER}\noptions timeout:2 attempts:2\n",
            "etc/machine-id": "",
            "etc/cloud/cloud.cfg.d/90-rehearsal.cfg": _CLOUD_INIT,
            "etc/cloud/ds-identify.cfg": "policy: enabled\n",
            "etc/systemd/system.conf.d/rehearsal.conf": _ENVIRONMENT,
            "usr/local/share/ca-certificates/rehearsal.crt": (AUTHORITY / "ca.pem").read_text(),
        }
        for name, text in files.items():
            path = self.disk / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.unlink(missing_ok=True)
            path.write_text(text)
        (self.disk / "var/log/journal").mkdir(exist_ok=True)
        if (self.disk / "usr/sbin/update-ca-certificates").exists():
            subprocess.run(
                ["chroot", self.disk, "update-ca-certificates"], check=True, capture_output=True, env={"PATH": _PATH}
            )

    @property
    def link(self) -> str:
        """The bridge's end of its first link; those that are attached have their index before it."""
        # An interface's name has 15 characters at most.
        return f"v{self.name[-12:]}"

    def _plug_in(self) -> None:
        outside = self.link
        hardware = hardware_address(self.address)
        lease(hardware, self.address)
        for arguments in (
            f"netns add {self.name}",
            f"link add {outside} type veth peer name ens5 address {hardware} netns {self.name}",
            f"link set {outside} master {BRIDGE} up",
            f"-n {self.name} link set lo up",
            f"-n {self.name} address add {self.address}/{PREFIX} dev ens5",
            f"-n {self.name} link set ens5 up",
            f"-n {self.name} route add default via {ROUTER}",
            # The metadata service is on the link, as on EC2.
            f"-n {self.name} route add 169.254.169.254 dev ens5",
        ):
            _ip(arguments)

    def _unplug(self) -> None:
        place = network.Place(self.name, self.link, self.address, hardware_address(self.address))
        place.clear(BRIDGE)


def _volume(name: str) -> Path:
    folder = STATE / "volumes" / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def answer_as_router(address: str) -> None:
    """Makes an address one of the router's: each subnet has one of its own."""
    _ip(f"address replace {address}/32 dev {BRIDGE}")


def descendants(pid: int) -> list[int]:
    """Processes below one, from the top down."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*"):
        try:
            children = [int(word) for word in (task / "children").read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found

"""The part of a lock that applies to hosts."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).resolve().parents[3] / "rehearsal" / "setup" / "host_lock.py"
LOCK = """\
# made by uv
alike==1.0 \\
    --hash=sha256:aa
older==2.0 ; python_full_version < '3.11.3' \\
    --hash=sha256:bb \\
    --hash=sha256:cc
newer==3.0 ; python_full_version >= '3.12' \\
    --hash=sha256:dd
windows==4.0 ; sys_platform == 'win32' \\
    --hash=sha256:ee
"""


@pytest.fixture(scope="module")
def python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python with pip, as the set-up has it."""
    folder = tmp_path_factory.mktemp("python")
    base = Path(sys.base_prefix) / "bin" / f"python3.{sys.version_info.minor}"
    subprocess.run([base, "-m", "venv", folder], check=True)
    return folder / "bin" / "python"


def test_what_the_hosts_python_needs_is_kept_without_its_marker(python: Path, tmp_path: Path) -> None:
    lock = tmp_path / "requirements.lock"
    lock.write_text(LOCK)
    said = subprocess.run([python, PROGRAM, lock], check=True, capture_output=True, text=True).stdout
    names = [line.split("==")[0] for line in said.splitlines() if "==" in line]
    assert names == ["alike", "older"]
    assert ";" not in said
    assert said.count("--hash=") == 3

"""Calls are counted by role, action and folder."""

from __future__ import annotations

import json
from pathlib import Path

from emulator import call_counts


def test_counts_every_call_by_its_folder(tmp_path: Path) -> None:
    for _ in range(3):
        call_counts.count("nodes", "s3:PutObject", "arn:aws:s3:::bucket/checkpoint/2/commits/17")
    call_counts.count("nodes", "s3:ListBucket", "arn:aws:s3:::bucket")
    file = tmp_path / "call-counts.json"
    call_counts.write(file)
    found = json.loads(file.read_text())
    assert found["nodes s3:PutObject arn:aws:s3:::bucket/checkpoint/2/commits"] == 3
    assert found["nodes s3:ListBucket arn:aws:s3:::bucket"] == 1

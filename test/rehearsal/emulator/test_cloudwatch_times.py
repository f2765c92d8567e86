"""CloudWatch's answers over JSON, as the JavaScript SDK reads them."""

from __future__ import annotations

import json

from ministack.services import cloudwatch

from emulator import cloudwatch_times


def test_every_time_is_a_number() -> None:
    iso = "2026-11-28T00:00:00Z"
    answer = {"DashboardEntries": [{"DashboardName": "grid", "LastModified": iso}], "Timestamps": [iso]}
    own = cloudwatch._json_timestamps
    cloudwatch_times.install()
    try:
        _, _, body = cloudwatch._json_ok(answer)
    finally:
        cloudwatch._json_timestamps = own
    seconds = 1795824000
    assert json.loads(body) == {
        "DashboardEntries": [{"DashboardName": "grid", "LastModified": seconds}],
        "Timestamps": [seconds],
    }

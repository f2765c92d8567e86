"""The CloudWatch agent's stand-in: dimensions by the agent's own rules, real values, each line sent once."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from cloudwatch_agent.measure import disk, memory, mounts
from cloudwatch_agent.rules import ConfigurationError, LogFile, Mount, log_files, metrics, streams
from cloudwatch_agent.ship import Shipper

from emulator.aws import client

HOSTS = Path(__file__).resolve().parents[3] / "ec2-userdata" / "common" / "cloudwatch-agent.json"
ROOT, CACHE = Mount("nvme0n1p1", "/", "ext4"), Mount("nvme1n1", "/mnt/cache", "xfs")
OTHERS = [Mount("tmpfs", "/run", "tmpfs"), Mount("overlay", "/var/lib/x", "overlay")]


def configuration(agent: dict[str, Any] | None = None, **section: Any) -> dict[str, Any]:
    collected = {
        "mem": {"measurement": ["mem_used_percent"], "append_dimensions": {"machine": "m"}},
        "disk": {"measurement": ["used_percent"], "resources": ["/"], "append_dimensions": {"machine": "m"}},
    }
    return {"agent": agent or {}, "metrics": {"metrics_collected": collected, **section}}


def published(configured: dict[str, Any]) -> list[tuple[str, dict[str, str]]]:
    found = metrics(configured, [ROOT, CACHE, *OTHERS], "ip-10-0-0-1")
    return [(metric.name, dict(metric.dimensions)) for metric in found]


def test_hosts_publish_memory_and_disks_with_the_dimensions_that_alarms_ask_for() -> None:
    own = {"host_name": "@HOST_NAME@", "role": "@HOST_ROLE@"}
    assert published(json.loads(HOSTS.read_text())) == [
        ("mem_used_percent", own),
        ("disk_used_percent", {**own, "path": "/", "fstype": "ext4"}),
        ("disk_used_percent", {**own, "path": "/mnt/cache", "fstype": "xfs"}),
    ]


def test_the_systems_host_name_is_a_dimension_unless_it_is_omitted() -> None:
    disks = {"machine": "m", "path": "/", "fstype": "ext4", "device": "nvme0n1p1"}
    assert published(configuration()) == [
        ("mem_used_percent", {"machine": "m", "host": "ip-10-0-0-1"}),
        ("disk_used_percent", {**disks, "host": "ip-10-0-0-1"}),
    ]
    assert published(configuration({"omit_hostname": True})) == [
        ("mem_used_percent", {"machine": "m"}),
        ("disk_used_percent", disks),
    ]


def test_ec2s_dimensions_take_host_away_even_when_none_is_named() -> None:
    configured = configuration(append_dimensions={})
    configured["metrics"]["metrics_collected"]["mem"]["append_dimensions"] = {"host": "m", "kind": "druid"}
    assert ("mem_used_percent", {"kind": "druid"}) in published(configured)
    del configured["metrics"]["append_dimensions"]
    assert ("mem_used_percent", {"host": "m", "kind": "druid"}) in published(configured)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"aggregation_dimensions": [["machine"]]}, "metrics: no rule here for aggregation_dimensions"),
        ({"append_dimensions": {"InstanceId": "${aws:InstanceId}"}}, "metrics.append_dimensions: no rule here"),
        ({"metrics_collected": {"cpu": {}}}, "metrics_collected: no rule here for cpu"),
        ({"metrics_collected": {"mem": {"measurement": ["free"]}}}, "mem.measurement: no rule here for free"),
        ({"metrics_collected": {"mem": {"rename": "x"}}}, "mem: no rule here for rename"),
    ],
)
def test_what_is_not_rehearsed_is_refused(change: dict[str, Any], reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason.replace("$", r"\$")):
        published(configuration(**change))


def test_a_log_stream_of_many_files_is_named_after_each_file() -> None:
    paths = {
        "/var/log/igrid-canary/canary.log": 1.0,
        "/var/log/igrid-x/a b.log": 2.0,
        "/var/log/igrid-x/old.log.gz": 3.0,
    }
    assert streams(LogFile("", "group", "host/services", True), paths) == {
        "/var/log/igrid-canary/canary.log": "host/services__var_log_igrid-canary_canary.log",
        "/var/log/igrid-x/a b.log": "host/services__var_log_igrid-x_a_b.log",
    }
    assert streams(LogFile("", "group", "host/user-data", False), paths) == {
        "/var/log/igrid-x/a b.log": "host/user-data"
    }
    assert streams(LogFile("", "group", "host/user-data", False), {}) == {}


def test_hosts_send_their_first_boot_and_all_services() -> None:
    assert [(entry.pattern, entry.stream, entry.is_multiple) for entry in log_files(json.loads(HOSTS.read_text()))] == [
        ("/var/log/igrid-user-data.log", "@HOST_NAME@/user-data", False),
        ("/var/log/igrid-*/*.log", "@HOST_NAME@/services", True),
    ]


def test_memory_and_disk_are_what_free_and_df_show(tmp_path: Path) -> None:
    assert memory("MemTotal: 1000 kB\nMemFree: 300 kB\nBuffers: 50 kB\nCached: 100 kB\nSReclaimable: 50 kB\n") == 50
    [percent] = subprocess.run(
        ["df", "--output=pcent", tmp_path], check=True, capture_output=True, text=True
    ).stdout.splitlines()[1:]
    assert disk(str(tmp_path)) == pytest.approx(float(percent.strip(" %")), abs=1)
    assert mounts("overlay / overlay rw 0 0\n/dev/nvme1n1 /mnt/cache ext4 rw 0 0\n") == [
        Mount("overlay", "/", "ext4"),
        Mount("nvme1n1", "/mnt/cache", "ext4"),
    ]


@pytest.mark.usefixtures("emulator")
def test_each_whole_line_is_sent_once_across_restarts_and_rotation(tmp_path: Path) -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="hosts")
    file = tmp_path / "canary.log"
    entry = LogFile(str(tmp_path / "*.log"), "hosts", "host/services", True)
    stream = f"host/services_{str(file).replace('/', '_')}"

    def sent() -> list[str]:
        Shipper(logs, [entry], tmp_path / "state").ship()
        events = logs.get_log_events(logGroupName="hosts", logStreamName=stream, startFromHead=True)["events"]
        return [event["message"] for event in events]

    file.write_text('{"event":"one"}\n\nunfinis')
    assert sent() == ['{"event":"one"}']
    with file.open("a") as more:
        more.write("hed\n")
    assert sent() == ['{"event":"one"}', "unfinished"]
    os.truncate(file, 0)
    file.write_text("x\n")
    assert sent() == ['{"event":"one"}', "unfinished", "x"]
    logs.delete_log_group(logGroupName="hosts")


@pytest.mark.usefixtures("emulator")
def test_more_lines_than_a_request_takes_are_sent_in_several(tmp_path: Path) -> None:
    logs = client("logs")
    logs.create_log_group(logGroupName="busy")
    (tmp_path / "a.log").write_text("x\n" * 25_000)
    sizes: list[int] = []
    logs.meta.events.register(
        "provide-client-params.cloudwatch-logs.PutLogEvents", lambda params, **_: sizes.append(len(params["logEvents"]))
    )
    Shipper(logs, [LogFile(str(tmp_path / "a.log"), "busy", "s", False)], tmp_path / "state").ship()
    # The first is sent again once its stream has been made.
    assert sizes == [10_000, 10_000, 10_000, 5_000]
    logs.delete_log_group(logGroupName="busy")

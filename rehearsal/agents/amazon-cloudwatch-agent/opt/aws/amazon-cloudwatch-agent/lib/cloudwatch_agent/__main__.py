"""
The stand-in's program:

    python3 -m cloudwatch_agent check FILE    whether FILE is a configuration that is rehearsed
    python3 -m cloudwatch_agent run FILE      publishes metrics and logs, with the machine's role, until stopped
    python3 -m cloudwatch_agent describe      metrics of configurations, not measured: JSON lines in, JSON lines out
"""

from __future__ import annotations

import json
import socket
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from cloudwatch_agent.measure import own_mounts, value
from cloudwatch_agent.rules import ConfigurationError, Mount, log_files, metrics
from cloudwatch_agent.ship import Shipper

_METADATA = "http://169.254.169.254/latest"
_STATE = Path("/opt/aws/amazon-cloudwatch-agent/logs/state")
# translator/translate/logs/ruleForceFlushInterval.go
_SHIP_EVERY_SECONDS = 5
_DEFAULT_INTERVAL_SECONDS = 60


def _clients() -> tuple[Any, Any]:
    """Of CloudWatch and CloudWatch Logs, with the botocore that Debian's AWS CLI carries."""
    # Only hosts have it: `check` and `describe` work without.
    from awscli.botocore.session import Session  # noqa: PLC0415

    # The rehearsal's authority is among the system's.
    options = {"region_name": _region(), "verify": "/etc/ssl/certs/ca-certificates.crt"}
    session = Session()
    if session.get_credentials() is None:
        # A client that has begun without credentials never gets any.
        raise OSError("the metadata service gives no credentials: has the machine a role?")
    return session.create_client("cloudwatch", **options), session.create_client("logs", **options)


def _region() -> str:
    """By the metadata service, version 2."""
    headers = {"X-aws-ec2-metadata-token-ttl-seconds": "60"}
    asked = Request(f"{_METADATA}/api/token", method="PUT", headers=headers)
    token = urlopen(asked, timeout=10).read().decode()
    asked = Request(f"{_METADATA}/meta-data/placement/region", headers={"X-aws-ec2-metadata-token": token})
    return str(urlopen(asked, timeout=10).read().decode())


def _run(configuration: dict[str, Any]) -> None:
    cloudwatch, logs = _clients()
    shipper = Shipper(logs, log_files(configuration), _STATE)
    interval = configuration.get("agent", {}).get("metrics_collection_interval", _DEFAULT_INTERVAL_SECONDS)
    measured = -interval
    while True:
        if time.monotonic() - measured >= interval:
            measured = time.monotonic()
            _try(lambda: _publish(cloudwatch, configuration))
        _try(shipper.ship)
        time.sleep(_SHIP_EVERY_SECONDS)


def _publish(cloudwatch: Any, configuration: dict[str, Any]) -> None:
    data = [
        {
            "MetricName": metric.name,
            "Dimensions": [{"Name": name, "Value": text} for name, text in metric.dimensions.items()],
            "Unit": "Percent",
            "Value": value(metric),
        }
        for metric in metrics(configuration, own_mounts(), socket.gethostname())
    ]
    cloudwatch.put_metric_data(Namespace=configuration["metrics"]["namespace"], MetricData=data)


def _try(work: Any) -> None:
    """An agent that can't reach AWS prints the error and tries again."""
    try:
        work()
    except Exception as error:
        print(f"amazon-cloudwatch-agent: {type(error).__name__}: {error}", file=sys.stderr, flush=True)


def _describe() -> None:
    for line in sys.stdin:
        asked = json.loads(line)
        mounts = [Mount(**mount) for mount in asked["mounts"]]
        found = metrics(asked["configuration"], mounts, asked["host_name"])
        print(json.dumps([{"name": metric.name, "dimensions": metric.dimensions} for metric in found]))


def _main(command: str, *arguments: str) -> None:
    if command == "describe":
        _describe()
        return
    configuration = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
    if not log_files(configuration) and not metrics(configuration, own_mounts(), socket.gethostname()):
        raise ConfigurationError("neither metrics nor logs to collect")
    if command == "run":
        _run(configuration)


if __name__ == "__main__":
    try:
        _main(*sys.argv[1:])
    except (ConfigurationError, OSError, json.JSONDecodeError, KeyError) as problem:
        sys.exit(f"amazon-cloudwatch-agent: {problem}")

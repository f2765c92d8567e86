"""
What the CloudWatch agent publishes: the rules of its source at v1.300049.1 (github.com/aws/amazon-cloudwatch-agent) for
the part of its configuration that the hosts use. Anything else is refused, because it has no rule here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Configuration = Mapping[str, Any]

# Measurements by plugin, as configured; a prefix with the plugin's name is optional.
_MEASUREMENTS = ("used_percent",)

_KEYS = {
    "the configuration": {"agent", "logs", "metrics"},
    "agent": {"metrics_collection_interval", "omit_hostname", "run_as_user"},
    "metrics": {"namespace", "append_dimensions", "metrics_collected"},
    "metrics.metrics_collected": {"disk", "mem"},
    "disk": {"append_dimensions", "drop_device", "ignore_file_system_types", "measurement", "resources"},
    "mem": {"append_dimensions", "measurement"},
    "a log file": {"file_path", "log_group_name", "log_stream_name", "publish_multi_logs"},
}

# plugins/inputs/logfile/logfile.go, isCompressedFile
_COMPRESSED = (".tar", ".zst", ".gz", ".zip", ".bz2", ".rar")


class ConfigurationError(ValueError):
    """A configuration that the agent refuses, or one for which this stand-in has no rule."""


@dataclass(frozen=True)
class Mount:
    """A file system, as in /proc/mounts."""

    device: str
    path: str
    fstype: str


@dataclass(frozen=True)
class Metric:
    """A metric, and where its value comes from."""

    name: str
    dimensions: Mapping[str, str]
    # Absent for memory.
    mount: Mount | None = None


@dataclass(frozen=True)
class LogFile:
    """One entry of `collect_list`."""

    pattern: str
    group: str
    stream: str
    is_multiple: bool


def metrics(configuration: Configuration, mounts: Iterable[Mount], host_name: str) -> list[Metric]:
    """Metrics with their dimensions. Raises ConfigurationError."""
    _check(configuration, "the configuration")
    agent, section = _section(configuration, "agent"), _section(configuration, "metrics")
    collected = section.get("metrics_collected") or {}
    _check(collected, "metrics.metrics_collected")
    if section.get("append_dimensions"):
        raise ConfigurationError("metrics.append_dimensions: no rule here for EC2's own dimensions")
    found = []
    for plugin, options in collected.items():
        _check(options, plugin)
        for measurement in options.get("measurement") or []:
            name = _name(plugin, measurement)
            for mount in _mounts(options, mounts) if plugin == "disk" else [None]:
                dimensions = _dimensions(agent, section, options, mount, host_name)
                found.append(Metric(name, dimensions, mount))
    return found


def _name(plugin: str, measurement: str) -> str:
    """translator/.../metrics/util/measurementutil.go strips the prefix, internal/metric/metric.go joins with `_`."""
    field = measurement[len(plugin) + 1 :] if measurement.startswith(f"{plugin}_") else measurement
    if field not in _MEASUREMENTS:
        raise ConfigurationError(f"{plugin}.measurement: no rule here for {measurement}")
    return f"{plugin}_{field}"


def _mounts(options: Mapping[str, Any], mounts: Iterable[Mount]) -> list[Mount]:
    wanted, ignored = options.get("resources") or ["*"], options.get("ignore_file_system_types") or []
    return [mount for mount in mounts if mount.fstype not in ignored and ("*" in wanted or mount.path in wanted)]


def _dimensions(
    agent: Mapping[str, Any],
    section: Mapping[str, Any],
    options: Mapping[str, Any],
    mount: Mount | None,
    host_name: str,
) -> dict[str, str]:
    # Telegraf's global tag `host` (omit_hostname leaves it out); a plugin's own tags win over it.
    tags = {} if agent.get("omit_hostname") else {"host": host_name}
    if mount is not None:
        # translator/translate/metrics/metrics_collect/disk/ruleDropTags.go: `mode` is always left out.
        tags.update({"device": mount.device, "fstype": mount.fstype, "path": mount.path})
        if options.get("drop_device"):
            del tags["device"]
    tags.update(options.get("append_dimensions") or {})
    # translator/translate/otel/pipeline/host/translator.go:91 asks whether it is *set*, which {} is, too; then
    # plugins/processors/ec2tagger/ec2tagger.go:158 takes `host` off every data point, wherever it comes from.
    if "append_dimensions" in section:
        tags.pop("host", None)
    # plugins/outputs/cloudwatch/cloudwatch.go, BuildDimensions: no dimension without a value.
    return {name: value for name, value in sorted(tags.items()) if value != ""}


def log_files(configuration: Configuration) -> list[LogFile]:
    """Entries of `collect_list`. Raises ConfigurationError."""
    _check(configuration, "the configuration")
    entries = _section(configuration, "logs").get("logs_collected", {}).get("files", {}).get("collect_list", [])
    for entry in entries:
        _check(entry, "a log file")
        for key in ("file_path", "log_group_name", "log_stream_name"):
            if not entry.get(key):
                raise ConfigurationError(f"a log file: {key} is missing")
    return [
        LogFile(
            entry["file_path"],
            entry["log_group_name"],
            entry["log_stream_name"],
            bool(entry.get("publish_multi_logs")),
        )
        for entry in entries
    ]


def streams(entry: LogFile, files: Mapping[str, float]) -> dict[str, str]:
    """
    Log streams of an entry by file, of `files` by the time of their last change: all of them with
    publish_multi_logs, else the newest (plugins/inputs/logfile/logfile.go, getTargetFiles).
    """
    plain = {path: changed for path, changed in files.items() if not path.endswith(_COMPRESSED)}
    if entry.is_multiple:
        # generateLogStreamName: what is configured, and the file's path.
        return {path: f"{entry.stream}_{re.sub(r'[^.#A-Za-z0-9_-]', '_', path)}" for path in plain}
    newest = max(plain, key=lambda path: plain[path], default=None)
    return {} if newest is None else {newest: entry.stream}


def _section(configuration: Configuration, name: str) -> Mapping[str, Any]:
    section: Mapping[str, Any] = configuration.get(name) or {}
    if name in _KEYS:
        _check(section, name)
    return section


def _check(value: Mapping[str, Any], where: str) -> None:
    unknown = value.keys() - _KEYS[where]
    if unknown:
        raise ConfigurationError(f"{where}: no rule here for {', '.join(sorted(unknown))}")

"""
Output of EMR's steps in CloudWatch Logs, as a cluster's MonitoringConfiguration asks for it: line by line, with the
role of the nodes, on which EMR's CloudWatch agent does this.
https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-logging-cw.html
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cloudwatch_agent.rules import LogFile
from cloudwatch_agent.ship import Shipper

from emulator import metadata
from emulator.aws import client_as

_SHIP_EVERY_SECONDS = 5


class StepLogs:
    """Sends what a step writes until it is closed."""

    def __init__(self, monitoring: Mapping[str, Any], machine: str, step: str, files: Mapping[str, Path]) -> None:
        """
        :param monitoring: the cluster's MonitoringConfiguration; none sends nothing.
        :param files: what the step writes, by stream: STDOUT, STDERR.
        """
        wanted = monitoring.get("CloudWatchLogConfiguration") or {}
        group = wanted.get("LogGroupName", "")
        types = wanted.get("LogTypes", {}).get("STEP_LOGS", []) if wanted.get("Enabled") and group else []
        # AWS documents no name of the stream but its prefix; nothing of ours depends on it.
        prefix = wanted.get("LogStreamNamePrefix", "")
        self._entries = [
            LogFile(str(files[kind]), group, f"{prefix}{machine}/{step}/{kind.lower()}", False) for kind in types
        ]
        self._machine = machine
        self._state = next(iter(files.values())).parent / "shipped"
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"logs-{step}", daemon=True)
        if self._entries:
            self._thread.start()

    def close(self) -> None:
        """Sends the rest. The step has ended."""
        self._is_over.set()
        if self._entries:
            self._thread.join()

    def _run(self) -> None:
        while not self._is_over.wait(_SHIP_EVERY_SECONDS):
            self._ship()
        self._ship()

    def _ship(self) -> None:
        try:
            logs = client_as(metadata.credentials(self._machine), "logs")
            Shipper(logs, self._entries, self._state).ship()
        except Exception:
            logging.getLogger("emulator").exception("the output of a step could not be sent to CloudWatch Logs")

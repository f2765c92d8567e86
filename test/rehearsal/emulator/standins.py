"""What stands in for a machine and for a broker: they keep what they are told; nothing runs but a step's command."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from subprocess import CompletedProcess
from typing import Any, ClassVar

from kafka.admin import AlterConfigOp

from emulator import machines
from emulator.aws import client


@dataclass
class Machine(machines.Machine):
    """A machine that is up at once. With `signals` set it tells CloudFormation so, as user data does."""

    is_up: bool = False
    reboots: int = 0
    # Hardware addresses of links beside the first, by the device's index.
    links: dict[int, str] = field(default_factory=dict)

    # Stack, resource and status; None: no signal.
    signals: ClassVar[tuple[str, str, str] | None] = None
    # What its commands answer, by the first word; else they succeed.
    statuses: ClassVar[dict[str, int]] = {}
    # A machine that doesn't boot.
    broken: ClassVar[bool] = False

    @property
    def is_running(self) -> bool:
        return self.is_up

    def boot(self) -> None:
        if self.broken:
            raise RuntimeError(f"{self.name} does not boot: no space left")
        self.is_up = True
        if self.signals is not None:
            stack, resource, status = self.signals
            arguments = {"StackName": stack, "LogicalResourceId": resource, "UniqueId": self.name, "Status": status}
            threading.Thread(target=lambda: client("cloudformation").signal_resource(**arguments), daemon=True).start()

    def terminate(self, keep_logs: bool = True) -> None:  # noqa: ARG002
        self.is_up = False

    def reboot(self) -> None:
        self.reboots += 1

    def attach(self, hardware: str, index: int) -> None:
        self.links[index] = hardware

    def detach(self, index: int) -> None:
        del self.links[index]

    def leader(self) -> int | None:
        return os.getpid() if self.is_running else None

    def command(self, arguments: Sequence[str], environment: Mapping[str, str] | None = None) -> list[str]:  # noqa: ARG002
        words = list(arguments)
        # Steps and bootstrap actions are of the user hadoop, whom this computer doesn't have.
        own = words[words.index("--") + 1 :] if words[0] == "runuser" else words
        status = self.statuses.get(own[0].rsplit("/", 1)[-1])
        return ["env", *own] if status is None else ["sh", "-c", f"exit {status}"]

    def run(self, arguments: Sequence[str], timeout: float = 60) -> CompletedProcess[str]:  # noqa: ARG002
        status = self.statuses.get(arguments[0], 0)
        return CompletedProcess(list(arguments), status, "running\n" if arguments[0] == "systemctl" else "", "")

    def end(self) -> None:
        """Powers off from the inside."""
        self.is_up = False
        self.on_end()


class Broker:
    """Kafka's admin client, with topics that every one of them knows."""

    topics: ClassVar[dict[str, dict[str, Any]]] = {}

    def __init__(self, bootstrap_servers: str) -> None:
        self.servers = bootstrap_servers

    def create_topics(self, topics: Sequence[Any]) -> None:
        for topic in topics:
            if topic.name in self.topics:
                raise ValueError(f"TopicAlreadyExistsError: {topic.name}")
            self.topics[topic.name] = {"partitions": topic.num_partitions, "configs": dict(topic.topic_configs)}

    def alter_configs(self, resources: Sequence[Any]) -> dict[str, dict[str, str]]:
        """As Kafka does it: what is not named stays."""
        for resource in resources:
            configs = self.topics[resource.name]["configs"]
            for name, change in resource.configs.items():
                operation, value = change if isinstance(change, tuple) else (AlterConfigOp.SET, change)
                if operation is AlterConfigOp.DELETE:
                    configs.pop(name, None)
                else:
                    configs[name] = value
        return {"topic": {resource.name: "OK" for resource in resources}}

    def describe_configs(self, resources: Sequence[Any]) -> dict[str, dict[str, dict[str, dict[str, str]]]]:
        def entries(name: str) -> dict[str, dict[str, str]]:
            own = self.topics[name]["configs"]
            described = {key: {"value": value, "config_source": "DYNAMIC_TOPIC_CONFIG"} for key, value in own.items()}
            return {"segment.ms": {"value": "604800000", "config_source": "DEFAULT_CONFIG"}, **described}

        return {"topic": {resource.name: entries(resource.name) for resource in resources}}

    def delete_topics(self, names: Sequence[str]) -> None:
        for name in names:
            del self.topics[name]

    def list_topics(self) -> list[dict[str, str]]:
        return [{"name": name} for name in self.topics]

    def close(self) -> None:
        """Nothing is open."""

"""Stacks of the emulated CloudFormation, and templates as the CDK application synthesises them."""

from __future__ import annotations

import copy
import itertools
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from emulator.aws import client

REPOSITORY = Path(__file__).resolve().parents[3]
_numbers = itertools.count(1)

Template = dict[str, Any]
Resources = Mapping[str, Mapping[str, Any]]


class StackError(Exception):
    """What a stack's events say of the resources that failed."""


class Stack:
    """One stack, by its name."""

    def __init__(self, resources: Resources, name: str | None = None) -> None:
        self.name = name or f"test-{next(_numbers)}"
        self._resources = resources
        self._run("create_stack", TemplateBody=_body(resources), Capabilities=["CAPABILITY_NAMED_IAM"])

    def update(self, resources: Resources) -> None:
        self._resources = resources
        self._run("update_stack", TemplateBody=_body(resources), Capabilities=["CAPABILITY_NAMED_IAM"])

    def delete(self) -> None:
        self._run("delete_stack")

    @property
    def status(self) -> str:
        try:
            [stack] = client("cloudformation").describe_stacks(StackName=self.name)["Stacks"]
        except ClientError:
            return "DELETE_COMPLETE"
        return str(stack["StackStatus"])

    def id_of(self, logical_id: str) -> str:
        """A resource's physical id."""
        detail = client("cloudformation").describe_stack_resource(StackName=self.name, LogicalResourceId=logical_id)
        return str(detail["StackResourceDetail"]["PhysicalResourceId"])

    def _run(self, operation: str, **arguments: Any) -> None:
        getattr(client("cloudformation"), operation)(StackName=self.name, **arguments)
        until = time.monotonic() + 60
        while self.status.endswith("_IN_PROGRESS"):
            if time.monotonic() > until:
                raise TimeoutError(f"{self.name} is still {self.status}")
            time.sleep(0.05)
        if self.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "DELETE_COMPLETE"):
            raise StackError("; ".join(self._reasons()) or self.status)

    def _reasons(self) -> list[str]:
        events = client("cloudformation").describe_stack_events(StackName=self.name)["StackEvents"]
        return [
            f"{event['LogicalResourceId']}: {event['ResourceStatusReason']}"
            for event in events
            if event["ResourceStatus"].endswith("_FAILED") and event.get("ResourceStatusReason")
        ]


def _body(resources: Resources) -> str:
    # CDK uploads large templates; one that is sent whole may have 51,200 bytes, so what only CDK reads stays out.
    sent = {name: {k: v for k, v in one.items() if k != "Metadata"} for name, one in resources.items()}
    return json.dumps({"Resources": sent}, separators=(",", ":"))


@cache
def _synthesised(preset: str) -> Path:
    """A preset's templates: those that another check has left, or made now."""
    made = os.environ.get("IGRID_TEMPLATES")
    if made and (Path(made) / preset / ".done").exists():
        return Path(made) / preset
    folder = Path(tempfile.mkdtemp(prefix="igrid-synth-"))
    cdk = REPOSITORY / "node_modules" / ".bin" / "cdk"
    # As test/templates/offline.ts selects them: prod is no preset, and city carries no more than its own file says.
    file = f"config={REPOSITORY / f'test/templates/{preset}.json'}"
    selection = {"prod": [file], "city": ["preset=city", file]}.get(preset, [f"preset={preset}"])
    context = [argument for one in selection for argument in ("-c", one)]
    command = [str(cdk), "synth", "--quiet", "--output", str(folder), *context]
    subprocess.run(command, cwd=REPOSITORY, check=True, capture_output=True)
    return folder


def template(stack: str, preset: str = "seed") -> Template:
    """A stack's template as the CDK application synthesises it."""
    made: Template = json.loads((_synthesised(preset) / f"{stack}.template.json").read_text())
    return made


def resources_of(made: Template, types: Iterable[str], stand_in: Callable[[str], Any]) -> Template:
    """
    The resources of some types with all that they refer to. What other stacks put out comes from `stand_in`, by the
    output's name.
    """
    everything: dict[str, Any] = made["Resources"]
    wanted = [name for name, resource in everything.items() if resource["Type"] in set(types)]
    kept: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        if name not in kept:
            kept[name] = copy.deepcopy(everything[name])
            kept[name].pop("DependsOn", None)
            wanted += [reference for reference in _references(kept[name]) if reference in everything]
    return {name: _without_other_stacks(resource, stand_in) for name, resource in kept.items()}


def _references(value: Any) -> list[str]:
    if isinstance(value, dict):
        if isinstance(value.get("Ref"), str):
            return [value["Ref"]]
        if isinstance(value.get("Fn::GetAtt"), list):
            return [value["Fn::GetAtt"][0]]
        return [name for inner in value.values() for name in _references(inner)]
    return [name for inner in value for name in _references(inner)] if isinstance(value, list) else []


def _without_other_stacks(value: Any, stand_in: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        if "Fn::GetStackOutput" in value:
            return stand_in(value["Fn::GetStackOutput"]["OutputName"])
        return {key: _without_other_stacks(inner, stand_in) for key, inner in value.items()}
    return [_without_other_stacks(inner, stand_in) for inner in value] if isinstance(value, list) else value

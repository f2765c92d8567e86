"""Run Command on machines whose agent runs, with documents of our own, and Debian's public parameters."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.services import ec2, ssm

from emulator.registry import Created, Place, ResourceType
from emulator.resources import instances
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]

# Debian's image, as its publisher names it: https://wiki.debian.org/Cloud/AmazonEC2Image/Bookworm
DEBIAN = {"/aws/service/debian/release/12/latest/amd64": "ami-0deb12000000000ab"}

_documents: dict[str, dict[str, Any]] = {}


def _create_document(place: Place, properties: Properties) -> Created:
    content = properties.get("Content")
    text = content if isinstance(content, str) else json.dumps(content)
    name = properties.get("Name") or f"{place.stack_name}-{place.logical_id}"
    rest = {key: value for key, value in properties.items() if key not in ("UpdateMethod", "Name", "Content")}
    wanted = request("ssm", "CreateDocument", {**rest, "Name": name, "Content": text})
    document = json.loads(text)
    if document.get("schemaVersion") != "2.2" or not document.get("mainSteps"):
        raise PropertyError("a command document has the schemaVersion 2.2 and mainSteps")
    _documents[wanted["Name"]] = document
    return wanted["Name"], {}


def _update_document(place: Place, name: str, _old: Properties, new: Properties) -> Created:
    return _create_document(place, {**new, "Name": name})


def _delete_document(name: str, _properties: Properties) -> None:
    del _documents[name]


def _script(document: Mapping[str, Any], parameters: Mapping[str, list[str]]) -> str:
    """The shell script of a document, with its parameters filled in."""
    declared = document.get("parameters", {})
    if unknown := sorted(parameters.keys() - declared.keys()):
        raise PropertyError(f"InvalidParameters: {', '.join(unknown)}")
    values: dict[str, str] = {}
    for name, declaration in declared.items():
        given = parameters.get(name, [declaration["default"]] if "default" in declaration else None)
        if given is None:
            raise PropertyError(f"InvalidParameters: {name} is missing")
        value = given[0] if isinstance(given, list) else given
        pattern = declaration.get("allowedPattern")
        if pattern and not re.search(pattern, value):
            raise PropertyError(f"InvalidParameters: {name} does not match {pattern}")
        values[name] = value
    lines: list[str] = []
    for step in document["mainSteps"]:
        if step["action"] != "aws:runShellScript":
            raise PropertyError(f"the rehearsal runs aws:runShellScript only, not {step['action']}")
        lines += step["inputs"]["runCommand"]
    return re.sub(r"\{\{\s*(\w+)\s*\}\}", lambda match: values[match[1]], "\n".join(lines))


_send = ssm._send_command


def _send_command(data: Mapping[str, Any]) -> Any:
    name = str(data.get("DocumentName", "")).rsplit(":document/", 1)[-1]
    document = _documents.get(name)
    if document is None:
        if name not in ssm._SHELL_DOCUMENTS:
            return ssm.error_response_json("InvalidDocument", f"document {name} does not exist", 400)
        return _send(data)
    try:
        script = _script(document, data.get("Parameters") or {})
    except PropertyError as error:
        return ssm.error_response_json("InvalidParameters", str(error), 400)
    answer = _send(data)
    if answer[0] != 200:
        return answer
    command = json.loads(answer[2])["Command"]["CommandId"]
    record = ssm._commands[command]
    for identity, invocation in record["Invocations"].items():
        # MiniStack has called it done, not knowing the document.
        invocation.update({"ResponseCode": -1, "Status": "Pending", "StatusDetails": "Pending"})
        spawn_background(ssm._finish_invocation, command, identity, ["/bin/bash", "-c", script])
    return answer


def _is_managed(identity: str) -> bool:
    machine = instances.machines.get(identity)
    if machine is None or not machine.is_running or machine.leader() is None:
        return False
    return machine.run(["systemctl", "is-active", "--quiet", "amazon-ssm-agent"], timeout=20).returncode == 0


def _execute(identity: str, arguments: list[str]) -> tuple[int, str, str]:
    machine = instances.machines.get(identity)
    if machine is None:
        return 255, "", "instance does not exist"
    done = machine.run(arguments, timeout=3600)
    return done.returncode, done.stdout, done.stderr


def install() -> None:
    """Run Command reaches machines; Debian's image has its parameter."""
    ec2.instance_is_managed = _is_managed
    ec2.exec_in_instance_blocking = _execute
    ssm._send_command = _send_command
    ssm._PUBLIC_AMI_PARAMETERS.update(DEBIAN)


TYPES = [
    ResourceType("AWS::SSM::Document", _create_document, _delete_document, _update_document, ("DocumentType", "Name"))
]

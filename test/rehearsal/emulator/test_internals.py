"""What the emulator uses of MiniStack: listed, and checked before it is used."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import defaultdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from emulator import internals

SOURCES = Path(internals.__file__).parent


def used(source: str) -> dict[str, set[str]]:
    """What a module names of MiniStack's: names that it imports, and attributes of modules that it imports."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    modules: dict[str, str] = {}
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.split(".")[0] == "ministack":
            for alias in node.names:
                path = f"{node.module}.{alias.name}"
                if path in internals.MEMBERS:
                    modules[alias.asname or alias.name] = path
                else:
                    found[node.module].add(alias.name)
    for node in ast.walk(tree):
        path = dotted(node)
        if path.startswith("ministack."):
            module = path.rpartition(".")[0]
            if module != "ministack":
                found[module].add(path.rpartition(".")[2])
        name, _, rest = path.partition(".")
        if name in modules and rest:
            # What is below belongs to the member, unless it is private as well.
            parts = rest.split(".")
            found[modules[name]].add(parts[0])
            if len(parts) > 1 and parts[1].startswith("_"):
                found[modules[name]].add(".".join(parts[:2]))
    return found


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression; empty for another."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        owner = dotted(node.value)
        return f"{owner}.{node.attr}" if owner else ""
    return ""


def everything_used() -> dict[str, set[str]]:
    found: defaultdict[str, set[str]] = defaultdict(set)
    for file in SOURCES.rglob("*.py"):
        for module, members in used(file.read_text()).items():
            found[module] |= members
    return found


def test_the_pinned_ministack_has_all_that_is_listed() -> None:
    assert internals.problems() == []
    assert version("ministack") == internals.WRITTEN_FOR


def test_everything_that_is_used_is_listed_and_nothing_else() -> None:
    listed = {
        module: {member for member, kind in members.items() if kind != "attribute" and member != "Worker._drain_stderr"}
        for module, members in internals.MEMBERS.items()
    }
    assert everything_used() == listed


def test_a_member_of_a_new_kind_is_found_in_the_source() -> None:
    source = (
        "from ministack.services import ec2\nimport ministack.app\nec2._new.get(1)\nec2._a._b\nministack.app.main()\n"
    )
    assert used(source) == {"ministack.services.ec2": {"_new", "_a", "_a._b"}, "ministack.app": {"main"}}


@pytest.mark.parametrize(
    ("module", "members", "what"),
    [
        ("ministack.services.ec2", {"_hosts": "mapping"}, "ministack.services.ec2._hosts (mapping)"),
        ("ministack.services.ec3", {"_instances": "mapping"}, "ministack.services.ec3._instances (mapping)"),
        ("ministack.services.ec2", {"_instances": "function"}, "ministack.services.ec2._instances (function)"),
        ("ministack.services.ec2", {"_p": "function(colour)"}, "ministack.services.ec2._p (function(colour))"),
        ("ministack.core.lambda_runtime", {"Worker._nose": "attribute"}, "lambda_runtime.Worker._nose (attribute)"),
    ],
)
def test_a_member_that_moved_is_named_in_one_line(
    monkeypatch: pytest.MonkeyPatch, module: str, members: dict[str, str], what: str
) -> None:
    monkeypatch.setattr(internals, "MEMBERS", {module: members})
    [problem] = internals.problems()
    assert what in problem
    assert problem.startswith(f"MiniStack {version('ministack')} has no ")


def test_a_resource_type_without_a_handler_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    provisioners = "ministack.services.cloudformation.provisioners"
    keys: Any = ((provisioners, "_RESOURCE_HANDLERS", "AWS::S3::Bucket", ("create", "paint")),)
    monkeypatch.setattr(internals, "KEYS", keys)
    [problem] = internals.problems()
    assert "_RESOURCE_HANDLERS['AWS::S3::Bucket'] with create, paint" in problem


def test_the_program_says_what_is_missing_and_does_not_start(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "from ministack.services import ec2\ndel ec2._p, ec2._launch_instances_internal\n"
    )
    environment = {**os.environ, "PYTHONPATH": f"{tmp_path}:{SOURCES.parent}"}
    done = subprocess.run(
        [sys.executable, "-m", "emulator"], check=False, capture_output=True, text=True, env=environment, timeout=60
    )
    said = [line for line in done.stderr.splitlines() if line.startswith("emulator: ")]
    assert done.returncode == 1
    assert [line.split(" has no ")[1].split(" ")[0] for line in said] == [
        "ministack.services.ec2._launch_instances_internal",
        "ministack.services.ec2._p",
    ]
    assert "Traceback" not in done.stderr

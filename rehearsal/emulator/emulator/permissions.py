"""
IAM on record: every call that a role signs, by MiniStack's own evaluation of the role's policies (inline, managed,
boundary, session), and refused as AWS does if they deny it.

One line of JSON for each new combination of role, action, resource and decision:

- allowed: the policies allow it, conditions included;
- assumed: they do if conditions hold whose keys the emulator doesn't know, or if the resource is the one that they name
  where the emulator can't tell it from the request;
- denied: they don't, whatever the conditions.
"""

from __future__ import annotations

import dataclasses
import json
import re
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import get_account_id
from ministack.services import iam

from emulator import call_counts
from emulator.settings import STATE

Decision = Literal["allowed", "assumed", "denied"]
Statements = list[iam_evaluator.ParsedStatement]

FILE = STATE / "logs" / "calls.jsonl"

# MSK's paths hold the ARN of a cluster, slashes and all.
_CLUSTER = re.compile(r"/clusters/(arn:[^/]+:cluster/[^/]+/[^/]+)")

_enforce = iam_evaluator.enforce
_resource_of = iam_actions.extract_resource_arn
_seen: set[tuple[str, str, str, Decision]] = set()
_lock = threading.Lock()


def _checked(access_key: str, action: str, service: str, region: str, **more: Any) -> Any:
    """MiniStack's question, with its answer on record: nothing, or what to refuse the call with."""
    # To AWS every client speaks TLS: what is plain here is the way from the emulator's door to MiniStack.
    iam_evaluator.pin_request_origin(iam_evaluator._request_origin.get()[0], True)
    answer = _enforce(access_key, action, service, region, **more)
    principal = iam_evaluator.resolve_principal(access_key or "", get_account_id())
    if isinstance(principal, iam_evaluator.AuthError) or principal.type != "AssumedRole":
        # The account's owner may do anything, and a caller without valid credentials nothing.
        return answer
    if isinstance(answer, iam_evaluator.AuthError):
        return answer
    resource_arn = str(more.get("resource_arn", "*"))
    decision: Decision = "allowed"
    if answer is not None:
        decision = "assumed" if answer.decision != "Deny" and _is_likely(principal, action, resource_arn) else "denied"
    role = iam_evaluator._role_name_from_assumed_arn(principal.arn)
    record(role, action, resource_arn, decision)
    call_counts.count(role, action, resource_arn)
    return answer if decision == "denied" else None


def _is_likely(principal: Any, action: str, resource_arn: str) -> bool:
    """Whether it would be allowed, were all conditions to hold and an unknown resource the one that is named."""
    context = iam_evaluator.EvalContext(
        principal_arn=principal.arn,
        principal_type=principal.type,
        principal_account=principal.account,
        action=action,
        resource_arn=resource_arn,
        region="",
    )
    is_vague = "*" in resource_arn
    layers = [_loosened(layer, is_vague) for layer in (principal.policies, *principal.limits)]
    return bool(iam_evaluator.evaluate(context, *layers).decision == "Allow")


def role_may(name: str, action: str, resource_arn: str) -> bool:
    """Whether a role's policies and its boundary allow a call, were the conditions of what allows it to hold."""
    account = get_account_id()
    role = iam._roles.get(name)
    if role is None:
        return False
    context = iam_evaluator.EvalContext(
        principal_arn=role["Arn"],
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource_arn,
        region="",
    )
    layers = [
        iam_evaluator._gather_role_policies(name, account),
        *iam_evaluator._permissions_boundary(iam._roles, name, account),
    ]
    # What denies counts with its conditions, what allows without.
    answer = iam_evaluator.evaluate(context, *layers)
    if answer.decision != "ImplicitDeny":
        return bool(answer.decision == "Allow")
    return bool(iam_evaluator.evaluate(context, *[_loosened(layer, False) for layer in layers]).decision == "Allow")


def _loosened(policies: Iterable[Statements], is_vague: bool) -> list[Statements]:
    """Statements that allow, without their conditions, and without their resources where the call's is vague."""
    everything: dict[str, Any] = {"resources": [], "not_resources": []} if is_vague else {}
    return [
        [dataclasses.replace(statement, conditions={}, **everything) for statement in statements if _allows(statement)]
        for statements in policies
    ]


def _allows(statement: Any) -> bool:
    return bool(statement.effect == "Allow")


def record(role: str, action: str, resource: str, decision: Decision, file: Path = FILE) -> None:
    """Appends a call unless it is on record already."""
    call = (role, action, resource, decision)
    with _lock:
        if call in _seen:
            return
        _seen.add(call)
        file.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps({"role": role, "action": action, "resource": resource, "decision": decision})
        with file.open("a") as lines:
            lines.write(f"{line}\n")


def _resource(service: str, method: str, path: str, *rest: Any) -> str:
    """The resource of a call, as its ARN; `*` where MiniStack can't tell it."""
    cluster = _CLUSTER.search(unquote(path)) if service == "kafka" else None
    return cluster[1] if cluster else str(_resource_of(service, method, path, *rest))


def install() -> None:
    """Puts it in the place of MiniStack's own check, which is asked by these names at each call."""
    iam_evaluator.enforce = _checked
    iam_actions.extract_resource_arn = _resource

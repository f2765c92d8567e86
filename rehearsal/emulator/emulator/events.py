"""Events of AWS' own services, on the default bus of EventBridge."""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from botocore.exceptions import ClientError
from ministack.services import eventbridge

from emulator.aws import client


def publish(source: str, detail_type: str, detail: Mapping[str, Any], resources: Sequence[str] = ()) -> None:
    """
    Puts an event on the bus, and with it to the targets of the rules that match.

    The API itself refuses sources that begin with `aws.` (NotAuthorizedForSourceException), here as on AWS.
    """
    entry = {
        "Source": source,
        "DetailType": detail_type,
        "Detail": json.dumps(detail),
        "Resources": list(resources),
    }
    _, _, body = eventbridge._put_events({"Entries": [entry]}, allow_aws_source=True)
    answer = json.loads(body)
    if answer.get("FailedEntryCount", 1) != 0:
        logging.getLogger("emulator").error("the event %s of %s was not taken: %s", detail_type, source, answer)


_give = eventbridge._invoke_target


def _invoke_target(target: Mapping[str, Any], event: Mapping[str, Any], rule: Mapping[str, Any], view: Any) -> None:
    """
    Counts what EventBridge counts, and gives events to log groups, which MiniStack does not. In a thread of its own:
    MiniStack may be asked through its API, whose only thread this is.
    https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html
    """
    arn = str(target["Arn"])
    message = json.dumps(view.event_with_detail())
    threading.Thread(target=_count_and_log, args=(str(rule["Name"]), arn, message), daemon=True).start()
    if not _is_log_group(arn):
        _give(target, event, rule, view)


def _count_and_log(rule: str, arn: str, message: str) -> None:
    taken = not _is_log_group(arn) or _log(arn, message)
    for name in ("Invocations", *(() if taken else ("FailedInvocations",))):
        datum = {"MetricName": name, "Dimensions": [{"Name": "RuleName", "Value": rule}], "Value": 1.0, "Unit": "Count"}
        client("cloudwatch").put_metric_data(Namespace="AWS/Events", MetricData=[datum])


def _is_log_group(arn: str) -> bool:
    return arn.split(":")[2] == "logs"


def _log(arn: str, message: str) -> bool:
    """Whether a log group took an event: it must exist, and its policy must let EventBridge write."""
    logs = client("logs")
    group = arn.split(":", 6)[6]
    documents = [
        json.loads(policy["policyDocument"]) for policy in logs.describe_resource_policies()["resourcePolicies"]
    ]
    allowed = {
        action
        for document in documents
        for statement in document["Statement"]
        if statement["Effect"] == "Allow"
        and {"events.amazonaws.com", "delivery.logs.amazonaws.com"}
        <= set(_listed(statement["Principal"].get("Service")))
        and any(fnmatchcase(f"{arn}:*", resource) for resource in _listed(statement["Resource"]))
        for action in _listed(statement["Action"])
    }
    stream = str(uuid.uuid4())
    try:
        if missing := {"logs:CreateLogStream", "logs:PutLogEvents"} - allowed:
            raise PermissionError(f"no resource policy allows EventBridge {', '.join(sorted(missing))}")
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        entry = {"timestamp": int(time.time() * 1000), "message": message}
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[entry])
    except (ClientError, PermissionError) as error:
        logging.getLogger("emulator").error("an event did not reach %s: %s", arn, error)
        return False
    return True


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def install() -> None:
    """Rules reach log groups, and are counted."""
    eventbridge._invoke_target = _invoke_target

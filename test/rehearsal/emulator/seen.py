"""What a rule of EventBridge gives to its target."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from emulator.aws import client


class Seen(list[dict[str, Any]]):
    """Events that came so far."""

    def __init__(self, queue: str) -> None:
        super().__init__()
        self._queue = queue

    def until(self, detail_type: str, named: str) -> dict[str, Any]:
        """The first such event that names something."""
        until = time.monotonic() + 20
        while time.monotonic() < until:
            answer = client("sqs").receive_message(QueueUrl=self._queue, MaxNumberOfMessages=10)
            self.extend(json.loads(message["Body"]) for message in answer.get("Messages", []))
            for event in self:
                if event["detail-type"] == detail_type and named in json.dumps(event["detail"]):
                    return event
            time.sleep(0.05)
        raise AssertionError(f"no {detail_type} of {named} in {[event['detail-type'] for event in self]}")

    def states(self, instance: str) -> list[str]:
        """States of an instance, in order."""
        return [event["detail"]["state"] for event in self if event["detail"].get("instance-id") == instance]


@contextmanager
def events_of(sources: Sequence[str]) -> Iterator[Seen]:
    """Collects what services say meanwhile."""
    sqs, events = client("sqs"), client("events")
    queue = sqs.create_queue(QueueName="seen")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name="seen", EventPattern=json.dumps({"source": list(sources)}))
    events.put_targets(Rule="seen", Targets=[{"Id": "queue", "Arn": arn}])
    try:
        yield Seen(queue)
    finally:
        events.remove_targets(Rule="seen", Ids=["queue"])
        events.delete_rule(Name="seen")
        sqs.delete_queue(QueueUrl=queue)

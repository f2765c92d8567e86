"""Events of AWS' own services, on the default bus of EventBridge."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.services import eventbridge


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

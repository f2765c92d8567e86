"""Lambda as CloudFormation calls it: asynchronously, so an error is tried again; and errors that say their reason."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

Event = Mapping[str, Any]
Execute = Callable[[Mapping[str, Any], Event], Mapping[str, Any]]

# Two more attempts, as Lambda's default is; AWS waits a minute, then two
# (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
WAITS_SECONDS = (2, 10)


def tried_again(execute: Execute, sleep: Callable[[float], None] = time.sleep) -> Execute:
    """The same, but what CloudFormation sends a custom resource's function is sent again after an error."""

    def patient(function: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
        answer = execute(function, event)
        if not isinstance(event, Mapping) or "ResponseURL" not in event:
            return answer
        for seconds in WAITS_SECONDS:
            if not answer.get("error"):
                break
            logging.getLogger("emulator").warning(
                "%s is invoked again: %s", event.get("LogicalResourceId"), answer.get("body")
            )
            sleep(seconds)
            answer = execute(function, event)
        return answer

    return patient


def _tell_why_workers_end() -> None:
    """What a process that ends at once has said is in MiniStack's queue, not in its error."""
    spawn = lambda_runtime.Worker._spawn

    def telling(worker: Any) -> None:
        try:
            spawn(worker)
        except (RuntimeError, OSError) as error:
            process, reader = worker._proc, worker._stderr_thread
            if process is None or reader is None:
                raise
            reader.join(1)
            raise RuntimeError(f"{error} (status {process.poll()}) {worker._drain_stderr()}") from error

    lambda_runtime.Worker._spawn = telling


def install() -> None:
    """Joins this to MiniStack's Lambda."""
    lambda_svc._execute_function_with_config_scope = tried_again(lambda_svc._execute_function_with_config_scope)
    _tell_why_workers_end()

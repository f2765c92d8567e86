"""Lambda as CloudFormation calls it: asynchronously, so an error is tried again; and errors that say their reason."""

from __future__ import annotations

import logging
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc
from ministack.services.cloudformation import custom_resource

Event = Mapping[str, Any]
Execute = Callable[[Mapping[str, Any], Event], Mapping[str, Any]]

# Two more attempts, as Lambda's default is; AWS waits a minute, then two
# (https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html).
WAITS_SECONDS = (2, 10)


_is_asynchronous = ContextVar("_is_asynchronous", default=False)


def asynchronous(invoke: Callable[..., Any]) -> Callable[..., Any]:
    """The same, but functions that are executed meanwhile are invoked asynchronously."""

    def marked(*arguments: Any, **named: Any) -> Any:
        token = _is_asynchronous.set(True)
        try:
            return invoke(*arguments, **named)
        finally:
            _is_asynchronous.reset(token)

    return marked


def tried_again(execute: Execute, sleep: Callable[[float], None] = time.sleep) -> Execute:
    """The same, but an asynchronous invocation that ends in an error is made again."""

    def patient(function: Mapping[str, Any], event: Event) -> Mapping[str, Any]:
        answer = execute(function, event)
        for seconds in WAITS_SECONDS if _is_asynchronous.get() else ():
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
            with suppress(subprocess.TimeoutExpired):
                process.wait(1)
            reader.join(1)
            raise RuntimeError(f"status {process.poll()}: {error} {worker._drain_stderr()}") from error

    lambda_runtime.Worker._spawn = telling


def install() -> None:
    """Joins this to MiniStack's Lambda."""
    custom_resource.invoke_custom_resource = asynchronous(custom_resource.invoke_custom_resource)
    lambda_svc._execute_function_with_config_scope = tried_again(lambda_svc._execute_function_with_config_scope)
    _tell_why_workers_end()

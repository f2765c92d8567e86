"""Functions that fail: tried again for CloudFormation alone, and with their reason."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
from ministack.core import lambda_runtime

from emulator.resources import functions

EVENT = {"RequestType": "Create", "LogicalResourceId": "topics"}


class Function:
    """Fails as often as it is told, then answers."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    def __call__(self, *_: Any) -> dict[str, Any]:
        self.calls += 1
        return {"error": True, "body": "ended"} if self.calls <= self.failures else {"body": "done"}


@pytest.mark.parametrize(("failures", "calls", "error"), [(0, 1, None), (1, 2, None), (2, 3, None), (3, 3, True)])
def test_a_custom_resource_is_asked_three_times_at_most(failures: int, calls: int, error: bool | None) -> None:
    function, waited = Function(failures), list[float]()
    answer = functions.asynchronous(functions.tried_again(function, waited.append))({}, EVENT)
    assert (function.calls, answer.get("error")) == (calls, error)
    assert waited == list(functions.WAITS_SECONDS[: calls - 1])


def test_other_callers_see_the_first_error() -> None:
    function = Function(1)
    assert functions.tried_again(function)({}, EVENT)["error"]
    assert function.calls == 1


def test_a_worker_that_ends_at_once_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lambda_runtime.Worker, "_spawn", lambda_runtime.Worker._spawn)
    functions._tell_why_workers_end()
    code = io.BytesIO()
    with zipfile.ZipFile(code, "w") as archive:
        archive.writestr("index.js", "exports.handler = () => 1;")
    monkeypatch.setattr(
        lambda_runtime,
        "_detect_runtime_binary",
        lambda _: ("sh", "read -r _; echo the library is missing >&2; exit 7"),
    )
    arn = "arn:aws:lambda:us-east-1:111122223333:function:topics"
    config = {"Runtime": "nodejs24.x", "Handler": "index.handler", "FunctionArn": arn}
    worker = lambda_runtime.Worker("topics", config, code.getvalue())
    with pytest.raises(RuntimeError, match=r"status 7: .*the library is missing"):
        worker._spawn()
    with worker._proc:
        """Its pipes are closed."""

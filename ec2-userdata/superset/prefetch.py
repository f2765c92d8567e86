"""Lets the browser fetch the dashboard's JavaScript while the login page waits for a password.

Superset's dashboard asks for the code of a chart when the chart's data have come, behind all other tiles' queries, as a
browser has six connections to a host: the code was there four seconds late (docs/project/performance.md, "The
dashboard's first load"). prefetch.txt has the bundles of the version in requirements.lock;
test/engines/processes/superset.engine.test.ts says which are missing when the version changes.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from telemetry import WsgiApp, installed_assets

LOG = logging.getLogger("igrid.prefetch")

LIST = Path(__file__).parent / "prefetch.txt"
LOGIN = "/login/"


class WithPrefetch:
    """WSGI middleware that adds a Link header to the login page."""

    def __init__(self, app: WsgiApp, assets: Path | None = None, names: str | None = None) -> None:
        """
        :param assets: default: the bundles of the installed Superset.
        :param names: names of bundles, one a line; default: those of prefetch.txt.
        """
        self._app = app
        wanted = (LIST.read_text() if names is None else names).split()
        folder = assets or installed_assets()
        there = [name for name in wanted if (folder / name).is_file()]
        if len(there) < len(wanted):
            LOG.warning("%d bundles of prefetch.txt are not in this Superset", len(wanted) - len(there))
        self._links = [("Link", f"</static/assets/{name}>; rel=prefetch") for name in there]

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("PATH_INFO") != LOGIN or environ.get("REQUEST_METHOD") != "GET":
            return self._app(environ, start_response)

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            return start_response(status, [*headers, *self._links], *rest)

        return self._app(environ, start)

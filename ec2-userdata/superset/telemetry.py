"""Superset without its telemetry pixel.

The pixel is compiled into Superset's JavaScript, and no setting of the server takes it out: SCARF_ANALYTICS counts when
the bundles are built (superset-frontend/packages/superset-ui-core/src/components/TelemetryPixel). The content security
policy keeps it from loading, which every page reports as an error. So the bundle that asks for it is served with an
empty picture in the place of the address, from memory: the installed package stays as it is.
"""

from __future__ import annotations

import logging
import mimetypes
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

LOG = logging.getLogger("igrid.telemetry")

PIXEL = b"https://apachesuperset.gateway.scarf.sh/pixel/"
# A transparent GIF of one pixel. What the bundle appends to the address, Superset's version, comes behind the "#".
EMPTY_PIXEL = b"data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw==#"

# The name of a bundle changes with its content.
CACHE_CONTROL = "public, max-age=31536000"

WsgiApp = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def bundles_without_pixel(assets: Path, url: str) -> dict[str, bytes]:
    """
    :param assets: the folder of Superset's bundles.
    :param url: path that they are served under, without a slash at its end.
    :returns: the bundles that ask for the pixel, changed, by the path of their URL.
    """
    found = {}
    for bundle in sorted(assets.glob("*.js")):
        content = bundle.read_bytes()
        if PIXEL in content:
            found[f"{url}/{bundle.name}"] = content.replace(PIXEL, EMPTY_PIXEL)
    return found


class WithoutTelemetry:
    """WSGI middleware that answers for the bundles with the pixel, and leaves everything else to the app."""

    def __init__(self, app: WsgiApp, assets: Path | None = None, url: str = "/static/assets") -> None:
        """:param assets: default: those of the installed Superset."""
        self._app = app
        self._bundles = bundles_without_pixel(assets or installed_assets(), url)
        if not self._bundles:
            LOG.warning("Superset's telemetry pixel is not where it was: look for it in the bundles of this version")

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        content = self._bundles.get(path)
        if content is None or environ.get("REQUEST_METHOD") not in ("GET", "HEAD"):
            return self._app(environ, start_response)
        headers = [
            ("Content-Type", mimetypes.guess_type(path)[0] or "text/javascript"),
            ("Content-Length", str(len(content))),
            ("Cache-Control", CACHE_CONTROL),
            ("X-Content-Type-Options", "nosniff"),
        ]
        start_response("200 OK", headers)
        return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]


def installed_assets() -> Path:
    """Where the installed Superset has its bundles."""
    import superset  # noqa: PLC0415 # Not in the environment of the tests.

    return Path(superset.__file__).parent / "static" / "assets"

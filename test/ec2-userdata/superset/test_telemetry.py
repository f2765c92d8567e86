from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from telemetry import EMPTY_PIXEL, PIXEL, WithoutTelemetry, bundles_without_pixel

# As in Superset 6.1.0.
BUNDLE = b"let l=`" + PIXEL + b"0d3461e1/${e}/${a}/${t}`;return img({src:l})"


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    (tmp_path / "8085.abc.entry.js").write_bytes(BUNDLE)
    (tmp_path / "vendors.def.entry.js").write_bytes(b"nothing of the kind")
    (tmp_path / "picture.png").write_bytes(PIXEL)
    return tmp_path


class Superset:
    """The app behind the middleware."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, environ: dict[str, Any], _start_response: Any) -> Iterable[bytes]:
        self.asked.append(environ["PATH_INFO"])
        return [b"of the app"]


def ask(app: WithoutTelemetry, path: str, method: str = "GET") -> tuple[dict[str, str], bytes]:
    answered: dict[str, str] = {}

    def start_response(status: str, headers: list[tuple[str, str]]) -> None:
        answered.update({"status": status, **dict(headers)})

    body = b"".join(app({"PATH_INFO": path, "REQUEST_METHOD": method}, start_response))
    return answered, body


def test_the_bundle_with_the_pixel_names_no_other_host_any_more(assets: Path) -> None:
    bundles = bundles_without_pixel(assets, "/static/assets")
    assert list(bundles) == ["/static/assets/8085.abc.entry.js"]
    changed = bundles["/static/assets/8085.abc.entry.js"]
    assert b"scarf" not in changed
    assert changed == b"let l=`" + EMPTY_PIXEL + b"0d3461e1/${e}/${a}/${t}`;return img({src:l})"


def test_what_the_bundle_appends_to_the_address_is_no_part_of_the_picture() -> None:
    assert EMPTY_PIXEL.startswith(b"data:image/gif;base64,")
    assert EMPTY_PIXEL.endswith(b"#")


def test_only_that_bundle_is_answered_for(assets: Path) -> None:
    superset = Superset()
    app = WithoutTelemetry(superset, assets)
    headers, body = ask(app, "/static/assets/8085.abc.entry.js")
    assert headers["status"] == "200 OK"
    assert headers["Content-Length"] == str(len(body))
    assert headers["Content-Type"].endswith("javascript")
    assert b"scarf" not in body
    for path in ("/static/assets/vendors.def.entry.js", "/superset/dashboard/igrid/", "/8085.abc.entry.js"):
        assert ask(app, path) == ({}, b"of the app")
    assert ask(app, "/static/assets/8085.abc.entry.js", "POST") == ({}, b"of the app")
    assert len(superset.asked) == 4


def test_head_has_the_length_and_no_body(assets: Path) -> None:
    headers, body = ask(WithoutTelemetry(Superset(), assets), "/static/assets/8085.abc.entry.js", "HEAD")
    assert headers["Content-Length"] == str(len(BUNDLE) - len(PIXEL) + len(EMPTY_PIXEL))
    assert body == b""


def test_a_pixel_that_is_not_where_it_was_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        WithoutTelemetry(Superset(), tmp_path)
    assert "telemetry pixel is not where it was" in caplog.text

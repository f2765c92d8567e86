from __future__ import annotations

import logging
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from prefetch import LIST, WithPrefetch

LINKS = [
    ("Link", "</static/assets/aa.chunk.js>; rel=prefetch"),
    ("Link", "</static/assets/bb.chunk.css>; rel=prefetch"),
]


@pytest.fixture
def assets(tmp_path: Path) -> Path:
    for name in ("aa.chunk.js", "bb.chunk.css", "cc.chunk.js"):
        (tmp_path / name).write_text("")
    return tmp_path


def headers_of(app: WithPrefetch, path: str, method: str = "GET") -> list[tuple[str, str]]:
    answered: list[tuple[str, str]] = []

    def start_response(_status: str, headers: list[tuple[str, str]]) -> None:
        answered.extend(headers)

    assert list(app({"PATH_INFO": path, "REQUEST_METHOD": method}, start_response)) == [b"of the app"]
    return answered


def superset(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "text/html")])
    return [b"of the app"]


def test_the_login_page_names_what_the_dashboard_will_need(assets: Path) -> None:
    app = WithPrefetch(superset, assets, "aa.chunk.js\nbb.chunk.css\n")
    assert headers_of(app, "/login/") == [("Content-Type", "text/html"), *LINKS]


@pytest.mark.parametrize(("path", "method"), [("/login/", "POST"), ("/health", "GET"), ("/", "GET")])
def test_no_other_answer_does(assets: Path, path: str, method: str) -> None:
    app = WithPrefetch(superset, assets, "aa.chunk.js")
    assert headers_of(app, path, method) == [("Content-Type", "text/html")]


def test_a_bundle_of_another_version_is_left_out_and_reported(assets: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        app = WithPrefetch(superset, assets, "aa.chunk.js old.chunk.js bb.chunk.css")
    assert headers_of(app, "/login/")[1:] == LINKS
    assert "1 bundles of prefetch.txt are not in this Superset" in caplog.text


def test_the_list_has_every_bundle_once() -> None:
    names = LIST.read_text().split()
    assert names == sorted(set(names))
    assert len(names) > 20

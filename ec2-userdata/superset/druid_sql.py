"""One question to Druid's SQL, outside of Superset's own connections."""

from __future__ import annotations

import logging
from typing import Any

import requests
from sqlalchemy.engine import make_url

LOG = logging.getLogger("igrid.druid")

TIMEOUT_SECONDS = 10
# The largest or smallest time of a data source is then read off its segments' ends.
CONTEXT = {"enableTimeBoundaryPlanning": True, "timeout": TIMEOUT_SECONDS * 1000}


def query(uri: str, sql: str) -> list[dict[str, Any]]:
    """
    :param uri: Druid's SQLAlchemy address, as in grid_settings.
    :returns: the rows, a timestamp as ISO 8601 text; none when Druid is away: the tile that wanted to know asks it
        next, and shows its own error.
    """
    url = make_url(uri)
    scheme = "https" if url.drivername.endswith("+https") else "http"
    try:
        response = requests.post(
            f"{scheme}://{url.host}:{url.port}/{url.database}",
            json={"query": sql, "context": CONTEXT},
            auth=(url.username, str(url.password)) if url.username else None,
            verify=url.query.get("ssl_verify_cert", True),
            timeout=TIMEOUT_SECONDS,
        )
        response.raise_for_status()
        rows: list[dict[str, Any]] = response.json()
        return rows
    except requests.RequestException as error:
        LOG.warning("Druid does not answer: %s", error)
        return []

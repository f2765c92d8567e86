"""Asks every tile's question once before the first viewer does.

Druid's Broker plans its first queries with code that Java has not compiled yet, and Superset imports what it needs with
the first one: that was the longest part of the dashboard's first load (docs/project/performance.md, "The dashboard's
first load").
"""

from __future__ import annotations

import logging
import time
from typing import Any

from flask import Flask
from superset.commands.chart.data.get_data_command import ChartDataCommand
from superset.common.chart_data import ChartDataResultFormat, ChartDataResultType
from superset.common.query_context_factory import QueryContextFactory
from superset.extensions import db, security_manager
from superset.models.slice import Slice
from superset.utils.core import override_user

LOG = logging.getLogger("igrid.warm_up")

# A page that comes a little slower is better than one that does not come.
BUDGET_SECONDS = 30.0


def warm_up(app: Flask, username: str) -> None:
    """Asks for at most BUDGET_SECONDS. A tile that can't be answered yet is left out: the dashboard reports it."""
    end = time.monotonic() + BUDGET_SECONDS
    with app.test_request_context(), override_user(security_manager.find_user(username=username)):
        for chart in db.session.query(Slice).order_by(Slice.id):
            if time.monotonic() > end:
                LOG.warning("not all tiles were asked for within %.0f s", BUDGET_SECONDS)
                return
            try:
                ChartDataCommand(_question_of(chart)).run()
            except Exception as error:
                LOG.warning("%s: %s", chart.slice_name, error)


def _question_of(chart: Slice) -> Any:
    params: dict[str, Any] = chart.params_dict
    metrics = params.get("metrics") or [params["metric"]]
    axis = [params["x_axis"]] if "x_axis" in params else []
    return QueryContextFactory().create(
        datasource={"id": chart.datasource_id, "type": chart.datasource_type},
        queries=[{"columns": [*axis, *params.get("groupby", [])], "metrics": metrics, "row_limit": 10}],
        form_data={},
        result_type=ChartDataResultType.FULL,
        result_format=ChartDataResultFormat.JSON,
        force=True,
        custom_cache_timeout=None,
    )

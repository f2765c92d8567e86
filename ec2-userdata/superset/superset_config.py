"""Superset's configuration, the same on one machine and on AWS; what differs comes through grid_settings."""

from __future__ import annotations

import logging
import os
import time
import warnings
from functools import partial
from typing import Any

from sqlalchemy.exc import SAWarning
from superset.utils.log import AbstractEventLogger

from druid_sql import query
from grid_settings import GridSettings, secret_in
from grid_sql import GridSql
from prefetch import WithPrefetch
from telemetry import WithoutTelemetry

# Superset reads "now" of a time range, and prints times, in the process's zone; Druid's and the grid's is UTC.
os.environ["TZ"] = "UTC"
time.tzset()

# Whatever is written below is this user's alone: the metadata holds password hashes and connection secrets.
os.umask(0o077)

GRID = GridSettings.read()

APP_NAME = "iGrid"
SECRET_KEY = secret_in(GRID.secret_key_file)
SQLALCHEMY_DATABASE_URI = GRID.metadata_uri
# Without it Superset makes a folder below the home of the user that runs it.
DATA_DIR = str(GRID.home)
if GRID.metadata_uri.startswith("sqlite:"):
    # Threads of one process share the file: wait for a writer rather than fail.
    SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"check_same_thread": False, "timeout": 30}}

# --- What the dashboard may do --------------------------------------------------------------------------------------
# Superset's own templating lets the datasets' SQL name the grid's durations and its newest complete second.
FEATURE_FLAGS = {
    "ENABLE_TEMPLATE_PROCESSING": True,
    "DRUID_JOINS": True,
    # All tiles are on one dashboard, which is meant to be seen as a whole.
    "DASHBOARD_VIRTUALIZATION": False,
}
JINJA_CONTEXT_ADDONS: dict[str, Any] = {"grid": GridSql(GRID, partial(query, GRID.druid_uri))}

# --- Freshness: every refresh asks Druid ------------------------------------------------------------------------------
CACHE_CONFIG = {"CACHE_TYPE": "NullCache", "CACHE_NO_NULL_WARNING": True}
DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache", "CACHE_NO_NULL_WARNING": True}
CACHE_DEFAULT_TIMEOUT = 0
SUPERSET_WEBSERVER_TIMEOUT = 30
# "Last 10 minutes" means until now; Superset's default is until midnight.
DEFAULT_RELATIVE_START_TIME = "now"
DEFAULT_RELATIVE_END_TIME = "now"

# --- Units ------------------------------------------------------------------------------------------------------------
# What the number format `$` stands for on this dashboard, which has no money on it: `$,.1f` reads 12.3 kW.
D3_FORMAT = {"decimal": ".", "thousands": ",", "grouping": [3], "currency": ["", " kW"]}

# --- Security ---------------------------------------------------------------------------------------------------------
# Everything requires a login; only the administrator creates accounts.
PUBLIC_ROLE_LIKE = None
AUTH_USER_REGISTRATION = False
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "10 per minute"
RATELIMIT_STORAGE_URI = "memory://"
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Strict"
# The server listens on the loopback address; from elsewhere it is reached through an encrypted port forwarding.
SESSION_COOKIE_SECURE = False
# Both are Superset's published defaults otherwise, though neither feature is on.
GUEST_TOKEN_JWT_SECRET = SECRET_KEY
GLOBAL_ASYNC_QUERIES_JWT_SECRET = SECRET_KEY
# The dashboard asks its own host and no other: no telemetry, fonts, maps or avatars from elsewhere.
THEME_FONT_URL_ALLOWED_DOMAINS: list[str] = []
TALISMAN_ENABLED = True
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "script-src": ["'self'", "'strict-dynamic'"],
        "frame-ancestors": ["'none'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": False,
    "session_cookie_secure": False,
}

# --- Nothing that phones home, or that the grid doesn't use ---------------------------------------------------------
ADDITIONAL_MIDDLEWARE = [WithoutTelemetry, WithPrefetch]


class NoEventLog(AbstractEventLogger):  # type: ignore[misc] # Superset is not in the environment of the checks.
    """Superset's own writes a row for every tile of every refresh into its database, and waits for the disk: a sixth of
    the server's CPU time, and a table without readers that nothing empties."""

    def log(self, *_arguments: Any, **_details: Any) -> None:
        pass


EVENT_LOGGER = NoEventLog()
SQLLAB_BACKEND_PERSISTENCE = False
LOG_LEVEL = "WARNING"
# Else the migrations print a line per column, and silence every logger that exists before them.
ALEMBIC_SKIP_LOG_CONFIG = True
# Of pydruid's dialect and of SQLite's foreign keys, which are no problem here and fill the log.
warnings.filterwarnings("ignore", category=SAWarning)
# The package lacks the spinner that its pages fall back to anyway; a virtual dataset is no table that Druid could have.
for noisy in ("superset.views.base", "superset.commands.dataset.importers.v1.utils"):
    logging.getLogger(noisy).setLevel(logging.ERROR)

"""How gunicorn serves the dashboard, on AWS and on one machine: `gunicorn --config THIS_FILE wsgi:application`."""

from __future__ import annotations

import os
from pathlib import Path

# On the loopback address: from elsewhere the dashboard is reached through an encrypted port forwarding.
bind = f"127.0.0.1:{os.environ['IGRID_SUPERSET_PORT']}"
pythonpath = str(Path(__file__).parent)
# One worker: it migrates and imports while it loads. Threads, since a tile's time is spent waiting for Druid.
workers = 1
worker_class = "gthread"
threads = 8
# A gthread worker says that it lives only once it has loaded: 45 s were measured on a quiet machine of 2 cores for the
# first start, and more than three times that on a busy one.
timeout = 600
graceful_timeout = 5
# Its socket would be below the user's home, one for all that run there.
control_socket_disable = True

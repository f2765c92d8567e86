"""What gunicorn serves: `gunicorn --workers 1 --worker-class gthread --pythonpath THIS_FOLDER wsgi:application`.

One worker: it brings the metadata up to date while it loads, which two at once must not do; its threads serve several
viewers. A worker that can't do so fails to boot, and gunicorn ends with status 3.
"""

from __future__ import annotations

from superset.app import create_app

from grid_settings import GridSettings

application = create_app()

# Superset's models can be imported only once an app exists.
from bootstrap import ADMIN, bootstrap  # noqa: E402
from time_ranges import mean_the_same_as_queries  # noqa: E402
from warm_up import warm_up  # noqa: E402

bootstrap(application, GridSettings.read())
mean_the_same_as_queries(application.config)
warm_up(application, ADMIN)

"""Makes Superset's database and brings the dashboard in, within an app that already exists: the command line would
create the app again, 15 to 40 s each, for every one of these steps. Every step can be repeated."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import yaml
from flask import Flask, g
from flask_migrate import upgrade
from sqlalchemy.engine import make_url
from superset.commands.importers.v1.assets import ImportAssetsCommand
from superset.extensions import appbuilder, db, security_manager
from werkzeug.security import check_password_hash

from grid_settings import GridSettings, secret_in

LOG = logging.getLogger("igrid.bootstrap")

ADMIN = "admin"
ASSETS = Path(__file__).parent / "assets"
DATABASE = "databases/druid.yaml"


def bootstrap(app: Flask, settings: GridSettings) -> None:
    """Brings the metadata database to this version's schema, roles, administrator and assets.

    :raises Exception: when the database can't be reached or an asset is refused; the assets come whole or not at all.
    """
    with app.app_context():
        with _timed("database schema"):
            upgrade()
        with _timed("roles"):
            _initialise_roles(app, settings)
        with _timed("administrator"):
            _ensure_admin(settings)
        with _timed("dashboard"):
            _import_assets(settings)


def _initialise_roles(app: Flask, settings: GridSettings) -> None:
    """What `superset init` does. It takes seconds of CPU and changes with Superset's version alone."""
    mark = settings.home / "roles-of"
    version = f"{app.config['VERSION_STRING']} {make_url(settings.metadata_uri).render_as_string(hide_password=True)}"
    if mark.exists() and mark.read_text() == version:
        return
    app.sync_config_to_db()
    appbuilder.add_permissions(update_perms=True)
    security_manager.sync_role_definitions()
    mark.write_text(version)


def _ensure_admin(settings: GridSettings) -> None:
    """The administrator exists and has the password of the file, so that a changed secret changes the login."""
    password = secret_in(settings.admin_password_file)
    user = security_manager.find_user(username=ADMIN)
    if user is None:
        role = security_manager.find_role(security_manager.auth_role_admin)
        if not security_manager.add_user(ADMIN, "iGrid", "Operator", "operator@localhost", role, password=password):
            raise RuntimeError("Superset refused to add its administrator: see its log")
    elif not check_password_hash(user.password, password):
        security_manager.reset_password(user.id, password)


def _import_assets(settings: GridSettings) -> None:
    """Overwrites databases, datasets, charts and the dashboard with the files', as one transaction."""
    contents = {str(file.relative_to(ASSETS)): file.read_text() for file in sorted(ASSETS.rglob("*.yaml"))}
    database = yaml.safe_load(contents[DATABASE])
    # With its password, which Superset takes out and keeps encrypted.
    database["sqlalchemy_uri"] = settings.druid_uri
    contents[DATABASE] = yaml.safe_dump(database)
    # The importer asks whether the current user may overwrite.
    g.user = security_manager.find_user(username=ADMIN)
    ImportAssetsCommand(contents).run()
    db.session.commit()


@contextmanager
def _timed(step: str) -> Iterator[None]:
    begin = time.monotonic()
    yield
    LOG.warning("%s: %.1f s", step, time.monotonic() - begin)

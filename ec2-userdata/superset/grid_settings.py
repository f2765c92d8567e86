"""What the Superset host tells it: addresses, folders and the grid's durations, read once from the environment.

Secrets are never in the environment: they are read from files, and those that were not provided are generated at the
first start, readable by their owner alone.
"""

from __future__ import annotations

import math
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


class SettingsError(ValueError):
    """A setting is missing or wrong; the message names the variable and says what is allowed."""


@dataclass(frozen=True)
class GridSettings:
    """Everything that differs between the grid on one machine and on AWS, and between two speeds of the grid."""

    home: Path
    """IGRID_SUPERSET_HOME: folder of the generated secrets and of the SQLite metadata; survives restarts."""

    druid_uri: str
    """SQLAlchemy address of Druid's SQL, from IGRID_DRUID_URI, or from the file IGRID_DRUID_URI_FILE when it holds a
    password: druid://HOST:PORT/druid/v2/sql/, or druid+https://USER:PASSWORD@HOST:PORT/druid/v2/sql/?ssl_verify_cert=CA.pem"""

    metadata_uri: str
    """SQLAlchemy address of Superset's own database, from the file IGRID_SUPERSET_METADATA_URI_FILE.
    Default: SQLite in `home`."""

    secret_key_file: Path
    """IGRID_SUPERSET_SECRET_KEY_FILE. Signs sessions, encrypts connection passwords. Default: `home`/secret-key."""

    admin_password_file: Path
    """IGRID_SUPERSET_ADMIN_PASSWORD_FILE. Default: `home`/admin-password."""

    speed: float
    """IGRID_SPEED: grid seconds per wall-clock second."""

    window_ms: int
    """IGRID_WINDOW_MS: length of a duty-cycle window, wall-clock ms."""

    slide_ms: int
    """IGRID_SLIDE_MS: distance of two duty-cycle windows, wall-clock ms."""

    max_gap_ms: int
    """IGRID_MAX_GAP_MS: the longest time that one reading may stand for, wall-clock ms."""

    history_slot_ms: int
    """IGRID_HISTORY_SLOT_MS: distance of two history slots, wall-clock ms."""

    @property
    def now_seconds(self) -> int:
        """Length of "now", whole seconds of the wall clock: long enough that an appliance which is read as seldom as
        is allowed has two readings in it, and never under the trend's bucket."""
        return max(5, math.ceil(2 * self.max_gap_ms / 1000))

    @property
    def expected_seconds(self) -> int:
        """An appliance that was heard this long before the end of "now" is expected to be heard in it, seconds."""
        return max(60, 5 * self.now_seconds)

    @staticmethod
    def read(environment: Mapping[str, str] = os.environ) -> GridSettings:
        """:raises SettingsError: when a variable is missing or is no positive number."""
        home = Path(_text(environment, "IGRID_SUPERSET_HOME"))
        return GridSettings(
            home=home,
            druid_uri=_text_or_file(environment, "IGRID_DRUID_URI"),
            metadata_uri=_file(environment, "IGRID_SUPERSET_METADATA_URI_FILE") or f"sqlite:///{home / 'superset.db'}",
            secret_key_file=Path(environment.get("IGRID_SUPERSET_SECRET_KEY_FILE", home / "secret-key")),
            admin_password_file=Path(environment.get("IGRID_SUPERSET_ADMIN_PASSWORD_FILE", home / "admin-password")),
            speed=_positive(environment, "IGRID_SPEED"),
            window_ms=_milliseconds(environment, "IGRID_WINDOW_MS"),
            slide_ms=_milliseconds(environment, "IGRID_SLIDE_MS"),
            max_gap_ms=_milliseconds(environment, "IGRID_MAX_GAP_MS"),
            history_slot_ms=_milliseconds(environment, "IGRID_HISTORY_SLOT_MS"),
        )


def secret_in(file: Path) -> str:
    """The secret kept in `file`; generated (256 bits) with mode 600 when there is no such file yet.

    :raises SettingsError: when the file is empty.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        # O_EXCL and the mode at creation: the secret is never readable by others, and two starts can't both make one.
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        secret = file.read_text().strip()
        if not secret:
            raise SettingsError(f"{file} is empty: remove it to have a new secret generated") from None
        return secret
    with os.fdopen(descriptor, "w") as out:
        secret = secrets.token_urlsafe(32)
        out.write(f"{secret}\n")
    return secret


def _text(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "")
    if not value:
        raise SettingsError(f"{name} is not set")
    return value


def _file(environment: Mapping[str, str], name: str) -> str | None:
    path = environment.get(name)
    if not path:
        return None
    try:
        return Path(path).read_text().strip()
    except OSError as error:
        raise SettingsError(f"{name}: can't read {path}: {error.strerror}") from error


def _text_or_file(environment: Mapping[str, str], name: str) -> str:
    return _file(environment, f"{name}_FILE") or _text(environment, name)


def _positive(environment: Mapping[str, str], name: str) -> float:
    text = _text(environment, name)
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (value > 0 and math.isfinite(value)):
        raise SettingsError(f"{name} must be a number over 0, not {text}")
    return value


def _milliseconds(environment: Mapping[str, str], name: str) -> int:
    value = _positive(environment, name)
    if value != int(value):
        raise SettingsError(f"{name} must be whole milliseconds, not {value}")
    return int(value)

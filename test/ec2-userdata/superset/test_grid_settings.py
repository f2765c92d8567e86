from __future__ import annotations

import stat
from pathlib import Path

import pytest

from grid_settings import GridSettings, SettingsError, secret_in

ENVIRONMENT = {
    "IGRID_SUPERSET_HOME": "/var/lib/superset",
    "IGRID_DRUID_URI": "druid://127.0.0.1:8888/druid/v2/sql/",
    "IGRID_SPEED": "24",
    "IGRID_WINDOW_MS": "25000",
    "IGRID_SLIDE_MS": "5000",
    "IGRID_MAX_GAP_MS": "1250",
    "IGRID_HISTORY_SLOT_MS": "25000",
}


def test_what_is_kept_lies_in_the_home_folder_unless_said_otherwise() -> None:
    settings = GridSettings.read(ENVIRONMENT)
    assert settings.metadata_uri == "sqlite:////var/lib/superset/superset.db"
    assert settings.admin_password_file == Path("/var/lib/superset/admin-password")
    elsewhere = GridSettings.read({**ENVIRONMENT, "IGRID_SUPERSET_ADMIN_PASSWORD_FILE": "/run/secrets/password"})
    assert elsewhere.admin_password_file == Path("/run/secrets/password")


def test_addresses_with_passwords_come_from_files(tmp_path: Path) -> None:
    druid = tmp_path / "druid-uri"
    druid.write_text("druid+https://superset:secret@router:9088/druid/v2/sql/\n")
    metadata = tmp_path / "metadata-uri"
    metadata.write_text("postgresql://superset:secret@database/superset\n")
    settings = GridSettings.read(
        {**ENVIRONMENT, "IGRID_DRUID_URI_FILE": str(druid), "IGRID_SUPERSET_METADATA_URI_FILE": str(metadata)}
    )
    assert settings.druid_uri == "druid+https://superset:secret@router:9088/druid/v2/sql/"
    assert settings.metadata_uri == "postgresql://superset:secret@database/superset"


@pytest.mark.parametrize(
    ("max_gap_ms", "now_seconds", "expected_seconds"),
    [(1_250, 5, 60), (30_000, 60, 300), (2_501, 6, 60)],
)
def test_now_holds_two_of_the_rarest_readings(max_gap_ms: int, now_seconds: int, expected_seconds: int) -> None:
    settings = GridSettings.read({**ENVIRONMENT, "IGRID_MAX_GAP_MS": str(max_gap_ms)})
    assert settings.now_seconds == now_seconds
    assert settings.expected_seconds == expected_seconds


@pytest.mark.parametrize("name", sorted(ENVIRONMENT))
def test_a_missing_setting_is_named(name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        GridSettings.read({key: value for key, value in ENVIRONMENT.items() if key != name})


@pytest.mark.parametrize("value", ["0", "-5", "five", "nan", "inf", "12.5"])
def test_a_duration_is_a_whole_number_of_milliseconds_over_zero(value: str) -> None:
    with pytest.raises(SettingsError, match="IGRID_WINDOW_MS"):
        GridSettings.read({**ENVIRONMENT, "IGRID_WINDOW_MS": value})


def test_a_file_of_an_address_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="IGRID_DRUID_URI_FILE"):
        GridSettings.read({**ENVIRONMENT, "IGRID_DRUID_URI_FILE": str(tmp_path / "absent")})


def test_a_secret_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    file = tmp_path / "home" / "secret-key"
    secret = secret_in(file)
    assert len(secret) >= 43  # 256 bits as base64
    assert secret_in(file) == secret
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert secret_in(tmp_path / "another") != secret


def test_a_provided_secret_is_used(tmp_path: Path) -> None:
    file = tmp_path / "admin-password"
    file.write_text("from the secrets manager\n")
    assert secret_in(file) == "from the secrets manager"


def test_an_empty_secret_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "admin-password"
    file.write_text("\n")
    with pytest.raises(SettingsError, match="is empty"):
        secret_in(file)

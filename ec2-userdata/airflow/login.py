"""
login.py FILE: gives the operator of Airflow's web interface the password in a file, JSON of one user name to a
password.

Makes the user if there is none. A changed password replaces the old one and ends its sessions; an unchanged one changes
nothing, so that it may be run at every start. Other users, made in the web interface, are left alone. Run after the
database is migrated, with Airflow's environment. Prints what it did, never the password. Exit status: 1 failure, 2
wrong usage.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from werkzeug.security import check_password_hash

# All of Airflow; a role of FAB: https://airflow.apache.org/docs/apache-airflow-providers-fab/stable/auth-manager/access-control.html
ROLE = "Admin"
# FAB wants an address, and sends nothing to it.
EMAIL = "operator@localhost"


def credentials(file: str) -> tuple[str, str]:
    """Name and password. Raises ValueError without a word of the file's text."""
    try:
        users = json.loads(Path(file).read_text(encoding="utf-8"))
        [(name, password)] = users.items()
    except (OSError, ValueError, AttributeError):
        raise ValueError(f"{file} is not a JSON object of one user name to a password") from None
    if not isinstance(password, str) or not name or not password:
        raise ValueError(f"{file} has no password for {name or 'its user'}")
    return name, password


def bring_about(name: str, password: str) -> str:
    """Makes or changes the user, and says what was done."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder  # noqa: PLC0415

    with get_application_builder() as builder:
        manager = builder.sm
        role = manager.find_role(ROLE)
        if role is None:
            raise RuntimeError(f"Airflow's database has no role {ROLE}: run `airflow db migrate` first")
        user = manager.find_user(username=name)
        if user is None:
            if not manager.add_user(name, name, "of the grid", EMAIL, role, password):
                raise RuntimeError(f"the user {name} could not be made: see the lines above")
            return "made"
        done = []
        if not (user.active and role in user.roles):
            user.active = True
            user.roles = [*(other for other in user.roles if other != role), role]
            if not manager.update_user(user):
                raise RuntimeError(f"the user {name} could not be changed: see the lines above")
            done.append("made active, with its role")
        if not check_password_hash(user.password, password):
            if not manager.reset_password(user.id, password):
                raise RuntimeError(f"the password of {name} could not be changed: see the lines above")
            done.append("given its new password")
        return " and ".join(done) or "unchanged"


def main(arguments: list[str]) -> int:
    """Returns the exit status."""
    if len(arguments) != 1:
        print("login: wants the file with the operator's password", file=sys.stderr)
        return 2
    try:
        name, password = credentials(arguments[0])
        print(f"login: {name} is {bring_about(name, password)}")
    except (ValueError, RuntimeError) as error:
        print(f"login: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""What the rehearsal adds to MiniStack, and the services beside it."""

from __future__ import annotations

import logging
import threading
import time

import ministack.app

from emulator import (
    authority,
    call_counts,
    cloudwatch_times,
    events,
    metadata,
    metric_filters,
    names,
    permissions,
    registry,
    settings,
    tls,
)
from emulator.resources import (
    addresses,
    alarms,
    budgets,
    corrections,
    database,
    emr,
    function_roles,
    functions,
    groups,
    identities,
    instances,
    limits,
    msk,
    network_interfaces,
    scaling,
    security_groups,
    systems_manager,
    unique_names,
)

_MODULES = (
    addresses,
    alarms,
    budgets,
    database,
    emr,
    groups,
    msk,
    network_interfaces,
    scaling,
    security_groups,
    systems_manager,
)
_HEAL_EVERY_SECONDS = 5


def _heal() -> None:
    while True:
        time.sleep(_HEAL_EVERY_SECONDS)
        try:
            groups.heal()
        except Exception:
            logging.getLogger("emulator").exception("groups could not be looked after")


def install() -> None:
    """Joins the resource types to MiniStack's, and what differs from MiniStack's own."""
    if not (settings.AUTHORITY / "ca.pem").exists():
        authority.make_authority(settings.AUTHORITY)
    names.FOLDER.mkdir(parents=True, exist_ok=True)
    registry.install([kind for module in _MODULES for kind in module.TYPES])
    for module in (
        permissions,
        call_counts,
        corrections,
        events,
        limits,
        function_roles,
        functions,
        identities,
        msk,
        instances,
        network_interfaces,
        emr,
        systems_manager,
        unique_names,
        cloudwatch_times,
        metric_filters,
    ):
        module.install()


def main() -> None:
    """Starts the services beside MiniStack, and becomes MiniStack."""
    install()
    metadata.serve()
    tls.serve(settings.STATE)
    for work in (_heal, emr.run_steps):
        threading.Thread(target=work, name=work.__name__, daemon=True).start()
    ministack.app.main()

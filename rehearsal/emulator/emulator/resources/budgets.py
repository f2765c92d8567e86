"""AWS::Budgets::Budget."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from emulator.aws import ACCOUNT, client
from emulator.registry import Created, Place, ResourceType
from emulator.shapes import request

Properties = Mapping[str, Any]


def _create(place: Place, properties: Properties) -> Created:
    budget = {"BudgetName": f"{place.stack_name}-{place.logical_id}", **properties.get("Budget", {})}
    wanted = request("budgets", "CreateBudget", {**properties, "Budget": budget, "AccountId": ACCOUNT})
    client("budgets").create_budget(**wanted)
    return budget["BudgetName"], {}


def _delete(name: str, _properties: Properties) -> None:
    client("budgets").delete_budget(AccountId=ACCOUNT, BudgetName=name)


TYPES = [ResourceType("AWS::Budgets::Budget", _create, _delete, replacing=("NotificationsWithSubscribers",))]

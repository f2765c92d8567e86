"""RDS instances: a real PostgreSQL, as long as its stack."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from typing import Any

import pytest
from ministack.services import rds

from emulator.resources import database
from stacks import Stack, StackError

pytestmark = [
    pytest.mark.usefixtures("emulator"),
    pytest.mark.skipif(
        os.geteuid() != 0 or not Path("/usr/lib/postgresql").exists(),
        reason="PostgreSQL is started as its own user: needs root, and the package postgresql",
    ),
]

SERVER = {
    "DBInstanceClass": "db.t4g.micro",
    "Engine": "postgres",
    "EngineVersion": "17",
    "AllocatedStorage": "20",
    "MasterUsername": "igrid",
    "MasterUserPassword": "long-enough",
}


def server(**properties: Any) -> dict[str, Any]:
    return {
        "Server": {"Type": "AWS::RDS::DBInstance", "Properties": {**SERVER, "Port": str(free_port()), **properties}}
    }


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_a_server_answers_until_its_stack_is_deleted() -> None:
    resources = server()
    stack = Stack(resources)
    address = ("127.0.0.1", int(resources["Server"]["Properties"]["Port"]))
    with socket.create_connection(address, 5) as connection:
        # https://www.postgresql.org/docs/current/protocol-message-formats.html: SSLRequest, and S for "yes".
        connection.sendall(bytes([0, 0, 0, 8, 4, 210, 22, 47]))
        assert connection.recv(1) == b"S"
    stack.delete()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(address, 5)
    assert database._servers == {}


@pytest.mark.parametrize(
    ("properties", "reason"),
    [
        ({"Engine": "mysql"}, "the rehearsal has PostgreSQL only, not mysql"),
        ({"MasterUserPassword": "short"}, "MasterUserPassword has fewer than 8 characters"),
        ({"VPCSecurityGroups": ["sg-0000000000000dead"]}, "InvalidGroup.NotFound"),
        ({"Disk": "20"}, "extraneous key [Disk] is not permitted"),
        # RDS retires minor versions: what is right today is refused tomorrow.
        ({"EngineVersion": "17.9"}, "Cannot find version 17.9 for postgres: name a major version alone"),
        ({"EngineVersion": "12"}, "Cannot find version 12 for postgres"),
        ({"AllocatedStorage": "5"}, "5 is less than 20 GiB"),
    ],
)
def test_what_rds_would_refuse_fails_its_stack_and_leaves_no_server(properties: dict[str, Any], reason: str) -> None:
    with pytest.raises(StackError) as raised:
        Stack(server(**properties))
    assert reason in str(raised.value)
    assert database._servers == {}


def test_the_parameters_are_of_the_version() -> None:
    parameters = {"Type": "AWS::RDS::DBParameterGroup", "Properties": {"Family": "postgres16", "Description": "tls"}}
    resources = server(DBParameterGroupName={"Ref": "Parameters"})
    with pytest.raises(StackError, match="with DBParameterGroupFamily postgres16 can't be used for this instance"):
        Stack({**resources, "Parameters": parameters})
    assert database._servers == {}


def test_a_protected_server_is_not_deleted() -> None:
    resources = server(DeletionProtection=True)
    stack = Stack(resources)
    with pytest.raises(StackError, match="is protected from deletion"):
        stack.delete()
    rds._instances[stack.id_of("Server")]["DeletionProtection"] = False
    stack.delete()
    assert database._servers == {}

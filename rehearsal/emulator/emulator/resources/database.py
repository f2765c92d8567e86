"""An RDS instance of PostgreSQL as a real server from Debian, with TLS and a certificate that clients verify."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ministack.services import rds
from ministack.services.cloudformation import provisioners

from emulator.authority import issue
from emulator.aws import client
from emulator.names import name_address
from emulator.registry import Created, Place, ResourceType
from emulator.resources.limits import check_database
from emulator.resources.unique_names import refuse_if_taken
from emulator.settings import SERVICE_ADDRESS, STATE
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]

_servers: dict[str, subprocess.Popen[bytes]] = {}
_create_record = provisioners._rds_db_instance_create
_update_record = provisioners._rds_db_instance_update
_delete_record = provisioners._rds_db_instance_delete


def _binaries() -> Path:
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if not versions:
        raise RuntimeError("PostgreSQL is not installed: apt-get install postgresql")
    return versions[-1].parent


def _as_postgres(*command: str | Path) -> list[str]:
    return ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups", *map(str, command)]


def _create(place: Place, properties: Properties) -> Created:
    wanted = {key: value for key, value in properties.items() if key not in ("VPCSecurityGroups",)}
    if "VPCSecurityGroups" in properties:
        wanted["VpcSecurityGroupIds"] = properties["VPCSecurityGroups"]
        client("ec2").describe_security_groups(GroupIds=list(properties["VPCSecurityGroups"]))
    wanted.pop("DeleteAutomatedBackups", None)
    # CloudFormation makes up a name where the template has none.
    request("rds", "CreateDBInstance", {"DBInstanceIdentifier": "-", **wanted})
    if properties.get("Engine") != "postgres":
        raise PropertyError(f"the rehearsal has PostgreSQL only, not {properties.get('Engine')}")
    check_database(properties)
    if len(str(properties["MasterUserPassword"])) < 8:
        raise PropertyError("MasterUserPassword has fewer than 8 characters")
    refuse_if_taken("AWS::RDS::DBInstance", properties.get("DBInstanceIdentifier"), rds._instances)
    identity, _ = _create_record(place.logical_id, dict(properties), place.stack_name)
    instance = rds._instances[identity]
    address = instance["Endpoint"]["Address"]
    try:
        _start(identity, address, int(properties.get("Port", 5432)), properties)
    except BaseException:
        _remove(identity, properties)
        raise
    name_address(address, SERVICE_ADDRESS)
    return identity, provisioners._rds_db_instance_attrs(instance)


def _start(identity: str, address: str, port: int, properties: Properties) -> None:
    folder = STATE / "databases" / identity
    folder.mkdir(parents=True)
    shutil.chown(folder, "postgres", "postgres")
    password = folder / "password"
    password.write_text(str(properties["MasterUserPassword"]))
    shutil.chown(password, "postgres", "postgres")
    data = folder / "data"
    subprocess.run(
        _as_postgres(
            _binaries() / "initdb",
            f"--pgdata={data}",
            f"--username={properties['MasterUsername']}",
            f"--pwfile={password}",
            "--auth=scram-sha-256",
            "--no-sync",
        ),
        check=True,
        capture_output=True,
        cwd=folder,
    )
    password.unlink()
    certificate, key = issue(folder, "server", [address])
    for file in (certificate, key):
        shutil.chown(file, "postgres", "postgres")
    # rds.force_ssl is on from PostgreSQL 15: nothing but TLS.
    (data / "pg_hba.conf").write_text("hostssl all all all scram-sha-256\n")
    options = {
        "listen_addresses": SERVICE_ADDRESS,
        "port": port,
        "unix_socket_directories": str(folder),
        "ssl": "on",
        "ssl_cert_file": certificate,
        "ssl_key_file": key,
        "max_connections": 200,
        "shared_buffers": "32MB",
        "fsync": "off",
    }
    arguments = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with (folder / "server.log").open("wb") as log:
        _servers[identity] = subprocess.Popen(
            _as_postgres(_binaries() / "postgres", "-D", data, *arguments), stdout=log, stderr=log, cwd=folder
        )
    for _ in range(150):
        ready = subprocess.run(
            [_binaries() / "pg_isready", "--quiet", f"--host={SERVICE_ADDRESS}", f"--port={port}"], check=False
        )
        if ready.returncode == 0:
            return
        if _servers[identity].poll() is not None:
            break
        time.sleep(0.2)
    raise RuntimeError(f"PostgreSQL does not answer: {(folder / 'server.log').read_text()[-1000:]}")


def _update(place: Place, identity: str, old: Properties, new: Properties) -> Created:
    if old.get("MasterUserPassword") != new.get("MasterUserPassword") or old.get("Port") != new.get("Port"):
        raise ValueError("the rehearsal can't change a running server's password or port")
    check_database(new)
    changed: Created = _update_record(identity, dict(old), dict(new), place.stack_name, place.logical_id)
    return changed


def _delete(identity: str, properties: Properties) -> None:
    if rds._instances[identity].get("DeletionProtection"):
        raise ValueError(f"InvalidParameterCombination: {identity} is protected from deletion")
    _remove(identity, properties)


def _remove(identity: str, properties: Properties) -> None:
    server = _servers.pop(identity, None)
    if server:
        server.send_signal(2)  # SIGINT: PostgreSQL's fast shutdown
        try:
            server.wait(30)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()
    _delete_record(identity, dict(properties))
    folder = STATE / "databases" / identity
    if (folder / "server.log").exists():
        shutil.copy(folder / "server.log", STATE / "logs" / f"{identity}.log")
    shutil.rmtree(folder, ignore_errors=True)


def stop_all() -> None:
    """Ends every server."""
    for server in _servers.values():
        os.kill(server.pid, 9)


TYPES = [
    ResourceType(
        "AWS::RDS::DBInstance",
        _create,
        _delete,
        _update,
        replacing=("DBInstanceIdentifier", "Engine", "MasterUsername", "DBSubnetGroupName", "StorageEncrypted"),
    )
]

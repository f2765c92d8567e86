"""
The instance metadata service at 169.254.169.254: version 2 only, asked by machines, who are known by their address.
https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-categories.html
"""

from __future__ import annotations

import base64
import json
import secrets
import threading
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from ministack.services import ec2, iam

from emulator.aws import ACCOUNT, REGION, client
from emulator.names import hardware_address

ADDRESS = "169.254.169.254"
# Credentials are renewed by clients some minutes before they end; EC2's last about six hours.
_CREDENTIALS_SECONDS = 3600

_tokens: dict[str, float] = {}
_credentials: dict[str, tuple[float, dict[str, str]]] = {}


def _instance_of(address: str) -> Mapping[str, Any] | None:
    for record in ec2._instances.values():
        if record["PrivateIpAddress"] == address and record["State"]["Name"] != "terminated":
            return dict(record)
    return None


def _role_of(instance: Mapping[str, Any]) -> str | None:
    profile = instance.get("IamInstanceProfile")
    if not profile:
        return None
    record = iam._lookup_instance_profile(arn=profile["Arn"])
    roles = (record or {}).get("Roles") or []
    role = roles[0] if roles else None
    return str(role.get("RoleName") if isinstance(role, Mapping) else role) if role else None


def _credentials_of(role: str, instance_id: str) -> dict[str, str]:
    known = _credentials.get(instance_id)
    if known and known[0] > time.time() + _CREDENTIALS_SECONDS / 4:
        return known[1]
    record = client("iam").get_role(RoleName=role)["Role"]
    if not _trusts_ec2(record["AssumeRolePolicyDocument"]):
        # https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
        return {"Code": "AssumeRoleUnauthorizedAccess", "Message": f"EC2 cannot assume the role {role}"}
    given = client("sts").assume_role(
        RoleArn=record["Arn"], RoleSessionName=instance_id, DurationSeconds=_CREDENTIALS_SECONDS
    )["Credentials"]
    document = {
        "Code": "Success",
        "LastUpdated": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "Type": "AWS-HMAC",
        "AccessKeyId": given["AccessKeyId"],
        "SecretAccessKey": given["SecretAccessKey"],
        "Token": given["SessionToken"],
        "Expiration": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + _CREDENTIALS_SECONDS)),
    }
    _credentials[instance_id] = (time.time() + _CREDENTIALS_SECONDS, document)
    return document


def credentials(instance_id: str) -> dict[str, str]:
    """Those of an instance's role, as the instance is told them."""
    role = _role_of(ec2._instances[instance_id])
    if role is None:
        raise ValueError(f"{instance_id} has no role")
    return _credentials_of(role, instance_id)


def _trusts_ec2(policy: Mapping[str, Any]) -> bool:
    return any(
        statement["Effect"] == "Allow"
        and "ec2.amazonaws.com" in _listed(statement.get("Principal", {}).get("Service", []))
        for statement in policy["Statement"]
    )


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _tree(instance: Mapping[str, Any]) -> dict[str, Any]:
    """Everything below meta-data/: folders are dictionaries."""
    address = instance["PrivateIpAddress"]
    name = f"ip-{address.replace('.', '-')}.ec2.internal"
    zone = instance["Placement"]["AvailabilityZone"]
    mac = hardware_address(address)
    interface = {
        "device-number": "0",
        "local-ipv4s": address,
        "mac": mac,
        "subnet-id": instance["SubnetId"],
        "vpc-id": instance["VpcId"],
    }
    tree: dict[str, Any] = {
        "ami-id": instance["ImageId"],
        "ami-launch-index": "0",
        "hostname": name,
        "instance-id": instance["InstanceId"],
        "instance-life-cycle": "on-demand",
        "instance-type": instance["InstanceType"],
        "local-hostname": name,
        "local-ipv4": address,
        "mac": mac,
        "network": {"interfaces": {"macs": {mac: interface}}},
        "placement": {"availability-zone": zone, "region": REGION},
        "security-groups": "\n".join(group["GroupName"] for group in instance["SecurityGroups"]),
        "services": {"domain": "amazonaws.com", "partition": "aws"},
    }
    role = _role_of(instance)
    if role is not None:
        info = {"Code": "Success", "InstanceProfileArn": instance["IamInstanceProfile"]["Arn"]}
        tree["iam"] = {
            "info": json.dumps(info),
            "security-credentials": {role: lambda: json.dumps(_credentials_of(role, instance["InstanceId"]))},
        }
    return tree


def _identity(instance: Mapping[str, Any]) -> str:
    return json.dumps(
        {
            "accountId": ACCOUNT,
            "architecture": "x86_64",
            "availabilityZone": instance["Placement"]["AvailabilityZone"],
            "imageId": instance["ImageId"],
            "instanceId": instance["InstanceId"],
            "instanceType": instance["InstanceType"],
            "privateIp": instance["PrivateIpAddress"],
            "region": REGION,
            "version": "2017-09-30",
        }
    )


class _Handler(BaseHTTPRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Nothing: it is asked every second while a host waits."""

    def _answer(self, status: int, body: str | bytes = b"") -> None:
        data = body.encode() if isinstance(body, str) else body
        self.send_response(status)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_PUT(self) -> None:
        if not self.path.endswith("/api/token"):
            self._answer(405)
            return
        lifetime = self.headers.get("X-aws-ec2-metadata-token-ttl-seconds", "")
        if not lifetime.isdigit() or not 1 <= int(lifetime) <= 21_600:
            self._answer(400)
            return
        token = secrets.token_urlsafe(32)
        _tokens[token] = time.time() + int(lifetime)
        self._answer(200, token)

    def do_GET(self) -> None:
        token = self.headers.get("X-aws-ec2-metadata-token", "")
        instance = _instance_of(self.client_address[0])
        if _tokens.get(token, 0.0) < time.time():
            # HttpTokens is "required" in every launch template of ours.
            self._answer(401)
        elif instance is None:
            self._answer(404)
        else:
            try:
                self._document(instance)
            except Exception as error:
                self._answer(500, f"{type(error).__name__}: {error}")

    def _document(self, instance: Mapping[str, Any]) -> None:
        # The first part is the version of the interface: all of them answer alike.
        _, _, path = self.path.lstrip("/").partition("/")
        if path == "user-data":
            data = base64.b64decode(instance.get("UserData") or "")
            self._answer(200 if data else 404, data)
            return
        node: Any = {
            "dynamic": {"instance-identity": {"document": _identity(instance)}},
            "meta-data": _tree(instance),
        }
        for part in [part for part in path.split("/") if part]:
            node = node.get(part) if isinstance(node, dict) else None
        if node is None:
            self._answer(404)
        elif isinstance(node, dict):
            self._answer(200, "\n".join(f"{key}/" if _is_folder(key, value) else key for key, value in node.items()))
        else:
            self._answer(200, node() if callable(node) else str(node))


def _is_folder(key: str, value: Any) -> bool:
    return isinstance(value, dict) or key == "iam"


def serve() -> None:
    """Starts it, in a thread of its own."""
    server = ThreadingHTTPServer((ADDRESS, 80), _Handler)
    threading.Thread(target=server.serve_forever, name="metadata", daemon=True).start()

"""Where MiniStack's own resource types differ from AWS in a way that this deployment would notice."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from ministack.services import iam, s3, secretsmanager
from ministack.services.cloudformation import provisioners

from emulator.names import name_address
from emulator.shapes import PropertyError, request

Properties = Mapping[str, Any]


def _tag_buckets() -> None:
    """A bucket's tags are the bucket's: CDK's function that empties buckets looks for its tag."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::S3::Bucket"]
    create, update = handlers["create"], handlers["update"]

    def tag(name: str, properties: Properties) -> None:
        tags = {entry["Key"]: entry["Value"] for entry in properties.get("Tags", [])}
        if tags:
            s3._bucket_tags[name] = tags

    def tagged_create(logical_id: str, properties: Properties, stack_name: str) -> Any:
        name, attributes = create(logical_id, properties, stack_name)
        tag(name, properties)
        return name, attributes

    def tagged_update(name: str, old: Properties, new: Properties, *where: Any) -> Any:
        answer = update(name, old, new, *where)
        tag(answer[0], new)
        return answer

    handlers.update({"create": tagged_create, "update": tagged_update})


def _name_instance_profiles() -> None:
    """Ref of an instance profile is its name, not its ARN (aws/aws-cdk#16274)."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::IAM::InstanceProfile"]
    create, update, delete = handlers["create"], handlers["update"], handlers["delete"]

    def named(answer: tuple[str, Properties]) -> tuple[str, Properties]:
        arn, attributes = answer
        return arn.rsplit("/", 1)[-1], attributes

    def arn_of(name: str) -> str:
        return str(iam._instance_profiles[name]["Arn"])

    handlers.update(
        {
            "create": lambda *arguments: named(create(*arguments)),
            "update": lambda name, *arguments: named(update(arn_of(name), *arguments)),
            "delete": lambda name, *arguments: delete(arn_of(name), *arguments),
        }
    )


def _answer_records() -> None:
    """What a private zone's records say is what the VPC's resolver answers."""
    handlers = provisioners._RESOURCE_HANDLERS["AWS::Route53::RecordSet"]

    def naming(handler: Callable[..., Any], position: int) -> Callable[..., Any]:
        def named(*arguments: Any) -> Any:
            answer = handler(*arguments)
            properties = arguments[position]
            if properties["Type"] != "A" or len(properties["ResourceRecords"]) != 1:
                raise ValueError("the rehearsal's resolver has records of one address only")
            name_address(properties["Name"].rstrip("."), properties["ResourceRecords"][0])
            return answer

        return named

    handlers.update({"create": naming(handlers["create"], 1), "update": naming(handlers["update"], 2)})


def _generate_secrets() -> None:
    """A generated secret is what Secrets Manager's own generator makes of all that the template asks of it."""
    given = provisioners._sm_secret_string

    def secret_string(properties: Properties) -> str:
        wanted = dict(properties.get("GenerateSecretString") or {})
        if not wanted:
            return str(given(properties))
        template, key = wanted.pop("SecretStringTemplate", None), wanted.pop("GenerateStringKey", None)
        if (template is None) != (key is None):
            raise PropertyError("SecretStringTemplate and GenerateStringKey come together")
        status, _, body = secretsmanager._get_random_password(request("secretsmanager", "GetRandomPassword", wanted))
        if status != 200:
            raise PropertyError(str(body))
        password = json.loads(body)["RandomPassword"]
        return password if template is None else json.dumps({**json.loads(template), key: password})

    provisioners._sm_secret_string = secret_string


def install() -> None:
    """Puts them right."""
    _generate_secrets()
    _answer_records()
    _tag_buckets()
    _name_instance_profiles()

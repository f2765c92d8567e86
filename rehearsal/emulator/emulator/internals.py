"""
The members of MiniStack that the emulator uses. None of them is promised by MiniStack: what is used was read in the
sources of the version that requirements.lock pins, is listed here, and is checked by name before it is used.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

WRITTEN_FOR = "1.5.33"

_CLOUDFORMATION = "ministack.services.cloudformation"

# Kinds: function, type, mapping (what has keys, values and items), set, module, other; with round brackets the
# parameters that are passed by name.
MEMBERS: Mapping[str, Mapping[str, str]] = {
    "ministack.app": {"main": "function"},
    "ministack.core.concurrency": {"spawn_background": "function"},
    "ministack.core.iam_actions": {"extract_resource_arn": "function"},
    "ministack.core.iam_evaluator": {
        "AuthError": "type",
        "EvalContext": "type(principal_arn, principal_type, principal_account, action, resource_arn, region)",
        "ParsedStatement": "type",
        "_gather_role_policies": "function",
        "_permissions_boundary": "function",
        "_request_origin": "other",
        "_role_name_from_assumed_arn": "function",
        "enforce": "function",
        "evaluate": "function",
        "pin_request_origin": "function",
        "resolve_principal": "function",
    },
    "ministack.core.lambda_runtime": {
        "Worker": "type",
        "Worker._drain_stderr": "function",
        "Worker._proc": "attribute",
        "Worker._spawn": "function",
        "Worker._stderr_thread": "attribute",
    },
    "ministack.core.responses": {
        "error_response_json": "function",
        "get_account_id": "function",
        "json_response": "function",
    },
    f"{_CLOUDFORMATION}.custom_resource": {"invoke_custom_resource": "function"},
    f"{_CLOUDFORMATION}.provisioners": {
        "_REPLACING_PROPERTIES": "mapping",
        "_RESOURCE_HANDLERS": "mapping",
        "_asg": "module",
        "_asg._asgs": "mapping",
        "_asg_create": "function",
        "_cfn_wait_condition_definition": "function",
        "_cr_stack_id": "function",
        "_cw_metric_alarm_record": "function",
        "_ec2_sg_create": "function",
        "_ec2_sg_delete": "function",
        "_ec2_sg_update": "function",
        "_physical_name": "function",
        "_rds_db_instance_attrs": "function",
        "_rds_db_instance_create": "function",
        "_rds_db_instance_delete": "function",
        "_rds_db_instance_update": "function",
        "_sm_secret_string": "function",
    },
    f"{_CLOUDFORMATION}.stacks": {"_runs_on_worker_thread": "function"},
    f"{_CLOUDFORMATION}.wait_conditions": {
        "_lock": "other",
        "_waiting": "mapping",
        "register_slot": "function",
        "wait_for": "function",
    },
    "ministack.services.cloudwatch": {
        "_json_timestamp": "function",
        "_json_timestamps": "function",
        "_store_datum": "function(dims, ts, unit, value, values, counts, stat_values)",
        "cloudformation_put_metric_alarm": "function",
        "cloudformation_set_metric_alarm_tags": "function",
    },
    "ministack.services.cloudwatch_logs": {
        "_log_groups": "mapping",
        "_metric_filters": "mapping",
        "_put_log_events": "function",
        "_put_metric_filter": "function",
    },
    "ministack.services.ec2": {
        "_ACTION_MAP": "mapping",
        "_error": "function",
        "_instances": "mapping",
        "_launch_instances_internal": "function(image_id, instance_type, subnet_id, count, user_data, sg_ids, "
        "requested_private_ip, iam_profile)",
        "_launch_templates": "mapping",
        "_matches_filters": "function",
        "_network_interfaces": "mapping",
        "_p": "function",
        "_parse_filters": "function",
        "_parse_member_list": "function",
        "_resolve_iam_instance_profile": "function(iam_arn, iam_name)",
        "_security_groups": "mapping",
        "_subnets": "mapping",
        "_tags": "mapping",
        "exec_in_instance_blocking": "function",
        "instance_is_managed": "function",
    },
    "ministack.services.emr": {
        "_HANDLERS": "mapping",
        "_add_job_flow_steps": "function",
        "_clusters": "mapping",
        "_make_step": "function",
        "_run_job_flow": "function",
        "_steps": "mapping",
    },
    "ministack.services.eventbridge": {
        "_invoke_target": "function",
        "_put_events": "function(allow_aws_source)",
    },
    "ministack.services.iam": {
        "_instance_profiles": "mapping",
        "_lookup_instance_profile": "function(arn)",
        "_roles": "mapping",
    },
    "ministack.services.lambda_svc": {"_execute_function_with_config_scope": "function"},
    "ministack.services.msk": {
        "_bootstrap_strings": "function",
        "_clusters": "mapping",
        "_config_revisions": "mapping",
        "_configurations": "mapping",
    },
    "ministack.services.rds": {"_instances": "mapping", "_param_groups": "mapping"},
    "ministack.services.s3": {"_bucket_tags": "mapping"},
    "ministack.services.secretsmanager": {"_get_random_password": "function", "_secrets": "mapping"},
    "ministack.services.ssm": {
        "_PUBLIC_AMI_PARAMETERS": "mapping",
        "_SHELL_DOCUMENTS": "set",
        "_commands": "mapping",
        "_finish_invocation": "function",
        "_send_command": "function",
        "error_response_json": "function",
    },
}

# Keys of mappings above that are replaced or called: module, mapping, key, and the handlers that it must have.
KEYS: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    *(
        (f"{_CLOUDFORMATION}.provisioners", "_RESOURCE_HANDLERS", kind, handlers)
        for kind, handlers in (
            ("AWS::AutoScaling::AutoScalingGroup", ("update", "delete")),
            ("AWS::CloudWatch::Alarm", ("delete",)),
            ("AWS::Events::Rule", ("create", "update")),
            ("AWS::IAM::InstanceProfile", ("create", "update", "delete")),
            ("AWS::IAM::ManagedPolicy", ("create", "update")),
            ("AWS::IAM::Policy", ("create", "update")),
            ("AWS::IAM::Role", ("create", "update")),
            ("AWS::KMS::Key", ("create", "update")),
            ("AWS::Lambda::Function", ("create", "update")),
            ("AWS::Logs::LogGroup", ("create", "update")),
            ("AWS::Route53::RecordSet", ("create", "update")),
            ("AWS::S3::Bucket", ("create", "update")),
            ("AWS::SSM::Parameter", ("create", "update")),
            ("AWS::SecretsManager::Secret", ("create", "update", "delete")),
        )
    ),
    *(
        ("ministack.services.ec2", "_ACTION_MAP", action, ())
        for action in (
            "AttachNetworkInterface",
            "DescribeInstances",
            "DetachNetworkInterface",
            "RebootInstances",
            "TerminateInstances",
        )
    ),
    *(
        ("ministack.services.emr", "_HANDLERS", action, ())
        for action in ("AddJobFlowSteps", "CancelSteps", "ListSteps", "RunJobFlow")
    ),
)


def problems() -> list[str]:
    """A line for each member that is not where it was; none if all are."""
    missing = [
        f"{module}.{member} ({kind})"
        for module, members in MEMBERS.items()
        for member, kind in members.items()
        if not _has(module, member, kind)
    ]
    missing += [
        f"{module}.{mapping}[{key!r}]" + (f" with {', '.join(handlers)}" if handlers else "")
        for module, mapping, key, handlers in KEYS
        if not _has_key(module, mapping, key, handlers)
    ]
    found = version("ministack")
    return [
        f"MiniStack {found} has no {what}: rehearsal/emulator was written for {WRITTEN_FOR}, see emulator/internals.py"
        for what in missing
    ]


def _member(module: str, path: str) -> Any:
    try:
        value: Any = importlib.import_module(module)
        for name in path.split("."):
            value = getattr(value, name)
    except (ImportError, AttributeError):
        return None
    return value


def _has(module: str, path: str, kind: str) -> bool:
    name, _, parameters = kind.rstrip(")").partition("(")
    if name == "attribute":
        # Of an object: only its class is here, which sets it as it begins.
        owner, _, attribute = path.rpartition(".")
        start = getattr(_member(module, owner), "__init__", None)
        return start is not None and attribute in start.__code__.co_names
    value = _member(module, path)
    if value is None or not _is(value, name):
        return False
    if not parameters:
        return True
    taken = inspect.signature(value).parameters
    return all(parameter.strip() in taken for parameter in parameters.split(","))


def _is(value: Any, kind: str) -> bool:
    match kind:
        case "function":
            return callable(value) and not isinstance(value, type)
        case "type":
            return isinstance(value, type)
        case "mapping":
            return all(hasattr(value, name) for name in ("get", "items", "values", "pop"))
        case "set":
            return isinstance(value, set | frozenset)
        case "module":
            return inspect.ismodule(value)
        case "other":
            return True
    raise ValueError(f"{kind} is no kind of member")


def _has_key(module: str, mapping: str, key: str, handlers: tuple[str, ...]) -> bool:
    value = (_member(module, mapping) or {}).get(key)
    return value is not None and all(handler in value for handler in handlers)

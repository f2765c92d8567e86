"""
EMR: a cluster is one machine with Spark on it, bootstrap actions and steps are real processes there, and steps have
EMR's states. One step runs at a time, as with a step concurrency of 1.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ministack.core.responses import error_response_json, json_response
from ministack.services import emr

from emulator.aws import client
from emulator.events import publish
from emulator.machines import descendants
from emulator.registry import Created, Place, ResourceType
from emulator.resources import instances
from emulator.resources.step_logs import StepLogs
from emulator.settings import STATE
from emulator.shapes import PropertyError, request
from emulator.waiting import wait_until

Properties = Mapping[str, Any]

# The user of EMR's steps and bootstrap actions.
HADOOP = ("runuser", "--user=hadoop", "--")
_binds: dict[str, str] = json.loads(os.environ.get("REHEARSAL_EMR_BINDS", "{}"))
_environment = {"SPARK_MASTER": "local[2]", "JAVA_HOME": "/usr/lib/jvm/java-17", "HOME": "/home/hadoop"}

_security: dict[str, dict[str, Any]] = {}
_clusters: dict[str, Cluster] = {}
_wake = threading.Condition()


@dataclass
class Cluster:
    """What a cluster is beside its record in MiniStack."""

    machine: str
    # MonitoringConfiguration.
    monitoring: Mapping[str, Any] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    # Id of the step whose process that is.
    current: str | None = None
    cancelling: set[str] = field(default_factory=set)


# ---- clusters ----------------------------------------------------------------


def _create_cluster(_place: Place, properties: Properties) -> Created:
    wanted = _run_job_flow(properties)
    name = wanted.get("SecurityConfiguration")
    if name is not None and name not in _security:
        raise PropertyError(f"the security configuration {name} does not exist")
    if "ServiceRole" not in wanted or "JobFlowRole" not in wanted:
        raise PropertyError("ServiceRole and JobFlowRole are required")
    client("iam").get_role(RoleName=wanted["ServiceRole"].rsplit("/", 1)[-1])
    if wanted.get("Steps"):
        raise PropertyError("the rehearsal takes steps by AddJobFlowSteps, not with the cluster")
    subnet = wanted["Instances"]["Ec2SubnetId"]
    _check_tags(wanted, subnet)
    identity: str = client("emr").run_job_flow(**wanted)["JobFlowId"]
    record = emr._clusters[identity]
    # MiniStack writes its dates as text where the protocol has numbers.
    record["Status"]["Timeline"] = {"CreationDateTime": time.time()}
    groups = wanted["Instances"]
    _add_managed_rules(groups["EmrManagedMasterSecurityGroup"], groups["EmrManagedSlaveSecurityGroup"])
    try:
        _state(identity, "STARTING")
        machine = instances.launch(
            {
                "ImageId": "ami-0e3b2000000000000",
                "InstanceType": _primary(groups)["InstanceType"],
                "SubnetId": subnet,
                "SecurityGroupIds": [
                    groups["EmrManagedMasterSecurityGroup"],
                    *groups.get("AdditionalMasterSecurityGroups", []),
                ],
                "IamInstanceProfile": {"Name": wanted["JobFlowRole"]},
            },
            root="emr",
            binds=_binds,
        )
        _clusters[identity] = Cluster(machine, wanted.get("MonitoringConfiguration") or {})
        _state(identity, "BOOTSTRAPPING")
        _wait_for_system(machine)
        for action in wanted.get("BootstrapActions", []):
            _bootstrap(identity, machine, action)
    except BaseException as error:
        _state(identity, "TERMINATED_WITH_ERRORS", f"{error}")
        _end(identity)
        raise
    _state(identity, "WAITING", "Cluster ready to run steps.")
    record["Status"]["Timeline"]["ReadyDateTime"] = time.time()
    return identity, {"MasterPublicDNS": f"{instances.machines[machine].hostname}.ec2.internal"}


def _primary(groups: Mapping[str, Any]) -> Mapping[str, Any]:
    for group in groups["InstanceGroups"]:
        if group["InstanceRole"] == "MASTER":
            return dict(group)
    raise PropertyError("a cluster needs a primary instance group")


def _run_job_flow(properties: Properties) -> dict[str, Any]:
    """A template groups instances in its own way: https://docs.aws.amazon.com/emr/latest/APIReference/API_RunJobFlow.html"""
    wanted = dict(properties)
    groups = dict(wanted.get("Instances", {}))
    listed = []
    for key, role in (("MasterInstanceGroup", "MASTER"), ("CoreInstanceGroup", "CORE")):
        if key in groups:
            listed.append({**groups.pop(key), "InstanceRole": role})
    listed += [{**group, "InstanceRole": "TASK"} for group in groups.pop("TaskInstanceGroups", [])]
    for group in listed:
        kind = str(group.get("InstanceType"))
        # https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-supported-instance-types.html
        if kind.rsplit(".", maxsplit=1)[-1] in ("nano", "micro", "small", "medium", "large"):
            raise PropertyError(f"EMR does not support the instance type {kind}")
    wanted["Instances"] = {**groups, "InstanceGroups": listed}
    if "Configurations" in wanted:
        wanted["Configurations"] = _configurations(wanted["Configurations"])
    return request("emr", "RunJobFlow", wanted)


def _configurations(listed: list[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """A template calls the properties of a classification ConfigurationProperties, the API Properties."""
    names = {"ConfigurationProperties": "Properties"}
    return [
        {
            names.get(key, key): _configurations(value) if key == "Configurations" else value
            for key, value in one.items()
        }
        for one in listed
    ]


def _check_tags(wanted: Mapping[str, Any], subnet: str) -> None:
    """AmazonEMRServicePolicy_v2 acts only on what carries its tag."""
    key = "for-use-with-amazon-emr-managed-policies"
    ec2 = client("ec2")
    groups = wanted["Instances"]
    named = [
        groups["EmrManagedMasterSecurityGroup"],
        groups["EmrManagedSlaveSecurityGroup"],
        groups["ServiceAccessSecurityGroup"],
    ]
    tags = {
        "cluster": wanted.get("Tags", []),
        subnet: ec2.describe_subnets(SubnetIds=[subnet])["Subnets"][0].get("Tags", []),
    }
    for group in ec2.describe_security_groups(GroupIds=named)["SecurityGroups"]:
        tags[group["GroupId"]] = group.get("Tags", [])
    for what, list_ in tags.items():
        if {"Key": key, "Value": "true"} not in [{"Key": tag["Key"], "Value": tag["Value"]} for tag in list_]:
            raise PropertyError(f"Service role has insufficient EC2 permissions: {what} lacks the tag {key}")


def _add_managed_rules(primary: str, core: str) -> None:
    """What EMR adds to the groups that it is given, and leaves there: the reason why their deletion fails."""
    ec2 = client("ec2")
    for group in (primary, core):
        pairs = [{"GroupId": peer} for peer in (primary, core)]
        ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[{"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "UserIdGroupPairs": pairs}],
        )


def _wait_for_system(machine: str) -> None:
    def is_up() -> bool:
        host = instances.machines[machine]
        if not host.is_running or host.leader() is None:
            return False
        return host.run(["systemctl", "is-system-running"]).stdout.strip() in ("running", "degraded")

    if not wait_until(is_up, 180):
        raise RuntimeError(f"the primary node {machine} does not come up: see its console.log")


def _bootstrap(identity: str, machine: str, action: Mapping[str, Any]) -> None:
    script = action["ScriptBootstrapAction"]
    folder = "/tmp/bootstrap-action"
    commands = [
        ["mkdir", "--parents", folder],
        ["aws", "s3", "cp", "--only-show-errors", script["Path"], f"{folder}/script"],
        ["chmod", "+x", f"{folder}/script"],
        [f"{folder}/script", *script.get("Args", [])],
    ]
    log = _log_folder(identity) / "bootstrap.log"
    for command in commands:
        with log.open("ab") as file:
            done = subprocess.run(_as_hadoop(machine, command), check=False, stdout=file, stderr=file, timeout=600)
        if done.returncode != 0:
            last = (log.read_text(errors="replace").strip().splitlines() or ["no output"])[-1]
            raise RuntimeError(
                f"On the master instance ({machine}), bootstrap action 1 ({action['Name']}) returned a non-zero "
                f"return code: {last}"
            )


def _as_hadoop(machine: str, command: list[str]) -> list[str]:
    host = instances.machines[machine]
    return host.command([*HADOOP, *command], {**_environment, "AWS_DEFAULT_REGION": os.environ["MINISTACK_REGION"]})


def _log_folder(identity: str) -> Any:
    folder = STATE / "logs" / identity
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _update_cluster(_place: Place, identity: str, old: Properties, new: Properties) -> Created:
    _run_job_flow(new)
    changed = {key for key in old.keys() | new.keys() if old.get(key) != new.get(key)}
    if changed - {"Tags", "StepConcurrencyLevel", "ManagedScalingPolicy"}:
        raise ValueError(f"the rehearsal can't change {', '.join(sorted(changed))} of a cluster in place")
    return identity, {}


def _delete_cluster(identity: str, _properties: Properties) -> None:
    if emr._clusters[identity].get("TerminationProtected"):
        raise ValueError(f"ValidationException: {identity} is protected from termination")
    _state(identity, "TERMINATING")
    _end(identity)
    _state(identity, "TERMINATED", "Terminated by user request")


def _end(identity: str) -> None:
    cluster = _clusters.pop(identity, None)
    if cluster is None:
        return
    for step in emr._steps.get(identity, []):
        if step["Status"]["State"] in ("PENDING", "RUNNING", "CANCEL_PENDING"):
            _finish(step, "CANCELLED")
    if cluster.process is not None and cluster.process.poll() is None:
        cluster.process.kill()
    instances.terminate(cluster.machine)


def _state(identity: str, state: str, message: str = "") -> None:
    emr._clusters[identity]["Status"].update(
        {"State": state, "StateChangeReason": {"Message": message} if message else {}}
    )


# ---- steps -------------------------------------------------------------------

_make_record = emr._make_step


def _make_step(configuration: Mapping[str, Any]) -> dict[str, Any]:
    step: dict[str, Any] = _make_record(configuration)
    step["Status"] = {"State": "PENDING", "StateChangeReason": {}, "Timeline": {"CreationDateTime": time.time()}}
    return step


_add_steps: Callable[[Mapping[str, Any]], Any] = emr._add_job_flow_steps


def _add_job_flow_steps(data: Mapping[str, Any]) -> Any:
    identity = str(data.get("JobFlowId"))
    try:
        request("emr", "AddJobFlowSteps", data)
    except PropertyError as error:
        return error_response_json("ValidationException", str(error), 400)
    state = emr._clusters.get(identity, {}).get("Status", {}).get("State")
    if state is not None and state.startswith("TERMINAT"):
        return error_response_json("ValidationException", "A job flow that is shutting down may not be modified.", 400)
    answer = _add_steps(data)
    with _wake:
        _wake.notify_all()
    return answer


def _list_steps(data: Mapping[str, Any]) -> Any:
    """Newest first, as EMR lists them."""
    identity = data.get("ClusterId")
    if identity not in emr._clusters:
        return error_response_json("InvalidRequestException", f"Cluster id '{identity}' is not valid.", 400)
    wanted = data.get("StepStates") or []
    steps = [step for step in reversed(emr._steps.get(identity, [])) if not wanted or step["Status"]["State"] in wanted]
    return json_response({"Steps": steps})


def _cancel_steps(data: Mapping[str, Any]) -> Any:
    """
    Answers step by step, with success even if it refuses all of them.
    https://docs.aws.amazon.com/emr/latest/APIReference/API_CancelSteps.html
    """
    try:
        request("emr", "CancelSteps", data)
    except PropertyError as error:
        return error_response_json("ValidationException", str(error), 400)
    identity = str(data.get("ClusterId"))
    if identity not in emr._clusters:
        return error_response_json("InvalidRequestException", f"Cluster id '{identity}' is not valid.", 400)
    known = {step["Id"] for step in emr._steps.get(identity, [])}
    for wanted in data["StepIds"]:
        if wanted not in known:
            return error_response_json("InvalidRequestException", f"Step id '{wanted}' is not valid.", 400)
    cluster = _clusters.get(identity)
    answers = []
    for step in emr._steps.get(identity, []):
        if step["Id"] not in data.get("StepIds", []):
            continue
        state = step["Status"]["State"]
        how = data.get("StepCancellationOption", "SEND_INTERRUPT")
        is_current = cluster is not None and cluster.current == step["Id"]
        if state == "PENDING" and not is_current:
            _finish(step, "CANCELLED")
        elif state in ("PENDING", "RUNNING", "CANCEL_PENDING") and cluster is not None and is_current:
            if state == "CANCEL_PENDING" and how != "TERMINATE_PROCESS":
                answers.append({"StepId": step["Id"], "Status": "FAILED", "Reason": "is being cancelled already"})
                continue
            step["Status"]["State"] = "CANCEL_PENDING"
            cluster.cancelling.add(step["Id"])
            number = signal.SIGKILL if how == "TERMINATE_PROCESS" else signal.SIGTERM
            threading.Thread(target=_signal_step, args=(cluster, number), daemon=True).start()
        else:
            answers.append({"StepId": step["Id"], "Status": "FAILED", "Reason": f"is {state}"})
            continue
        answers.append({"StepId": step["Id"], "Status": "SUBMITTED"})
    return json_response({"CancelStepsInfoList": answers})


# Programs between the emulator and the step's own process, which is the one that EMR signals.
_WRAPPERS = ("nsenter", "env", "runuser")


def _signal_step(cluster: Cluster, number: signal.Signals) -> None:
    own: list[int] = []

    def has_started() -> bool:
        process = cluster.process
        family = [process.pid, *descendants(process.pid)] if process is not None else []
        own[:] = [member for member in family if _is_of_step(member)]
        return bool(own) or cluster.current is None

    # One that was started just now may not have come that far.
    wait_until(has_started, 30)
    for member in own[:1] if number is signal.SIGTERM else own:
        try:
            os.kill(member, number)
        except ProcessLookupError:
            # It has ended meanwhile.
            continue


def _is_of_step(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/comm").read_text().strip() not in _WRAPPERS
    except FileNotFoundError:
        return False


def run_steps() -> None:
    """Runs pending steps, one a cluster at a time; never returns."""
    while True:
        with _wake:
            _wake.wait(1)
        for identity, cluster in list(_clusters.items()):
            if cluster.current is None:
                step = next((s for s in emr._steps.get(identity, []) if s["Status"]["State"] == "PENDING"), None)
                state = emr._clusters[identity]["Status"]["State"]
                if step is not None and state in ("WAITING", "RUNNING"):
                    cluster.current = step["Id"]
                    threading.Thread(target=_run_step, args=(identity, cluster, step), daemon=True).start()


def _run_step(identity: str, cluster: Cluster, step: dict[str, Any]) -> None:
    folder = _log_folder(identity)
    output, error = (folder / f"{step['Id']}.{kind}" for kind in ("stdout", "stderr"))
    logs = StepLogs(cluster.monitoring, cluster.machine, step["Id"], {"STDOUT": output, "STDERR": error})
    try:
        if step["Config"]["Jar"] != "command-runner.jar":
            raise RuntimeError(f"the rehearsal runs command-runner.jar only, not {step['Config']['Jar']}")
        command = _as_hadoop(cluster.machine, step["Config"]["Args"])
        with output.open("wb") as out, error.open("wb") as err:
            cluster.process = subprocess.Popen(command, stdout=out, stderr=err, start_new_session=True)
            if step["Status"]["State"] == "PENDING":
                step["Status"]["State"] = "RUNNING"
            elif step["Status"]["State"] == "CANCELLED":
                cluster.process.kill()
            step["Status"]["Timeline"]["StartDateTime"] = time.time()
            _state(identity, "RUNNING")
            status = cluster.process.wait()
    except (OSError, RuntimeError, KeyError) as problem:
        error.write_text(f"{problem}\n")
        status = 1
    if step["Status"]["State"] not in ("PENDING", "RUNNING", "CANCEL_PENDING"):
        pass  # The cluster has ended and reported that.
    elif step["Id"] in cluster.cancelling:
        _finish(step, "CANCELLED")
    elif status == 0:
        _finish(step, "COMPLETED")
    else:
        lines = error.read_text(errors="replace").strip().splitlines() or ["no output"]
        step["Status"]["FailureDetails"] = {
            "Reason": "Unknown Error.",
            "Message": lines[-1][:500],
            "LogFile": str(error),
        }
        _finish(step, "FAILED")
    try:
        _publish(identity, step)
    finally:
        cluster.process = None
        cluster.current = None
        if identity in _clusters:
            _state(identity, "WAITING")
    logs.close()


def _finish(step: dict[str, Any], state: str) -> None:
    step["Status"]["State"] = state
    step["Status"]["Timeline"]["EndDateTime"] = time.time()


def _publish(identity: str, step: Mapping[str, Any]) -> None:
    """https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-manage-cloudwatch-events.html"""
    state = step["Status"]["State"]
    detail = {
        "severity": "ERROR" if state == "FAILED" else "INFO",
        "actionOnFailure": step["ActionOnFailure"],
        "stepId": step["Id"],
        "name": step["Name"],
        "clusterId": identity,
        "state": state,
        "message": f"Step {step['Id']} ({step['Name']}) in Amazon EMR cluster {identity} is {state}",
    }
    publish("aws.emr", "EMR Step Status Change", detail)


# ---- security configurations ---------------------------------------------------


def _create_security(place: Place, properties: Properties) -> Created:
    configuration = properties.get("SecurityConfiguration")
    text = configuration if isinstance(configuration, str) else json.dumps(configuration)
    name = properties.get("Name") or f"{place.stack_name}-{place.logical_id}"
    wanted = request("emr", "CreateSecurityConfiguration", {"Name": name, "SecurityConfiguration": text})
    encryption = json.loads(text).get("EncryptionConfiguration", {})
    if encryption.get("EnableInTransitEncryption"):
        location = encryption["InTransitEncryptionConfiguration"]["TLSCertificateConfiguration"]["S3Object"]
        bucket, _, key = location.removeprefix("s3://").partition("/")
        # The archive of certificates must be there before a cluster starts.
        client("s3").head_object(Bucket=bucket, Key=key)
    _security[wanted["Name"]] = wanted
    return wanted["Name"], {"CreationDateTime": time.strftime("%Y-%m-%dT%H:%M:%SZ")}


def _delete_security(name: str, _properties: Properties) -> None:
    for cluster in emr._clusters.values():
        alive = cluster["Status"]["State"] not in ("TERMINATED", "TERMINATED_WITH_ERRORS")
        if alive and cluster.get("SecurityConfiguration") == name:
            raise ValueError(f"InvalidRequestException: {name} is in use by {cluster['Id']}")
    del _security[name]


_make_cluster_record = emr._run_job_flow


def _run_job_flow_record(data: Mapping[str, Any]) -> Any:
    answer = _make_cluster_record(data)
    if answer[0] == 200:
        identity = json.loads(answer[2])["JobFlowId"]
        emr._clusters[identity]["SecurityConfiguration"] = data.get("SecurityConfiguration")
        emr._clusters[identity]["Status"]["Timeline"] = {"CreationDateTime": time.time()}
    return answer


def install() -> None:
    """EMR's own API, with states, dates and order as EMR has them."""
    emr._make_step = _make_step
    emr._HANDLERS.update(
        {
            "RunJobFlow": _run_job_flow_record,
            "AddJobFlowSteps": _add_job_flow_steps,
            "ListSteps": _list_steps,
            "CancelSteps": _cancel_steps,
        }
    )


TYPES = [
    ResourceType(
        "AWS::EMR::Cluster",
        _create_cluster,
        _delete_cluster,
        _update_cluster,
        replacing=(
            "Applications",
            "BootstrapActions",
            "Configurations",
            "Instances",
            "JobFlowRole",
            "LogUri",
            "Name",
            "ReleaseLabel",
            "SecurityConfiguration",
            "ServiceRole",
            "MonitoringConfiguration",
        ),
    ),
    ResourceType(
        "AWS::EMR::SecurityConfiguration",
        _create_security,
        _delete_security,
        replacing=("Name", "SecurityConfiguration"),
    ),
]

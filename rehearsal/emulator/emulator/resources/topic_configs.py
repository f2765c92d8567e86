"""
A topic's `Configs` as MSK's CreateTopic takes them: base64 of a JSON object whose values are strings. AWS' reference
says "encoded as a Base64 string"; hashicorp/terraform-provider-aws#46490, whose acceptance tests run on AWS, encodes a
JSON object. Text of another form is refused, not taken for no settings.
"""

from __future__ import annotations

import base64
import binascii
import json

from emulator.shapes import PropertyError

# Settings of a topic in Kafka 3.9: https://kafka.apache.org/39/documentation.html#topicconfigs, the constants of
# org.apache.kafka.common.config.TopicConfig, and the two of org.apache.kafka.storage.internals.log.LogConfig for
# throttled copies.
# fmt: off
KNOWN = frozenset(
    [
        "cleanup.policy", "compression.gzip.level", "compression.lz4.level", "compression.type",
        "compression.zstd.level", "delete.retention.ms", "file.delete.delay.ms", "flush.messages", "flush.ms",
        "follower.replication.throttled.replicas", "index.interval.bytes", "leader.replication.throttled.replicas",
        "local.retention.bytes", "local.retention.ms", "max.compaction.lag.ms", "max.message.bytes",
        "message.downconversion.enable", "message.format.version", "message.timestamp.after.max.ms",
        "message.timestamp.before.max.ms", "message.timestamp.difference.max.ms", "message.timestamp.type",
        "min.cleanable.dirty.ratio", "min.compaction.lag.ms", "min.insync.replicas", "preallocate",
        "remote.log.copy.disable", "remote.log.delete.on.disable", "remote.storage.enable", "retention.bytes",
        "retention.ms", "segment.bytes", "segment.index.bytes", "segment.jitter.ms", "segment.ms",
        "unclean.leader.election.enable",
    ]
)
# fmt: on


def parse(configs: object) -> dict[str, str]:
    """The settings by name; none where the template has no `Configs`. Raises PropertyError."""
    if configs is None:
        return {}
    if not isinstance(configs, str):
        raise PropertyError(f"Configs: expected base64 of a JSON object, found {configs!r}")
    try:
        text = base64.b64decode(configs, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise PropertyError("Configs is not base64 of text") from None
    try:
        found = json.loads(text)
    except ValueError:
        raise PropertyError(f"Configs is not base64 of a JSON object, but of {text!r}") from None
    if not isinstance(found, dict):
        raise PropertyError(f"Configs is base64 of {text!r}: expected a JSON object")
    for name, value in found.items():
        if not isinstance(value, str):
            raise PropertyError(f"Configs: the value of {name} is {json.dumps(value)}: expected a string")
        if name not in KNOWN:
            raise PropertyError(f"Configs: {name} is not a setting of a topic in Kafka 3.9")
    return found

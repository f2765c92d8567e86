"""How far the job has come, as the committed offsets of a consumer group.

Spark keeps its position in its checkpoint and commits nothing, so Kafka's own tools, and MSK's lag metrics in
CloudWatch, know of no consumer. Committing the position here gives them one. It is the position of what was *reported*
on: after a kill, the batches between it and the checkpoint are looked at again (dutycycle/report.py).
"""

from __future__ import annotations

from typing import Any, Dict, Iterable, Optional, cast

from pyspark.sql import SparkSession

from dutycycle.journal import Offsets

_TIMEOUT_MS = 15_000


class Position:
    """One topic's offsets in one consumer group, through the admin client of the JVM: its security is Spark's."""

    def __init__(self, spark: SparkSession, kafka: Dict[str, str], topic: str, group: str) -> None:
        self._jvm = cast(Any, spark._jvm)
        properties = self._jvm.java.util.Properties()
        limits = {"default.api.timeout.ms": str(_TIMEOUT_MS), "request.timeout.ms": str(_TIMEOUT_MS)}
        for name, value in {**kafka, **limits}.items():
            properties.setProperty(name, value)
        self._kafka = self._jvm.org.apache.kafka
        self._admin = self._kafka.clients.admin.AdminClient.create(properties)
        self._topic = topic
        self._group = group

    def read(self) -> Optional[Offsets]:
        """The committed offsets; None when the group has none for the topic."""
        committed = self._admin.listConsumerGroupOffsets(self._group).partitionsToOffsetAndMetadata().get()
        offsets = {
            int(place.partition()): int(committed[place].offset())
            for place in committed
            if place.topic() == self._topic and committed[place] is not None
        }
        return offsets or None

    def write(self, offsets: Offsets) -> None:
        commits = self._jvm.java.util.HashMap()
        for partition, offset in offsets.items():
            commits[self._place(partition)] = self._kafka.clients.consumer.OffsetAndMetadata(offset)
        self._admin.alterConsumerGroupOffsets(self._group, commits).all().get()

    def topic_id(self) -> str:
        """The id that Kafka gave the topic when it was created (KIP-516)."""
        names = self._jvm.java.util.Collections.singletonList(self._topic)
        topics = self._admin.describeTopics(names).allTopicNames().get()
        return str(topics[self._topic].topicId().toString())

    def ends(self, partitions: Iterable[int]) -> Offsets:
        """The offsets that the next messages of these partitions will get."""
        wanted = self._jvm.java.util.HashMap()
        places = {partition: self._place(partition) for partition in partitions}
        for place in places.values():
            wanted[place] = self._kafka.clients.admin.OffsetSpec.latest()
        found = self._admin.listOffsets(wanted)
        return {partition: int(found.partitionResult(place).get().offset()) for partition, place in places.items()}

    def close(self) -> None:
        self._admin.close()

    def _place(self, partition: int) -> Any:
        return self._kafka.common.TopicPartition(self._topic, partition)

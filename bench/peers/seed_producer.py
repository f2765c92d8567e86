"""A producer of powerraw written as the seed's was: one message at a time, avro's DatumWriter, confluent-kafka.

Prints one line of JSON: how many messages a second were acknowledged.
"""

import argparse
import io
import json
import sys
import time
from pathlib import Path

import avro.io
import avro.schema
from confluent_kafka import KafkaException, Producer

SCHEMA = Path(__file__).parent.parent.parent / "src" / "core" / "messages" / "powerraw.avsc"
HOUSES = 500
APPLIANCES_PER_HOUSE = 20


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--topic", required=True)
    parser.add_argument("--messages", type=int, required=True)
    arguments = parser.parse_args()

    schema = avro.schema.parse(SCHEMA.read_text(encoding="utf-8"))
    producer = Producer({"bootstrap.servers": arguments.brokers, "acks": "all", "linger.ms": 10})
    acknowledged = 0

    def on_delivery(error: KafkaException | None, _message: object) -> None:
        nonlocal acknowledged
        if error is None:
            acknowledged += 1

    begun = time.monotonic()
    start_ms = int(time.time() * 1000)
    for index in range(arguments.messages):
        appliance = index % (HOUSES * APPLIANCES_PER_HOUSE)
        house_id = f"1_{appliance // APPLIANCES_PER_HOUSE}_1"
        reading = {
            "house_id": house_id,
            "appliance_name": "refrigerator",
            "appliance_id": f"{house_id}_{appliance % APPLIANCES_PER_HOUSE + 1}",
            "timestamp": start_ms + index // (HOUSES * APPLIANCES_PER_HOUSE),
            "power": float(index % 2000),
            "interval_ms": 1000,
        }
        buffer = io.BytesIO()
        avro.io.DatumWriter(schema).write(reading, avro.io.BinaryEncoder(buffer))
        while True:
            try:
                producer.produce(
                    arguments.topic,
                    key=house_id,
                    value=buffer.getvalue(),
                    timestamp=reading["timestamp"],
                    on_delivery=on_delivery,
                )
                break
            except BufferError:
                producer.poll(0.1)
        producer.poll(0)
    producer.flush()
    seconds = time.monotonic() - begun
    print(json.dumps({"acknowledged": acknowledged, "per_second": round(acknowledged / seconds)}))
    return 0 if acknowledged == arguments.messages else 1


if __name__ == "__main__":
    sys.exit(main())

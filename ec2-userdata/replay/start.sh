#!/usr/bin/env bash
# Becomes the replay of this machine's share of the playbacks.
set -euo pipefail
# shellcheck source=ec2-userdata/common/kafka.sh
source "$(dirname "$0")/../common/kafka.sh"

brokers=$(kafka_brokers "$AWS_REGION" "$CLUSTER_ARN" "$KAFKA_AUTH")

exec /opt/igrid/runtime/bin/node /opt/igrid/current/replay.mjs \
  --redd /var/lib/igrid-replay/redd --greend /var/lib/igrid-replay/greend \
  --from "$PLAYBACKS_FROM" --to "$PLAYBACKS_TO" --speed "$SPEED" --epoch "$EPOCH_MS" \
  --brokers "$brokers" --auth "$KAFKA_AUTH" --region "$AWS_REGION" --topic "$TOPIC" --compression lz4 --log json

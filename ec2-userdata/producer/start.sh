#!/usr/bin/env bash
# Becomes the replay of this machine's share of the playbacks.
set -euo pipefail

# Asked at each start: brokers come and go.
brokers=$(aws kafka get-bootstrap-brokers --region "$AWS_REGION" --cluster-arn "$CLUSTER_ARN" \
  --query BootstrapBrokerStringSaslIam --output text)

exec /opt/igrid/runtime/bin/node /opt/igrid/current/replay.mjs \
  --redd /var/lib/igrid-replay/redd --greend /var/lib/igrid-replay/greend \
  --from "$PLAYBACKS_FROM" --to "$PLAYBACKS_TO" --speed "$SPEED" --epoch "$EPOCH_MS" \
  --brokers "$brokers" --auth iam --region "$AWS_REGION" --topic "$TOPIC" --compression gzip --log json

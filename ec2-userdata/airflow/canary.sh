#!/usr/bin/env bash
# Becomes the freshness canary.
set -euo pipefail
# shellcheck source=ec2-userdata/common/kafka.sh
source "$(dirname "$0")/../common/kafka.sh"

brokers=$(kafka_brokers "$AWS_REGION" "$CLUSTER_ARN" "$KAFKA_AUTH")

exec /opt/igrid/runtime/bin/node /opt/igrid/current/canary.mjs \
  --brokers "$brokers" --auth "$KAFKA_AUTH" --region "$AWS_REGION" \
  --druid "$DRUID_URL" --druid-user canary --druid-password-file "$RUNTIME_DIRECTORY/druid-password" \
  --figures 60s --speed "$SPEED" --log json

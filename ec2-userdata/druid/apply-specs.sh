#!/usr/bin/env bash
# apply-specs.sh KEY SHA256: brings Druid's ingestion to what the archive of a deployment says. Run by the SSM document of
# the druid stack, whose only parameters these are: neither is a secret, and nothing else is believed. Settings:
# SPECS_BUCKET, AUTHORITY_PARAMETER, those of src/hosts/druid-specs/apply.main.ts.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=ec2-userdata/common/lib.sh
source ../common/lib.sh
# shellcheck source=ec2-userdata/common/kafka.sh
source ../common/kafka.sh
set -a
# shellcheck source=/dev/null
source /etc/igrid/settings
set +a

[[ $# -eq 2 && $1 =~ ^[A-Za-z0-9._/-]+$ && $2 =~ ^[0-9a-f]{64}$ ]] || fail 'wants the key and the SHA-256 of an archive'

# The document bounds the run; the sender sends it again.
RETRY_SECONDS=120
folder=$(mktemp --directory)
trap 'rm -rf "$folder"' EXIT
download "s3://$SPECS_BUCKET/$1" "$folder/specs.tar" "$2"
tar --extract --file "$folder/specs.tar" --directory "$folder" --no-same-owner

KAFKA_BROKERS=$(kafka_brokers "$AWS_REGION" "$CLUSTER_ARN" "$KAFKA_AUTH")
export KAFKA_BROKERS NODE_EXTRA_CA_CERTS=/etc/igrid/ca.pem
/opt/igrid/runtime/bin/node "$folder/src/druid/apply.mjs"

#!/usr/bin/env bash
# Makes one slot of history: what the DAG runs, with the slot and the speed as arguments. What comes of it is a line of
# history.log, which CloudWatch reads, and the last line of the task's own log.
set -euo pipefail
# shellcheck source=ec2-userdata/common/kafka.sh
source "$(dirname "$0")/../common/kafka.sh"
readonly log=/var/log/igrid-airflow/history.log brokers_file=/run/igrid-airflow/brokers

# Airflow signals the whole process group: the program drops its transaction and ends, and only then does this.
trap '' TERM

ended() {
  local status=$?
  if [[ $status -ne 0 ]]; then
    rm -f "$brokers_file"
    printf '{"event":"slot_failed","at_ms":%s,"status":%d}\n' "$(date +%s%3N)" "$status" >>"$log"
  fi
}
trap ended EXIT

# Asked again after a failure and every ten minutes: at every slot it would cost more than the slot itself.
if [[ -z $(find "$brokers_file" -mmin -10 2>/dev/null) ]]; then
  kafka_brokers "$AWS_REGION" "$CLUSTER_ARN" "$KAFKA_AUTH" >"$brokers_file.new"
  mv "$brokers_file.new" "$brokers_file"
fi

NODE_EXTRA_CA_CERTS=/etc/igrid/ca.pem /opt/igrid/runtime/bin/node /opt/igrid/current/history.mjs \
  --brokers "$(<"$brokers_file")" --auth "$KAFKA_AUTH" --region "$AWS_REGION" \
  --druid "$DRUID_URL" --druid-user history --druid-password-file /run/igrid-airflow/druid-password \
  --status /var/lib/igrid-airflow/history-status.json "$@" | tee -a "$log"

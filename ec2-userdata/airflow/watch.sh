#!/usr/bin/env bash
# One line of JSON for CloudWatch: how long ago a slot of history was last found or completed, ms (before the first one:
# since the host was first watched), and how many of Airflow's parts are not healthy.
set -euo pipefail
readonly status=/var/lib/igrid-airflow/history-status.json begun=$RUNTIME_DIRECTORY/begun

now=$(date +%s%3N)
[[ -e $begun ]] || touch "$begun"
since=$(jq --exit-status .last_success_ms "$status" 2>/dev/null) || since=$(date --reference "$begun" +%s%3N)
unhealthy=$("$(dirname "$0")/healthy.sh") || true
printf '{"event":"airflow","at_ms":%s,"history_age_ms":%s,"unhealthy":%s}\n' "$now" "$((now - since))" "$unhealthy"

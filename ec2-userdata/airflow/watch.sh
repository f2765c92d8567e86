#!/usr/bin/env bash
# One line of JSON for CloudWatch: how long ago a slot of history was last found or made whole, ms (before the first one:
# how long the host has been up), and how many of Airflow's parts are not healthy.
set -euo pipefail
readonly status=/var/lib/igrid-airflow/history-status.json

now=$(date +%s%3N)
since=$(jq --exit-status .last_success_ms "$status" 2>/dev/null) || {
  read -r up _ </proc/uptime
  since=$((now - ${up%.*} * 1000))
}
unhealthy=$("$(dirname "$0")/healthy.sh") || true
printf '{"event":"batch","at_ms":%s,"history_age_ms":%s,"unhealthy":%s}\n' "$now" "$((now - since))" "$unhealthy"

#!/usr/bin/env bash
# Prints how many of Airflow's parts are not healthy (its database, scheduler, DAG processor; all when its API server
# does not answer), and succeeds when there is none. Setting: AIRFLOW_PORT.
set -euo pipefail
# shellcheck source=/dev/null
source /etc/igrid/settings

count='[.metadatabase, .scheduler, .dag_processor] | map(select(.status != "healthy")) | length'
unhealthy=$(curl --fail --silent --max-time 10 "http://127.0.0.1:$AIRFLOW_PORT/api/v2/monitor/health" | jq "$count") ||
  unhealthy=3
echo "$unhealthy"
[[ $unhealthy -eq 0 ]]

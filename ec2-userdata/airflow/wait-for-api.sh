#!/usr/bin/env bash
# Ends when Airflow's API server answers: a task that is started before it fails. Setting: AIRFLOW_PORT.
set -euo pipefail
until curl --fail --silent --output /dev/null --max-time 10 "http://127.0.0.1:$AIRFLOW_PORT/api/v2/monitor/health"; do
  sleep 2
done

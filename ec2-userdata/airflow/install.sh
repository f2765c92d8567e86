#!/usr/bin/env bash
# The Airflow host: Airflow with the history DAG, and the freshness canary. Settings: AUTHORITY_PARAMETER, PYTHON_INDEX_URL
# (may be empty), AIRFLOW_PORT, and what the services read themselves.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=ec2-userdata/common/lib.sh
source ../common/lib.sh
# shellcheck source=ec2-userdata/common/python.sh
source ../common/python.sh
# shellcheck source=/dev/null
source /etc/igrid/settings

packages curl jq logrotate
service_user igrid-airflow
service_user igrid-canary
authority_certificate
python_environment airflow requirements.lock ../common/build.lock

install -m 0644 logrotate.conf /etc/logrotate.d/igrid-airflow
units units
# The scheduler starts once the API server answers; its first heartbeat says that it works.
answers 900 'Airflow' ./healthy.sh
watched_services igrid-airflow-{api-server,scheduler,dag-processor}.service igrid-canary.service

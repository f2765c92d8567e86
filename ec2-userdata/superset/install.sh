#!/usr/bin/env bash
# The Superset host: Superset with its dashboard. Settings: AUTHORITY_PARAMETER, PYTHON_INDEX_URL (may be empty),
# SUPERSET_PORT, and what the service reads itself.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=ec2-userdata/common/lib.sh
source ../common/lib.sh
# shellcheck source=ec2-userdata/common/python.sh
source ../common/python.sh
# shellcheck source=/dev/null
source /etc/igrid/settings

packages curl logrotate
service_user igrid-superset
authority_certificate
python_environment superset requirements.lock ../common/build.lock

install -m 0644 logrotate.conf /etc/logrotate.d/igrid-superset
units units
# Its first start makes the database's tables, roles, administrator and page.
answers 900 'Superset' curl --fail --silent --max-time 10 "http://127.0.0.1:$SUPERSET_PORT/health"
watched_services igrid-superset.service

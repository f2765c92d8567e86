#!/usr/bin/env bash
# The replay of data sets as a service. Settings: REDD_URL and GREEND_URL (s3:// prefixes; empty: the sample day).
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=ec2-userdata/common/lib.sh
source ../common/lib.sh
# shellcheck source=/dev/null
source /etc/igrid/settings

service_user igrid-replay

# data_set NAME URL: fetched once; a restart of the service needs no S3.
data_set() {
  local target=/var/lib/igrid-replay/$1
  if [[ -z $2 ]]; then
    cp --recursive "../sample-data/$1" "$target.part"
  else
    retry aws s3 sync --only-show-errors "$2" "$target.part"
  fi
  rm -rf "$target"
  mv "$target.part" "$target"
}
[[ -d /var/lib/igrid-replay/redd ]] || data_set redd "$REDD_URL"
[[ -d /var/lib/igrid-replay/greend ]] || data_set greend "$GREEND_URL"
chown --recursive igrid-replay: /var/lib/igrid-replay

install -m 0644 logrotate.conf /etc/logrotate.d/igrid-replay
packages logrotate
units .
answers 900 'the replay' grep -q '"event":"progress"' /var/log/igrid-replay/replay.log
watched_services igrid-replay.service

#!/usr/bin/env bash
# answers.sh URL: waits until it is answered, for as long as the unit's time-out allows.
set -euo pipefail
until curl --silent --fail --max-time 5 --output /dev/null "$1"; do
  sleep 2
done

#!/usr/bin/env bash
# wait-for-http.sh URL: waits until the URL answers with success, at most for the unit's time-out.
set -euo pipefail
until curl --silent --fail --max-time 5 --output /dev/null "$1"; do
  sleep 2
done

#!/usr/bin/env bash
# again.sh COMMAND...: until it succeeds: AWS may be away for a while as a host boots. systemd's own Restart= would do for
# this command alone: what requires it has failed by then, and is not started again.
set -euo pipefail
until "$@"; do
  echo "again: ${*: -1} is tried again in 10 s"
  sleep 10
done

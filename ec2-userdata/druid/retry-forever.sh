#!/usr/bin/env bash
# retry-forever.sh COMMAND...: runs a command until it succeeds. AWS may be unreachable while a host boots. systemd's own
# Restart= does not suffice: the units that require this one have failed by then, and are not started again.
set -euo pipefail
until "$@"; do
  echo "retry: ${*: -1} is tried again in 10 s"
  sleep 10
done

#!/usr/bin/env bash
# igrid-maintenance MINUTES | off: for how long services of this host may be down without it being replaced; at most a day.
# Ends by itself, and with a reboot. Installed as /usr/local/sbin/igrid-maintenance.
set -euo pipefail
readonly file=/run/igrid-maintenance longest=1440

case ${1:-} in
  off)
    rm -f "$file"
    echo 'igrid-maintenance: this host is replaced again when a service stays down'
    ;;
  *)
    if [[ $# -ne 1 || ! $1 =~ ^[0-9]{1,4}$ ]] || ((10#$1 < 1 || 10#$1 > longest)); then
      echo "igrid-maintenance: MINUTES must be 1 to $longest, or \"off\", not \"$*\"" >&2
      exit 2
    fi
    read -r up _ </proc/uptime
    echo "$((${up%%.*} + 10#$1 * 60))" >"$file"
    echo "igrid-maintenance: for $((10#$1)) minutes this host is not replaced when a service is down"
    ;;
esac

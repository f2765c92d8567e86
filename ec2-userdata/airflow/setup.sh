#!/usr/bin/env bash
# What Airflow's services need before they start: the secrets as files, the database at this version's schema, the
# operator with the password of the secret. Tried until it succeeds: Secrets Manager or the database may be away for a
# while.
set -euo pipefail

prepare() {
  /opt/igrid/runtime/bin/node /opt/igrid/current/secrets.mjs airflow "$RUNTIME_DIRECTORY" || return
  (
    set -a
    # shellcheck source=/dev/null
    source "$RUNTIME_DIRECTORY/environment"
    airflow db migrate && exec python "$(dirname "$0")/login.py" "$RUNTIME_DIRECTORY/passwords.json"
  )
}
until prepare; do
  echo 'setup: tried again in 10 s'
  sleep 10
done

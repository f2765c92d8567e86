#!/usr/bin/env bash
# Deletes runs from Airflow's database, and logs of tasks, that are older than a week: a slot every 25 s makes three
# thousand of each a day.
set -euo pipefail
readonly days=7

airflow db clean --yes --skip-archive --clean-before-timestamp "$(date --utc --date "$days days ago" +%FT%TZ)"
find /var/lib/igrid-airflow/logs -type f -mtime "+$days" -delete
find /var/lib/igrid-airflow/logs -mindepth 1 -type d -empty -delete

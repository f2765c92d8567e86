#!/usr/bin/env bash
# Ends this host when one of its services has been down for REPLACE_AFTER_MINUTES: its group then starts another one. Run
# every minute by igrid-watchdog.timer, which is enabled at the end of the first boot.
#
# systemd alone is asked, so a service that is busy and answers slowly, or not at all, counts as up. A service is up when
# its unit has been active for STEADY_SECONDS; one that ends and is started again and again is down all the while. Not
# counted: the time under maintenance (igrid-maintenance), and any time in which it did not run. A host acts once, not
# before REPLACE_AFTER_MINUTES after its first boot, which bounds how often a group is replaced.
#
# Settings: REPLACE_AFTER_MINUTES. Files: /etc/igrid/watched, one unit a line.
set -euo pipefail
# shellcheck source=ec2-userdata/common/retry.sh
source "$(dirname "$0")/retry.sh"
# shellcheck source=/dev/null
source /etc/igrid/settings

# Longer than the start of any service, and longer than a crash that is repeated usually takes.
readonly STEADY_SECONDS=300
# The timer looks every minute. After a longer silence (a machine out of CPU) all counting starts again.
readonly LONGEST_SILENCE_SECONDS=300
# In memory: a reboot starts all counting again.
readonly state=/run/igrid-watchdog maintenance=/run/igrid-maintenance
readonly limit=$((REPLACE_AFTER_MINUTES * 60))

now=$(uptime_seconds)
mkdir -p "$state"

note() { echo "$(date --utc +%FT%TZ) watchdog: $*"; }

# seconds FILE: the number that a file holds; empty if it has none.
seconds() {
  local value=''
  [[ -r $1 ]] && read -r value <"$1"
  [[ $value =~ ^[0-9]+$ ]] && echo "$value"
}

# is_up UNIT. Fails with status 2 when systemd gives no answer.
is_up() {
  local shown active='' since=''
  shown=$(timeout 30 systemctl show --property=ActiveState,ActiveEnterTimestampMonotonic "$1") || return 2
  active=$(sed -n 's/^ActiveState=//p' <<<"$shown")
  since=$(sed -n 's/^ActiveEnterTimestampMonotonic=//p' <<<"$shown")
  [[ -n $active && $since =~ ^[0-9]+$ ]] || return 2
  [[ $active == active || $active == reloading ]] && ((now - since / 1000000 >= STEADY_SECONDS))
}

forget() { rm -f "$state"/down-*; }

# A first boot has a time limit of its own.
[[ -e /var/lib/igrid/installed ]] || exit 0

last=$(seconds "$state/last" || true)
if [[ -n $last ]] && ((now - last > LONGEST_SILENCE_SECONDS)); then
  note "the watchdog did not run for $((now - last)) s: counting starts again"
  forget
fi

until=$(seconds "$maintenance" || true)
if [[ -n $until ]] && ((now < until)); then
  forget
  echo "$now" >"$state/last"
  exit 0
elif [[ -e $maintenance ]]; then
  note 'maintenance is over'
  rm -f "$maintenance"
fi

while read -r unit; do
  [[ -n $unit ]] || continue
  file=$state/down-$unit
  status=0
  is_up "$unit" || status=$?
  if ((status == 2)); then
    note "systemd does not say how $unit is"
    exit 1
  elif ((status == 0)); then
    if [[ -e $file ]]; then
      note "$unit is up again"
      rm -f "$file"
    fi
    continue
  fi
  since=$(seconds "$file" || true)
  if [[ -z $since ]]; then
    since=$now
    echo "$since" >"$file"
    note "$unit is down; this host is replaced if it is still down in $REPLACE_AFTER_MINUTES minutes (sudo igrid-maintenance MINUTES prevents it)"
  elif ((now - since >= limit)); then
    note "$unit has been down for $(((now - since) / 60)) minutes"
    exec /usr/local/sbin/igrid-end-host "$unit has been down for $(((now - since) / 60)) minutes"
  fi
done </etc/igrid/watched
echo "$now" >"$state/last"

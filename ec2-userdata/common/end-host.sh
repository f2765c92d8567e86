#!/usr/bin/env bash
# end-host.sh REASON: shuts this machine down for good, so that its Auto Scaling group replaces it: a group replaces an
# instance that is not running. Needs nothing but systemd. Installed by user data as /usr/local/sbin/igrid-end-host.
set -uo pipefail
readonly line="igrid: this host is shut down and will be replaced: $*"

# The serial console outlives the instance by an hour (`aws ec2 get-console-output`); CloudWatch's agent reads the file.
echo "$line" >>/var/log/igrid-user-data.log
echo "$line" >/dev/console || true
logger --tag igrid-end-host --priority daemon.crit "$line" || true

# The agent sends what it has read every 5 s and cannot be told to do so now.
if systemctl is-active --quiet amazon-cloudwatch-agent; then
  sleep 15
fi

# A shutdown that hangs is forced by systemd itself after half an hour (poweroff.target, JobTimeoutAction=).
systemctl poweroff --no-block || systemctl poweroff --force || systemctl poweroff --force --force

#!/usr/bin/env bash
# The agents that Debian's image lacks, before anything else: Session Manager is the only way in, CloudWatch the only
# way to see from outside what goes wrong. Settings (/etc/igrid/settings): SSM_AGENT_URL and CLOUDWATCH_AGENT_URL
# (s3://) with their _SHA256, LOG_GROUP, HOST_ROLE, HOST_NAME, METRIC_NAMESPACE.
set -euo pipefail
cd "$(dirname "$0")"
# shellcheck source=ec2-userdata/common/lib.sh
source ./lib.sh
# shellcheck source=/dev/null
source /etc/igrid/settings

# agent NAME URL SHA256
agent() {
  local deb
  deb=$(mktemp --suffix=.deb)
  download "$2" "$deb" "$3"
  # dpkg itself does not wait for a lock that Debian's daily jobs may hold.
  DEBIAN_FRONTEND=noninteractive retry dpkg --install "$deb"
  rm "$deb"
  say "$1 installed"
}

if ! dpkg --status amazon-ssm-agent >/dev/null 2>&1; then
  agent amazon-ssm-agent "$SSM_AGENT_URL" "$SSM_AGENT_SHA256"
fi
systemctl enable --now amazon-ssm-agent

if ! dpkg --status amazon-cloudwatch-agent >/dev/null 2>&1; then
  agent amazon-cloudwatch-agent "$CLOUDWATCH_AGENT_URL" "$CLOUDWATCH_AGENT_SHA256"
fi
sed -e "s|@LOG_GROUP@|$LOG_GROUP|g" -e "s|@HOST_NAME@|$HOST_NAME|g" -e "s|@HOST_ROLE@|$HOST_ROLE|g" \
  -e "s|@METRIC_NAMESPACE@|$METRIC_NAMESPACE|g" cloudwatch-agent.json >/etc/igrid/cloudwatch-agent.json
if grep -n '@[A-Z_]*@' /etc/igrid/cloudwatch-agent.json; then
  fail 'cloudwatch-agent.json has a placeholder left over (line above)'
fi
# It asks the metadata service for the region.
retry /opt/aws/amazon-cloudwatch-agent/bin/amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s \
  -c file:/etc/igrid/cloudwatch-agent.json
systemctl enable amazon-cloudwatch-agent

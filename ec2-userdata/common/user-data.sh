#!/bin/bash
# A host's first boot: what is needed to fetch its archive, the archive, and then the archive's own install script. It
# ends in one of two ways: the service answers, or the machine shuts down and its group replaces it.
# Rendered by the templater; every placeholder becomes one quoted word.
# shellcheck disable=SC1083 # the braces are the templater's: what it fills in is quoted for the shell
set -Eeuo pipefail
exec > >(tee -a /var/log/igrid-user-data.log) 2>&1

stack={{stack}}
resource={{resource}}
region={{region}}
limit={{limit}}
export AWS_DEFAULT_REGION=$region AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=8
# By default the CLI asks for its credentials once, for a second: too little on a host that is busy booting.
export AWS_METADATA_SERVICE_TIMEOUT=5 AWS_METADATA_SERVICE_NUM_ATTEMPTS=5

# Debian has no cfn-signal. Outside of a deployment (a host that healed itself) nothing waits for a signal.
signal() { RETRY_SECONDS=$2 retry send_signal "$1" || echo 'user-data: not signalled'; }
send_signal() {
  local answer
  answer=$(timeout 60 aws cloudformation signal-resource --stack-name "$stack" --logical-resource-id "$resource" \
    --unique-id "$(</var/lib/cloud/data/instance-id)" --status "$1" 2>&1) && return 0
  echo "user-data: $answer"
  [[ $answer == *ValidationError* ]]
}

# Whatever ends this script: a command, a variable that is not set, a signal.
failed_at='an unknown line'
finished=no
trap 'failed_at="line $LINENO ($BASH_COMMAND)"' ERR
ended() {
  local status=$?
  [[ $finished == no ]] || return 0
  trap - ERR EXIT
  set +e
  echo "user-data: failed with status $status at $failed_at; the lines above say why"
  signal FAILURE 60
  /usr/local/sbin/igrid-end-host "the first boot failed with status $status at $failed_at" || systemctl poweroff --force
}
trap ended EXIT

install -d -m 0755 /etc/igrid /opt/igrid/releases /var/lib/igrid
printf '%s\n' {{endHost}} >/usr/local/sbin/igrid-end-host
chmod 0755 /usr/local/sbin/igrid-end-host
printf '%s\n' {{retry}} >/etc/igrid/retry.sh
# shellcheck source=ec2-userdata/common/retry.sh
source /etc/igrid/retry.sh

# systemd ends what hangs, and a first boot that a reboot cut off: cloud-init does not run this script again.
cat >/etc/systemd/system/igrid-first-boot-limit.service <<UNIT
[Unit]
Description=iGrid: ends a host whose first boot takes too long
ConditionPathExists=!/var/lib/igrid/installed

[Service]
Type=oneshot
ExecStart=/usr/local/sbin/igrid-end-host "the first boot took longer than $limit"
UNIT
cat >/etc/systemd/system/igrid-first-boot-limit.timer <<UNIT
[Unit]
Description=iGrid: the time limit of the first boot

[Timer]
OnBootSec=$limit

[Install]
WantedBy=timers.target
UNIT
systemctl daemon-reload
systemctl enable --now igrid-first-boot-limit.timer

printf '%s\n' {{aptSources}} >/etc/igrid/sources.list
if [[ -s /etc/igrid/sources.list && $(head -c 4 /etc/igrid/sources.list) == 'deb ' ]]; then
  rm -f /etc/apt/sources.list.d/*
  cp /etc/igrid/sources.list /etc/apt/sources.list
fi
retry package_lists
packages awscli ca-certificates curl

printf '%s\n' {{settings}} >/etc/igrid/settings
chmod 0644 /etc/igrid/settings

# fetch URL SHA256 LINK: unpacks an archive below its hash and makes the link name it.
fetch() {
  local folder=/opt/igrid/releases/$2
  if [[ ! -d $folder ]]; then
    retry aws s3 cp --only-show-errors "$1" "$folder.tar"
    echo "$2  $folder.tar" | sha256sum --check --quiet
    rm -rf "$folder.part"
    mkdir "$folder.part"
    tar --extract --file "$folder.tar" --directory "$folder.part" --no-same-owner
    rm "$folder.tar"
    mv "$folder.part" "$folder"
  fi
  ln -sfn "$folder" "$3"
}
fetch {{runtimeUrl}} {{runtimeSha256}} /opt/igrid/runtime
fetch {{archiveUrl}} {{archiveSha256}} /opt/igrid/current

# Ends only when the service answers.
/opt/igrid/current/common/install-agents.sh
/opt/igrid/current/host/install.sh
touch /var/lib/igrid/installed
systemctl disable --now igrid-first-boot-limit.timer
finished=yes
signal SUCCESS 300

#!/bin/bash
# A host's first boot: what is needed to fetch its archive, the archive, and then the archive's own install script.
# Rendered by the templater; every placeholder becomes one quoted word.
# shellcheck disable=SC1083 # the braces are the templater's: what it fills in is quoted for the shell
set -euo pipefail
exec > >(tee -a /var/log/igrid-user-data.log) 2>&1

stack={{stack}}
resource={{resource}}
region={{region}}
export AWS_DEFAULT_REGION=$region AWS_RETRY_MODE=standard AWS_MAX_ATTEMPTS=8
# By default the CLI asks for its credentials once, for a second: too little on a host that is busy booting.
export AWS_METADATA_SERVICE_TIMEOUT=5 AWS_METADATA_SERVICE_NUM_ATTEMPTS=5

token() { curl -sS --retry 5 -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token; }
metadata() { curl -sS --retry 5 -H "X-aws-ec2-metadata-token: $(token)" "http://169.254.169.254/latest/meta-data/$1"; }

# Debian has no cfn-signal. Outside of a deployment (a host that healed itself) nobody waits for a signal.
signal() {
  local answer
  if ! answer=$(aws cloudformation signal-resource --stack-name "$stack" --logical-resource-id "$resource" \
    --unique-id "$(metadata instance-id)" --status "$1" 2>&1); then
    echo "user-data: not signalled: $answer"
  fi
}
failed() {
  echo "user-data: failed in line $1; the lines above say why"
  signal FAILURE
}
trap 'failed $LINENO' ERR

install -d -m 0755 /etc/igrid /opt/igrid/releases
printf '%s\n' {{aptSources}} >/etc/igrid/sources.list
if [[ -s /etc/igrid/sources.list && $(head -c 4 /etc/igrid/sources.list) == 'deb ' ]]; then
  rm -f /etc/apt/sources.list.d/*
  cp /etc/igrid/sources.list /etc/apt/sources.list
fi
export DEBIAN_FRONTEND=noninteractive
apt-get -o Acquire::Retries=5 -q update
apt-get -o Acquire::Retries=5 -o DPkg::Lock::Timeout=300 -qy install --no-install-recommends awscli ca-certificates curl

printf '%s\n' {{settings}} >/etc/igrid/settings
chmod 0644 /etc/igrid/settings

# fetch URL SHA256: unpacks an archive below its hash and prints the folder.
fetch() {
  local folder=/opt/igrid/releases/$2
  if [[ ! -d $folder ]]; then
    aws s3 cp --only-show-errors "$1" "$folder.tar"
    echo "$2  $folder.tar" | sha256sum --check --quiet
    mkdir "$folder.part"
    tar --extract --file "$folder.tar" --directory "$folder.part" --no-same-owner
    rm "$folder.tar"
    mv "$folder.part" "$folder"
  fi
  echo "$folder"
}
runtime=$(fetch {{runtimeUrl}} {{runtimeSha256}})
release=$(fetch {{archiveUrl}} {{archiveSha256}})
ln -sfn "$runtime" /opt/igrid/runtime
ln -sfn "$release" /opt/igrid/current

# Ends only when the service answers.
/opt/igrid/current/common/install-agents.sh
/opt/igrid/current/host/install.sh
signal SUCCESS

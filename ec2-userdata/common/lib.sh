# Functions of the hosts' install scripts. Sourced, never run.
# shellcheck shell=bash

say() { echo "${0##*/}: $*"; }

# fail MESSAGE: one line that says what, where, and what to do.
fail() {
  say "$*" >&2
  exit 1
}

# shellcheck source=ec2-userdata/common/retry.sh
source "$(dirname "${BASH_SOURCE[0]}")/retry.sh"

# download S3_URL FILE SHA256: kept only if it is what it should be.
download() {
  retry aws s3 cp --only-show-errors "$1" "$2.part"
  if ! echo "$3  $2.part" | sha256sum --check --quiet; then
    fail "$1 has the SHA-256 $(sha256sum "$2.part" | cut -d ' ' -f 1), not $3, which it had when it was staged: see Staged file damaged in docs/operate/maintenance.md"
  fi
  mv "$2.part" "$2"
}

# service_user NAME: a user without a login that owns /var/lib/NAME and /var/log/NAME.
service_user() {
  id "$1" >/dev/null 2>&1 || useradd --system --home-dir "/var/lib/$1" --shell /usr/sbin/nologin "$1"
  install -d -o "$1" -g "$1" -m 0750 "/var/lib/$1" "/var/log/$1"
}

# units FOLDER: installs the systemd units of a folder with their drop-ins (NAME.d/*.conf); enables and starts those that
# ask for it with an [Install] section, again when they have changed. Does not wait for them: see answers.
units() {
  local file name
  for file in "$1"/*.service "$1"/*.timer "$1"/*.d/*.conf; do
    [[ -f $file ]] || continue
    install -D -m 0644 "$file" "/etc/systemd/system/${file#"$1"/}"
  done
  systemctl daemon-reload
  for file in "$1"/*.service "$1"/*.timer; do
    if [[ -f $file ]] && grep -q '^\[Install\]' "$file"; then
      name=$(basename "$file")
      systemctl enable "$name"
      systemctl restart --no-block "$name"
    fi
  done
}

# answers SECONDS WHAT COMMAND...: waits until a command succeeds.
answers() {
  local until=$((SECONDS + $1)) what=$2
  shift 2
  until "$@" >/dev/null 2>&1; do
    [[ $SECONDS -lt $until ]] || fail "$what does not answer: see journalctl and /var/log"
    sleep 3
  done
  say "$what answers"
}

# authority_certificate: the private authority's certificate as /etc/igrid/ca.pem, for clients to verify the grid's hosts
# with. Settings: AWS_REGION, AUTHORITY_PARAMETER (name of the SSM parameter that holds it).
authority_certificate() {
  retry aws ssm get-parameter --region "$AWS_REGION" --name "$AUTHORITY_PARAMETER" \
    --query Parameter.Value --output text >/etc/igrid/ca.pem.part
  grep -q 'BEGIN CERTIFICATE' /etc/igrid/ca.pem.part ||
    fail "the SSM parameter $AUTHORITY_PARAMETER holds no certificate: deploy the foundation stack"
  chmod 0644 /etc/igrid/ca.pem.part
  mv /etc/igrid/ca.pem.part /etc/igrid/ca.pem
}

# watched_services UNIT...: ends this host when one of them stays down (watchdog.sh), from the end of the first boot on.
# Setting: REPLACE_AFTER_MINUTES.
watched_services() {
  local common
  common=$(dirname "${BASH_SOURCE[0]}")
  install -m 0755 "$common/maintenance.sh" /usr/local/sbin/igrid-maintenance
  printf '%s\n' "$@" >/etc/igrid/watched
  units "$common/units"
}

#!/usr/bin/env bash
# EMR bootstrap action: puts on every node what the job needs beside EMR's own software.
#
#   bootstrap.sh (NAME S3_URL SHA256)...
#
# Each triple becomes /opt/igrid/jars/NAME. The job itself is not here: it comes with its step, so that a new job needs
# no new cluster.
set -euo pipefail

readonly root=${IGRID_ROOT:-/opt/igrid}
# By default the CLI asks for its credentials once, for a second: too little on a node that is busy.
export AWS_METADATA_SERVICE_TIMEOUT=5 AWS_METADATA_SERVICE_NUM_ATTEMPTS=5
# How long a file is tried again, seconds. EMR allows a bootstrap action an hour.
readonly patience=900

if (($# == 0 || $# % 3 != 0)); then
  echo 'bootstrap: the arguments are a name, an s3:// address and a SHA-256 for each file' >&2
  exit 2
fi

# retry COMMAND...: until it succeeds, for 15 minutes, with a pause that doubles from 2 s to a minute. One node that fails
# its bootstrap action ends the whole cluster.
retry() {
  local began=$SECONDS waited=0 pause=2
  until "$@"; do
    if ((SECONDS - began >= patience || waited >= patience)); then
      echo "bootstrap: gave up after 15 minutes: $*" >&2
      return 1
    fi
    echo "bootstrap: trying again in $pause s: $*" >&2
    sleep "$pause"
    waited=$((waited + pause))
    pause=$((pause * 2 < 60 ? pause * 2 : 60))
  done
}

# fetch URL FILE SHA256: keeps the file only if it is the one that it should be.
fetch() {
  retry aws s3 cp --only-show-errors --cli-connect-timeout 10 "$1" "$2.part"
  if ! echo "$3  $2.part" | sha256sum --check --quiet; then
    echo "bootstrap: $1 has the SHA-256 $(sha256sum "$2.part" | cut -d ' ' -f 1), not $3, which it had when it was staged: see Staged file damaged in docs/operate/maintenance.md" >&2
    return 1
  fi
  mv "$2.part" "$2"
}

sudo mkdir -p "$root/jars"
sudo chown -R "$(id -u):$(id -g)" "$root"

# What a step runs: fetches the job's archive, checks it, unpacks it to a folder of its own and becomes its start script.
cat >"$root/run-archive" <<'RUN'
#!/usr/bin/env bash
# run-archive S3_URL SHA256 SCRIPT [ARGUMENT...]
set -euo pipefail
readonly url=$1 sha256=$2 script=$3
shift 3
readonly folder="${TMPDIR:-/tmp}/igrid-$sha256"
# Of its start script, too: see bootstrap.sh.
export AWS_METADATA_SERVICE_TIMEOUT=5 AWS_METADATA_SERVICE_NUM_ATTEMPTS=5
rm -rf "$folder"
mkdir -p "$folder"
aws s3 cp --only-show-errors "$url" "$folder.tar"
if ! echo "$sha256  $folder.tar" | sha256sum --check --quiet; then
  echo "run-archive: $url is not the archive with the SHA-256 $sha256" >&2
  exit 1
fi
tar --extract --file "$folder.tar" --directory "$folder"
cd "$folder"
exec "./$script" "$@"
RUN
chmod 0755 "$root/run-archive"

while (($# > 0)); do
  fetch "$2" "$root/jars/$1" "$3"
  shift 3
done

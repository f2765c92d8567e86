#!/usr/bin/env bash
# EMR bootstrap action: puts on every node what the job needs beside EMR's own software.
#
#   bootstrap.sh IAM_JAR_URL IAM_JAR_SHA256
#
# The job itself is not here: it comes with its step, so that a new job needs no new cluster.
set -euo pipefail

readonly url=$1 sha256=$2
readonly root=/opt/igrid
# By default the CLI asks for its credentials once, for a second: too little on a node that is busy.
export AWS_METADATA_SERVICE_TIMEOUT=5 AWS_METADATA_SERVICE_NUM_ATTEMPTS=5

sudo mkdir -p "$root"
sudo chown "$(id -u):$(id -g)" "$root"

# fetch URL FILE SHA256: from S3 or the web, kept only if it is what it should be.
fetch() {
  case $1 in
    s3://*) aws s3 cp --only-show-errors "$1" "$2.part" ;;
    *) curl --fail --silent --show-error --location --retry 5 --retry-all-errors --output "$2.part" "$1" ;;
  esac
  if ! echo "$3  $2.part" | sha256sum --check --quiet; then
    echo "bootstrap: $1 is not the file with the SHA-256 $3: check the download address and hash in the configuration" >&2
    return 1
  fi
  mv "$2.part" "$2"
}

fetch "$url" "$root/aws-msk-iam-auth.jar" "$sha256"

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

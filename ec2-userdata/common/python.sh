# Python environments of the hosts' services. Sourced by install scripts after lib.sh, never run.
# shellcheck shell=bash

# python_environment NAME LOCK BUILD_LOCK: /opt/igrid/python/NAME, a virtual environment with exactly the packages of a
# lock, each checked against its hashes. What comes as source is built with the packages of the other lock and no others.
# Setting: PYTHON_INDEX_URL, where packages come from: an https:// index, or an s3:// prefix with the files themselves.
# Default: pip's own index.
python_environment() {
  local name=$1 lock=$2 build_lock=$3 folder
  folder=/opt/igrid/python/$name-$(cat "$lock" "$build_lock" | sha256sum | cut --characters 1-12)
  packages python3-venv
  if [[ ! -e $folder/.whole ]]; then
    rm -rf "$folder"
    python3 -m venv "$folder"
    python_packages "$folder" "$build_lock"
    python_packages "$folder" "$lock"
    touch "$folder/.whole"
  fi
  ln -sfn "$folder" "/opt/igrid/python/$name"
  say "the Python environment $name is whole"
}

# python_packages FOLDER LOCK
python_packages() {
  local from=() index=${PYTHON_INDEX_URL:-}
  case $index in
    '') ;;
    s3://*)
      retry aws s3 sync --only-show-errors "$index" /opt/igrid/python/packages
      from=(--no-index --find-links /opt/igrid/python/packages)
      ;;
    *) from=(--index-url "$index") ;;
  esac
  retry "$1/bin/pip" install --quiet --disable-pip-version-check --no-input --no-cache-dir --require-hashes --no-deps \
    --no-build-isolation "${from[@]}" --requirement "$2"
}

# What user data and the install scripts share: trying again, and packages from Debian. Part of the user data, since a
# host needs it before it has its archive. Sourced, never run.
# shellcheck shell=bash

# For how long `retry` tries again after the first failure, s. lib/hosts/first-boot.ts counts on this default.
: "${RETRY_SECONDS:=900}"

# uptime_seconds: a clock that is never set. The time of day may jump while a host boots.
uptime_seconds() {
  local up
  read -r up _ </proc/uptime
  echo "${up%%.*}"
}

# retry COMMAND...: runs a command until it succeeds, and gives up no earlier than RETRY_SECONDS after the first failure.
# The pauses double from 2 s to 60 s; a random half of each is left out, so that hosts that failed together do not come
# back together. Prints each failure to stderr; returns the status of the last one. `set -e` has no effect in a function
# that is run this way: chain its commands with &&.
retry() {
  local pause=2 status failed_at='' now wait
  while true; do
    # Not a bare `return`: within a trap its status is that of the command before the trap.
    "$@" && return 0
    status=$?
    now=$(uptime_seconds)
    failed_at=${failed_at:-$now}
    if ((now - failed_at >= RETRY_SECONDS)); then
      echo "retry: $* failed with status $status; given up after $((now - failed_at)) s" >&2
      return "$status"
    fi
    wait=$((pause - RANDOM % (pause / 2 + 1)))
    echo "retry: $* failed with status $status; tried again in $wait s" >&2
    sleep "$wait"
    pause=$((pause * 2 > 60 ? 60 : pause * 2))
  done
}

apt_get() {
  DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 -o Acquire::http::Timeout=20 \
    -o Acquire::https::Timeout=20 -o DPkg::Lock::Timeout=300 -qy "$@"
}

# package_lists: by default apt-get reports success when it could not fetch a list.
package_lists() { apt_get update --error-on=any; }

install_packages() { apt_get install --no-install-recommends "$@"; }

# packages NAME...: from Debian, whatever an earlier attempt has left behind.
packages() { retry try_packages "$@"; }
try_packages() {
  install_packages "$@" && return 0
  # An attempt that was cut off leaves packages half configured; a list that is too old names packages that are gone.
  dpkg --configure -a
  package_lists && install_packages "$@"
}

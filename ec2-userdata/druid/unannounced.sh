#!/usr/bin/env bash
# unannounced.sh ZOOKEEPER_PORT PORT: waits until ZooKeeper knows of no Druid process that listens on PORT.
#
# A process that was killed stays announced until its session ends (druid.zk.service.sessionTimeoutMs), and while it does,
# its successor's announcement is not seen. An Indexer that starts before that answers queries in the dead one's name,
# with what its tasks have read again so far, and a reader cannot tell that it is incomplete.
set -euo pipefail
readonly zookeeper=$1 port=$2

is_unannounced() (
  exec 3<>"/dev/tcp/127.0.0.1/$zookeeper" || exit 1
  printf dump >&3
  answer=$(cat <&3)
  [[ $answer == *'ephemeral nodes dump'* && $answer != *":$port"$'\n'* ]]
)

until is_unannounced 2>/dev/null; do
  sleep 1
done

#!/usr/bin/env bash
# wait-for-deregistration.sh ZOOKEEPER_PORT PORT: waits until ZooKeeper knows of no Druid process that listens on PORT.
#
# A process that was killed stays registered until its session ends (druid.zk.service.sessionTimeoutMs). Until then nobody
# sees the registration of its successor. An Indexer that starts earlier answers queries under the dead one's name, with
# what its tasks have read again so far, and a reader cannot tell that the answer is incomplete.
set -euo pipefail
readonly zookeeper=$1 port=$2

is_deregistered() (
  exec 3<>"/dev/tcp/127.0.0.1/$zookeeper" || exit 1
  printf dump >&3
  answer=$(cat <&3)
  [[ $answer == *'ephemeral nodes dump'* && $answer != *":$port"$'\n'* ]]
)

until is_deregistered 2>/dev/null; do
  sleep 1
done

#!/usr/bin/env bash
# Becomes one of Druid's processes, in the folder with its configuration: /run/igrid-druid/SERVICE.
set -euo pipefail

# The Coordinator is the Overlord as well.
command=$1
if [[ $command == coordinator-overlord ]]; then
  command=coordinator
fi
exec /usr/bin/java @jvm.config -cp '/opt/igrid-druid/current/lib/*' org.apache.druid.cli.Main server "$command"

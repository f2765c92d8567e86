#!/usr/bin/env bash
# The streaming step, on the primary node of EMR: becomes the driver of duty_cycle.py, so that the signal with which EMR
# cancels a step reaches the job itself, which then finishes its batch.
#
#   step.sh SETTINGS
#
# SETTINGS: one JSON object, see src/spark/step-settings.ts. It runs in the job's archive, beside kafka.sh.
#
# Only one of its name may run: a second would write on the same checkpoint.
set -euo pipefail

words=$(mktemp)
python3 "$(dirname "${BASH_SOURCE[0]}")/step_settings.py" "$@" >"$words"
mapfile -d '' -t settings <"$words"
rm "$words"
# In the order of step_settings.py; the rest is for duty_cycle.py.
readonly application=${settings[0]} cluster_arn=${settings[1]} region=${settings[2]} kafka_auth=${settings[3]}
readonly executor_cores=${settings[4]} executor_memory=${settings[5]} job=("${settings[@]:6}")
# shellcheck source=ec2-userdata/common/kafka.sh
source ./kafka.sh
export SPARK_HOME="${SPARK_HOME:-/usr/lib/spark}"

# The driver runs in this step, but its containers could outlive a driver that was killed.
running() {
  yarn application -list -appStates NEW,NEW_SAVING,SUBMITTED,ACCEPTED,RUNNING 2>/dev/null |
    awk -v name="$application" '$1 ~ /^application_/ && $2 == name { print $1 }'
}
if command -v yarn >/dev/null; then
  for id in $(running); do
    echo "step: $application runs already as $id: stopping it" >&2
    yarn application -kill "$id" >&2
  done
  for _ in $(seq 60); do
    [[ -z $(running) ]] && break
    sleep 2
  done
  if [[ -n $(running) ]]; then
    echo "step: $application still runs as $(running | xargs): end it with yarn application -kill" >&2
    exit 1
  fi
fi

brokers=$(kafka_brokers "$region" "$cluster_arn" "$kafka_auth")
# What bootstrap.sh has put here.
readonly own="${IGRID_ROOT:-/opt/igrid}/jars"
jars=
case $kafka_auth in
  iam) security=msk-iam jars="$own/aws-msk-iam-auth.jar," ;;
  *) security=plaintext ;;
esac

# EMR's connectors are of the very version of its Spark, in connector/lib (external/lib before EMR 7). Kafka's client and
# commons-pool2, which they need, are not part of EMR: without them there ours are taken. find fails when one of its
# folders does not exist.
libraries=()
for folder in connector/lib external/lib jars; do
  [[ ! -d $SPARK_HOME/$folder ]] || libraries+=("$SPARK_HOME/$folder")
done
for name in spark-sql-kafka-0-10 spark-token-provider-kafka-0-10 spark-avro kafka-clients commons-pool2; do
  # After a name comes its version or its ending, as in spark-avro.jar and spark-avro_2.12-3.5.6.jar.
  jar=$(find "${libraries[@]}" -maxdepth 1 -name "${name}[-_.]*jar" ! -name '*-assembly*' | sort | head -n 1)
  if [[ -z $jar && -f $own/$name.jar ]]; then
    jar=$own/$name.jar
  fi
  if [[ -z $jar ]]; then
    echo "step: there is no $name jar below $SPARK_HOME, nor $own/$name.jar: see spark.release in the configuration" >&2
    exit 1
  fi
  # What lies in jars/ is on the class path as it is.
  [[ $jar == "$SPARK_HOME/jars/"* ]] || jars+="$jar,"
done

py4j=$(find "$SPARK_HOME/python/lib" -name 'py4j-*.zip' | head -n 1)
export PYTHONPATH="$SPARK_HOME/python:$py4j${PYTHONPATH:+:$PYTHONPATH}"
export PYSPARK_PYTHON=python3
# Java 17 would collect with G1, which costs the job more, see docs/project/performance.md. EMR sets a collector itself in some
# releases, in this very property: a second one in another would keep Java from starting.
collector=-XX:+UseParallelGC
# A stream never ends, and neither do its logs:
# - EMR turns Spark's event log on, one file in HDFS that nothing rolls; it would fill the core nodes' disks within weeks.
# - at INFO the driver writes dozens of lines a batch to the step's stderr; at WARN what grows is one line of JSON a batch.
logs="--conf spark.eventLog.enabled=false --conf spark.log.level=WARN"
# Of the managers of checkpoint files this asks S3 the fewest questions, as a rehearsal counts them: 20 that cost as PUT in a
# batch of two partitions, as many as spark-hadoop-cloud's, which writes without a rename, but looks for each file and its
# folder three times more. S3A's flags leave a quarter of them out where Hadoop has them (3.4; HADOOP-18930, HADOOP-19072).
checkpoint="--conf spark.sql.streaming.checkpointFileManagerClass=org.apache.spark.sql.execution.streaming.FileSystemBasedCheckpointFileManager \
--conf spark.hadoop.fs.s3a.create.performance=true --conf spark.hadoop.fs.s3a.performance.flags=create,delete"
export PYSPARK_SUBMIT_ARGS="--master ${SPARK_MASTER:-yarn} --deploy-mode client --name $application ${jars:+--jars ${jars%,}} \
--conf spark.executor.cores=$executor_cores --conf spark.executor.memory=${executor_memory}g \
--conf spark.executor.defaultJavaOptions=$collector $logs $checkpoint \
--conf spark.yarn.maxAppAttempts=1 pyspark-shell"

rack=$(kafka_rack)
exec python3 duty_cycle.py --brokers "$brokers" --security "$security" ${rack:+--client-rack "$rack"} \
  --schemas schemas --thresholds thresholds.json "${job[@]}"

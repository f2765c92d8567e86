# How a program finds Kafka. Sourced by start scripts, on hosts and in the streaming step; never run.
# shellcheck shell=bash

# kafka_brokers REGION CLUSTER_ARN AUTH: prints host:port,... of the listeners for AUTH (iam: IAM over TLS; none: plaintext).
# Asked at each start, not at deployment: brokers come and go.
kafka_brokers() {
  local listeners brokers
  case $3 in
    iam) listeners=BootstrapBrokerStringSaslIam ;;
    none) listeners=BootstrapBrokerString ;;
    *)
      echo "kafka: $3 is no way to reach Kafka: KAFKA_AUTH is iam or none" >&2
      return 1
      ;;
  esac
  # By default the CLI asks for its credentials once, for a second: too little on a host that is busy booting.
  brokers=$(AWS_METADATA_SERVICE_TIMEOUT=5 AWS_METADATA_SERVICE_NUM_ATTEMPTS=5 aws kafka get-bootstrap-brokers --region "$1" --cluster-arn "$2" --query "$listeners" \
    --output text) || return 1
  if [[ -z $brokers || $brokers == None ]]; then
    echo "kafka: $2 has no listeners for $3: compare its client authentication with kafka.auth in the configuration" >&2
    return 1
  fi
  echo "$brokers"
}

/** The TCP ports on which parts of the grid meet; the hosts' configuration uses the same constants. */
export const PORTS = {
  /** Kafka as MSK offers it inside a VPC, by what `kafka.auth` says: IAM over TLS, or plaintext. */
  kafka: { iam: 9098, none: 9092 },
  postgres: 5432,
  /** Druid's Router over TLS: the only one of Druid's ports beyond loopback. */
  druidRouterTls: 9088,
} as const;

/** Where an operator's port forwarding ends: both services listen on their host's loopback address only. */
export const LOOPBACK_PORTS = {
  airflow: 8080,
  superset: 8088,
} as const;

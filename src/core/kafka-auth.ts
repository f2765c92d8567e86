/** How clients authenticate to Kafka. `iam`: TLS and a token signed with AWS credentials. `none`: plaintext, no login. */
export const KAFKA_AUTH = ['iam', 'none'] as const;

export type KafkaAuth = (typeof KAFKA_AUTH)[number];

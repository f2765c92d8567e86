import type { KafkaAuth } from '../../core/kafka-auth.ts';
import type { SupervisorSettings } from '../supervisor-specs.ts';

/**
 * Properties of Druid's Kafka consumers.
 *
 * The classes are those of https://github.com/aws/aws-msk-iam-auth, whose jar is beside Druid's Kafka client.
 *
 * @param brokers host:port,...
 */
export function consumerProperties(brokers: string, auth: KafkaAuth): SupervisorSettings['consumer'] {
  // MSK names them in another order each time; to Druid that would be another spec, and its tasks would start again.
  const servers = brokers.split(',').sort().join(',');
  if (auth === 'none') {
    return { 'bootstrap.servers': servers };
  }
  return {
    'bootstrap.servers': servers,
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'AWS_MSK_IAM',
    'sasl.jaas.config': 'software.amazon.msk.auth.iam.IAMLoginModule required;',
    'sasl.client.callback.handler.class': 'software.amazon.msk.auth.iam.IAMClientCallbackHandler',
  };
}

import type { KafkaAuth } from '../../core/kafka-auth.ts';
import type { SupervisorSettings } from '../supervisor-specs.ts';

/**
 * Properties of Druid's Kafka consumers.
 *
 * The classes are those of https://github.com/aws/aws-msk-iam-auth, whose jar is beside Druid's Kafka client.
 *
 * @param brokers host:port,...
 * @param rack of the brokers that are near, as MSK names it: the id of the zone. Default: not known; leaders are read.
 */
export function consumerProperties(brokers: string, auth: KafkaAuth, rack = ''): SupervisorSettings['consumer'] {
  // MSK names them in another order each time; to Druid that would be another spec, and its tasks would start again.
  const servers = brokers.split(',').sort().join(',');
  const near = rack === '' ? {} : { 'client.rack': rack };
  if (auth === 'none') {
    return { 'bootstrap.servers': servers, ...near };
  }
  return {
    'bootstrap.servers': servers,
    ...near,
    'security.protocol': 'SASL_SSL',
    'sasl.mechanism': 'AWS_MSK_IAM',
    'sasl.jaas.config': 'software.amazon.msk.auth.iam.IAMLoginModule required;',
    'sasl.client.callback.handler.class': 'software.amazon.msk.auth.iam.IAMClientCallbackHandler',
  };
}

/** A kafkajs client from settings: plaintext for one machine, IAM over TLS for MSK. */
import { generateAuthToken } from 'aws-msk-iam-sasl-signer-js';
import { Kafka, type KafkaConfig, type LogEntry, logLevel } from 'kafkajs';

import type { KafkaAuth } from '../core/kafka-auth.ts';
import { ignoreOverdueTimers } from './overdue-timers.ts';

/** How to reach the brokers and authenticate. */
export interface KafkaSettings {
  /** `host:port` of at least one broker. */
  readonly brokers: readonly string[];
  /** `none`: plaintext. `iam`: TLS, and a token signed with the AWS credentials of the process. */
  readonly auth: KafkaAuth;
  /** The AWS region of the cluster; needed with `iam`. */
  readonly region?: string | undefined;
  /** Name in the brokers' logs and quotas. */
  readonly clientId: string;
}

/** Where kafkajs' own log lines go: it logs every retry as an error, so its caller decides what matters. */
export type KafkaLog = (level: 'error' | 'warn' | 'info' | 'debug', message: string) => void;

const LEVELS = new Map<logLevel, 'error' | 'warn' | 'info' | 'debug'>([
  [logLevel.ERROR, 'error'],
  [logLevel.WARN, 'warn'],
  [logLevel.INFO, 'info'],
  [logLevel.DEBUG, 'debug'],
]);

export interface KafkaPatience {
  /** How often kafkajs itself repeats what fails, before its caller may. @default 5 */
  readonly retries?: number;
  /** How long an answer may take, ms. @default 30,000 */
  readonly requestTimeoutMs?: number;
}

/** @throws RangeError when `iam` is asked for without a region. */
export function kafkaClient(settings: KafkaSettings, log: KafkaLog, patience: KafkaPatience = {}): Kafka {
  const { retries = 5, requestTimeoutMs = 30_000 } = patience;
  ignoreOverdueTimers();
  return new Kafka({
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    ...security(settings),
    logLevel: logLevel.WARN,
    logCreator: () => (entry: LogEntry) => {
      log(LEVELS.get(entry.level) ?? 'debug', `${entry.namespace}: ${entry.log.message}`);
    },
    connectionTimeout: 5_000,
    authenticationTimeout: 10_000,
    requestTimeout: requestTimeoutMs,
    // Short rounds: who uses the client repeats them for as long as it wants to wait.
    retry: { initialRetryTime: 100, maxRetryTime: 1_000, retries },
  });
}

function security(settings: KafkaSettings): Partial<KafkaConfig> {
  if (settings.auth === 'none') {
    return {};
  }
  const { region } = settings;
  if (region === undefined) {
    throw new RangeError('IAM authentication needs the region of the cluster');
  }
  return {
    ssl: true,
    sasl: {
      mechanism: 'oauthbearer',
      oauthBearerProvider: async () => ({ value: (await generateAuthToken({ region })).token }),
    },
  };
}

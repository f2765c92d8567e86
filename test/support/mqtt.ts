/** A broker for a test, with certificates for whoever connects. */
import { createAuthority, type Credentials, issue } from '../../lambda/foundation/certificate-authority/authority.ts';
import { MqttBroker } from '../../src/mqtt/broker.ts';
import type { MqttSettings } from '../../src/mqtt/connection.ts';
import type { TlsCredentials } from '../../src/mqtt/credentials.ts';

export const SERVER_NAME = 'localhost';

export interface TestBroker {
  readonly broker: MqttBroker;
  readonly authority: Credentials;
  /** Of a name, signed by the broker's authority or another one. */
  credentialsOf: (name: string, authority?: Credentials) => Promise<TlsCredentials>;
  settingsOf: (name: string) => Promise<Omit<MqttSettings, 'identity'>>;
  close: () => Promise<void>;
}

export async function startBroker(): Promise<TestBroker> {
  const now = new Date();
  const authority = await createAuthority('test', now);
  const credentialsOf = async (name: string, by = authority): Promise<TlsCredentials> => ({
    ...(await issue(by, [name], now)),
    authority: authority.certificate,
  });
  const broker = await MqttBroker.start({ credentials: await credentialsOf(SERVER_NAME) });
  return {
    broker,
    authority,
    credentialsOf,
    settingsOf: async (name) => ({
      url: `mqtts://127.0.0.1:${broker.port}`,
      serverName: SERVER_NAME,
      credentials: await credentialsOf(name),
    }),
    close: () => broker.close(),
  };
}

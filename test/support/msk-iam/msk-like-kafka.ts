/** A real broker that takes clients as MSK does: by TLS, and a token of IAM that has to be renewed all the time. */
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { execa } from 'execa';
import getPort from 'get-port';

import { kafkaProcess } from '../../../engines/processes/kafka.ts';
import { type EngineHomes, setUp } from '../../../engines/setup/set-up.ts';
import { HOST } from '../../../engines/supervision/addresses.ts';
import { Supervisor } from '../../../engines/supervision/supervisor.ts';

/** Of a key store that lives as long as the test. */
const PASSWORD = 'password-of-a-test';

export interface MskLikeKafka {
  /** By TLS and IAM: what is tested. */
  readonly brokers: string;
  /** In the clear: what checks. */
  readonly straight: string;
  /** The broker's certificate, a PEM file for NODE_EXTRA_CA_CERTS. */
  readonly authority: string;
  readonly homes: EngineHomes;
  /** How many tokens the broker has accepted. */
  acceptedTokens: () => Promise<number>;
  stop: () => Promise<void>;
}

/** @param sessionMs how long a client may stay without a new token, ms; MSK: 12 hours at most. */
export async function startMskLikeKafka(sessionMs: number): Promise<MskLikeKafka> {
  const homes = await setUp(() => undefined);
  const directory = await mkdtemp(join(tmpdir(), 'igrid-msk-'));
  const logs = join(directory, 'logs');
  await mkdir(logs);
  const authority = join(directory, 'broker.pem');
  const keyStore = await makeKeyStore(homes, directory, authority);
  const [port, straight, controllerPort] = [await getPort(), await getPort(), await getPort()];
  const supervisor = new Supervisor(logs, join(directory, 'processes.json'));
  await supervisor.start([
    kafkaProcess({
      java: homes.tools.java,
      jars: await jarsWithHandler(homes, directory),
      directory,
      port,
      controllerPort,
      heapMb: 256,
      settings: {
        listeners: `IAM://${HOST}:${port},STRAIGHT://${HOST}:${straight},CONTROLLER://${HOST}:${controllerPort}`,
        'advertised.listeners': `IAM://${HOST}:${port},STRAIGHT://${HOST}:${straight}`,
        'listener.security.protocol.map': 'IAM:SASL_SSL,STRAIGHT:PLAINTEXT,CONTROLLER:PLAINTEXT',
        'inter.broker.listener.name': 'STRAIGHT',
        'sasl.enabled.mechanisms': 'OAUTHBEARER',
        'listener.name.iam.oauthbearer.sasl.jaas.config':
          'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule required;',
        'listener.name.iam.oauthbearer.sasl.server.callback.handler.class': 'AnyIamToken',
        'listener.name.iam.oauthbearer.connections.max.reauth.ms': sessionMs,
        'listener.name.iam.ssl.keystore.location': keyStore,
        'listener.name.iam.ssl.keystore.password': PASSWORD,
        'listener.name.iam.ssl.key.password': PASSWORD,
      },
    }),
  ]);
  return {
    brokers: `${HOST}:${port}`,
    straight: `${HOST}:${straight}`,
    authority,
    homes,
    acceptedTokens: async () => (await readFile(join(logs, 'kafka.log'), 'utf8')).split('accepted a token').length - 1,
    stop: async () => {
      await supervisor.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** A key and the certificate for it, which clients are to trust. */
async function makeKeyStore({ tools }: EngineHomes, directory: string, authority: string): Promise<string> {
  const keyStore = join(directory, 'broker.p12');
  const keytool = (...args: string[]) =>
    execa(join(dirname(tools.java), 'keytool'), [
      ...args,
      ...['-keystore', keyStore, '-storepass', PASSWORD, '-alias', 'broker'],
    ]);
  await keytool('-genkeypair', '-keyalg', 'RSA', '-dname', `CN=${HOST}`, '-ext', `san=ip:${HOST}`, '-validity', '2');
  await keytool('-exportcert', '-rfc', '-file', authority);
  return keyStore;
}

/** Kafka's jars and one with the handler. */
async function jarsWithHandler({ tools, kafkaJars }: EngineHomes, directory: string): Promise<string> {
  const jars = join(directory, 'jars');
  const classes = join(directory, 'classes');
  await Promise.all([mkdir(jars), mkdir(classes)]);
  const jdk = dirname(tools.java);
  const source = join(import.meta.dirname, 'AnyIamToken.java');
  await execa(join(jdk, 'javac'), ['-cp', join(kafkaJars, '*'), '-d', classes, source]);
  await execa(join(jdk, 'jar'), ['--create', '--file', join(jars, 'any-iam-token.jar'), '-C', classes, '.']);
  await Promise.all((await readdir(kafkaJars)).map((jar) => symlink(join(kafkaJars, jar), join(jars, jar))));
  return jars;
}

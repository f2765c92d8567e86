/**
 * The embedded MQTT broker (aedes): TLS with client certificates, and topic permissions by identity. It speaks MQTT 3.1.1,
 * which has no expiry of messages: houses refuse what is too late themselves. Sessions and retained messages are in memory;
 * houses send theirs again after each connection.
 */
import { createServer, type Server, TLSSocket } from 'node:tls';

import { Aedes, type AuthenticateError, type Client } from 'aedes';
import { z } from 'zod';

import { MAX_REPORT_BYTES } from '../core/shed/reports.ts';
import type { TlsCredentials } from './credentials.ts';
import { DISPATCHER_IDENTITY, isIdentity, mayPublish, maySubscribe } from './permissions.ts';

export interface BrokerOptions {
  /** @default 127.0.0.1 */
  readonly host?: string;
  /** @default 0: any that is free */
  readonly port?: number;
  readonly credentials: TlsCredentials;
}

/** What the broker has refused. */
export type BrokerRefusal =
  /** No certificate, or one of another authority. */
  | 'certificate'
  /** A name that is no identity, or a client id that is not the name. */
  | 'identity'
  | 'publish'
  | 'subscribe'
  /** A message of a house that is longer than any report. */
  | 'too_long';

/** As in MQTT 3.1.1, section 3.2.2.3: 5. aedes exports it as a const enum, which is not there at run time. */
const NOT_AUTHORISED: AuthenticateError['returnCode'] = z.custom<AuthenticateError['returnCode']>().parse(5);
/** A client whose connection is slower than what it is sent is cut off. */
const QUEUE_LIMIT = 10_000;

export class MqttBroker {
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #sockets = new Set<TLSSocket>();
  readonly #identities = new WeakMap<Client, string>();
  readonly #refused = new Map<BrokerRefusal, number>();
  #port = 0;

  private constructor(aedes: Aedes, { credentials }: BrokerOptions) {
    this.#aedes = aedes;
    const { certificate, privateKey, authority } = credentials;
    this.#server = createServer(
      {
        cert: certificate,
        key: privateKey,
        ca: authority,
        requestCert: true,
        rejectUnauthorized: true,
        minVersion: 'TLSv1.2',
      },
      (socket) => {
        this.#sockets.add(socket);
        socket.once('close', () => this.#sockets.delete(socket));
        aedes.handle(socket);
      },
    );
    this.#server.on('tlsClientError', () => this.#refuse('certificate'));
    aedes.authenticate = (client, _user, _password, done) => {
      const identity = identityOf(client);
      if (identity === undefined || client.id !== identity) {
        this.#refuse('identity');
        const error = new Error('the client id must be the name of the certificate');
        done(Object.assign(error, { returnCode: NOT_AUTHORISED }), false);
        return;
      }
      this.#identities.set(client, identity);
      done(null, true);
    };
    aedes.authorizePublish = (client, { topic, payload, retain }, done) => {
      const identity = client ? (this.#identities.get(client) ?? '') : '';
      if (!mayPublish(identity, topic, retain)) {
        this.#refuse('publish');
        // MQTT 3.1.1 has no answer for this but the end of the connection (section 3.3.5).
        done(new Error(`${identity} must not publish ${topic}`));
      } else if (identity !== DISPATCHER_IDENTITY && payload.length > MAX_REPORT_BYTES) {
        this.#refuse('too_long');
        done(new Error(`${identity} has published ${payload.length} bytes, at most ${MAX_REPORT_BYTES} are allowed`));
      } else {
        done(null);
      }
    };
    aedes.authorizeSubscribe = (client, subscription, done) => {
      const isAllowed = maySubscribe(this.#identities.get(client) ?? '', subscription.topic);
      if (!isAllowed) {
        this.#refuse('subscribe');
      }
      done(null, isAllowed ? subscription : null);
    };
  }

  /** Resolves when it accepts connections. @throws Error when the port is taken. */
  static async start(options: BrokerOptions): Promise<MqttBroker> {
    const broker = new MqttBroker(await Aedes.createBroker({ queueLimit: QUEUE_LIMIT }), options);
    await new Promise<void>((resolve, reject) => {
      broker.#server.once('error', reject);
      broker.#server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
    });
    const address = broker.#server.address();
    broker.#port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    return broker;
  }

  /** Where it listens, or did. */
  get port(): number {
    return this.#port;
  }

  get clients(): number {
    return this.#aedes.connectedClients;
  }

  /** How often it has refused something, by reason. */
  get refused(): ReadonlyMap<BrokerRefusal, number> {
    return this.#refused;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
    for (const socket of this.#sockets) {
      socket.destroy();
    }
    await closed;
  }

  #refuse(reason: BrokerRefusal): void {
    this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + 1);
  }
}

const certificateSchema = z.object({ subject: z.object({ CN: z.string() }) });

function identityOf({ conn }: Client): string | undefined {
  const certificate =
    conn instanceof TLSSocket ? certificateSchema.safeParse(conn.getPeerCertificate()).data : undefined;
  const name = certificate?.subject.CN;
  return isIdentity(name) ? name : undefined;
}

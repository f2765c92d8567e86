/** A TCP proxy that does to a Kafka client's connections what networks do: cuts them anywhere, swallows answers. */
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface FaultyProxy {
  /** Every connection from now on is cut after a random number of bytes sent, up to so many; undefined: none is. */
  cutWithin: (bytes: number | undefined) => void;
  /**
   * For all connections that are open now: what the broker sends no longer arrives, and after `ms` they are cut. What
   * the client sends still does: so the broker does what it was asked, and the client never learns of it.
   */
  loseAnswers: (ms: number) => void;
  /** How many connections it has cut. */
  readonly cuts: number;
  close: () => Promise<void>;
}

interface Link {
  readonly client: Socket;
  readonly broker: Socket;
  deaf: boolean;
  /** Bytes from the client that still pass. */
  budget: number;
}

/**
 * @param port where it listens.
 * @param target the port of the broker behind it.
 * @param random from 0 to 1, for where to cut.
 */
export async function startFaultyProxy(port: number, target: number, random: () => number): Promise<FaultyProxy> {
  const links = new Set<Link>();
  let cutWithin: number | undefined;
  let cuts = 0;
  const cut = (link: Link): void => {
    if (!links.delete(link)) {
      return;
    }
    cuts += 1;
    link.client.destroy();
    link.broker.destroy();
  };
  const server = createServer((client) => {
    const broker = connect(target, '127.0.0.1');
    const budget = cutWithin === undefined ? Infinity : Math.floor(random() * cutWithin);
    const link: Link = { client, broker, deaf: false, budget };
    links.add(link);
    client.on('data', (data) => {
      const passing = data.subarray(0, link.budget);
      link.budget -= passing.length;
      broker.write(passing, () => {
        // Only once the broker has what passed: half a request is the point of it.
        if (passing.length < data.length) {
          cut(link);
        }
      });
    });
    broker.on('data', (data) => {
      if (!link.deaf) {
        client.write(data);
      }
    });
    for (const [socket, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      // An error is followed by 'close'.
      socket.on('error', () => undefined);
      socket.on('close', () => {
        links.delete(link);
        other.destroy();
      });
    }
  });
  await listen(server, port);
  return {
    cutWithin: (bytes) => {
      cutWithin = bytes;
      for (const link of links) {
        link.budget = bytes === undefined ? Infinity : Math.floor(random() * bytes);
      }
    },
    loseAnswers: (ms) => {
      for (const link of links) {
        link.deaf = true;
        setTimeout(() => cut(link), ms);
      }
    },
    get cuts() {
      return cuts;
    },
    close: async () => {
      for (const { client, broker } of links) {
        client.destroy();
        broker.destroy();
      }
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
}

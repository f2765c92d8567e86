/** A web server of one file that behaves as well or as badly as a test wants. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What the server does with one request; it answers in order with what is queued, then with `always`. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse, file: Buffer, eTag: string) => void;

/** Ranges, as a good server has them. */
export const ranged: Behaviour = (request, response, file, eTag) => {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (from === undefined || to === undefined) {
    response.writeHead(200, { 'content-length': file.length, etag: eTag }).end(file);
    return;
  }
  if (Number(from) >= file.length) {
    response.writeHead(416, { 'content-range': `bytes */${file.length}` }).end();
    return;
  }
  const part = file.subarray(Number(from), Number(to) + 1);
  const range = `bytes ${from}-${Number(from) + part.length - 1}/${file.length}`;
  response.writeHead(206, { 'content-range': range, 'content-length': part.length, etag: eTag }).end(part);
};

/** The whole file, whatever is asked. */
export const whole: Behaviour = (_request, response, file) => {
  response.writeHead(200, { 'content-length': file.length }).end(file);
};

export const status =
  (code: number): Behaviour =>
  (_request, response) => {
    response.writeHead(code).end();
  };

/** Half of what was announced, then the connection closes. */
export const truncated: Behaviour = (request, response, file, eTag) => {
  const [, from = '0', to = String(file.length - 1)] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const part = file.subarray(Number(from), Number(to) + 1);
  const range = `bytes ${from}-${to}/${file.length}`;
  response.writeHead(206, { 'content-range': range, 'content-length': part.length, etag: eTag });
  response.write(part.subarray(0, part.length / 2), () => response.destroy());
};

/** The beginning of an answer, then nothing. */
export const stalled: Behaviour = (_request, response, file) => {
  response.writeHead(206, { 'content-range': `bytes 0-9/${file.length}`, 'content-length': 10, etag: '"1"' });
  response.write('x');
};

export class FileServer {
  readonly requests: string[] = [];
  file = Buffer.alloc(0);
  eTag = '"1"';
  always: Behaviour = ranged;
  /** What the next requests get. */
  readonly next: Behaviour[] = [];
  readonly #server: Server;

  readonly url: string;

  private constructor(server: Server) {
    this.#server = server;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/file.tar.gz`;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      this.requests.push(request.headers.range ?? 'whole');
      (this.next.shift() ?? this.always)(request, response, this.file, this.eTag);
    });
  }

  static async start(): Promise<FileServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new FileServer(server);
  }

  stop(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

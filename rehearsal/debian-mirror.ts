import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { dirname, join, normalize } from 'node:path';

import { execa } from 'execa';

import { CACHE_DIRECTORY } from '../engines/setup/cache.ts';

const SUITE = 'bookworm';

/** Where this computer itself gets Debian 12 from, or Debian's own address on another system. */
export async function debianArchive(): Promise<string> {
  const { stdout } = await execa(
    'apt-get',
    ['indextargets', '--format', '$(CODENAME) $(REPO_URI)', 'Created-By: Packages'],
    { reject: false },
  );
  const own = stdout.split('\n').find((line) => line.startsWith(`${SUITE} `));
  return (own?.split(' ')[1] ?? 'http://deb.debian.org/debian').replace(/\/$/, '');
}

/** The line of /etc/apt/sources.list for a mirror at an address. */
export const sourcesLine = (host: string, port: number): string => `deb http://${host}:${port}/debian ${SUITE} main`;

/**
 * Debian's archive for hosts that reach nothing else: what `hosts.aptSources` is for. Packages are kept between
 * rehearsals (their names carry their versions); the lists of packages are fetched again. Hosts verify signatures as ever.
 */
export class DebianMirror {
  readonly #archive: string;
  readonly #host: string;
  readonly #port: number;
  readonly #server: Server;
  /** Paths asked for that the archive doesn't have. */
  readonly missing: string[] = [];

  private constructor(archive: string, host: string, port: number) {
    this.#archive = archive;
    this.#host = host;
    this.#port = port;
    this.#server = createServer((request, response) => {
      this.#file(request.url ?? '/').then(
        (body) => response.writeHead(body ? 200 : 404).end(body),
        (error: unknown) => response.writeHead(502).end(String(error)),
      );
    });
  }

  static async start(archive: string, host: string, port: number): Promise<DebianMirror> {
    const mirror = new DebianMirror(archive, host, port);
    await mirror.resume();
    return mirror;
  }

  /** Refuses every connection until it is resumed, as a mirror that is away does. */
  stop(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Answers again. */
  async resume(): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(this.#port, this.#host, () => {
        this.#server.off('error', reject);
        resolve();
      });
    });
  }

  async #file(url: string): Promise<Buffer | undefined> {
    const path = normalize(decodeURIComponent(new URL(url, 'http://mirror').pathname));
    if (!path.startsWith('/debian/')) {
      return undefined;
    }
    const relative = path.slice('/debian/'.length);
    const isKept = relative.startsWith('pool/');
    const file = join(CACHE_DIRECTORY, 'debian-packages', relative);
    const kept = isKept ? await readFile(file).catch(() => undefined) : undefined;
    if (kept) {
      return kept;
    }
    const answer = await fetch(`${this.#archive}/${relative.split('/').map(encodeURIComponent).join('/')}`);
    if (answer.status === 404) {
      this.missing.push(relative);
      return undefined;
    }
    if (!answer.ok) {
      throw new Error(`${this.#archive} answers ${answer.status} for ${relative}`);
    }
    const body = Buffer.from(await answer.arrayBuffer());
    if (isKept) {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(`${file}.part`, body);
      await rename(`${file}.part`, file);
    }
    return body;
  }
}

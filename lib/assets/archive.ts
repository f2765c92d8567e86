import { createHash } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  cpSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import * as iam from 'aws-cdk-lib/aws-iam';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { create } from 'tar';

import { repositoryPath } from '../../src/files/repository.ts';
import { buildFolder } from './build-folder.ts';
import { bundle } from './bundle.ts';

/** What a path in the archive holds. */
export type Content =
  /** A file or a folder of the repository. */
  | {
      readonly from: string;
      /** A binary that may be run; scripts are by their first line. @default false */
      readonly executable?: boolean;
      /** Names directly in the folder that stay behind. @default none */
      readonly without?: readonly string[];
    }
  /** A TypeScript program of the repository, with all its packages in one module. */
  | { readonly program: string }
  | { readonly text: string };

export interface ArchiveProps {
  /** Short name, unique in the app. */
  readonly name: string;
  /** By path in the archive. */
  readonly contents: Readonly<Record<string, Content>>;
}

/** What only development has, wherever it lies. */
const LEFT_OUT = /(^|\/)(__pycache__|\.mypy_cache|\.ruff_cache|\.pytest_cache|\.venv|requirements\.in)(\/|$)|\.pyc$/;

/**
 * Files that go to machines as one object in S3, with a hash that the machine checks. It is a plain tar whose bytes
 * depend on the files alone (no times, owners or compression), so that an unchanged archive changes no machine,
 * whichever user deploys.
 */
export class Archive extends Construct {
  /** SHA-256 of the archive, in hex. */
  readonly sha256: string;
  readonly #asset: Asset;

  constructor(scope: Construct, id: string, props: ArchiveProps) {
    super(scope, id);
    const { file, sha256 } = archive(props);
    this.sha256 = sha256;
    this.#asset = new Asset(this, 'asset', { path: file });
  }

  /** s3:// address. */
  get url(): string {
    return this.#asset.s3ObjectUrl;
  }

  get bucketName(): string {
    return this.#asset.s3BucketName;
  }

  get objectKey(): string {
    return this.#asset.s3ObjectKey;
  }

  grantRead(grantee: iam.IGrantable): void {
    grantObject(this.#asset, grantee);
  }
}

/** May read this one asset: CDK's own grant is for every asset of every app of the account. */
export function grantObject(asset: Asset, grantee: iam.IGrantable): void {
  iam.Grant.addToPrincipal({
    grantee,
    actions: ['s3:GetObject'],
    resourceArns: [asset.bucket.arnForObjects(asset.s3ObjectKey)],
  });
}

interface MadeArchive {
  readonly file: string;
  readonly sha256: string;
}

/** By name and contents: the sources do not change while a process runs. */
const made = new Map<string, MadeArchive>();

/** Makes the file, once in a process; the same contents give the same bytes. */
export function archive(props: ArchiveProps): MadeArchive {
  const key = JSON.stringify(props);
  const known = made.get(key) ?? makeArchive(props, made.size);
  made.set(key, known);
  return known;
}

function makeArchive({ name, contents }: ArchiveProps, serial: number): MadeArchive {
  const folder = join(buildFolder(), 'archive', `${name}-${serial}`);
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries(contents)) {
    const target = join(folder, path);
    mkdirSync(dirname(target), { recursive: true });
    if ('from' in content) {
      const leftOut = new Set(content.without?.map((name) => repositoryPath(content.from, name)));
      cpSync(repositoryPath(content.from), target, {
        recursive: true,
        filter: (source) => !leftOut.has(source) && !LEFT_OUT.test(source.slice(repositoryPath().length)),
      });
    } else if ('program' in content) {
      bundle({ entry: content.program, outfile: target, format: 'esm' });
    } else {
      writeFileSync(target, content.text);
    }
  }
  const paths = filesBelow(folder);
  for (const path of paths) {
    const content = contents[path];
    const isBinary = content !== undefined && 'from' in content && content.executable === true;
    chmodSync(join(folder, path), isBinary || isScript(join(folder, path)) ? 0o755 : 0o644);
  }
  const file = `${folder}.tar`;
  create({ cwd: folder, file, sync: true, portable: true, mtime: new Date(0), noDirRecurse: true }, paths);
  return { file, sha256: createHash('sha256').update(readFileSync(file)).digest('hex') };
}

function isScript(file: string): boolean {
  const start = Buffer.alloc(2);
  const descriptor = openSync(file, 'r');
  readSync(descriptor, start);
  closeSync(descriptor);
  return start.toString() === '#!';
}

/** Relative paths of all files, in one order. */
function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => lstatSync(join(folder, path)).isFile())
    .map((path) => path.replaceAll('\\', '/'))
    .sort();
}

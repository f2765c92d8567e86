import { createHash } from 'node:crypto';

import { CustomResource, Stack } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

import type { GridConfig } from '../config/schema.ts';
import { addressesOf, type Download, type DownloadField, DOWNLOADS } from './configured.ts';
import type { DownloadsStack } from './downloads-stack.ts';

export interface StagedFileProps {
  readonly config: GridConfig;
  readonly downloads: DownloadsStack;
  /** Which file of the configuration. */
  readonly field: DownloadField;
}

/**
 * A third party's file in the deployment's own bucket, as a resource of the stack that uses it: there, and verified,
 * before anything that refers to `url` is made or changed. Another file is another object; the old one goes once nothing
 * of this stack uses it any more, and stays if the change is rolled back.
 */
export class StagedFile extends Construct {
  /** s3:// address. */
  readonly url: string;
  /** As configured, or as recorded when the file was staged. */
  readonly sha256: string;
  readonly #objectArn: string;

  /** @param id unique in the stack. */
  constructor(scope: Construct, id: string, { config, downloads, field }: StagedFileProps) {
    super(scope, id);
    const stack = Stack.of(this);
    const download = DOWNLOADS[field](config);
    const key = `${stack.node.id}/${id}/${stagedName(download)}`;
    claim(stack, key);
    const resource = new CustomResource(this, 'resource', {
      serviceToken: downloads.serviceToken(stack),
      resourceType: 'Custom::StagedFile',
      properties: {
        Bucket: downloads.bucket.bucketName,
        Key: key,
        Urls: addressesOf(download).map((url) => url.replaceAll('{region}', stack.region)),
        Sha256: download.sha256,
        Field: field,
      },
    });
    this.url = resource.getAttString('Url');
    this.sha256 = download.sha256 ?? resource.getAttString('Sha256');
    this.#objectArn = downloads.bucket.arnForObjects(key);
  }

  /** May read this one object. */
  grantRead(grantee: iam.IGrantable): void {
    iam.Grant.addToPrincipal({ grantee, actions: ['s3:GetObject'], resourceArns: [this.#objectArn] });
  }
}

/**
 * End of the key: by the contents or, where they are not known in advance, by the addresses, so that each version has a
 * key of its own.
 */
export function stagedName(download: Download): string {
  const [first = '', ...others] = addressesOf(download);
  const address =
    download.sha256 ??
    createHash('sha256')
      .update([first, ...others].join('\n'))
      .digest('hex');
  const [name = ''] = (first.split('/').at(-1) ?? '').split(/[?#]/);
  return `${address}/${name.replaceAll(/[^\w.+-]/g, '_') || 'file'}`;
}

const claimed = new WeakMap<Stack, Set<string>>();

/** Two resources with one object would delete it from under each other. */
function claim(stack: Stack, key: string): void {
  const keys = claimed.get(stack) ?? new Set<string>();
  claimed.set(stack, keys);
  if (keys.has(key)) {
    throw new Error(`${stack.node.id} stages two files as ${key}: their constructs need different ids`);
  }
  keys.add(key);
}

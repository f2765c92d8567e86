/**
 * Custom resource: one third-party file, from where the configuration names it to the deployment's own bucket, so
 * that hosts and EMR nodes depend on no server but S3. The object at its key has been read back and has the right
 * SHA-256; a file whose hash the configuration does not know has it recorded, and the hosts verify that.
 *
 * The key is the physical id and holds the hash (or that of the addresses): another file is another resource.
 * CloudFormation makes it first, moves what uses it, and deletes the old one only then.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';

import { type Completion, parseRequest, type Request, type Response } from '../../shared/custom-resource.ts';
import { httpSource } from './http-source.ts';
import { s3Source } from './s3-source.ts';
import { Store } from './store.ts';
import { type Job, PACE, transfer } from './transfer.ts';

const propertiesSchema = z.object({
  Bucket: z.string().min(1),
  Key: z.string().min(1),
  /** In the order in which they are tried. */
  Urls: z.array(z.string().regex(/^(https?|s3):\/\//)).min(1),
  /** Absent: the file is taken as it comes. */
  Sha256: z.string().optional(),
  /** Field of the configuration, for messages. */
  Field: z.string().min(1),
});

type Properties = z.output<typeof propertiesSchema>;

/** How long one call works, ms: below Lambda's 15 minutes, with room for reading back what has arrived. */
export const CALL_MS = 8 * 60_000;

/** How long a file may take, ms: below the hour that CloudFormation waits for a custom resource. */
export const TOTAL_MS = 50 * 60_000;

const s3 = new S3Client({ followRegionRedirects: true, maxAttempts: 5 });

export async function onEvent(event: unknown): Promise<Response> {
  const { type, properties, physicalResourceId } = parseRequest(event, propertiesSchema);
  if (type === 'Delete') {
    const PhysicalResourceId = physicalResourceId ?? properties.Key;
    // The id is not ours if the resource failed before it had one.
    if (PhysicalResourceId === properties.Key) {
      await new Store(s3, properties.Bucket, properties.Key).remove();
    }
    return { PhysicalResourceId };
  }
  return { PhysicalResourceId: properties.Key, Data: { StartedAt: new Date().toISOString() } };
}

/** Brings the file as far as it comes; asked again until it is there. */
export async function isComplete(event: unknown): Promise<Completion> {
  const request = parseRequest(event, propertiesSchema);
  return request.type === 'Delete' ? { IsComplete: true } : stage(request, PACE, CALL_MS);
}

/** @param callMs how long this call may work, ms. */
export async function stage(request: Request<Properties>, pace: Job['pace'], callMs: number): Promise<Completion> {
  const { Bucket, Key, Urls, Sha256, Field } = request.properties;
  const { StartedAt } = z.object({ StartedAt: z.iso.datetime() }).parse(request.data);
  const store = new Store(s3, Bucket, Key);
  const end = Date.parse(StartedAt) + TOTAL_MS;
  const sha256 =
    (await store.verifiedHash()) ??
    (await transfer(
      {
        store,
        sources: Urls.map((url) => (url.startsWith('s3://') ? s3Source(s3, url) : httpSource(url))),
        sha256: Sha256,
        field: Field,
        request: StartedAt,
        pace,
      },
      Math.min(Date.now() + callMs, end),
    ));
  if (sha256 === undefined) {
    if (Date.now() >= end) {
      throw await tooSlow(store, request.properties);
    }
    return { IsComplete: false };
  }
  return { IsComplete: true, Data: { Url: `s3://${Bucket}/${Key}`, Sha256: sha256 } };
}

async function tooSlow(store: Store, { Field, Urls }: Properties): Promise<Error> {
  const state = await store.readState();
  const upload = state?.upload;
  const parts = upload && (await store.parts(upload.id));
  const came = parts ? `${Math.min(parts.length * PACE.partBytes, upload.size)} of ${upload.size} bytes` : 'nothing';
  const problems = state?.problems.filter(Boolean) ?? [];
  await store.remove();
  return new Error(
    [
      `${Field}: after ${TOTAL_MS / 60_000} min ${came} of ${Urls[state?.source ?? 0]} had arrived: try again, or name a nearer address in ${Field}.url`,
      ...problems,
    ].join('; '),
  );
}

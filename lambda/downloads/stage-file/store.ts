/** The deployment's bucket: a file that is on its way, and the one that has arrived and been verified. */
import { createHash } from 'node:crypto';

import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';

import { type State, stateSchema } from './state.ts';

/** Name of the metadata that hold the SHA-256 of an object that has been verified. */
const SHA256 = 'sha256';

/** A part that the bucket holds already. */
interface Part {
  readonly number: number;
  readonly eTag: string;
}

export class Store {
  readonly #s3: S3Client;
  readonly #bucket: string;
  readonly #key: string;

  constructor(s3: S3Client, bucket: string, key: string) {
    this.#s3 = s3;
    this.#bucket = bucket;
    this.#key = key;
  }

  /** Where the file is put together; it moves to its key once its hash is known to be right. */
  get #partial() {
    return { Bucket: this.#bucket, Key: `${this.#key}.partial` };
  }

  get #state() {
    return { Bucket: this.#bucket, Key: `${this.#key}.state` };
  }

  /** SHA-256 of the file if it has arrived. */
  async verifiedHash(): Promise<string | undefined> {
    const head = await found(this.#s3.send(new HeadObjectCommand({ Bucket: this.#bucket, Key: this.#key })));
    return head?.Metadata?.[SHA256];
  }

  async readState(): Promise<State | undefined> {
    const object = await found(this.#s3.send(new GetObjectCommand(this.#state)));
    return object?.Body && stateSchema.parse(JSON.parse(await object.Body.transformToString()));
  }

  async writeState(state: State): Promise<void> {
    await this.#s3.send(new PutObjectCommand({ ...this.#state, Body: JSON.stringify(state) }));
  }

  /** @returns the upload's id. */
  async begin(): Promise<string> {
    const { UploadId } = await this.#s3.send(new CreateMultipartUploadCommand(this.#partial));
    if (UploadId === undefined) {
      throw new Error(`S3 began no upload to ${this.#key}`);
    }
    return UploadId;
  }

  /** @returns undefined when the upload no longer exists. */
  async parts(UploadId: string): Promise<readonly Part[] | undefined> {
    const parts: Part[] = [];
    let marker: string | undefined;
    do {
      const page = await found(
        this.#s3.send(new ListPartsCommand({ ...this.#partial, UploadId, PartNumberMarker: marker })),
      );
      if (!page) {
        return undefined;
      }
      for (const { PartNumber, ETag } of page.Parts ?? []) {
        parts.push({ number: PartNumber ?? 0, eTag: ETag ?? '' });
      }
      marker = page.IsTruncated === true ? page.NextPartNumberMarker : undefined;
    } while (marker !== undefined);
    return parts;
  }

  async put(UploadId: string, PartNumber: number, Body: Buffer): Promise<void> {
    await this.#s3.send(new UploadPartCommand({ ...this.#partial, UploadId, PartNumber, Body }));
  }

  /** Puts the parts together. */
  async complete(UploadId: string): Promise<void> {
    const parts = (await this.parts(UploadId)) ?? [];
    const Parts = parts.map(({ number, eTag }) => ({ PartNumber: number, ETag: eTag }));
    await this.#s3.send(new CompleteMultipartUploadCommand({ ...this.#partial, UploadId, MultipartUpload: { Parts } }));
  }

  /** SHA-256 of what has been put together, read back from the bucket. */
  async hash(): Promise<string> {
    const { Body } = await this.#s3.send(new GetObjectCommand(this.#partial));
    const hash = createHash('sha256');
    for await (const chunk of Body as AsyncIterable<Buffer>) {
      hash.update(chunk);
    }
    return hash.digest('hex');
  }

  /** Moves what has been put together to its key, with its hash. */
  async keep(sha256: string): Promise<void> {
    await this.#s3.send(
      new CopyObjectCommand({
        Bucket: this.#bucket,
        Key: this.#key,
        CopySource: encodeURIComponent(`${this.#bucket}/${this.#partial.Key}`).replaceAll('%2F', '/'),
        Metadata: { [SHA256]: sha256 },
        MetadataDirective: 'REPLACE',
      }),
    );
  }

  /** Forgets what is on its way. */
  async discard(uploadId: string | undefined): Promise<void> {
    if (uploadId !== undefined) {
      await found(this.#s3.send(new AbortMultipartUploadCommand({ ...this.#partial, UploadId: uploadId })));
    }
    await found(this.#s3.send(new DeleteObjectCommand(this.#partial)));
    await found(this.#s3.send(new DeleteObjectCommand(this.#state)));
  }

  /** Deletes the file and what is on its way. A bucket or file that does not exist is as good. */
  async remove(): Promise<void> {
    const state = await this.readState().catch(() => undefined);
    await this.discard(state?.upload?.id);
    await found(this.#s3.send(new DeleteObjectCommand({ Bucket: this.#bucket, Key: this.#key })));
  }
}

/** The answer, or undefined where S3 says that there is no such thing. */
async function found<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) {
      return undefined;
    }
    throw error;
  }
}

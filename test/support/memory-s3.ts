/** Buckets in memory behind a mocked client: what uploads in parts, copies and ranges do to bytes is real. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';

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
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { type AwsClientStub, mockClient } from 'aws-sdk-client-mock';

interface StoredObject {
  readonly bytes: Buffer;
  readonly metadata: Readonly<Record<string, string>>;
}

interface Upload {
  readonly path: string;
  readonly parts: Map<number, Buffer>;
}

const refusal = (status: number, name: string): S3ServiceException =>
  new S3ServiceException({ name, message: name, $fault: 'client', $metadata: { httpStatusCode: status } });

const eTagOf = (bytes: Buffer): string => `"${createHash('md5').update(bytes).digest('hex')}"`;

export class MemoryS3 {
  /** By `bucket/key`. */
  readonly objects = new Map<string, StoredObject>();
  readonly uploads = new Map<string, Upload>();
  /** Buckets that answer 403. */
  readonly forbidden = new Set<string>();
  readonly stub: AwsClientStub<S3Client>;
  #serial = 0;

  constructor() {
    const stub = mockClient(S3Client);
    this.stub = stub;
    stub.on(HeadObjectCommand).callsFake(({ Bucket, Key }: Where) => {
      const { bytes, metadata } = this.#get(Bucket, Key);
      return { ContentLength: bytes.length, ETag: eTagOf(bytes), Metadata: metadata };
    });
    stub.on(GetObjectCommand).callsFake(({ Bucket, Key, Range, IfMatch }: Where & Ranged) => {
      const { bytes } = this.#get(Bucket, Key);
      if (IfMatch !== undefined && IfMatch !== eTagOf(bytes)) {
        throw refusal(412, 'PreconditionFailed');
      }
      const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(Range ?? '') ?? [];
      const part = from === undefined ? bytes : bytes.subarray(Number(from), Number(to) + 1);
      return {
        Body: Object.assign(Readable.from([part]), { transformToString: () => Promise.resolve(part.toString()) }),
      };
    });
    stub.on(PutObjectCommand).callsFake(({ Bucket, Key, Body }: Where & { Body: string }) => {
      this.objects.set(`${Bucket}/${Key}`, { bytes: Buffer.from(Body), metadata: {} });
      return {};
    });
    stub.on(CopyObjectCommand).callsFake(({ Bucket, Key, CopySource, Metadata }: Where & Copied) => {
      const [, bucket = '', key = ''] = /^([^/]+)\/(.+)$/.exec(decodeURIComponent(CopySource)) ?? [];
      this.objects.set(`${Bucket}/${Key}`, { bytes: this.#get(bucket, key).bytes, metadata: Metadata });
      return {};
    });
    stub.on(DeleteObjectCommand).callsFake(({ Bucket, Key }: Where) => {
      this.objects.delete(`${Bucket}/${Key}`);
      return {};
    });
    stub.on(CreateMultipartUploadCommand).callsFake(({ Bucket, Key }: Where) => {
      const UploadId = `upload-${(this.#serial += 1)}`;
      this.uploads.set(UploadId, { path: `${Bucket}/${Key}`, parts: new Map() });
      return { UploadId };
    });
    stub.on(UploadPartCommand).callsFake(({ UploadId, PartNumber, Body }: OfUpload & Uploaded) => {
      this.#upload(UploadId).parts.set(PartNumber, Buffer.from(Body));
      return {};
    });
    stub.on(ListPartsCommand).callsFake(({ UploadId, PartNumberMarker = '0' }: OfUpload & Marked) => {
      // Two on a page, so that there is a second one.
      const after = [...this.#upload(UploadId).parts].sort(([a], [b]) => a - b);
      const rest = after.filter(([number]) => number > Number(PartNumberMarker));
      const page = rest.slice(0, 2);
      return {
        Parts: page.map(([number, bytes]) => ({ PartNumber: number, ETag: eTagOf(bytes) })),
        IsTruncated: rest.length > 2,
        NextPartNumberMarker: String(page.at(-1)?.[0] ?? 0),
      };
    });
    stub.on(CompleteMultipartUploadCommand).callsFake(({ UploadId, MultipartUpload }: OfUpload & Completed) => {
      const { path, parts } = this.#upload(UploadId);
      const bytes = MultipartUpload.Parts.map(({ PartNumber, ETag }) => {
        const part = parts.get(PartNumber);
        if (!part || eTagOf(part) !== ETag) {
          throw refusal(400, 'InvalidPart');
        }
        return part;
      });
      this.objects.set(path, { bytes: Buffer.concat(bytes), metadata: {} });
      this.uploads.delete(UploadId);
      return {};
    });
    stub.on(AbortMultipartUploadCommand).callsFake(({ UploadId }: OfUpload) => {
      this.#upload(UploadId);
      this.uploads.delete(UploadId);
      return {};
    });
  }

  put(path: string, bytes: Buffer): void {
    this.objects.set(path, { bytes, metadata: {} });
  }

  #get(bucket: string, key: string): StoredObject {
    if (this.forbidden.has(bucket)) {
      throw refusal(403, 'AccessDenied');
    }
    const object = this.objects.get(`${bucket}/${key}`);
    if (!object) {
      throw refusal(404, 'NoSuchKey');
    }
    return object;
  }

  #upload(id: string): Upload {
    const upload = this.uploads.get(id);
    if (!upload) {
      throw refusal(404, 'NoSuchUpload');
    }
    return upload;
  }
}

interface Where {
  readonly Bucket: string;
  readonly Key: string;
}
interface Ranged {
  readonly Range?: string;
  readonly IfMatch?: string;
}
interface Copied {
  readonly CopySource: string;
  readonly Metadata: Record<string, string>;
}
interface OfUpload {
  readonly UploadId: string;
}
interface Uploaded {
  readonly PartNumber: number;
  readonly Body: Buffer;
}
interface Marked {
  readonly PartNumberMarker?: string;
}
interface Completed {
  readonly MultipartUpload: { readonly Parts: readonly { readonly PartNumber: number; readonly ETag: string }[] };
}

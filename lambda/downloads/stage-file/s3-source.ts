import { GetObjectCommand, HeadObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';

import { collect, type Source, SourceError } from './source.ts';

/** A file in a bucket that the function may read, in any region: the mirror of a deployment without the internet. */
export function s3Source(s3: S3Client, url: string): Source {
  const [, Bucket = '', Key = ''] = /^s3:\/\/([^/]+)\/(.+)$/.exec(url) ?? [];
  const object = { Bucket, Key };
  const read = async (Range: string | undefined, IfMatch: string | undefined, abortSignal: AbortSignal) => {
    const { Body } = await asSource(s3.send(new GetObjectCommand({ ...object, Range, IfMatch }), { abortSignal }));
    if (!Body) {
      throw new SourceError('answers without a body', true);
    }
    return Body as AsyncIterable<Buffer>;
  };

  return {
    url,
    async open(abortSignal) {
      const { ContentLength, ETag } = await asSource(s3.send(new HeadObjectCommand(object), { abortSignal }));
      return { size: ContentLength, version: ETag, hasRanges: true };
    },
    async readRange({ version }, from, to, signal) {
      return collect(whole(await read(`bytes=${from}-${to}`, version, signal)), to - from + 1);
    },
    async *readAll(signal) {
      yield* whole(await read(undefined, undefined, signal));
    },
  };
}

async function* whole(body: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* body;
  } catch (error) {
    throw new SourceError(error instanceof Error ? error.message : String(error), true);
  }
}

async function asSource<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof S3ServiceException) {
      const status = error.$metadata.httpStatusCode ?? 0;
      // A HEAD has no body, so the SDK knows no better name than Unknown.
      const name = error.name === 'Unknown' || error.name === '' ? '' : ` ${error.name}`;
      const cause =
        status === 403 ? ": may the function read it? the bucket needs a policy if it is another account's" : '';
      throw new SourceError(`answers ${status}${name}${cause}`, status >= 500 || status === 429 || status === 412);
    }
    throw new SourceError(error instanceof Error ? error.message : String(error), true);
  }
}

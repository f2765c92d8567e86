/**
 * Brings one file from the first of its addresses that has it into the bucket, in parts: a call of the function does what
 * it can within its time, and the next call continues from there. Memory does not grow with the file.
 */
import { setTimeout as sleep } from 'node:timers/promises';

import { S3ServiceException } from '@aws-sdk/client-s3';

import { type Opened, type Source, SourceError } from './source.ts';
import type { State } from './state.ts';
import type { Store } from './store.ts';

/** CopyObject takes no more. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html */
const MOST_BYTES = 5 * 1024 ** 3;

export interface Pace {
  /** Bytes of a part; S3 takes no fewer than 5 MiB but for the last. */
  readonly partBytes: number;
  /** Parts that are read at once. */
  readonly parallel: number;
  /** Pause after the nth failure in a row (from 1), ms. */
  readonly pauseMs: (failures: number) => number;
  /** Failures in a row after which an address is given up while there is another. */
  readonly patience: number;
  /** The same for the last address. */
  readonly lastPatience: number;
}

/** With these pauses (2 s, doubling to a minute) another address has its turn after three minutes; the last one has a quarter of an hour. */
export const PACE: Pace = {
  partBytes: 8 * 1024 ** 2,
  parallel: 3,
  pauseMs: (failures) => Math.min(1_000 * 2 ** failures, 60_000),
  patience: 7,
  lastPatience: 19,
};

export interface Job {
  readonly store: Pick<
    Store,
    'readState' | 'writeState' | 'begin' | 'parts' | 'put' | 'complete' | 'hash' | 'keep' | 'discard'
  >;
  /** In the order in which they are tried; at least one. */
  readonly sources: readonly Source[];
  /** What the file must have; undefined takes the file as it comes. */
  readonly sha256: string | undefined;
  /** Field of the configuration that the file is of. */
  readonly field: string;
  /** Tells this request from those before it. */
  readonly request: string;
  readonly pace: Pace;
}

/** The time of this call is over: the next call continues. */
class OutOfTime extends Error {}

/**
 * @param until when to stop, ms since the epoch.
 * @returns the SHA-256 of the file, or undefined when the next call must go on.
 * @throws Error in one line that names each address and why it is of no use.
 */
export async function transfer(job: Job, until: number): Promise<string | undefined> {
  let state = await job.store.readState();
  if (state?.request !== job.request) {
    await job.store.discard(state?.upload?.id);
    state = { request: job.request, source: 0, failures: 0, problems: [] };
  }
  const run = new Run(job, state, Date.now(), until);
  try {
    return await run.toEnd();
  } catch (error) {
    if (error instanceof OutOfTime) {
      await job.store.writeState(run.state);
      return undefined;
    }
    await job.store.discard(run.state.upload?.id);
    throw error;
  }
}

class Run {
  readonly #job: Job;
  readonly #began: number;
  readonly #until: number;

  constructor(
    job: Job,
    readonly state: State,
    began: number,
    until: number,
  ) {
    this.#job = job;
    this.#began = began;
    this.#until = until;
  }

  async toEnd(): Promise<string> {
    for (;;) {
      const source = this.#job.sources[this.state.source];
      if (!source) {
        throw new Error(`${this.#job.field}: ${this.state.problems.join('; ')}`);
      }
      try {
        return await this.#bring(source);
      } catch (error) {
        await this.#failed(source, asSourceError(error));
      }
    }
  }

  async #failed(source: Source, failure: SourceError): Promise<void> {
    const { state } = this;
    const job = this.#job;
    const isLast = state.source === job.sources.length - 1;
    state.failures += 1;
    console.log(JSON.stringify({ event: 'failed', url: source.url, failures: state.failures, why: failure.message }));
    state.problems[state.source] = `${source.url} ${failure.message}`;
    if (!failure.isTransient || state.failures > (isLast ? job.pace.lastPatience : job.pace.patience)) {
      await job.store.discard(state.upload?.id);
      delete state.upload;
      state.source += 1;
      state.failures = 0;
      return;
    }
    const pause = job.pace.pauseMs(state.failures);
    if (Date.now() + pause > this.#until) {
      throw new OutOfTime();
    }
    await sleep(pause);
  }

  async #bring(source: Source): Promise<string> {
    const { store } = this.#job;
    const signal = AbortSignal.timeout(Math.max(0, this.#until - Date.now()));
    let hasRanges = true;
    try {
      const opened = this.#withoutVersion(await source.open(signal));
      check(opened.size);
      ({ hasRanges } = opened);
      const id = await (hasRanges ? this.#parts(source, opened, signal) : this.#whole(source, opened, signal));
      await store.complete(id);
    } catch (error) {
      if (!signal.aborted) {
        throw error;
      }
      if (hasRanges) {
        throw new OutOfTime();
      }
      const seconds = Math.round((this.#until - this.#began) / 1_000);
      throw new SourceError(
        `can't be asked for parts (Range), and does not send the whole file within ${seconds} s: copy it to a bucket and name its s3:// address in ${this.#job.field}.url`,
        false,
      );
    }
    delete this.state.upload;
    const sha256 = await store.hash();
    if (this.#job.sha256 !== undefined && sha256 !== this.#job.sha256) {
      const { field } = this.#job;
      throw new SourceError(
        `has the SHA-256 ${sha256}, but ${field}.sha256 is ${this.#job.sha256}: correct the hash, or name another address in ${field}.url`,
        false,
      );
    }
    await store.keep(sha256);
    await store.discard(undefined);
    return sha256;
  }

  /** Machines behind one address tag the same file differently: where a hash will tell, the tags need not agree. */
  #withoutVersion(opened: Opened): Opened {
    return this.#job.sha256 === undefined ? opened : { ...opened, version: undefined };
  }

  /** Part by part, as many as are missing. @returns the upload's id. */
  async #parts(source: Source, opened: Opened, signal: AbortSignal): Promise<string> {
    const { store, pace } = this.#job;
    const size = opened.size ?? 0;
    const { id, there } = await this.#upload(opened, size);
    const missing = Array.from({ length: Math.ceil(size / pace.partBytes) }, (_, index) => index + 1).filter(
      (number) => !there.has(number),
    );
    const stop = new AbortController();
    const either = AbortSignal.any([signal, stop.signal]);
    const failures: unknown[] = [];
    const worker = async (): Promise<void> => {
      for (let number = missing.shift(); number !== undefined && failures.length === 0; number = missing.shift()) {
        const from = (number - 1) * pace.partBytes;
        const bytes = await source.readRange(opened, from, Math.min(from + pace.partBytes, size) - 1, either);
        await store.put(id, number, bytes);
        this.state.failures = 0;
      }
    };
    const workers = Array.from({ length: pace.parallel }, () =>
      worker().catch((error: unknown) => {
        failures.push(error);
        // The others' parts are read again.
        stop.abort();
      }),
    );
    await Promise.all(workers);
    if (failures.length > 0) {
      throw failures[0];
    }
    return id;
  }

  /** The upload that an earlier call began, if it is of the very same file; otherwise a new one. */
  async #upload(opened: Opened, size: number): Promise<{ id: string; there: ReadonlySet<number> }> {
    const { store } = this.#job;
    const { upload } = this.state;
    if (upload?.size === size && upload.version === opened.version) {
      const parts = await store.parts(upload.id);
      if (parts) {
        return { id: upload.id, there: new Set(parts.map(({ number }) => number)) };
      }
    } else if (upload) {
      await store.discard(upload.id);
    }
    const id = await store.begin();
    this.state.upload = { id, size, version: opened.version };
    await store.writeState(this.state);
    return { id, there: new Set() };
  }

  /** In one go: this source can't be asked for a part. @returns the upload's id. */
  async #whole(source: Source, opened: Opened, signal: AbortSignal): Promise<string> {
    const { store, pace } = this.#job;
    // What is begun in the middle of a call has less time than it may need.
    if (Date.now() - this.#began > (this.#until - this.#began) / 10) {
      throw new OutOfTime();
    }
    await store.discard(this.state.upload?.id);
    const id = await store.begin();
    this.state.upload = { id, size: opened.size ?? 0 };
    let number = 0;
    let length = 0;
    for await (const part of inParts(source.readAll(signal), pace.partBytes)) {
      length += part.length;
      check(length);
      await store.put(id, (number += 1), part);
    }
    if (length !== (opened.size ?? length)) {
      throw new SourceError(`ended after ${length} of ${opened.size} bytes`, true);
    }
    check(length);
    return id;
  }
}

/** @throws SourceError when there are too few bytes, or too many. */
function check(size: number | undefined): void {
  if (size === 0) {
    throw new SourceError('is empty', false);
  }
  if (size !== undefined && size > MOST_BYTES) {
    throw new SourceError(`has ${size} bytes, and at most 5 GiB can be staged`, false);
  }
}

/** The same bytes in pieces of `size`, the last of what is left. */
export async function* inParts(bytes: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let part = Buffer.allocUnsafe(size);
  let length = 0;
  for await (const chunk of bytes) {
    for (let taken = 0; taken < chunk.length;) {
      const copied = chunk.copy(part, length, taken);
      taken += copied;
      length += copied;
      if (length === size) {
        yield part;
        part = Buffer.allocUnsafe(size);
        length = 0;
      }
    }
  }
  if (length > 0) {
    yield part.subarray(0, length);
  }
}

/** What may be different a moment later, as a failure of the source; anything else is thrown. */
function asSourceError(error: unknown): SourceError {
  if (error instanceof SourceError) {
    return error;
  }
  const isS3 = error instanceof S3ServiceException;
  if (isS3 ? error.$fault === 'server' || error.$retryable !== undefined : isNetworkError(error)) {
    return new SourceError(`could not be written to the bucket: ${(error as Error).message}`, true);
  }
  throw error;
}

function isNetworkError(error: unknown): boolean {
  return error instanceof Error && ('code' in error || error.name === 'TimeoutError');
}

import { describe, expect, it } from '@jest/globals';

import { checkpointCalls, compareCalls } from '../../../rehearsal/permissions/checkpoint-calls.ts';

const BUCKET = 'arn:aws:s3:::bucket';
const of = (role: string, action: string, folder: string, calls: number) => ({ role, action, folder, calls });

const COUNTS = [
  of('nodes', 's3:PutObject', `${BUCKET}/checkpoint/2/commits`, 20),
  of('nodes', 's3:PutObject', `${BUCKET}/checkpoint/2/offsets`, 11),
  of('nodes', 's3:PutObject', `${BUCKET}/checkpoint/2/state/0/0`, 12),
  of('nodes', 's3:ListBucket', BUCKET, 100),
  of('nodes', 's3:GetObject', `${BUCKET}/checkpoint/2`, 90),
  of('nodes', 's3:DeleteObject', `${BUCKET}/checkpoint/2`, 7),
  of('druid', 's3:PutObject', `${BUCKET}/segments`, 1_000),
  of('druid', 's3:ListBucket', BUCKET, 1_000),
];

describe("the checkpoint's requests", () => {
  it('are those of the role that writes commits, each of which is put and copied, by the classes of their price', () => {
    expect(checkpointCalls(COUNTS)).toEqual({ batches: 10, put: 143, get: 90 });
  });

  it('are compared with the estimate for one partition: 5 of its delta and snapshots, 7 of each log, 2 a minute', () => {
    const begin = { batches: 0, put: 0, get: 0 };
    const estimated = 110 * 5 * (12 / 11) + 110 * 14 + 10;
    expect(compareCalls(begin, { batches: 110, put: estimated, get: 5 }, 5, 1).difference).toBeCloseTo(0);
    const { line, difference } = compareCalls(begin, { batches: 110, put: 2 * estimated, get: 5 }, 5, 1);
    expect(difference).toBeCloseTo(1);
    expect(line).toContain('4300 requests that cost as PUT in 110 batches and 5.0 min, estimated 2150');
  });
});

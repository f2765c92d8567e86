import { describe, expect, test } from '@jest/globals';

import { parseProgress } from '../../../engines/processes/spark.ts';

/** What emr-bootstrap/dutycycle/report.py prints of a batch. */
const line = (figures: Readonly<Record<string, unknown>>): string =>
  JSON.stringify({
    ...{ event: 'progress', batch_id: 7, late: 0, dead_letters: 0, lag: 35, rows: 1200, lost: 0 },
    ...{ rows_per_s: 3870.9, end_offsets: { '0': 512, '1': 688 }, ...figures },
  });

describe("the streaming job's progress", () => {
  test('is read when the job was started again and the batch was not measured', () => {
    const recovered = line({ rows_per_s: null, lost: null, duration_ms: null, recovered: true });
    expect(parseProgress(recovered)).toMatchObject({ batch_id: 7, rows_per_s: null, lag: 35 });
  });

  test('is read when Kafka did not answer how far the job is behind', () => {
    expect(parseProgress(line({ lag: null }))).toMatchObject({ batch_id: 7, lag: null });
  });

  test('is told from other lines, and refused when it is cut off or lacks a count', () => {
    expect(parseProgress('{"event": "started"}')).toBeUndefined();
    expect(parseProgress('24/01/01 WARN nothing to do with it')).toBeUndefined();
    expect(() => parseProgress(line({}).slice(0, 40))).toThrow(SyntaxError);
    expect(() => parseProgress(line({ late: null }))).toThrow(/late/);
  });
});

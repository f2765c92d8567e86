import { afterEach, describe, expect, test } from '@jest/globals';

import { DruidApi } from '../../../../src/druid/api.ts';
import { report } from '../../../../src/hosts/druid/report.ts';
import { type Answer, type Asked, standIn } from './stand-in.ts';

/** As Druid 33 answers `/supervisor/ID/status`, with the parts that are read. */
const status = (over: Record<string, unknown> = {}): Answer => ({
  body: {
    id: 'powerraw',
    payload: {
      state: 'RUNNING',
      detailedState: 'RUNNING',
      healthy: true,
      aggregateLag: 12,
      activeTasks: [{}],
      publishingTasks: [],
      recentErrors: [],
      ...over,
    },
  },
});

const segments: Answer = { body: '{"used":7,"unavailable":2,"bytes":1024}\n\n' };

describe('the report of the Druid host', () => {
  let server: Awaited<ReturnType<typeof standIn>>;
  afterEach(() => server.stop());

  const reportOf = async (answer: (asked: Asked) => Answer) => {
    server = await standIn(answer);
    return report(new DruidApi({ url: server.url }), 1_000);
  };

  test('has a line for each supervisor and one for segments', async () => {
    const lines = await reportOf(({ path }) => (path.includes('/sql') ? segments : status()));
    expect(lines).toEqual([
      ...['powerraw', 'dutycycle', 'history'].map((data_source) => ({
        ...{ event: 'supervisor', at_ms: 1_000, data_source, healthy: 1, state: 'RUNNING', lag: 12 },
      })),
      { event: 'segments', at_ms: 1_000, used: 7, unavailable: 2, bytes: 1_024 },
    ]);
  });

  test.each([
    ['unhealthy', { state: 'UNHEALTHY_TASKS', healthy: false, recentErrors: [{ message: 'no S3' }] }],
    ['suspended, which Druid calls healthy', { state: 'SUSPENDED', detailedState: 'SUSPENDED' }],
  ])('calls a supervisor not healthy that is %s', async (_, over) => {
    const [line] = await reportOf(({ path }) => (path.includes('/sql') ? segments : status(over)));
    expect(line).toMatchObject({ event: 'supervisor', healthy: 0 });
  });

  test('tells the newest error of one that is not healthy', async () => {
    const over = { healthy: false, recentErrors: [{ message: 'no S3' }, { message: 'older' }] };
    const [line] = await reportOf(({ path }) => (path.includes('/sql') ? segments : status(over)));
    expect(line).toMatchObject({ healthy: 0, error: 'no S3' });
  });

  test('has no lag as long as Druid does not know it', async () => {
    const [line] = await reportOf(({ path }) => (path.includes('/sql') ? segments : status({ aggregateLag: null })));
    expect(line).not.toHaveProperty('lag');
  });

  test.each([400, 404])('calls a supervisor not healthy that was never submitted (%i)', async (code) => {
    const lines = await reportOf(({ path }) =>
      path.includes('/sql') ? segments : { status: code, body: { error: 'Cannot find any supervisor' } },
    );
    expect(lines[0]).toEqual({
      ...{ event: 'supervisor', at_ms: 1_000, data_source: 'powerraw', healthy: 0, state: 'NOT_SUBMITTED' },
    });
  });

  test('counts what Druid does not answer, and still tells the rest', async () => {
    const lines = await reportOf(({ path }) =>
      path.includes('/sql') ? { status: 503, body: { errorMessage: 'no Broker' } } : status(),
    );
    expect(lines.map(({ event }) => event)).toEqual(['supervisor', 'supervisor', 'supervisor', 'unanswered']);
    expect(lines[3]).toMatchObject({ failures: 1, error: expect.stringContaining('no Broker') });
  });
});

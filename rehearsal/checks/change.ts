/** A deployment that is changed while it runs. */
import { z } from 'zod';

import { describe, reconcile } from '../audit.ts';
import { type Check, CheckError } from '../check.ts';
import { instanceOf, onHost } from '../hosts.ts';
import { DEPLOY, DEPLOY_TIMEOUT_MS } from './deployment.ts';
import { allSteps, runningStep } from './flow.ts';

export const changedJob: Check = {
  name: 'changed-job',
  expectation:
    'a changed job cancels the running step and continues from the same checkpoint; no window is lost or doubled',
  after: ['reconciled'],
  run: async (environment, signal) => {
    const old = await runningStep();
    const { config } = environment;
    await environment.configure({ ...config, spark: { ...config.spark, maxOffsetsPerTrigger: 2_000_000 } });
    await environment.cdk(['deploy', 'spark', '--exclusively', ...DEPLOY], DEPLOY_TIMEOUT_MS, signal);
    const now = await runningStep();
    const before = (await allSteps()).find(({ Id }) => Id === old.Id)?.Status?.State;
    if (now.Id === old.Id || before !== 'CANCELLED') {
      throw new CheckError(`the old step is ${before}, ${now.Id} runs after ${old.Id}`);
    }
    return describe(await reconcile(environment, true));
  },
};

/** Another number than the preset's: a supervisor that keeps its old one is found out. */
const MORE_TASKS = 2;

const supervisorSchema = z.object({ spec: z.object({ ioConfig: z.object({ taskCount: z.int() }) }) });

/** How many tasks the running supervisor of powerraw has. */
async function powerrawTasks(): Promise<number> {
  const said = await onHost(
    'druid',
    [
      'set -eu; set -a; source /etc/igrid/settings; set +a',
      'curl --silent --fail --cacert /etc/igrid/ca.pem "$DRUID_URL/druid/indexer/v1/supervisor/powerraw"',
    ].join('\n'),
  );
  return supervisorSchema.parse(JSON.parse(said)).spec.ioConfig.taskCount;
}

export const changedIngestion: Check = {
  name: 'changed-ingestion',
  expectation: 'another number of ingestion tasks is applied: the supervisor runs with it, on the same host',
  after: ['reconciled'],
  run: async (environment, signal) => {
    const { config } = environment;
    const [before, tasksBefore] = [await instanceOf('druid'), await powerrawTasks()];
    if (tasksBefore === MORE_TASKS) {
      throw new CheckError(`the supervisor of powerraw had ${MORE_TASKS} tasks before the change`);
    }
    await environment.configure({ ...config, druid: { ...config.druid, powerrawTasks: MORE_TASKS } });
    await environment.cdk(['deploy', 'druid', '--exclusively', ...DEPLOY], DEPLOY_TIMEOUT_MS, signal);
    const tasks = await powerrawTasks();
    if (tasks !== MORE_TASKS) {
      throw new CheckError(`the supervisor of powerraw has ${tasks} tasks`);
    }
    const now = await instanceOf('druid');
    if (now !== before) {
      throw new CheckError(`the Druid host was replaced: ${before} by ${now}`);
    }
    return `${tasksBefore} to ${tasks} tasks on the same host; ${describe(await reconcile(environment, true))}`;
  },
};

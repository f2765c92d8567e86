/** A deployment that is changed while it runs. */
import { z } from 'zod';

import { describe, reconcile } from '../audit.ts';
import { instanceOf, onHost } from '../hosts.ts';
import { type Proof, ProofError } from '../proof.ts';
import { DEPLOY, DEPLOY_TIMEOUT_MS } from './deployment.ts';
import { allSteps, runningStep } from './flow.ts';

export const changedJob: Proof = {
  name: 'changed-job',
  claim: 'a changed job cancels the running step and continues from the same checkpoint; no window is lost or doubled',
  after: ['reconciled'],
  run: async (stage, signal) => {
    const old = await runningStep();
    const { config } = stage;
    await stage.configure({ ...config, spark: { ...config.spark, maxOffsetsPerTrigger: 2_000_000 } });
    await stage.cdk(['deploy', 'spark', '--exclusively', ...DEPLOY], DEPLOY_TIMEOUT_MS, signal);
    const now = await runningStep();
    const before = (await allSteps()).find(({ Id }) => Id === old.Id)?.Status?.State;
    if (now.Id === old.Id || before !== 'CANCELLED') {
      throw new ProofError(`the old step is ${before}, ${now.Id} runs after ${old.Id}`);
    }
    return describe(await reconcile(stage, true));
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

export const changedIngestion: Proof = {
  name: 'changed-ingestion',
  claim: 'another number of ingestion tasks is applied: the supervisor runs with it, on the same host',
  after: ['reconciled'],
  run: async (stage, signal) => {
    const { config } = stage;
    const [before, tasksBefore] = [await instanceOf('druid'), await powerrawTasks()];
    if (tasksBefore === MORE_TASKS) {
      throw new ProofError(`the supervisor of powerraw had ${MORE_TASKS} tasks before the change`);
    }
    await stage.configure({ ...config, druid: { ...config.druid, powerrawTasks: MORE_TASKS } });
    await stage.cdk(['deploy', 'druid', '--exclusively', ...DEPLOY], DEPLOY_TIMEOUT_MS, signal);
    const tasks = await powerrawTasks();
    if (tasks !== MORE_TASKS) {
      throw new ProofError(`the supervisor of powerraw has ${tasks} tasks`);
    }
    const now = await instanceOf('druid');
    if (now !== before) {
      throw new ProofError(`the Druid host was replaced: ${before} by ${now}`);
    }
    return `${tasksBefore} to ${tasks} tasks on the same host; ${describe(await reconcile(stage, true))}`;
  },
};

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

export const changedIngestion: Proof = {
  name: 'changed-ingestion',
  claim: 'another number of ingestion tasks is applied: the supervisor runs with it, on the same host',
  after: ['reconciled'],
  run: async (stage, signal) => {
    const { config } = stage;
    const before = await instanceOf('druid');
    await stage.configure({ ...config, druid: { ...config.druid, powerrawTasks: 2 } });
    await stage.cdk(['deploy', 'druid', '--exclusively', ...DEPLOY], DEPLOY_TIMEOUT_MS, signal);
    const said = await onHost(
      'druid',
      [
        'set -eu; set -a; source /etc/igrid/settings; set +a',
        'curl --silent --fail --cacert /etc/igrid/ca.pem "$DRUID_URL/druid/indexer/v1/supervisor/powerraw"',
      ].join('\n'),
    );
    const { taskCount } = z
      .object({ spec: z.object({ ioConfig: z.object({ taskCount: z.int() }) }) })
      .parse(JSON.parse(said)).spec.ioConfig;
    if (taskCount !== 2) {
      throw new ProofError(`the supervisor of powerraw has ${taskCount} tasks`);
    }
    const now = await instanceOf('druid');
    if (now !== before) {
      throw new ProofError(`the Druid host was replaced: ${before} by ${now}`);
    }
    return describe(await reconcile(stage, true));
  },
};

/** Step 3: Druid, with its supervisors, retention rules and lookups. */
import pRetry from 'p-retry';

import { druidProcesses } from '../../engines/processes/druid.ts';
import type { EngineHomes } from '../../engines/setup/set-up.ts';
import { lookups } from '../../src/core/appliances/registry.ts';
import { DruidApi, DruidError } from '../../src/druid/api.ts';
import { setLookups } from '../../src/druid/lookups.ts';
import { retentionRules, supervisorSpecs } from '../../src/druid/supervisor-specs.ts';
import { setDefaultRules, submitSupervisor } from '../../src/druid/supervisors.ts';
import type { RunContext } from './context.ts';

const DRUID_READY_MS = 300_000;

/** Starts Druid and resolves when it ingests. @throws DruidError for what it refuses for a minute. */
export async function startQueries(run: RunContext, homes: EngineHomes): Promise<DruidApi> {
  const { ports } = run.options;
  const druid = new DruidApi({ url: run.druidUrl });
  await run.supervisor.start(
    druidProcesses({
      java: homes.tools.java,
      jars: homes.druidJars,
      avroExtension: homes.avroExtension,
      directory: run.path('druid'),
      ports: {
        'coordinator-overlord': ports.druidCoordinator,
        broker: ports.druidBroker,
        historical: ports.druidHistorical,
        indexer: ports.druidIndexer,
        router: ports.druidRouter,
        zookeeper: ports.zookeeper,
        metadata: ports.druidMetadata,
      },
    }),
  );
  run.druid = druid;
  await druid.waitUntilReady(DRUID_READY_MS);
  const specs = await supervisorSpecs({
    consumer: { 'bootstrap.servers': run.brokers },
    maxIntervalMs: run.clock.maxGapMs,
  });
  const rules = await retentionRules();
  // Each step may be repeated. An engine that is restarted in between answers a little later.
  await pRetry(
    async () => {
      await Promise.all(specs.map((spec) => submitSupervisor(druid, spec)));
      await setDefaultRules(druid, rules);
      await setLookups(druid, { ...lookups() });
    },
    { retries: 30, factor: 1, minTimeout: 2_000, shouldRetry: ({ error }) => error instanceof DruidError },
  );
  return druid;
}

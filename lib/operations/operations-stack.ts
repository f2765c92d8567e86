import type { Construct } from 'constructs';

import type { BatchStack } from '../batch/batch-stack.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DashboardStack } from '../dashboard/dashboard-stack.ts';
import type { DutyCycleStack } from '../duty-cycle/duty-cycle-stack.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import { GridStack } from '../grid-stack.ts';
import type { OlapStack } from '../olap/olap-stack.ts';
import type { ReplayStack } from '../replay/replay-stack.ts';
import { addAlarm, checkSilence } from './alarm.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { batchMetrics, canaryMetrics } from './batch-metrics.ts';
import { machinesDashboard, operatorDashboard } from './dashboards.ts';
import { freshnessAlarms } from './freshness-alarms.ts';
import { functionAlarms } from './function-alarms.ts';
import { programMetrics } from './grid-metrics.ts';
import { historyAlarms } from './history-alarms.ts';
import { databaseAlarms, hostAlarms, producerAlarms } from './host-alarms.ts';
import { jobAlarms } from './job-alarms.ts';
import { MonthlyBudget } from './monthly-budget.ts';
import { olapAlarms, olapMetrics } from './olap-alarms.ts';
import { Replacements } from './replacements.ts';
import { streamAlarms } from './stream-alarms.ts';

export interface OperationsStackProps {
  readonly config: GridConfig;
  readonly foundation: FoundationStack;
  readonly dutyCycle: DutyCycleStack;
  readonly olap: OlapStack;
  readonly batch: BatchStack;
  readonly dashboard: DashboardStack;
  readonly replay: ReplayStack;
}

/** What watches the rest: alarms that name their cure, dashboards, a Budget. */
export class OperationsStack extends GridStack {
  constructor(scope: Construct, props: OperationsStackProps) {
    const { config, foundation, dutyCycle, olap, batch, dashboard, replay } = props;
    super(scope, 'operations', { config, description: 'iGrid: alarms, dashboards, budget' });
    const programs = programMetrics(this, config, dutyCycle, replay);
    const canary = canaryMetrics(this, config, batch);
    const history = batchMetrics(this, config, batch);
    const druid = olapMetrics(this, config, olap);
    const machines = [...replay.machines, olap.host.machine, batch.machine, dashboard.machine];

    const { topic, action } = new AlarmTopic(this, 'alarms', { config, key: foundation.key });
    const definitions = [
      ...freshnessAlarms(config, canary),
      ...streamAlarms(config),
      ...jobAlarms(config, dutyCycle, programs),
      ...olapAlarms(config, druid),
      ...historyAlarms(config, history),
      ...hostAlarms(machines),
      ...new Replacements(this, 'replacements', { config, machines }).alarms,
      ...producerAlarms(programs),
      ...databaseAlarms(foundation),
      ...functionAlarms(this.node.root, [dutyCycle.controller.restarter]),
    ];
    checkSilence(definitions);
    for (const definition of definitions) {
      addAlarm(this, config.name, action, definition);
    }
    operatorDashboard(this, { config, canary, batch: history, programs, druid });
    machinesDashboard(this, { config, foundation, machines });
    new MonthlyBudget(this, 'budget', { config, topic });
  }
}

import type { Construct } from 'constructs';

import type { AirflowStack } from '../airflow/airflow-stack.ts';
import type { GridConfig } from '../config/schema.ts';
import type { DruidStack } from '../druid/druid-stack.ts';
import type { FoundationStack } from '../foundation/foundation-stack.ts';
import type { ReplayStack } from '../replay/replay-stack.ts';
import type { SparkStack } from '../spark/spark-stack.ts';
import { GridStack } from '../stack/grid-stack.ts';
import type { SupersetStack } from '../superset/superset-stack.ts';
import { airflowMetrics, canaryMetrics } from './airflow-metrics.ts';
import { addAlarm, checkSilence } from './alarm.ts';
import { AlarmTopic } from './alarm-topic.ts';
import { hostsDashboard, operatorDashboard } from './dashboards.ts';
import { druidAlarms, druidMetrics } from './druid-alarms.ts';
import { freshnessAlarms } from './freshness-alarms.ts';
import { functionAlarms } from './function-alarms.ts';
import { programMetrics } from './grid-metrics.ts';
import { historyAlarms } from './history-alarms.ts';
import { databaseAlarms, hostAlarms, producerAlarms } from './host-alarms.ts';
import { kafkaAlarms } from './kafka-alarms.ts';
import { MonthlyBudget } from './monthly-budget.ts';
import { Replacements } from './replacements.ts';
import { sparkAlarms } from './spark-alarms.ts';

export interface OperationsStackProps {
  readonly config: GridConfig;
  readonly foundation: FoundationStack;
  readonly spark: SparkStack;
  readonly druid: DruidStack;
  readonly airflow: AirflowStack;
  readonly superset: SupersetStack;
  readonly replay: ReplayStack;
}

/** What watches the rest: alarms that name their cure, dashboards, a Budget. */
export class OperationsStack extends GridStack {
  constructor(scope: Construct, props: OperationsStackProps) {
    const { config, foundation, spark, druid, airflow, superset, replay } = props;
    super(scope, 'operations', { config, description: 'iGrid: alarms, dashboards, budget' });
    const programs = programMetrics(this, config, spark, replay);
    const canary = canaryMetrics(this, config, airflow);
    const history = airflowMetrics(this, config, airflow);
    const queries = druidMetrics(this, config, druid);
    const hosts = [...replay.hosts, druid.host.host, airflow.host, superset.host];

    const { topic, action } = new AlarmTopic(this, 'alarms', { config, key: foundation.key });
    const definitions = [
      ...freshnessAlarms(config, canary),
      ...kafkaAlarms(config),
      ...sparkAlarms(config, spark, programs),
      ...druidAlarms(config, queries),
      ...historyAlarms(config, history),
      ...hostAlarms(hosts),
      ...new Replacements(this, 'replacements', { config, hosts }).alarms,
      ...producerAlarms(programs),
      ...databaseAlarms(foundation),
      ...functionAlarms(this.node.root, [spark.controller.restarter]),
    ];
    checkSilence(definitions);
    for (const definition of definitions) {
      addAlarm(this, config.name, action, definition);
    }
    operatorDashboard(this, { config, canary, airflow: history, programs, druid: queries });
    hostsDashboard(this, { config, foundation, hosts });
    new MonthlyBudget(this, 'budget', { config, topic });
  }
}

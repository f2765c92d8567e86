/** What a rehearsal proves, in order: a table of contents. */
import type { Check } from './check.ts';
import { changedIngestion, changedJob } from './checks/change.ts';
import { druidLost, HOSTS, killed, rebooted } from './checks/day-two.ts';
import { bootstrap, deploy, destroy, disk, outputs, scan, unchanged } from './checks/deployment.ts';
import { brokenBootstrap, brokenDownload, brokenHost } from './checks/failure.ts';
import { firstBootFails, mirrorAway } from './checks/first-boot.ts';
import { dashboard, dutyCycles, history, readings, reconciled, slots, topics } from './checks/flow.ts';
import { metrics } from './checks/metrics.ts';
import { permissions } from './checks/permissions.ts';
import { requests } from './checks/requests.ts';

/** From an empty account to counts that agree. */
const FROM_NOTHING: readonly Check[] = [
  bootstrap,
  deploy,
  disk,
  outputs,
  topics,
  readings,
  dutyCycles,
  slots,
  dashboard,
  metrics,
  reconciled,
];

/** To an empty account again. */
const TO_NOTHING: readonly Check[] = [permissions, destroy, scan];

export const CHECKS: readonly Check[] = [
  ...FROM_NOTHING,
  unchanged,
  changedJob,
  changedIngestion,
  rebooted('reboot', HOSTS),
  killed,
  druidLost,
  mirrorAway,
  firstBootFails,
  history,
  requests,
  ...TO_NOTHING,
  brokenDownload,
  brokenHost,
  brokenBootstrap,
];

/** What a change of the project is checked by: the shortest way from an empty account to one that is empty again. */
export const SHORT_CHECKS: readonly Check[] = [...FROM_NOTHING, rebooted('reboot', ['replay']), ...TO_NOTHING];

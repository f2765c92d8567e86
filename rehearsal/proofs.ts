/** What a rehearsal proves, in order: a table of contents. */
import type { Proof } from './proof.ts';
import { changedIngestion, changedJob } from './proofs/change.ts';
import { druidLost, HOSTS, killed, rebooted } from './proofs/day-two.ts';
import { bootstrap, deploy, destroy, disk, outputs, scan, unchanged } from './proofs/deployment.ts';
import { brokenBootstrap, brokenDownload, brokenHost } from './proofs/failure.ts';
import { firstBootFails, mirrorAway } from './proofs/first-boot.ts';
import { dutyCycles, history, page, readings, reconciled, slots, topics } from './proofs/flow.ts';
import { metrics } from './proofs/metrics.ts';
import { permissions } from './proofs/permissions.ts';
import { requests } from './proofs/requests.ts';

export const PROOFS: readonly Proof[] = [
  bootstrap,
  deploy,
  disk,
  outputs,
  topics,
  readings,
  dutyCycles,
  slots,
  page,
  metrics,
  reconciled,
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
  permissions,
  destroy,
  scan,
  brokenDownload,
  brokenHost,
  brokenBootstrap,
];

/** What a change of the project is checked by: the shortest way from an empty account to one that is empty again. */
export const SHORT_PROOFS: readonly Proof[] = [
  bootstrap,
  deploy,
  disk,
  outputs,
  topics,
  readings,
  dutyCycles,
  slots,
  page,
  metrics,
  reconciled,
  rebooted('reboot', ['replay']),
  requests,
  permissions,
  destroy,
  scan,
];

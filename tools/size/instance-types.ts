/** The types that `npm run size` chooses among for each part, smallest first: those that tools/cost/prices.json has a price for. */
import { type Machine, machineOf } from '../../lib/capacity/machines.ts';

const all = (...names: readonly string[]): readonly Machine[] => names.map(machineOf);

export const INSTANCE_TYPES = {
  /** Hosts run an amd64 image. */
  replay: all('t3a.small', 'm7a.medium', 'm7a.large', 'm7a.xlarge', 'm7a.2xlarge'),
  broker: all('kafka.m7g.large', 'kafka.m7g.xlarge', 'kafka.m7g.2xlarge', 'kafka.m7g.4xlarge'),
  core: all('m7g.xlarge', 'm7g.2xlarge', 'm7g.4xlarge'),
  druid: all('i3.2xlarge', 'i3.4xlarge', 'i3.16xlarge'),
} as const;

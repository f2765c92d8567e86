/** Who may talk to whom: the whole of the grid's private traffic in one table. */
import type { GridConfig } from '../config/schema.ts';
import { PORTS } from './ports.ts';

/** Everything with a network interface, by the name of its security group. */
export const ACTORS = {
  brokers: 'MSK brokers',
  database: 'RDS instance with the metadata of Druid, Airflow and Superset',
  replay: 'hosts that replay data sets, or gateways of real meters',
  spark: 'nodes of the EMR cluster, beside the groups that EMR manages',
  druid: 'Druid host',
  airflow: 'Airflow host: Airflow, the history program, the freshness canary',
  superset: 'Superset host',
  'database-setup': 'function that makes databases and roles',
} as const;

export type Actor = keyof typeof ACTORS;

export interface Flow {
  readonly from: Actor;
  readonly to: Actor;
  /** TCP. */
  readonly port: number;
  readonly why: string;
}

const postgres = (from: Actor, why: string): Flow => ({ from, to: 'database', port: PORTS.postgres, why });
const druid = (from: Actor, why: string): Flow => ({ from, to: 'druid', port: PORTS.druidRouterTls, why });

/** All of it, for a Kafka with `kafka.auth` as configured. */
export function flows({ auth }: Pick<GridConfig['kafka'], 'auth'>): readonly Flow[] {
  const kafka = (from: Actor, why: string): Flow => ({ from, to: 'brokers', port: PORTS.kafka[auth], why });
  return [
    kafka('replay', 'readings'),
    kafka('spark', 'readings in, duty cycles out'),
    kafka('druid', 'ingestion of all topics'),
    kafka('airflow', 'history and canary'),
    postgres('druid', 'metadata'),
    postgres('airflow', 'metadata'),
    postgres('superset', 'metadata'),
    postgres('database-setup', 'databases and roles'),
    druid('airflow', 'history and canary'),
    druid('superset', 'charts'),
  ];
}

/** Actors that call AWS APIs or fetch packages, through NAT: HTTPS, and HTTP for Debian's signed package archives. */
export const INTERNET_PORTS: Readonly<Partial<Record<Actor, readonly number[]>>> = {
  replay: [443, 80],
  druid: [443, 80],
  airflow: [443, 80],
  superset: [443, 80],
  'database-setup': [443],
};

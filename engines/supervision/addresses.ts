/** Everything listens here and nowhere else: the grid on one machine is no server. */
export const HOST = '127.0.0.1';

/** The ports of the grid on one machine. Each can be changed with `--ports name=number`. */
export interface Ports {
  readonly kafka: number;
  readonly kafkaController: number;
  readonly zookeeper: number;
  readonly druidCoordinator: number;
  readonly druidMetadata: number;
  readonly druidBroker: number;
  readonly druidHistorical: number;
  readonly druidIndexer: number;
  readonly druidRouter: number;
  readonly sparkUi: number;
  readonly airflow: number;
  readonly superset: number;
}

/** The engines' own usual ports. */
export const DEFAULT_PORTS: Ports = {
  kafka: 9092,
  kafkaController: 9093,
  zookeeper: 2181,
  druidCoordinator: 8081,
  druidMetadata: 1527,
  druidBroker: 8082,
  druidHistorical: 8083,
  druidIndexer: 8091,
  druidRouter: 8888,
  sparkUi: 4040,
  airflow: 8080,
  superset: 8088,
};

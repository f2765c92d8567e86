/** The names of the stream's topics. Druid's data sources carry the same names. */
export const TOPICS = {
  /** One measured power value a message, keyed by house. */
  powerraw: 'powerraw',
  /** One appliance's duty cycle over one window a message, keyed by house. */
  dutycycle: 'dutycycle',
  /** One appliance's usual power at one time of day a message, keyed by house. */
  history: 'history',
  /** Messages that could not be read, each with where it stood, why, and its bytes. */
  deadletter: 'deadletter',
} as const;

export type Topic = (typeof TOPICS)[keyof typeof TOPICS];

/** Topics of demand response. The dispatcher alone writes them; both have one partition, so that they have one order. */
export const SHED_TOPICS = {
  /** The newest state of every event, of every house in it and of the dispatcher; compacted. */
  shedevent: 'shedevent',
  /** Every decision and every report, as a hash chain; append-only. */
  shedaudit: 'shedaudit',
} as const;

/** What the two need of Kafka, whatever the cluster. */
export const SHED_TOPIC_SETTINGS = {
  shedevent: { 'cleanup.policy': 'compact' },
  /** A year. */
  shedaudit: { 'cleanup.policy': 'delete', 'retention.ms': String(365 * 86_400_000) },
} as const satisfies Record<keyof typeof SHED_TOPICS, Readonly<Record<string, string>>>;

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

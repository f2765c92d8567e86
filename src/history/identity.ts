/** Names a grid's schedule to Kafka: transactional id and consumer group of the history program. */
export const HISTORY_ID = 'igrid-history';

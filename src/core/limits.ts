/** Bounds of what a reading may say. */

/**
 * Replays leave out what is above, W: more than the service of any house of the data sets can deliver (200 A at 240 V is
 * 48 kW).
 */
export const DEFAULT_MAX_POWER_W = 50_000;

/**
 * The highest power of one channel that a message may state, W. Above it Druid's filter leaves the message out and the
 * Spark job writes it to the dead letters: both are told this value, so that both count the same messages.
 */
export const MAX_MESSAGE_POWER_W = 100_000;

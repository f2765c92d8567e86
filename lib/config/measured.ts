/** What was measured of the parts, as far as fields and alarms say it. A test holds it to bench/results.json. */

/**
 * Readings per second that one ingestion task of powerraw reads with all of one core, rolled up to a second: by its CPU time
 * in the bench case `druid`, rounded down to thousands. Not measured on AWS.
 */
export const DRUID_TASK_READINGS_PER_SECOND = 124_000;

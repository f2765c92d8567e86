/** What was measured of the parts, as far as deployments use it. `npm run size -- --write-presets` writes the file. */
import measured from './measured.json' with { type: 'json' };

/**
 * Readings per second that one ingestion task of powerraw reads with all of one core, rolled up to a second: by its CPU time
 * in the bench case `druid`. Not measured on AWS.
 */
export const DRUID_TASK_READINGS_PER_SECOND: number = measured.druidTaskReadingsPerSecond;

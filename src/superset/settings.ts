/** What the dashboard's process is told, on a host of the stack and on one machine alike; see grid_settings.py. */
import type { GridClock } from '../core/clock/grid-clock.ts';
import { historySchedule } from '../history/schedule.ts';

/** Superset's administrator, who creates all other users. */
export const SUPERSET_USER = 'admin';

/** The time range that the dashboard shows at first, wall-clock ms: "Last 10 minutes" in its time filter. */
export const DEFAULT_RANGE_MS = 600_000;

/** Environment variables that bootstrap and configuration read, by what they are. */
export const SUPERSET_VARIABLES = {
  home: 'IGRID_SUPERSET_HOME',
  port: 'IGRID_SUPERSET_PORT',
  druidUri: 'IGRID_DRUID_URI',
  druidUriFile: 'IGRID_DRUID_URI_FILE',
  metadataUriFile: 'IGRID_SUPERSET_METADATA_URI_FILE',
  secretKeyFile: 'IGRID_SUPERSET_SECRET_KEY_FILE',
  adminPasswordFile: 'IGRID_SUPERSET_ADMIN_PASSWORD_FILE',
} as const;

/** The grid's durations, wall-clock ms, with which the dashboard's figures are made. */
export function durationsEnvironment(clock: GridClock): Record<string, string> {
  return {
    IGRID_SPEED: String(clock.speed),
    IGRID_WINDOW_MS: String(clock.windowMs),
    IGRID_SLIDE_MS: String(clock.slideMs),
    IGRID_MAX_GAP_MS: String(clock.maxGapMs),
    IGRID_HISTORY_SLOT_MS: String(historySchedule(clock).intervalMs),
  };
}

/** Who may log in to a Druid with a login, and what for. */

/**
 * Druid's users on a host of the stack. `admin` and `internal` are Druid's own (it calls the second `druid_system`);
 * the others read, each with a password of its own, so that one that leaks is changed alone.
 */
export const DRUID_USERS = ['admin', 'internal', 'superset', 'history', 'canary', 'report'] as const;

export type DruidUser = (typeof DRUID_USERS)[number];

/** Users that query and change nothing. */
export const READERS = ['superset', 'history', 'canary', 'report'] as const satisfies readonly DruidUser[];

export type DruidReader = (typeof READERS)[number];

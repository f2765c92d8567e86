/** The data sources, which are also topics. */
export const DATA_SOURCES = ['powerraw', 'dutycycle', 'history'] as const;
export type DataSource = (typeof DATA_SOURCES)[number];

/** A data set's name; the number is the first part of every house id that is replayed from it. */
export const DATA_SETS = { REDD: 1, GREEND: 2 } as const;
export type DataSetName = keyof typeof DATA_SETS;

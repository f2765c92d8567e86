import type { GridConfig } from '../config/schema.ts';

/** A file of somebody else's that hosts or EMR nodes need, as the configuration names it. */
export interface Download {
  /** Where it is, one address or several in the order in which they are tried; the AWS region replaces `{region}`. */
  readonly url: string | readonly string[];
  /** Absent: the hash is recorded when the file is staged. */
  readonly sha256?: string | undefined;
}

/** All of them, by their field of the configuration. */
export const DOWNLOADS = {
  'hosts.ssmAgent': ({ hosts }: GridConfig): Download => hosts.ssmAgent,
  'hosts.cloudWatchAgent': ({ hosts }: GridConfig): Download => hosts.cloudWatchAgent,
  'dutyCycle.mskIamAuth': ({ dutyCycle }: GridConfig): Download => dutyCycle.mskIamAuth,
  'dutyCycle.kafkaClients': ({ dutyCycle }: GridConfig): Download => dutyCycle.kafkaClients,
  'dutyCycle.commonsPool': ({ dutyCycle }: GridConfig): Download => dutyCycle.commonsPool,
  'olap.druid': ({ olap }: GridConfig): Download => olap.druid,
  'olap.mskIamAuth': ({ olap }: GridConfig): Download => olap.mskIamAuth,
} as const;

export type DownloadField = keyof typeof DOWNLOADS;

export function addressesOf({ url }: Download): readonly string[] {
  return [url].flat();
}

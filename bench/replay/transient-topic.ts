/**
 * Settings of a topic that a bench fills at tens of MB a second: its oldest segments go after seconds, so that ten
 * minutes of it fit on a disk. Records are written and synced as on any other.
 */
export const TRANSIENT_TOPIC: Readonly<Record<string, string>> = {
  'segment.bytes': String(128 * 1024 * 1024),
  'retention.bytes': String(256 * 1024 * 1024),
  'file.delete.delay.ms': '1000',
};

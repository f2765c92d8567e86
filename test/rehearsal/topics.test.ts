import { describe, expect, it } from '@jest/globals';

import { checkConfig } from '../../lib/config/load.ts';
import { topicMismatches, type TopicState } from '../../rehearsal/topics.ts';

const WANTED = checkConfig({}).kafka.topics;

const SETTINGS = { 'min.insync.replicas': '1', 'retention.ms': String(48 * 3_600_000) };

const SOUND: TopicState = { partitions: 6, settings: SETTINGS };

const FOUND: Readonly<Record<string, TopicState>> = {
  powerraw: { partitions: 6, settings: SETTINGS },
  dutycycle: { partitions: 6, settings: SETTINGS },
  history: { partitions: 6, settings: SETTINGS },
  deadletter: { partitions: 1, settings: { ...SETTINGS, 'retention.ms': String(168 * 3_600_000) } },
};

describe('the topics of a rehearsed deployment', () => {
  it('are right with the partitions and settings of the configuration', () => {
    expect(topicMismatches(WANTED, FOUND)).toEqual([]);
  });

  it.each<[string, Readonly<Record<string, TopicState>>]>([
    [
      "powerraw: retention.ms is the broker's default, not 172800000",
      { ...FOUND, powerraw: { partitions: 6, settings: { 'min.insync.replicas': '1' } } },
    ],
    [
      'powerraw: min.insync.replicas is 2, not 1',
      { ...FOUND, powerraw: { partitions: 6, settings: { ...SETTINGS, 'min.insync.replicas': '2' } } },
    ],
    ['history: partitions is 1, not 6', { ...FOUND, history: { partitions: 1, settings: SETTINGS } }],
    ['there is no topic deadletter', { powerraw: SOUND, dutycycle: SOUND, history: SOUND }],
  ])('are wrong when %s', (said, found) => {
    expect(topicMismatches(WANTED, found)).toEqual([said]);
  });
});

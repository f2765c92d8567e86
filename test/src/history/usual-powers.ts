import type { History } from '../../../src/core/messages/messages.ts';

/** More than one batch of messages that no real run would write. `afterFirstBatch` is called once a batch is in the topic. */
export async function* usualPowers(
  slotMs: number,
  afterFirstBatch: () => unknown,
): AsyncGenerator<History, void, undefined> {
  for (let index = 0; index < 1_500; index += 1) {
    if (index === 1_000) {
      await afterFirstBatch();
    }
    yield {
      house_id: `9_9_${index % 7}`,
      appliance_id: `9_9_${index % 7}_${index}`,
      appliance_name: 'kettle',
      timestamp: slotMs,
      mean_power: 1,
      days: 1,
      coverage: 1,
    };
  }
}

/**
 * A run of history that dies in the middle of its transaction: sends one batch of a slot, which the broker acknowledges,
 * and kills itself. Arguments: brokers, transactional id, slot (ms).
 */
import { writeSlot } from '../../../src/history/slot-writer.ts';
import { kafkaClient } from '../../../src/kafka/client.ts';
import { usualPowers } from './usual-powers.ts';

const [brokers = '', id = '', slot = ''] = process.argv.slice(2);
const kafka = kafkaClient({ brokers: [brokers], auth: 'none', clientId: 'abandoned' }, () => undefined);
await writeSlot(
  kafka,
  { transactionalId: id, groupId: id, transactionTimeoutMs: 60_000 },
  Number(slot),
  () => usualPowers(Number(slot), () => process.kill(process.pid, 'SIGKILL')),
  () => Promise.resolve(),
);

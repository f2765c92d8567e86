/** `npm run shed:audit`: verifies the audit trail. Exit status: 0 whole, 1 broken or not read, 2 wrong usage. */
import { open } from 'node:fs/promises';

import pino from 'pino';

import { runProgram } from '../../command-line/run-program.ts';
import { SHED_TOPICS } from '../../core/messages/topics.ts';
import { kafkaClient } from '../../kafka/client.ts';
import { BrokenChainError, type ChainHead } from '../audit/chain.ts';
import { readShedEvents, readTopic } from '../log/kafka-log.ts';
import { type AuditSettings, parseCommandLine } from './command-line.ts';
import { recordsOfFile, trailLine } from './trail-file.ts';
import { describeVerdict, TrailCheck } from './verify.ts';

async function main(settings: AuditSettings): Promise<void> {
  const check =
    settings.file === undefined ? await checkTopic(settings) : await checkFile(settings.file, settings.head);
  const verdict = check.verdict();
  if (!verdict.isWhole) {
    throw new BrokenChainError(describeVerdict(verdict));
  }
  process.stdout.write(`${describeVerdict(verdict)}\n`);
}

async function checkFile(file: string, head: ChainHead | undefined): Promise<TrailCheck> {
  const check = new TrailCheck(head ? [head] : []);
  for await (const record of recordsOfFile(file)) {
    check.add(record);
  }
  return check;
}

async function checkTopic(settings: AuditSettings): Promise<TrailCheck> {
  const { brokers = [], auth, region, group, head, save, verbose } = settings;
  const logger = pino({ level: verbose ? 'debug' : 'info' }, pino.destination({ fd: 2, sync: true }));
  const kafka = kafkaClient({ brokers, auth, region, clientId: 'igrid-audit' }, (level, message) =>
    logger.debug({ level }, message),
  );
  // What the dispatcher has stored with its events, and first: the trail may grow while it is read, and never shrinks.
  const stored = (await readShedEvents(kafka, group)).head().audit;
  const check = new TrailCheck(head ? [head, stored] : [stored]);
  const file = save === undefined ? undefined : await open(save, 'wx');
  try {
    const lines: string[] = [];
    await readTopic(kafka, SHED_TOPICS.shedaudit, group, ({ value }) => {
      const record = value ?? Buffer.alloc(0);
      check.add(record);
      if (file) {
        lines.push(trailLine(record));
      }
    });
    await file?.writeFile(lines.join(''));
  } finally {
    await file?.close();
  }
  return check;
}

await runProgram('shed:audit', parseCommandLine, main);

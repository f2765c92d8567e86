/** The status of the history program: one small JSON file, replaced after every complete slot. */
import { readFile } from 'node:fs/promises';

import { z } from 'zod';

import { codeOf } from '../core/error-code.ts';
import { parseJson } from '../core/parse-json.ts';
import { writeWhole } from '../files/write-whole.ts';

const count = z.int().nonnegative();

export const historyStatus = z.object({
  /** When a slot was last found or made complete, wall-clock ms: its age says whether history continues. */
  last_success_ms: count,
  /** That slot, wall-clock ms. */
  last_slot_ms: count,
  /** How many messages it has. */
  last_messages: count,
  /** How long that run took, ms. */
  last_duration_ms: count,
  /** Slots with messages since the file was begun. */
  slots: count,
  /** Their messages. */
  messages: count,
});
export type HistoryStatus = z.infer<typeof historyStatus>;

/**
 * The status in a file; undefined when there is none yet. One that can't be read blocks nothing: its sums begin again.
 *
 * @param warn told in one line when the file is there and can't be read.
 */
export async function readStatus(file: string, warn: (sentence: string) => void): Promise<HistoryStatus | undefined> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') {
      return undefined;
    }
    warn(`${file} can't be read (${String(error)}): its sums begin again`);
    return undefined;
  }
  const parsed = historyStatus.safeParse(parseJson(text));
  if (parsed.success) {
    return parsed.data;
  }
  warn(`${file} is cut off or of another version: it is written again, and its sums begin again`);
  return undefined;
}

/** A run that is over: the slot it was for, how many messages the slot has, how long it took. */
export interface FinishedRun {
  readonly slotMs: number;
  readonly messages: number;
  readonly durationMs: number;
}

/** The status after one more run. A slot that is run again counts once. */
export function statusAfter(before: HistoryStatus | undefined, run: FinishedRun, nowMs: number): HistoryStatus {
  const isNew = run.messages > 0 && before?.last_slot_ms !== run.slotMs;
  return {
    last_success_ms: nowMs,
    last_slot_ms: run.slotMs,
    last_messages: run.messages,
    last_duration_ms: run.durationMs,
    slots: (before?.slots ?? 0) + (isNew ? 1 : 0),
    messages: (before?.messages ?? 0) + (isNew ? run.messages : 0),
  };
}

/** Replaces the file in one step: a reader sees the old status or the new one. */
export async function writeStatus(file: string, status: HistoryStatus): Promise<void> {
  await writeWhole(file, `${JSON.stringify(status)}\n`);
}

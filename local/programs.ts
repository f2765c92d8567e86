import { join } from 'node:path';

import { type AuditEvent, auditEvent } from '../engines/audit/events.ts';
import type { EngineProcess } from '../engines/supervision/engine.ts';
import { type CanaryEvent, parseCanaryEvent } from '../src/canary/events.ts';
import { repositoryPath } from '../src/files/repository.ts';
import { parseReplayEvent, type ReplayEvent } from '../src/replay/events.ts';
import type { Past, Pasts } from './pasts.ts';
import type { TopicOffsets } from './topics.ts';

const ROOT = repositoryPath();

/** What the replay of the grid is started with; the rest are its own defaults. */
export interface ReplayConfig {
  readonly redd: string;
  readonly greend: string;
  readonly reddTimezone?: string;
  readonly greendTimezone?: string;
  readonly maxPower: number;
  readonly from: number;
  readonly to: number;
  readonly speed: number;
  readonly seed: number;
  readonly brokers: string;
  /** When playback 0 was at its first midnight, ms since the epoch. */
  readonly epochMs: number;
  /** What to replay from the past first; on the first start only. */
  readonly pasts: Pasts;
}

/** The replay producers, all playbacks in one process. */
export function replayProcess(config: ReplayConfig, onEvent: (event: ReplayEvent) => void): EngineProcess {
  let starts = 0;
  const backfill = (option: string, { ms, filled }: Past, isFirst: boolean): string[] => [
    // Started again, it continues where the clock is: a second backfill would double what the first one had sent.
    ...[option, isFirst ? `${Math.round(ms * config.speed)}ms` : '0'],
    ...filled.flatMap(({ fromMs, toMs }) => [`${option}-skip`, `${fromMs}..${toMs}`]),
  ];
  const args = (isFirst = starts++ === 0): string[] => [
    ...['--redd', config.redd, '--greend', config.greend, '--max-power', String(config.maxPower)],
    ...(config.reddTimezone === undefined ? [] : ['--redd-timezone', config.reddTimezone]),
    ...(config.greendTimezone === undefined ? [] : ['--greend-timezone', config.greendTimezone]),
    ...['--from', String(config.from), '--to', String(config.to)],
    ...['--speed', String(config.speed), '--seed', String(config.seed), '--epoch', String(config.epochMs)],
    ...backfill('--backfill', config.pasts.first, isFirst),
    ...backfill('--backfill-others', config.pasts.others, isFirst),
    ...['--brokers', config.brokers, '--log', 'json', '--until-stdin-closes'],
  ];
  return {
    ...program('replay', 'src/replay/replay.main.ts', args, (line) => onEvent(parseReplayEvent(line))),
    after: ['kafka'],
    // What is on its way must be acknowledged first.
    stopTimeoutMs: 40_000,
  };
}

/** The canary, which measures freshness. */
export function canaryProcess(
  config: { readonly brokers: string; readonly druid: string; readonly speed: number },
  onEvent: (event: CanaryEvent) => void,
): EngineProcess {
  const args = [
    ...['--brokers', config.brokers, '--druid', config.druid, '--speed', String(config.speed)],
    ...['--log', 'json', '--until-stdin-closes'],
  ];
  return {
    ...program('canary', 'src/canary/canary.main.ts', args, (line) => onEvent(parseCanaryEvent(line))),
    after: ['kafka'],
    stopTimeoutMs: 40_000,
  };
}

/** What the auditor holds the run against. */
export interface AuditConfig {
  readonly brokers: string;
  /** Where each topic ended when the run began. */
  readonly from: TopicOffsets;
  /** Where the part of powerraw begins that the streaming job reads, by partition. */
  readonly streamFrom: Readonly<Record<string, number>>;
  /** No reading of that part is older; ms since the epoch. */
  readonly liveFromMs: number;
  readonly slideMs: number;
  readonly watermarkMs: number;
}

/** The auditor, which counts what the topics hold. */
export function auditProcess(config: AuditConfig, onEvent: (event: AuditEvent) => void): EngineProcess {
  const args = [
    ...['--brokers', config.brokers, '--from', JSON.stringify(config.from)],
    ...['--stream-from', JSON.stringify(config.streamFrom), '--live-from', String(config.liveFromMs)],
    ...['--slide', String(config.slideMs), '--watermark', String(config.watermarkMs)],
  ];
  return {
    ...program('audit', 'engines/audit/audit.main.ts', args, (line) => onEvent(auditEvent.parse(JSON.parse(line)))),
    after: ['kafka'],
  };
}

/**
 * One of our own programs, as a process that reports in JSON lines: healthy once it has reported.
 *
 * @param file path below the repository's root.
 * @param args a function is asked at each start.
 */
function program(
  name: string,
  file: string,
  args: readonly string[] | (() => readonly string[]),
  onLine: (line: string) => void,
): EngineProcess {
  let hasReported = false;
  return {
    name,
    command: process.execPath,
    args: () => ['--import', 'tsx', join(ROOT, file), ...(typeof args === 'function' ? args() : args)],
    cwd: ROOT,
    prepare: () => {
      hasReported = false;
      return Promise.resolve();
    },
    isHealthy: () => Promise.resolve(hasReported),
    onLine: (line) => {
      hasReported = true;
      onLine(line);
    },
  };
}

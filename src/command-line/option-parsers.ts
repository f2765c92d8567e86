/** Values of command-line options, as commander wants them: read from text, or refused with what is allowed. */
import { resolve } from 'node:path';

import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

import { parseDuration } from '../core/clock/duration.ts';
import { GRID_TIME, SPEED_RANGE } from '../core/clock/grid-clock.ts';
import { isTimeZone } from '../core/clock/local-clock.ts';
import { MAX_MESSAGE_POWER_W } from '../core/limits.ts';

const MOST_PORT = 65_535;

export function wholeNumber(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It must be a whole number of at least ${least}.`);
    }
    return value;
  };
}

export function speed(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= SPEED_RANGE.min && value <= SPEED_RANGE.max)) {
    throw new InvalidArgumentError(`It must be ${SPEED_RANGE.min} to ${SPEED_RANGE.max}.`);
  }
  return value;
}

export function duration(text: string): number {
  try {
    return parseDuration(text);
  } catch (error) {
    throw new InvalidArgumentError(error instanceof Error ? error.message : String(error));
  }
}

/** The longest that a library can be told to wait: its timers are Node's own. See src/core/clock/timers.ts. */
const LONGEST_TIMEOUT_DAYS = 24;

/** A duration after which a library gives up. */
export function timeout(text: string): number {
  const ms = duration(text);
  if (ms > LONGEST_TIMEOUT_DAYS * GRID_TIME.dayMs) {
    throw new InvalidArgumentError(`It must be at most ${LONGEST_TIMEOUT_DAYS}d.`);
  }
  return ms;
}

/** A file or folder, from where the user stands. @returns its absolute path. */
export function path(text: string): string {
  if (text === '') {
    throw new InvalidArgumentError('It must not be empty.');
  }
  return resolve(text);
}

export function brokers(text: string): string[] {
  const list = text.split(',').map((broker) => broker.trim());
  for (const broker of list) {
    // kafkajs takes all behind the first colon for the port (https://github.com/tulios/kafkajs/issues/1589).
    if (broker.startsWith('[') || /:.*:/.test(broker)) {
      throw new InvalidArgumentError(`${broker}: an IPv6 address can't be used, give the broker's name.`);
    }
    const port = Number(/^[^\s:]+:(\d{1,5})$/.exec(broker)?.[1] ?? NaN);
    if (!(port >= 1 && port <= MOST_PORT)) {
      throw new InvalidArgumentError(
        `It must be host:port, the port from 1 to ${MOST_PORT}, with commas between several.`,
      );
    }
  }
  return list;
}

export function webAddress(text: string): string {
  const url = z.url({ protocol: /^https?$/ }).safeParse(text);
  if (!url.success) {
    throw new InvalidArgumentError('It must be an address such as http://127.0.0.1:8888.');
  }
  return url.data;
}

/** What is given once at most: of two, one would be forgotten silently. */
export function once(text: string, before?: string): string {
  if (before !== undefined) {
    throw new InvalidArgumentError(`It is given twice, as ${before} and as ${text}.`);
  }
  return text;
}

/** An IANA time zone. */
export function timeZone(text: string): string {
  if (!isTimeZone(text)) {
    throw new InvalidArgumentError('It must be an IANA time zone, such as Europe/London.');
  }
  return text;
}

/** Power above 0, W, that a message may state. */
export function watts(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value > 0 && value <= MAX_MESSAGE_POWER_W)) {
    throw new InvalidArgumentError(`It must be a number of W above 0, at most ${MAX_MESSAGE_POWER_W}.`);
  }
  return value;
}

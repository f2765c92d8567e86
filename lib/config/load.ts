import { readFileSync } from 'node:fs';

import { z } from 'zod';

import { DEFAULT_PRESET, PRESETS, type PresetName } from './presets.ts';
import { type GridConfig, gridConfigSchema } from './schema.ts';

/** A configuration that can't be used. Its message has one line for each wrong value: field, value, what is allowed. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/** What was asked for on the command line, unchecked: CDK's context values. */
export interface ConfigSelection {
  /** Name of a preset. Default: {@link DEFAULT_PRESET}. */
  readonly preset?: unknown;
  /** Path of a JSON file; what it holds takes precedence over the preset. Default: no file. */
  readonly file?: unknown;
}

/**
 * The configuration of a deployment: the schema's defaults, the preset over them, the file over both.
 *
 * @throws ConfigError when the preset is unknown, the file can't be read, or a value is not allowed.
 */
export function loadConfig(selection: ConfigSelection): GridConfig {
  const preset = presetName(selection.preset ?? DEFAULT_PRESET);
  const overrides = selection.file === undefined ? {} : readOverrides(selection.file);
  return checkConfig(merge(PRESETS[preset], overrides));
}

/** @throws ConfigError when a value is not allowed. */
export function checkConfig(input: unknown): GridConfig {
  const result = gridConfigSchema.safeParse(input);
  if (result.success) {
    return result.data;
  }
  throw new ConfigError(result.error.issues.map((issue) => explain(issue, input)).join('\n'));
}

function presetName(name: unknown): PresetName {
  const result = z.enum(Object.keys(PRESETS) as [PresetName]).safeParse(name);
  if (!result.success) {
    throw new ConfigError(`preset: ${JSON.stringify(name)} is not one of ${Object.keys(PRESETS).join(', ')}`);
  }
  return result.data;
}

function readOverrides(file: unknown): unknown {
  if (typeof file !== 'string') {
    throw new ConfigError(`config: ${JSON.stringify(file)} is not the path of a JSON file`);
  }
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new ConfigError(`config: can't read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Objects are merged field by field; anything else replaces what was there. */
function merge(base: unknown, over: unknown): unknown {
  if (!isRecord(base) || !isRecord(over)) {
    return over;
  }
  const merged: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(over)) {
    merged[key] = key in base ? merge(base[key], value) : value;
  }
  return merged;
}

function explain(issue: z.core.$ZodIssue, input: unknown): string {
  const at = (path: readonly PropertyKey[]): string => (path.length === 0 ? 'config' : path.map(String).join('.'));
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => `${at([...issue.path, key])}: there is no such field`).join('\n');
  }
  const value = issue.path.reduce<unknown>(
    (inside, key) => (isRecord(inside) || Array.isArray(inside) ? Reflect.get(inside, key) : undefined),
    input,
  );
  const given = value === undefined ? 'is missing or left at its default' : `${JSON.stringify(value)} is not allowed`;
  return `${at(issue.path)}: ${given}: ${issue.message}`;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

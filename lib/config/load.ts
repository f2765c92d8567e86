import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

import { z } from 'zod';

import { gridConfigSchema } from './grid-config.ts';
import { DEFAULT_PRESET, type PresetName, PRESETS } from './presets.ts';
import type { GridConfig } from './schema.ts';

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
  const config = checkConfig(merge(PRESETS[preset], overrides));
  return withAuthorityFile(config, typeof selection.file === 'string' ? dirname(selection.file) : '.');
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
    // Editors on Windows begin a file with a byte order mark.
    return JSON.parse(readFileSync(file, 'utf8').replace(/^\uFEFF/, ''), refusePrototypes);
  } catch (error) {
    throw new ConfigError(`config: can't read ${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** A field of that name would be taken for the object's prototype, and so for no field at all. */
function refusePrototypes(key: string, value: unknown): unknown {
  if (key === '__proto__') {
    throw new Error('__proto__: there is no such field');
  }
  return value;
}

/** The path of the authority file is relative to the configuration file; a file that is not there is a wrong value. */
function withAuthorityFile(config: GridConfig, folder: string): GridConfig {
  const { authorityFile } = config.database;
  if (authorityFile === undefined) {
    return config;
  }
  const path = resolve(folder, authorityFile);
  const text = readText(path);
  if (text?.includes('-----BEGIN CERTIFICATE-----') !== true) {
    const why = text === undefined ? `${path} can't be read` : `${path} holds no certificate`;
    throw new ConfigError(
      `database.authorityFile: ${JSON.stringify(authorityFile)} is not allowed: a PEM file with certificates, relative to the configuration file; ${why}`,
    );
  }
  return { ...config, database: { ...config.database, authorityFile: path } };
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
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

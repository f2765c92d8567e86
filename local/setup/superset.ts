import { join } from 'node:path';
import { pythonStep } from './python.ts';
import type { SetupStep } from './step.ts';
import type { Tools } from './tools.ts';

const LOCK = join(import.meta.dirname, '..', '..', 'ec2-userdata', 'superset', 'requirements.lock');

/** Bytes that uv unpacks for it on a cold cache, measured. */
const UNPACKED_BYTES = 660_000_000;

/** The virtual environment that Superset runs in. */
export function supersetStep(tools: Tools): Promise<SetupStep> {
  return pythonStep(tools, 'Superset', 'superset', LOCK, UNPACKED_BYTES);
}

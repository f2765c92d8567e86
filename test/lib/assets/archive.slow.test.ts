import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { extract, list } from 'tar';

import { archive } from '../../../lib/assets/archive.ts';
import { PROGRAM_FILES } from '../../../lib/assets/program-files.ts';

describe('an archive', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'archive-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test('has the hash of its bytes, and the same bytes for the same contents', () => {
    const contents = { 'b/two': { text: '2' }, one: { text: '1' } };
    const [first, second] = ['x', 'y'].map((name) => archive({ name, contents }));
    expect(first?.sha256).toBe(
      createHash('sha256')
        .update(readFileSync(first?.file ?? ''))
        .digest('hex'),
    );
    expect(second?.sha256).toBe(first?.sha256);
    expect(archive({ name: 'x', contents: { one: { text: '!' } } }).sha256).not.toBe(first?.sha256);
  });

  test('keeps scripts runnable and leaves out what only development has', () => {
    const modes = new Map<string, number | undefined>();
    const { file } = archive({
      name: 'job',
      contents: { 'step.sh': { from: 'emr-bootstrap/step.sh' }, dutycycle: { from: 'emr-bootstrap/dutycycle' } },
    });
    list({ file, sync: true, onReadEntry: ({ path, mode }) => modes.set(path, mode) });
    expect(modes.get('step.sh')).toBe(0o755);
    expect(modes.get('dutycycle/settings.py')).toBe(0o644);
    expect([...modes.keys()].filter((path) => path.includes('__pycache__'))).toEqual([]);
  });

  test('holds a replay that runs with nothing else around it', () => {
    const { file } = archive({
      name: 'replay',
      contents: { 'replay.mjs': { program: 'src/replay/replay.main.ts' }, ...PROGRAM_FILES },
    });
    extract({ file, cwd: folder, sync: true });
    const help = execFileSync(process.execPath, [join(folder, 'replay.mjs'), '--help'], { cwd: folder });
    expect(help.toString()).toContain('--brokers');
  });
});

import { describe, expect, test } from '@jest/globals';
import { execa } from 'execa';

import { repositoryPath } from '../../../src/files/repository.ts';

const ROOT = repositoryPath();

/** A program of the grid, as a process: with a main that does `body`. */
async function run(body: string, ...args: string[]) {
  const program = `
    import { Command } from 'commander';
    import { runProgram } from './src/command-line/run-program.ts';
    const parse = (args) => {
      const command = new Command('thing').option('--verbose').exitOverride();
      command.parse([...args], { from: 'user' });
      return command.opts();
    };
    await runProgram('thing', parse, async () => { ${body} });`;
  const { exitCode, stdout, stderr } = await execa(
    process.execPath,
    ['--import', 'tsx', '--input-type=module', '--eval', program, '--', 'thing.main.ts', ...args],
    { cwd: ROOT, reject: false },
  );
  return { exitCode, stdout, stderr };
}

describe('a program of the grid', () => {
  test('ends well when its main is done, with all it printed, whatever is still open', async () => {
    const { exitCode, stdout } = await run(`process.stdout.write('x'.repeat(1e6)); setInterval(() => {}, 1000);`);
    expect({ exitCode, printed: stdout.length }).toEqual({ exitCode: 0, printed: 1e6 });
  }, 30_000);

  test('says in one line what went wrong, and the stack when it is asked to', async () => {
    const failing = `throw new Error('no file\\n  at home');`;
    expect(await run(failing)).toMatchObject({ exitCode: 1, stderr: 'thing: no file; at home' });
    expect((await run(failing, '--verbose')).stderr).toContain('    at ');
  }, 30_000);

  test('tells wrong usage from failure, and help from both', async () => {
    expect((await run('', '--frobnicate')).exitCode).toBe(2);
    expect((await run('', '--help')).exitCode).toBe(0);
  }, 30_000);
});

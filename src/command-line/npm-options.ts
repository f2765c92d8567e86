/**
 * Options that npm took for its own: of `npm start --fresh` the program sees nothing, npm only keeps `npm_config_fresh`
 * in the environment (https://docs.npmjs.com/cli/v11/using-npm/config). bin/launch.mjs passes them on.
 */
import type { Command } from 'commander';

/** Set by bin/launch.mjs for the program that npm was asked for: the names, as in `live_within,fresh`. */
export const NPM_OPTIONS_VARIABLE = 'IGRID_NPM_OPTIONS';

/** Names that npm knows itself: they may come from the user's npm settings, so they are no reason to refuse. */
const NPM_KNOWS = new Set(['json', 'yes', 'only', 'force', 'dry-run', 'tag', 'cache', 'depth', 'long', 'scope']);

/**
 * Refuses options of a command that npm has kept, with how to write it.
 *
 * @param script how the command is run, e.g. `npm start`.
 * @throws CommanderError after printing why, by the command's own rules.
 */
export function refuseOptionsOfNpm(command: Command, script: string): void {
  const kept = new Set((process.env[NPM_OPTIONS_VARIABLE] ?? '').split(','));
  // What this program starts was not asked for by npm.
  Reflect.deleteProperty(process.env, NPM_OPTIONS_VARIABLE);
  for (const { long } of command.options) {
    const name = long?.replace(/^--(no-)?/, '') ?? '';
    if (!kept.has(name.replaceAll('-', '_'))) {
      continue;
    }
    const sentence = `npm keeps options that stand before " -- ": write ${script} -- --${name} ...`;
    if (NPM_KNOWS.has(name)) {
      process.stderr.write(`${sentence} if it was meant for this program\n`);
    } else {
      command.error(`error: ${sentence}`);
    }
  }
}

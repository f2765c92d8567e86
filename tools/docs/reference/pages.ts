/** The reference: what is generated from code. */
import { loadConfig } from '../../../lib/config/load.ts';
import { alarmsPage } from './alarms.ts';
import { commandsPage } from './commands.ts';
import { configurationPage } from './configuration.ts';
import { configurationSchema } from './configuration-schema.ts';
import { portsPage } from './ports.ts';

/**
 * Every generated file of docs/reference with its content, by path below the repository's root.
 *
 * @param operations resources of the stack `operations` of the preset `seed`.
 */
export function referencePages(operations: unknown): ReadonlyMap<string, string> {
  return new Map([
    ['docs/reference/configuration.md', configurationPage()],
    ['docs/reference/configuration.schema.json', configurationSchema()],
    ['docs/reference/commands.md', commandsPage()],
    ['docs/reference/alarms.md', alarmsPage(operations, loadConfig({ preset: 'seed' }).name)],
    ['docs/reference/ports.md', portsPage()],
  ]);
}

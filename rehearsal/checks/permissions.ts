import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type Check, CheckError } from '../check.ts';
import { readCalls } from '../permissions/calls.ts';
import { coverage } from '../permissions/coverage.ts';
import { OUT_OF_SIGHT } from '../permissions/out-of-sight.ts';
import { deployedRoles } from '../permissions/roles.ts';

/** So many calls are named in the line of a failure; the file has all. */
const NAMED = 5;

/** To be run when everything has been seen to work, and before it is destroyed: the roles go with their stacks. */
export const permissions: Check = {
  name: 'permissions',
  expectation: "what each role's policies allow covers every call that was seen",
  after: ['deploy'],
  run: async (environment) => {
    const found = coverage(await deployedRoles(), await readCalls(environment.logs));
    const file = join(environment.logs, 'permissions.json');
    await writeFile(file, `${JSON.stringify({ ...found, notSeen: OUT_OF_SIGHT }, null, 2)}\n`);
    if (found.denied.length > 0) {
      const named = found.denied
        .slice(0, NAMED)
        .map(({ role, action, resource }) => `${role}: ${action} on ${resource}`);
      const more = found.denied.length > NAMED ? `, and ${found.denied.length - NAMED} more` : '';
      throw new CheckError(`not allowed: ${named.join(', ')}${more} (all in ${file})`);
    }
    return `${found.calls} calls of ${found.callers} roles; ${found.unused.length} permissions were not used (${file})`;
  },
};

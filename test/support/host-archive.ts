/** What a host gets, unpacked as it would be there. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { extract } from 'tar';

import { archive, type Content } from '../../lib/assets/archive.ts';
import type { HostRoleName } from '../../lib/hosts/host-role.ts';

export interface UnpackedArchive {
  readonly folder: string;
  readonly remove: () => void;
}

/** The archive of a kind of host, made as HostRole makes it. */
export function unpackedArchive(kind: HostRoleName, contents: Readonly<Record<string, Content>>): UnpackedArchive {
  const { file } = archive({
    name: `${kind}-test`,
    contents: { common: { from: 'ec2-userdata/common' }, host: { from: `ec2-userdata/${kind}` }, ...contents },
  });
  const folder = mkdtempSync(join(tmpdir(), `igrid-${kind}-`));
  extract({ file, cwd: folder, sync: true });
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

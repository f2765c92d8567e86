import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { exists } from '../engines/disk/exists.ts';
import { cacheFolder } from '../engines/setup/cache.ts';
import { runForSetup } from '../engines/setup/run.ts';
import type { SetupStep } from '../engines/setup/step.ts';

/**
 * What the roots have. `debian`: what Debian's cloud image has beyond the minimum, as far as a host's first boot relies
 * on it. `emr` and `emrSetUp`: what EMR's nodes have before their bootstrap actions run, as far as those and the job's
 * step rely on it; hadoop is the user of both, who may become root.
 */
const CONTENTS = join(import.meta.dirname, 'machine-roots.json');

const contentsSchema = z.object({
  debian: z.array(z.string()),
  emr: z.array(z.string()),
  emrSetUp: z.array(z.string()),
});

/**
 * Roots for machines: `debian`, Debian 12 at its smallest with systemd and cloud-init, and `emr`, which has beside that
 * what EMR's nodes come with. What a host needs more its user data must install.
 *
 * @param source address of Debian's archive.
 */
export async function rootsStep(source: string): Promise<SetupStep> {
  const folder = await cacheFolder('machine-roots', [CONTENTS]);
  const contents = contentsSchema.parse(JSON.parse(await readFile(CONTENTS, 'utf8')));
  const title = 'Debian for hosts';
  return {
    title,
    folder,
    downloadBytes: 190_000_000,
    isMade: () => exists(folder),
    async make(_progress, signal) {
      const partial = `${folder}.partial`;
      await rm(partial, { recursive: true, force: true });
      await mkdir(partial, { recursive: true });
      const debian = join(partial, 'debian');
      const run = (command: string, args: readonly string[]): Promise<void> =>
        runForSetup(title, command, args, signal, { DEBIAN_FRONTEND: 'noninteractive' });
      // Not chroot: Java's package wants /proc.
      const inside = (root: string, command: readonly string[]): Promise<void> =>
        run('systemd-nspawn', [
          ...['--quiet', '--pipe', '--register=no', '--keep-unit', '--timezone=off', `--directory=${root}`],
          ...['--setenv=DEBIAN_FRONTEND=noninteractive', ...command],
        ]);
      const install = async (root: string, packages: readonly string[]): Promise<void> => {
        await inside(root, ['apt-get', '-q', 'update']);
        await inside(root, ['apt-get', '-qy', 'install', '--no-install-recommends', ...packages]);
        await inside(root, ['apt-get', 'clean']);
        await rm(join(root, 'var/lib/apt/lists'), { recursive: true });
      };

      await run('debootstrap', ['--variant=minbase', 'bookworm', debian, source]);
      await install(debian, contents.debian);
      await writeFile(join(debian, 'etc/machine-id'), '');
      const emr = join(partial, 'emr');
      await run('cp', ['--archive', '--reflink=auto', debian, emr]);
      await install(emr, contents.emr);
      await inside(emr, ['sh', '-euc', contents.emrSetUp.join('\n')]);
      await rename(partial, folder);
    },
  };
}

/** What systemd is told of one of Druid's processes and not of the others. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DRUID_SERVICES, type DruidService } from '../../druid/settings.ts';
import { HOST_PORTS, LOOPBACK } from './places.ts';
import type { HostSizes } from './sizes.ts';

/** The process that knows the users and the metadata: the others ask it when they start. */
const FIRST = 'coordinator-overlord' satisfies DruidService;

const HOST_PROGRAM = '/opt/igrid/runtime/bin/node /opt/igrid/current/src/druid/host.mjs';

/** A drop-in of `igrid-druid@SERVICE.service`. */
export function dropIn(service: DruidService, { limitsMb }: Pick<HostSizes, 'limitsMb'>): string {
  const isFirst = service === FIRST;
  const health = `http://${LOOPBACK}:${HOST_PORTS[FIRST]}/status/health`;
  return [
    ...(isFirst ? [] : ['[Unit]', `After=igrid-druid@${FIRST}.service`, '']),
    '[Service]',
    `MemoryMax=${limitsMb[service]}M`,
    ...(isFirst ? [`ExecStartPost=/opt/igrid/current/host/wait-for-http.sh ${health}`] : []),
    ...(service === 'indexer'
      ? [
          `ExecStartPre=/opt/igrid/current/host/wait-for-deregistration.sh ${HOST_PORTS.zookeeper} ${HOST_PORTS.indexer}`,
          `ExecStartPre=${HOST_PROGRAM} replace-stale-tasks`,
          // The last: done again for the same start, it would have all tasks read again.
          `ExecStartPre=${HOST_PROGRAM} discard-unsettled-rows`,
        ]
      : []),
    '',
  ].join('\n');
}

/** Writes the drop-ins of all services. @param folder systemd's folder of units. */
export async function writeDropIns(folder: string, sizes: Pick<HostSizes, 'limitsMb'>): Promise<void> {
  for (const service of DRUID_SERVICES) {
    const path = join(folder, `igrid-druid@${service}.service.d`);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'igrid.conf'), dropIn(service, sizes));
  }
}

import { gridClock } from '../../src/core/clock/grid-clock.ts';
import { environmentFile } from '../../src/core/templates/environment-file.ts';
import { SECRET_FILES } from '../../src/hosts/secrets/secret-files.ts';
import { durationsEnvironment, SUPERSET_VARIABLES } from '../../src/superset/settings.ts';
import type { Content } from '../assets/archive.ts';
import type { GridConfig } from '../config/schema.ts';
import { databaseAuthority } from '../foundation/database-authority.ts';
import { DATABASE_AUTHORITY_FILE } from '../hosts/layout.ts';
import { LOOPBACK_PORTS } from '../network/ports.ts';

/** Of the service's user; see ec2-userdata/superset/units. */
const HOME = '/var/lib/igrid-superset';

/** Where the unit has its secrets, in memory. */
const SECRETS = '/run/igrid-superset';

/** What the Superset host gets beside its folder of ec2-userdata: a program, and files that the configuration decides. */
export function supersetContents(config: GridConfig): Readonly<Record<string, Content>> {
  return {
    'secrets.mjs': { program: 'src/hosts/secrets/secrets.main.ts' },
    'common/build.lock': { from: 'engines/setup/uv/build.lock' },
    [DATABASE_AUTHORITY_FILE]: databaseAuthority(config),
    'superset.env': {
      text: environmentFile({
        [SUPERSET_VARIABLES.home]: HOME,
        [SUPERSET_VARIABLES.port]: String(LOOPBACK_PORTS.superset),
        [SUPERSET_VARIABLES.druidUriFile]: `${SECRETS}/${SECRET_FILES.druidUri}`,
        [SUPERSET_VARIABLES.metadataUriFile]: `${SECRETS}/${SECRET_FILES.metadataUri}`,
        [SUPERSET_VARIABLES.secretKeyFile]: `${SECRETS}/${SECRET_FILES.secretKey}`,
        [SUPERSET_VARIABLES.adminPasswordFile]: `${SECRETS}/${SECRET_FILES.adminPassword}`,
        ...durationsEnvironment(gridClock(config.speed)),
      }),
    },
  };
}

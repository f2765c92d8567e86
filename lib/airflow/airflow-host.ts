import { airflowConfiguration, AUTH_MANAGERS, historyEnvironment } from '../../src/airflow/settings.ts';
import { gridClock } from '../../src/core/clock/grid-clock.ts';
import { environmentFile } from '../../src/core/templates/environment-file.ts';
import type { Content } from '../assets/archive.ts';
import { PROGRAM_FILES } from '../assets/program-files.ts';
import type { GridConfig } from '../config/schema.ts';
import { databaseAuthority } from '../foundation/database-authority.ts';
import { DATABASE_AUTHORITY_FILE, HOST_LAYOUT } from '../hosts/layout.ts';
import { LOOPBACK_PORTS } from '../network/ports.ts';

/** Of the service's user; see ec2-userdata/airflow/units. */
const HOME = '/var/lib/igrid-airflow';

/** What the Airflow host gets beside its folder of ec2-userdata: programs, and files that the configuration decides. */
export function airflowContents(config: GridConfig): Readonly<Record<string, Content>> {
  return {
    'history.mjs': { program: 'src/history/history.main.ts' },
    'canary.mjs': { program: 'src/canary/canary.main.ts' },
    'secrets.mjs': { program: 'src/hosts/secrets/secrets.main.ts' },
    ...PROGRAM_FILES,
    'common/build.lock': { from: 'engines/setup/uv/build.lock' },
    [DATABASE_AUTHORITY_FILE]: databaseAuthority(config),
    'airflow.cfg': {
      text: airflowConfiguration({
        dagsFolder: `${HOST_LAYOUT.release}/host/dags`,
        port: LOOPBACK_PORTS.airflow,
        authManager: AUTH_MANAGERS.fab,
        logFolder: `${HOME}/logs`,
      }),
    },
    'airflow.env': {
      text: environmentFile({
        AIRFLOW_HOME: HOME,
        AIRFLOW_CONFIG: `${HOST_LAYOUT.release}/airflow.cfg`,
        // asyncpg takes the certificates from here alone.
        PGSSLROOTCERT: HOST_LAYOUT.databaseAuthority,
        ...historyEnvironment(gridClock(config.speed), [`${HOST_LAYOUT.release}/host/history.sh`]),
      }),
    },
  };
}

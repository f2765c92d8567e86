import { describe, expect, test } from '@jest/globals';

import {
  airflowConfiguration,
  AUTH_MANAGERS,
  HISTORY_VARIABLES,
  historyEnvironment,
} from '../../../src/airflow/settings.ts';
import { gridClock } from '../../../src/core/clock/grid-clock.ts';

const SETTINGS = {
  dagsFolder: '/opt/igrid/dags',
  port: 18_080,
  authManager: AUTH_MANAGERS.fab,
  logFolder: '/var/log/100%/airflow',
};

/** The file's options as `section.option`. */
function options(): Map<string, string> {
  const found = new Map<string, string>();
  let section = '';
  for (const line of airflowConfiguration(SETTINGS).split('\n')) {
    section = /^\[(\w+)\]$/.exec(line)?.[1] ?? section;
    const [, option, value] = /^(\w+) = (.*)$/.exec(line) ?? [];
    if (option !== undefined) {
      found.set(`${section}.${option}`, value ?? '');
    }
  }
  return found;
}

describe("Airflow's configuration", () => {
  test('listens on the loopback address alone, with a login', () => {
    const file = options();
    expect(file.get('api.host')).toBe('127.0.0.1');
    expect(file.get('core.auth_manager')).toBe(AUTH_MANAGERS.fab);
    expect([...file.keys()].filter((name) => name.startsWith('core.simple_auth_manager'))).toEqual([]);
  });

  test('holds no secret', () => {
    const names = [...options().keys()];
    expect(names.filter((name) => /fernet_key|secret|sql_alchemy_conn|password$/.test(name))).toEqual([]);
  });

  test('doubles percent signs, which would be expanded otherwise', () => {
    expect(options().get('logging.base_log_folder')).toBe('/var/log/100%%/airflow');
  });
});

describe('the environment of the DAG', () => {
  test('holds the command with its speed, and the interval of its slots in ms', () => {
    const environment = historyEnvironment(gridClock(120), ['node', 'history.js', '--brokers', 'b:9092']);
    expect(JSON.parse(environment[HISTORY_VARIABLES.command] ?? '')).toEqual([
      ...['node', 'history.js', '--brokers', 'b:9092', '--speed', '120'],
    ]);
    expect(environment[HISTORY_VARIABLES.intervalMs]).toBe('25000');
    expect(environment).not.toHaveProperty(HISTORY_VARIABLES.timeoutS);
  });
});

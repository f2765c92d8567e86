import { realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { execa } from 'execa';

import { SetupError } from './step.ts';

/** A program that iGrid expects on the machine, because engines are written for it. */
interface Tool {
  readonly title: string;
  /** Names under which it may be found, best first. */
  readonly commands: readonly string[];
  readonly versionArguments: readonly string[];
  /** Finds the version in what the program prints: major, and minor where it counts. */
  readonly version: RegExp;
  readonly oldest: readonly [major: number, minor: number];
  /** Default: any newer version will do. */
  readonly newestMajor?: number;
  readonly install: string;
}

const JDK: Tool = {
  title: 'JDK',
  // The compiler, not only the runtime: the Avro extension for Druid is built from source.
  commands: [...(process.env.JAVA_HOME === undefined ? [] : [join(process.env.JAVA_HOME, 'bin', 'javac')]), 'javac'],
  versionArguments: ['-version'],
  version: /javac (\d+)(?:\.(\d+))?/,
  oldest: [17, 0],
  // Druid 33 and Spark 3.5 run on Java 17; both fail on newer ones that encapsulate more of the JDK.
  newestMajor: 17,
  install:
    'apt-get install openjdk-17-jdk-headless, dnf install java-17-openjdk-devel or brew install openjdk@17; then set JAVA_HOME to it',
};

const MAVEN: Tool = {
  title: 'Maven',
  commands: ['mvn'],
  versionArguments: ['--version'],
  version: /Apache Maven (\d+)\.(\d+)/,
  oldest: [3, 8],
  install: 'apt-get install maven, dnf install maven or brew install maven',
};

const PYTHON: Tool = {
  title: 'Python',
  // 3.11 is what the locks were made and tested with.
  commands: ['python3.11', 'python3.12', 'python3', 'python3.13'],
  versionArguments: ['-c', 'import ensurepip, venv, sys; print("Python %d.%d" % sys.version_info[:2])'],
  version: /Python (\d+)\.(\d+)/,
  oldest: [3, 11],
  install: 'apt-get install python3 python3-venv, dnf install python3.11 or brew install python@3.11',
};

/** Where the tools are that set-up and engines need. */
export interface Tools {
  /** The home of a JDK 17, for `JAVA_HOME`. */
  readonly javaHome: string;
  /** Its `java`. */
  readonly java: string;
  /** A Python that can make virtual environments. */
  readonly python: string;
}

/**
 * Looks for Java, Maven and Python.
 *
 * @throws SetupError naming all that is missing or unfit, each with the command that installs it.
 */
export async function findTools(): Promise<Tools> {
  const [jdk, maven, python] = await Promise.all([find(JDK), find(MAVEN), find(PYTHON)]);
  const problems = [jdk, maven, python].flatMap((found) => (found.problem === undefined ? [] : [found.problem]));
  if (problems.length > 0) {
    throw new SetupError(problems.join('\n'));
  }
  const javaHome = dirname(dirname(await realpath(await pathOf(jdk.command))));
  return { javaHome, java: join(javaHome, 'bin', 'java'), python: python.command };
}

async function pathOf(command: string): Promise<string> {
  return command.includes('/') ? command : (await execa('sh', ['-c', 'command -v "$0"', command])).stdout;
}

async function find(tool: Tool): Promise<{ command: string; problem?: string }> {
  const seen: string[] = [];
  for (const command of tool.commands) {
    const { all, failed } = await execa(command, tool.versionArguments, { reject: false, all: true });
    const match = failed ? null : tool.version.exec(all);
    if (!match) {
      continue;
    }
    const [major, minor] = [Number(match[1]), Number(match[2] ?? 0)];
    const [oldestMajor, oldestMinor] = tool.oldest;
    const newEnough = major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
    if (newEnough && major <= (tool.newestMajor ?? Infinity)) {
      return { command };
    }
    seen.push(`${command} is ${major}.${minor}`);
  }
  const wanted = `${tool.oldest.join('.')}${tool.newestMajor === undefined ? ' or newer' : ''}`;
  const found = seen.length > 0 ? `, found: ${seen.join(', ')}` : ' and was not found';
  return {
    command: '',
    problem: `${tool.title} ${wanted} is needed${found}. Install it with: ${tool.install}`,
  };
}

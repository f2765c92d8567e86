/** docs/reference/ports.md: who listens where, on AWS and on one machine. */
import { DEFAULT_PORTS } from '../../../engines/supervision/addresses.ts';
import { LOOPBACK_PORTS } from '../../../lib/network/ports.ts';
import { ACTORS, type Flow, flows, INTERNET_PORTS } from '../../../lib/network/traffic.ts';
import { KAFKA_AUTH } from '../../../src/core/kafka-auth.ts';
import { code, GENERATED, table } from './markdown.ts';

const INTRODUCTION = `# Ports

${GENERATED}

All ports are TCP.

## On AWS

No port is open to the internet. Security groups allow this traffic and nothing else (\`lib/network/traffic.ts\`); EMR manages the
traffic among the nodes of its cluster.`;

export function portsPage(): string {
  return [
    INTRODUCTION,
    table(
      ['from', 'to', 'port', 'what for'],
      merged().map(({ from, to, ports, why }) => [code(from), code(to), ports, why]),
    ),
    'To the internet, through NAT, for AWS APIs and packages:',
    table(
      ['from', 'ports'],
      Object.entries(INTERNET_PORTS).map(([actor, ports]) => [code(actor), ports.join(', ')]),
    ),
    'Actors, each with a security group:',
    table(
      ['actor', 'what'],
      Object.entries(ACTORS).map(([actor, what]) => [code(actor), what]),
    ),
    "Pages listen on their host's loopback address; an operator forwards the port through Session Manager:",
    table(
      ['page', 'port'],
      Object.entries(LOOPBACK_PORTS).map(([page, port]) => [code(page), String(port)]),
    ),
    '## On one machine',
    '`npm start` listens on 127.0.0.1 only. Change a port with `--ports NAME=PORT,...`:',
    table(
      ['name', 'port'],
      Object.entries(DEFAULT_PORTS).map(([name, port]) => [code(name), String(port)]),
    ),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

/** Flows with the port of each kind of client authentication. */
function merged(): (Omit<Flow, 'port'> & { ports: string })[] {
  const [byDefault, ...others] = KAFKA_AUTH.map((auth) => ({ auth, list: flows({ auth }) }));
  return (byDefault?.list ?? []).map((flow, index) => {
    const different = others.flatMap(({ auth, list }) => {
      const port = list[index]?.port;
      return port === undefined || port === flow.port ? [] : [`${port} with \`kafka.auth\` ${auth}`];
    });
    return { ...flow, ports: [String(flow.port), ...different].join('; ') };
  });
}

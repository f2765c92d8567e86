/** The programs as an operator starts them, against no AWS, and against one that refuses everything but the identity. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execa } from 'execa';

import { repositoryPath } from '../../../src/files/repository.ts';

const PROGRAMS = ['tools/deploy/deploy.main.ts', 'tools/destroy/destroy.main.ts', 'tools/scan/scan.main.ts'];

async function run(program: string, env: Readonly<Record<string, string>>, ...args: string[]) {
  return execa(process.execPath, ['--import', 'tsx', repositoryPath(program), '--preset', 'dev', ...args], {
    cwd: repositoryPath(),
    reject: false,
    all: true,
    stdin: 'ignore',
    extendEnv: false,
    timeout: 300_000,
    env: { PATH: process.env.PATH, HOME: '/nonexistent', AWS_EC2_METADATA_DISABLED: 'true', ...env },
  });
}

const KEYS = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'of-nobody' };

const isOneLine = /^[^\n]+$/;

test.each(PROGRAMS)(
  '%s without credentials ends with one line and status 1',
  async (program) => {
    const name = /(\w+)\.main/.exec(program)?.[1] ?? '';
    const { exitCode, all } = await run(program, { AWS_REGION: 'eu-central-1' }, ...(name === 'scan' ? [] : ['--yes']));
    expect(all).toMatch(isOneLine);
    expect(all).toContain(`${name}: there are no valid AWS credentials: log in`);
    expect(exitCode).toBe(1);
  },
  300_000,
);

test('a network that is away is one line, too', async () => {
  const { exitCode, all } = await run('tools/deploy/deploy.main.ts', {
    ...{ AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: 'http://127.0.0.1:1', ...KEYS },
  });
  expect(all).toMatch(isOneLine);
  expect(all).toContain("deploy: can't reach AWS in eu-central-1: check the network");
  expect(exitCode).toBe(1);
}, 300_000);

describe('a role that may do nothing but say who it is', () => {
  let server: Server;
  const asked = new Set<string>();
  beforeAll(async () => {
    server = createServer((request, response) => {
      let body = '';
      request.on('data', (data: Buffer) => (body += data.toString()));
      request.on('end', () => {
        if (body.includes('Action=GetCallerIdentity')) {
          response.setHeader('Content-Type', 'text/xml');
          response.end(
            '<GetCallerIdentityResponse><GetCallerIdentityResult><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>',
          );
          return;
        }
        asked.add(/Credential=[^/]+\/\d+\/[^/]+\/([^/]+)/.exec(request.headers.authorization ?? '')?.[1] ?? '');
        response.statusCode = 403;
        response.setHeader('x-amzn-errortype', 'AccessDeniedException');
        response.setHeader('Content-Type', 'application/json');
        response.end(JSON.stringify({ __type: 'AccessDeniedException', message: 'refused' }));
      });
    });
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  });
  afterAll(() => {
    server.close();
  });

  test('deploys after warnings that name the actions, and nothing else asks for more', async () => {
    const { port } = server.address() as AddressInfo;
    const { exitCode, stderr } = await run('tools/deploy/deploy.main.ts', {
      ...{ AWS_REGION: 'eu-central-1', AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`, ...KEYS },
    });
    expect(stderr).not.toMatch(/^problem: /m);
    expect(stderr).toMatch(/^warning: not checked: .*servicequotas:GetServiceQuota/m);
    expect(stderr).toMatch(/^warning: not checked: .*cloudformation:DescribeStacks/m);
    expect([...asked].sort()).toEqual(
      [
        'budgets',
        'cloudformation',
        'ec2',
        'elasticmapreduce',
        'kafka',
        'lambda',
        'monitoring',
        'logs',
        'rds',
        'ssm',
      ].sort(),
    );
    // It comes as far as the question.
    expect(stderr).toContain('deploy: not a terminal: pass --yes to confirm');
    expect(exitCode).toBe(1);
  }, 300_000);
});

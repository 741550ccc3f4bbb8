import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { query } from './database.ts';
import { startGateway } from './gateway-process.ts';
import { greenTech } from './given.ts';
import { freePort } from './loopback.ts';

const run = promisify(execFile);
const BINARIES = '/usr/lib/postgresql/15/bin';
const NOBODY = 65_534;
const asNobody = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {}; // PostgreSQL refuses root

const missing = !existsSync(BINARIES);
const title = missing ? `PostgreSQL 15 (skipped: there is none in ${BINARIES})` : 'PostgreSQL 15';

describe.skipIf(missing)(title, () => {
  let folder = '';
  let ownerUrl = '';

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'gateway-postgresql-15-'));
    await chmod(folder, 0o755);
    if (asNobody.uid) await chown(folder, NOBODY, NOBODY);
    const password = path.join(folder, 'password');
    await writeFile(password, 'secret');
    const port = await freePort();
    server(
      'initdb',
      '-U',
      'owner',
      '-A',
      'scram-sha-256',
      `--pwfile=${password}`,
      '-E',
      'UTF8',
      '--locale=C.UTF-8',
      '--no-sync',
    );
    server(
      'pg_ctl',
      'start',
      '-w',
      '-l',
      `${folder}/log`,
      '-o',
      `-p ${port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=`,
    );
    ownerUrl = `postgresql://owner:secret@127.0.0.1:${port}/gateway_test`;
    await query(ownerUrl.replace('gateway_test', 'postgres'), 'CREATE DATABASE gateway_test');
  });
  afterAll(async () => {
    server('pg_ctl', 'stop', '-m', 'immediate');
    await rm(folder, { recursive: true, force: true });
  });

  function server(program: string, ...args: string[]): void {
    const command = path.join(BINARIES, program);
    const { status, stderr } = spawnSync(command, [...args, '-D', `${folder}/data`], {
      ...asNobody,
      stdio: ['ignore', 'ignore', 'pipe'],
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`${program}: ${stderr}`);
  }

  it('is migrated by its owner and serves a login that owns nothing', async () => {
    const deploy = () =>
      run(process.execPath, ['--import', 'tsx', 'src/deploy.ts'], {
        env: { PATH: process.env.PATH, DATABASE_URL: ownerUrl },
      });
    expect((await deploy()).stdout).toMatch(/^Applied /);
    expect((await deploy()).stdout).toBe('The database is up to date.\n');
    await query(ownerUrl, "CREATE ROLE gateway_server LOGIN PASSWORD 'secret' IN ROLE carbon_gateway");

    const gateway = await startGateway({ DATABASE_URL: ownerUrl.replace('owner:', 'gateway_server:') });
    const authorization = /authorization: (Bearer [^']+)/.exec(gateway.output())?.[1] ?? '';
    const ask = async (text: string, variables: object) => {
      const headers = { 'content-type': 'application/json', authorization };
      const response = await fetch(gateway.url(), {
        method: 'POST',
        headers,
        body: JSON.stringify({ query: text, variables }),
      });
      return response.json();
    };
    const created = await ask(
      'mutation ($input: UpsertCompanyInput!) { upsertCompany(input: $input) { outcome company { totalEmissions carbonReadinessScore } userErrors { message } } }',
      { input: greenTech },
    );
    expect(created).toEqual({
      data: {
        upsertCompany: {
          outcome: 'CREATED',
          company: { totalEmissions: 205.8, carbonReadinessScore: 0.6 },
          userErrors: [],
        },
      },
    });
    const found = await ask(
      'query ($filter: CompanyFilter) { companies(filter: $filter, orderBy: [{ field: TOTAL_EMISSIONS, direction: DESC }]) { totalCount nodes { name } } }',
      { filter: { country: { eq: 'DEU' }, naceCodesAny: ['M'], name: { startsWith: 'greentech', ignoreCase: true } } },
    );
    expect(found).toEqual({ data: { companies: { totalCount: 1, nodes: [{ name: greenTech.name }] } } });
    gateway.signal('SIGTERM');
    expect(await gateway.exit).toBe(0);
  });
});

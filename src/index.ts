/** Starts and stops the process; the only place that listens. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { explainDatabaseError } from './database/failures.ts';
import { type OpenDatabase, openConfiguredDatabase } from './database/open.ts';
import { DEMO_TENANTS, loadDemo } from './demo.ts';
import { signDevelopmentToken } from './development-key.ts';
import { type Env, parseEnv } from './env.ts';
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
    const alone = env.subgraph.serve === 'alone';
    const app = createApp({
      database,
      authenticate: await createAuthenticate(env.jwt),
      logger: pino({ level: env.logLevel }),
      explorer: env.graphiql ? { developmentToken } : undefined,
      subgraph: env.subgraph,
    });
    const server = createServer(app);
    const { port } = await listen(server, env);
    stopOnSignal(server, opened);
    process.stdout.write(
      welcome({
        host: env.host,
        port,
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

/** Tokens of the first demo tenant, where the development key is the one that counts. */
function developmentTokens({ jwt }: Env): (() => Promise<string>) | undefined {
  const { key } = jwt;
  if (key.source !== 'development') return undefined;
  const claims = { tenantId: DEMO_TENANTS[0].id, subject: 'developer@example.com', ttlSeconds: TOKEN_SECONDS };
  return () => signDevelopmentToken(key.directory, claims, jwt);
}

function listen(server: Server, { port, host }: Env): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => resolve(server.address() as AddressInfo));
  });
}

const STOP_PATIENCE_MS = 10_000;

/** Answers what has begun, then closes the database. A second signal ends the process at once. */
function stopOnSignal(server: Server, opened: OpenDatabase): void {
  let stopping = false;
  const stop = async () => {
    if (stopping) process.exit(1);
    stopping = true;
    const impatient = setTimeout(() => server.closeAllConnections(), STOP_PATIENCE_MS);
    await new Promise((resolve) => server.close(resolve));
    clearTimeout(impatient);
    await opened.close();
    process.exit(0);
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/** One sentence that says what to do. */
function explain(error: unknown): string {
  const { code, port } = error as { code?: unknown; port?: unknown };
  if (code === 'EADDRINUSE')
    return `Port ${port} is taken: stop what listens there, or set PORT to another one (0 for any free one).`;
  if (code === 'EACCES' && port !== undefined) return `Port ${port} needs more rights: set PORT to 1024 or more.`;
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

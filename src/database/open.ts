/** From the settings to a database that is migrated, checked and ready to serve. */
import pg from 'pg';
import type { Env } from '../env.ts';
import { checkDatabase } from './check.ts';
import { type Database, type DatabaseOptions, openDatabase } from './client.ts';
import { startEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';

export type OpenDatabase = {
  database: Database;
  /** The embedded database; `undefined` on a server of one's own. */
  embedded: { folder: string; empty: boolean } | undefined;
  /** Closes the connections, and stops the embedded server when no other process uses it. */
  close(): Promise<void>;
};

type Settings = Pick<
  Env,
  | 'databaseUrl'
  | 'databasePoolSize'
  | 'connectionWaitMs'
  | 'statementTimeoutMs'
  | 'migrateOnStart'
  | 'embeddedDirectory'
>;

/**
 * @throws DatabaseCheckError when the database may not be served from, and the errors of pg and of the embedded server;
 * nothing is left running then.
 */
export async function openConfiguredDatabase(
  settings: Settings,
  options: Pick<DatabaseOptions, 'onStatement'> = {},
): Promise<OpenDatabase> {
  const embedded = settings.databaseUrl === undefined ? await startEmbedded(settings.embeddedDirectory) : undefined;
  const close: (() => Promise<void>)[] = embedded ? [() => embedded.stop()] : [];
  try {
    const ownerUrl = embedded ? await createDatabase(embedded.url) : (settings.databaseUrl ?? '');
    if (settings.migrateOnStart) await migrate(ownerUrl);
    const url = embedded ? await createLogin(ownerUrl) : ownerUrl;
    const { databasePoolSize: poolSize, connectionWaitMs, statementTimeoutMs } = settings;
    const database = openDatabase({ url, poolSize, connectionWaitMs, statementTimeoutMs, ...options });
    close.unshift(() => database.close());
    await checkDatabase(database);
    return {
      database,
      embedded: embedded && { folder: embedded.folder, empty: await isEmpty(ownerUrl) },
      close: () => closeAll(close),
    };
  } catch (error) {
    await closeAll(close);
    throw error;
  }
}

async function closeAll(steps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const step of steps) await step();
}

const EMBEDDED_DATABASE = 'carbon_gateway';
const EMBEDDED_LOGIN = 'carbon_gateway_server';

/** The gateway's own database on the embedded server, made when it is not there. @returns its owner's URL. */
async function createDatabase(superuserUrl: string): Promise<string> {
  await withClient(superuserUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [EMBEDDED_DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${EMBEDDED_DATABASE}`).catch(unlessItExists);
  });
  const url = new URL(superuserUrl);
  url.pathname = `/${EMBEDDED_DATABASE}`;
  return url.href;
}

/** A login that owns nothing, so that the embedded server is served from as one in production. @returns its URL. */
async function createLogin(ownerUrl: string): Promise<string> {
  const url = new URL(ownerUrl);
  await withClient(ownerUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [EMBEDDED_LOGIN]);
    if (rowCount !== 0) return;
    const password = client.escapeLiteral(decodeURIComponent(url.password));
    await client
      .query(`CREATE ROLE ${EMBEDDED_LOGIN} LOGIN PASSWORD ${password} IN ROLE carbon_gateway`)
      .catch(unlessItExists);
  });
  url.username = EMBEDDED_LOGIN;
  return url.href;
}

/** Whether no tenant has a company; the superuser sees them all. */
async function isEmpty(superuserUrl: string): Promise<boolean> {
  return withClient(superuserUrl, async (client) => {
    const { rowCount } = await client.query('SELECT FROM company LIMIT 1');
    return rowCount === 0;
  });
}

async function withClient<Answer>(url: string, work: (client: pg.Client) => Promise<Answer>): Promise<Answer> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Another process may be starting at the same moment and have made it first. */
function unlessItExists(error: { code?: string }): void {
  const exists = ['42P04', '42710', '23505']; // duplicate database, duplicate object, and the race between two of either
  if (!exists.includes(error.code ?? '')) throw error;
}

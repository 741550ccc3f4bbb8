/**
 * Applies prisma/migrations in order with plain `pg`, so that production needs neither the Prisma CLI nor its engine. It
 * keeps Prisma's own `_prisma_migrations` table with the same columns and checksums, so that `prisma migrate status` agrees.
 */
import { createHash, randomUUID } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import pg from 'pg';

const directory = path.resolve(import.meta.dirname, '../../prisma/migrations');

/** The advisory lock that `prisma migrate deploy` takes. */
const LOCK_KEY = 72_707_369;

const CREATE_LEDGER = `
  CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
    "id" VARCHAR(36) PRIMARY KEY NOT NULL,
    "checksum" VARCHAR(64) NOT NULL,
    "finished_at" TIMESTAMPTZ,
    "migration_name" VARCHAR(255) NOT NULL,
    "logs" TEXT,
    "rolled_back_at" TIMESTAMPTZ,
    "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
    "applied_steps_count" INTEGER NOT NULL DEFAULT 0
  )`;

type Migration = { name: string; sql: string; checksum: string };

/** The migrations that were deployed with the code, oldest first. */
export async function readMigrations(): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(path.join(directory, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    }),
  );
}

/**
 * Brings the database to the newest migration and answers the names of those it applied; with none to apply, it changes
 * nothing. Several processes may call it at once: one works, the others wait. Each migration lands whole or not at all.
 *
 * @param url of the role that owns the tables, or will.
 * @throws when a migration fails, or was changed after it had been applied.
 */
export async function migrate(url: string): Promise<string[]> {
  const client = new pg.Client({ connectionString: url, application_name: 'carbon-gateway migrate' });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY]);
    await client.query(CREATE_LEDGER);
    const pending = await pendingMigrations(client);
    for (const migration of pending) await apply(client, migration);
    // The server reads here at start whether a migration is missing.
    if (pending.length > 0) await client.query('GRANT SELECT ON "_prisma_migrations" TO "carbon_gateway"');
    return pending.map(({ name }) => name);
  } finally {
    await client.end(); // and with it the lock
  }
}

/** What is still to be applied, oldest first. Needs no more than to read the ledger. */
export async function pendingMigrations(client: Pick<pg.Client, 'query'>): Promise<Migration[]> {
  const { rows } = await client.query<{ migration_name: string; checksum: string; finished_at: Date | null }>(
    'SELECT migration_name, checksum, finished_at FROM "_prisma_migrations" WHERE rolled_back_at IS NULL',
  );
  const ledger = new Map(rows.map((row) => [row.migration_name, row]));
  const migrations = await readMigrations();
  return migrations.filter(({ name, checksum }) => {
    const entry = ledger.get(name);
    if (entry === undefined) return true;
    if (entry.finished_at === null)
      throw new Error(`The migration ${name} failed before: repair it and mark it rolled back.`);
    if (entry.checksum !== checksum)
      throw new Error(`The migration ${name} was changed after it had been applied: write a new one.`);
    return false;
  });
}

async function apply(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    await client.query(sql);
    await client.query(
      `INSERT INTO "_prisma_migrations" (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
       VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`,
      [randomUUID(), checksum, name],
    );
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw new Error(`The migration ${name} failed: ${(error as Error).message}`, { cause: error });
  }
}

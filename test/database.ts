/** A database of a test's own. */
import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';

/** Clones the migrated template. @returns the owner's URL of the clone; the run drops it at its end. */
export async function cloneDatabase(): Promise<string> {
  const template = new URL(inject('templateUrl'));
  const templateName = template.pathname.slice(1);
  const url = new URL(template);
  url.pathname = `/${templateName}_${randomBytes(6).toString('hex')}`;
  // A template cannot be cloned while anyone is connected to it, so the order goes through another database.
  const admin = new URL(template);
  admin.pathname = '/postgres';
  await query(admin.href, `CREATE DATABASE "${url.pathname.slice(1)}" TEMPLATE "${templateName}" STRATEGY file_copy`);
  return url.href;
}

/** One statement as the owner, who is above row-level security where the owner is a superuser. */
export async function query<Row extends pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}

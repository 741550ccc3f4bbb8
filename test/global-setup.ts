/** One PostgreSQL for the whole run, with a migrated template that each test file clones (see database.ts). */
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startEmbedded } from '../src/database/embedded.ts';
import { migrate } from '../src/database/migrate.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Owner's URL of the template; clones stand beside it and begin with its name. */
    templateUrl: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env.DATABASE_URL;
  const embedded = given ? undefined : await startEmbedded('.data/test');
  const adminUrl = given ?? embedded?.url ?? '';
  const base = given ? nameOf(given) : 'gateway_test';
  if (!base.includes('test')) {
    throw new Error(`DATABASE_URL names the database "${base}": tests only touch one whose name has "test" in it.`);
  }
  const template = `${base}_${process.pid}`;
  await dropDatabases(adminUrl, template);
  await withClient(adminUrl, (client) => client.query(`CREATE DATABASE ${client.escapeIdentifier(template)}`));
  const templateUrl = new URL(adminUrl);
  templateUrl.pathname = `/${template}`;
  await migrate(templateUrl.href);
  project.provide('templateUrl', templateUrl.href);
  return async () => {
    await dropDatabases(adminUrl, template);
    await embedded?.stop();
  };
}

function nameOf(url: string): string {
  return decodeURIComponent(new URL(url).pathname.slice(1));
}

/** The template of this run and its clones. */
async function dropDatabases(adminUrl: string, template: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      'SELECT datname AS name FROM pg_database WHERE datname = $1 OR starts_with(datname, $2)',
      [template, `${template}_`],
    );
    for (const { name } of rows)
      await client.query(`DROP DATABASE IF EXISTS ${client.escapeIdentifier(name)} WITH (FORCE)`);
  });
}

async function withClient(url: string, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await work(client);
  } finally {
    await client.end();
  }
}

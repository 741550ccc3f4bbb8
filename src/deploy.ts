/** `npm run db:deploy`: applies the migrations to DATABASE_URL, which must be the URL of the tables' owner. */
import { explainDatabaseError } from './database/failures.ts';
import { migrate } from './database/migrate.ts';
import { parseEnv } from './env.ts';

const login = `If the server has no login of its own yet:
  CREATE ROLE gateway_server LOGIN PASSWORD '…' IN ROLE carbon_gateway;`;

try {
  const { databaseUrl } = parseEnv({ DATABASE_URL: process.env.DATABASE_URL });
  if (databaseUrl === undefined) throw new Error("Set DATABASE_URL to the URL of the tables' owner.");
  const applied = await migrate(databaseUrl);
  process.stdout.write(
    applied.length === 0 ? 'The database is up to date.\n' : `Applied ${applied.join(', ')}.\n${login}\n`,
  );
} catch (error) {
  process.stderr.write(`${explainDatabaseError(error)}\n`);
  process.exitCode = 1;
}

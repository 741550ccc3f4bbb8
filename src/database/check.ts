/** What must hold before the server may answer: each point that does not is one sentence that says what to do. */
import { randomUUID } from 'node:crypto';
import type { Database } from './client.ts';
import { pendingMigrations } from './migrate.ts';
import { runForTenant } from './tenant-pool.ts';

/** Thrown at start; `message` is for the person who starts the server. */
export class DatabaseCheckError extends Error {
  override readonly name = 'DatabaseCheckError';
}

/**
 * Checks the schema's state, the sessions' settings, the server's role, row-level security, and with statements of invented
 * tenants at once that each sees its own setting.
 *
 * @throws DatabaseCheckError, or the driver's error when the database cannot be reached.
 */
export async function checkDatabase({ pool, sessionSettings }: Database): Promise<void> {
  await runForTenant(randomUUID(), async () => {
    await checkMigrations(pool);
    // At once, so that they meet several connections of a pooler: one may be older than the login's settings.
    await Promise.all(Array.from({ length: PARALLEL_STATEMENTS }, () => checkSession(pool, sessionSettings)));
    await checkRole(pool);
  });
  await checkTenants(pool);
}

/** @throws the driver's error when no statement comes back; waits for a connection as long as every statement does. */
export async function pingDatabase({ pool }: Database): Promise<void> {
  await runForTenant(randomUUID(), () => pool.query('SELECT'));
}

const PARALLEL_STATEMENTS = 20;

type Pool = Database['pool'];

async function checkMigrations(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ ledger: string | null }>(`SELECT to_regclass('_prisma_migrations') AS ledger`);
  const pending = rows[0]?.ledger ? await pendingMigrations(pool) : ['all'];
  if (pending.length === 0) return;
  throw new DatabaseCheckError(
    'The database is not up to date: run `npm run db:deploy` with the URL of its owner, or start with MIGRATE_ON_START=true.',
  );
}

/** Fails when `options` had no effect: a pooler in between may drop it, and with it the role and both time-outs. */
async function checkSession(pool: Pool, settings: Database['sessionSettings']): Promise<void> {
  const { rows } = await pool.query<{ repair: string }>(
    `SELECT format('ALTER ROLE %I SET %s = %L;', session_user, key, value) AS repair
     FROM jsonb_each_text($1)
     WHERE coalesce((SELECT setting FROM pg_settings WHERE name = key), current_setting(key)) <> value`,
    [settings],
  );
  if (rows.length === 0) return;
  throw new DatabaseCheckError(
    `A pooler between server and database drops the sessions' settings: run ${rows.map(({ repair }) => repair).join(' ')} and make it reconnect.`,
  );
}

/** The one policy of a table: by its column, or, where the tenant itself is the key, by that. */
const POLICIES = ['tenant_id = current_tenant()', '(key)::text = (current_tenant())::text'].map(
  (condition) => `* t (${condition}) (${condition})`,
);

async function checkRole(pool: Pool): Promise<void> {
  const { rows } = await pool.query<{ role: string; powerful: boolean; open: string[] }>(
    `
    SELECT
      current_user AS role,
      (SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user)
        OR EXISTS (SELECT FROM pg_class WHERE relowner = to_regrole(current_user) AND relnamespace = 'public'::regnamespace)
        OR has_schema_privilege('public', 'CREATE') AS powerful,
      ARRAY(
        SELECT relname::text FROM pg_class
        WHERE relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace AND relname <> '_prisma_migrations'
          AND NOT (relrowsecurity AND relforcerowsecurity AND coalesce((
            SELECT count(*) = 1 AND bool_and(concat_ws(
              ' ', polcmd, polpermissive, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)
            ) = ANY ($1))
            FROM pg_policy WHERE polrelid = pg_class.oid
          ), false))
      ) AS open`,
    [POLICIES],
  );
  const [state] = rows;
  if (state === undefined) return;
  if (state.powerful) {
    throw new DatabaseCheckError(
      `The server must not run as the role "${state.role}", which owns, creates or bypasses: use one that is only a member of carbon_gateway.`,
    );
  }
  if (state.open.length > 0) {
    throw new DatabaseCheckError(
      `Row-level security is not forced on ${state.open.join(', ')}, or its policy is not tenant_isolation alone: set it in a migration.`,
    );
  }
}

async function checkTenants(pool: Pool): Promise<void> {
  const tenants = Array.from({ length: PARALLEL_STATEMENTS }, () => randomUUID());
  const seen = await Promise.all(
    tenants.map((tenantId) =>
      runForTenant(tenantId, async () => {
        const { rows } = await pool.query<{ tenant: string }>('SELECT current_tenant()::text AS tenant');
        return rows[0]?.tenant;
      }),
    ),
  );
  if (seen.every((tenantId, position) => tenantId === tenants[position])) return;
  throw new DatabaseCheckError(
    'Statements of different tenants get mixed up: do not serve; check the versions of pg and of any pooler in between.',
  );
}

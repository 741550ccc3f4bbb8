/**
 * Lets the tenant travel with every statement, in the same round trip: `set_config('app.tenant_id', …)` and the statement
 * form one implicit transaction, so the setting ends with the statement, errors and PgBouncer's transaction mode included.
 *
 * This file alone depends on the inner workings of a library: on `prepare`, `handleDataRow` and `handleCommandComplete`
 * of pg 8's `Query`, the hooks by which a query writes its messages and reads the answers. pg offers no public way to put
 * two statements before one Sync. `check.ts` proves at every start that it still works.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import pg from 'pg';
import type { ConnectionShares } from './connection-shares.ts';

const scope = new AsyncLocalStorage<string>();

/** Runs `work` for this tenant: all statements that it hands to a TenantPool, also those it awaits later, see its rows alone. */
export function runForTenant<Result>(tenantId: string, work: () => Promise<Result>): Promise<Result> {
  return scope.run(tenantId, async () => await work());
}

/** The tenant that the running code works for. @throws when there is none: no statement may run without a tenant. */
export function currentTenant(): string {
  const tenantId = scope.getStore();
  if (tenantId === undefined) throw new Error('A statement was about to run without a tenant.');
  return tenantId;
}

type Connection = {
  parse(statement: { name: string; text: string }): void;
  bind(portal: { values: unknown[] }): void;
  execute(portal: object): void;
};
type QueryHooks = {
  prepare(connection: Connection): void;
  handleDataRow(message: unknown): void;
  handleCommandComplete(message: unknown, connection: Connection): void;
};
const Query = pg.Query as unknown as new (config: pg.QueryConfig & { queryMode: 'extended' }) => QueryHooks;

class TenantQuery extends Query {
  readonly #tenantId: string;
  #tenantIsSet = false;

  constructor(config: pg.QueryConfig, tenantId: string) {
    super({ ...config, queryMode: 'extended' }); // the simple protocol would let one text hold several statements
    this.#tenantId = tenantId;
  }

  override prepare(connection: Connection): void {
    connection.parse({ name: '', text: "SELECT set_config('app.tenant_id', $1, true)" });
    connection.bind({ values: [this.#tenantId] });
    connection.execute({});
    super.prepare(connection);
  }

  override handleDataRow(message: unknown): void {
    if (this.#tenantIsSet) super.handleDataRow(message);
  }

  override handleCommandComplete(message: unknown, connection: Connection): void {
    if (this.#tenantIsSet) super.handleCommandComplete(message, connection);
    else this.#tenantIsSet = true;
  }
}

/** A pool whose `query` runs for the current tenant, within its share; `connect` hands out plain clients, for transactions. */
export class TenantPool extends pg.Pool {
  readonly #shares: ConnectionShares;

  constructor(config: pg.PoolConfig, shares: ConnectionShares) {
    super(config);
    this.#shares = shares;
  }

  /** The tenant is read here, at the call: behind a queue, code runs in the context of another request. */
  override query = ((config: pg.QueryConfig | string, values?: unknown[]) => {
    const statement = typeof config === 'string' ? { text: config, values } : config;
    const query = new TenantQuery(statement, currentTenant()) as unknown as pg.QueryConfig;
    return this.#shares.run(currentTenant(), () => super.query(query));
  }) as pg.Pool['query'];

  /** What comes back inside a transaction is closed, or the next statement would land in it and never be committed. */
  override connect = (async (callback?: () => void) => {
    if (callback !== undefined) return super.connect(callback);
    const client = await super.connect();
    const release = client.release;
    client.release = (error) => release(error ?? client.getTransactionStatus() !== 'I');
    return client;
  }) as pg.Pool['connect'];
}

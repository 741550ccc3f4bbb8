/**
 * The way to data. `forTenant` gives a client for one verified tenant; there is no other. It keeps Prisma's call shape and
 * adds two rules: a call that does not name the tenant is refused, and transactions are opened by `transaction()` alone.
 */
import { PrismaPg } from '@prisma/adapter-pg';
import { Prisma, PrismaClient } from '../generated/prisma/client.ts';
import { type ConnectionShares, createConnectionShares } from './connection-shares.ts';
import { batchedFindUnique } from './find-unique.ts';
import { currentTenant, runForTenant, TenantPool } from './tenant-pool.ts';

/** `company`, and one more for each model; and raw SQL for what Prisma cannot express. */
type Models = { [Name in Uncapitalize<Prisma.ModelName>]: PrismaClient[Name] } & Pick<PrismaClient, '$queryRaw'>;

/** The same calls inside a transaction. */
export type Transaction = Models & { readonly tenantId: string };

export type TenantDatabase = Models & {
  readonly tenantId: string;
  /**
   * Runs `work` in one transaction, READ COMMITTED. It runs again, up to three times in all, when another transaction got
   * in its way (a deadlock, a unique key that was taken or a linked record that was deleted meanwhile), so it must have no effect outside `transaction`.
   */
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
};

export type Database = {
  /** Begins no statement and no transaction once `ended` is aborted; its reason is thrown instead. */
  forTenant(tenantId: string, ended?: AbortSignal): TenantDatabase;
  /** The server's connections, for the checks at start; its `query` runs for the current tenant as all statements do. */
  pool: TenantPool;
  /** What every session must run with; the checks at start see to it. */
  sessionSettings: Readonly<Record<string, string>>;
  close(): Promise<void>;
};

export type DatabaseOptions = {
  url: string;
  poolSize: number;
  /** How long a statement may wait for a connection, and then run. */
  connectionWaitMs?: number;
  statementTimeoutMs?: number;
  /** Sees the text of every statement; tests count them. */
  onStatement?: (text: string) => void;
};

const TRANSACTION_TIMEOUT_MS = 15_000;

/** Opens no connection yet: the first statement does. Does not check that the database may be served from; see check.ts. */
export function openDatabase(options: DatabaseOptions): Database {
  const { url, poolSize, connectionWaitMs = 3_000, statementTimeoutMs = 5_000, onStatement } = options;
  const shares = createConnectionShares(poolSize, connectionWaitMs);
  const sessionSettings = {
    role: 'carbon_gateway', // owns nothing
    TimeZone: 'UTC', // in which Prisma's adapter reads timestamps whatever the session says
    statement_timeout: String(statementTimeoutMs),
    idle_in_transaction_session_timeout: String(TRANSACTION_TIMEOUT_MS),
  };
  const config = {
    connectionString: url,
    max: poolSize,
    connectionTimeoutMillis: connectionWaitMs,
    // Costs no round trip. A pooler drops it at best; then the login's own settings must say the same (see check.ts).
    options: Object.entries(sessionSettings)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  };
  const pool = new TenantPool(config, shares);
  // An idle connection that the server ends is replaced by the next statement; unheard, the event would end the process.
  pool.on('error', () => {});
  // So is one that ends in the very moment in which the pool hands it to a transaction, which does not listen yet.
  pool.on('connect', (client) => client.on('error', () => {}));
  const adapter = new TenantAdapter(pool);
  const prisma = new PrismaClient({
    adapter,
    transactionOptions: { maxWait: connectionWaitMs, timeout: TRANSACTION_TIMEOUT_MS },
    ...(onStatement && { log: [{ level: 'query', emit: 'event' }] }),
  });
  if (onStatement) prisma.$on('query' as never, ({ query }: Prisma.QueryEvent) => onStatement(query));
  return {
    forTenant: (tenantId, ended) => bindToTenant(prisma, shares, tenantId, ended),
    pool,
    sessionSettings,
    async close() {
      await prisma.$disconnect();
      await pool.end();
    },
  };
}

/** Sets the tenant at the beginning of each transaction; single statements get theirs from the pool. */
class TenantAdapter extends PrismaPg {
  override async connect() {
    const adapter = await super.connect();
    const start = adapter.startTransaction.bind(adapter);
    adapter.startTransaction = async (isolationLevel) => {
      const tenantId = currentTenant();
      const transaction = await start(isolationLevel);
      try {
        await transaction.queryRaw({
          sql: "SELECT set_config('app.tenant_id', $1, true)",
          args: [tenantId],
          argTypes: [{ scalarType: 'string', arity: 'scalar' }],
        });
      } catch (error) {
        await transaction.rollback(); // Prisma does not know of it yet and would never give its connection back.
        throw error;
      }
      return transaction;
    };
    return adapter;
  }
}

function bindToTenant(
  prisma: PrismaClient,
  shares: ConnectionShares,
  tenantId: string,
  ended?: AbortSignal,
): TenantDatabase {
  const findUnique = batchedFindUnique();
  const bound = prisma.$extends({
    query: {
      $allOperations({ model, operation, args, query }) {
        ended?.throwIfAborted();
        if (model !== undefined) assertNamesTenant(model, operation, args, tenantId);
        return runForTenant(tenantId, () => query(args));
      },
    },
    model: {
      $allModels: {
        findUnique,
        findUniqueOrThrow: findUnique,
      },
    },
  });
  const transaction = <Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result> =>
    shares.run(tenantId, () =>
      retryCollisions(() => {
        ended?.throwIfAborted();
        return runForTenant(tenantId, () =>
          bound.$transaction((open) => work(Object.assign(open, { tenantId }) as unknown as Transaction)),
        );
      }),
    );
  return Object.assign(bound, { tenantId, transaction }) as unknown as TenantDatabase;
}

type Arguments = { where?: Record<string, unknown>; data?: unknown; create?: unknown };

/** Refuses rather than rewrites: the code that reads a tenant's data should say so. */
function assertNamesTenant(model: string, operation: string, args: Arguments, tenantId: string): void {
  const { where, data, create } = args;
  const conditions = operation.startsWith('create')
    ? [data].flat()
    : operation === 'upsert'
      ? [where, create]
      : [where];
  const moved = operation.startsWith('update') && isRecord(data) && 'tenantId' in data;
  if (!moved && conditions.every((condition) => namesTenant(condition, tenantId))) return;
  throw new Error(`${model}.${operation} was called without naming the tenant, or to move a record to another.`);
}

/** By `tenantId` itself, or by a compound key, whose name begins with it. */
function namesTenant(condition: unknown, tenantId: string): boolean {
  if (!isRecord(condition)) return false;
  if ('tenantId' in condition) return condition.tenantId === tenantId;
  return Object.entries(condition).some(
    ([name, key]) => name.startsWith('tenantId_') && isRecord(key) && key.tenantId === tenantId,
  );
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Prisma's codes: a unique key is taken, a linked record is gone or still linked, a deadlock. */
const COLLISIONS = new Set(['P2002', 'P2003', 'P2034']);

async function retryCollisions<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (let left = 2; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      const collided = error instanceof Prisma.PrismaClientKnownRequestError && COLLISIONS.has(error.code);
      if (!collided || left === 0) throw error;
    }
  }
}

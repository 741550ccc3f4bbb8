/** What each tenant may spend, in points: kept in this process, or in the database for several processes together. */
import { RateLimiterMemory, RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import { runForTenant, type TenantPool } from '../database/tenant-pool.ts';

/** Points and the seconds in which they may be spent; then they are there again, all at once. */
export type Allowance = { points: number; seconds: number };

/** `remaining` points for the next `seconds`; when not `accepted`, nothing was taken. */
export type Spending = { accepted: boolean; remaining: number; seconds: number };

/** A store of one's own is one function. */
export type CostBudget = {
  readonly allowance: Allowance;
  spend(tenantId: string, points: number): Promise<Spending>;
};

export const BUDGET_STORES = ['memory', 'database'] as const;

/** The budget that the settings ask for. */
export function createCostBudget(
  { store, points, seconds }: Allowance & { store: (typeof BUDGET_STORES)[number] },
  pool: TenantPool,
): CostBudget {
  const allowance = { points, seconds };
  return store === 'memory' ? createMemoryBudget(allowance) : createDatabaseBudget(allowance, pool);
}

/** For one process: what another one grants is not seen. */
function createMemoryBudget(allowance: Allowance): CostBudget {
  const limiter = new RateLimiterMemory({ points: allowance.points, duration: allowance.seconds });
  return { allowance, spend: (tenantId, points) => spend(limiter, tenantId, points) };
}

/**
 * For all processes on this database: two short statements for each operation, on a table that is not logged. Without the
 * database there is no budget, as there is nothing to spend it on.
 */
function createDatabaseBudget(allowance: Allowance, pool: TenantPool): CostBudget {
  const limiter = new RateLimiterPostgres({
    points: allowance.points,
    duration: allowance.seconds,
    // Without the names of its prepared statements, which PgBouncer's transaction mode does not keep.
    storeClient: { query: ({ text, values }: Statement) => pool.query({ text, values }) },
    storeType: 'client',
    tableName: 'cost_budget',
    tableCreated: true, // by a migration: the server's role may create nothing
    keyPrefix: '',
    clearExpiredByTimeout: false, // one row for each tenant, and it would run for none
  });
  return { allowance, spend: (tenantId, points) => runForTenant(tenantId, () => spend(limiter, tenantId, points)) };
}

type Statement = { text: string; values: unknown[] };

type Limiter = Pick<RateLimiterMemory, 'get' | 'consume'>;

/** Looks before it takes: the library counts what it refuses, and a dear operation would stop the cheap ones after it. */
async function spend(limiter: Limiter, tenantId: string, points: number): Promise<Spending> {
  const before = await limiter.get(tenantId);
  if (before !== null && before.remainingPoints < points) return spending(false, before);
  try {
    return spending(true, await limiter.consume(tenantId, points));
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return spending(false, refusal);
    throw refusal;
  }
}

function spending(accepted: boolean, { remainingPoints, msBeforeNext }: RateLimiterRes): Spending {
  return { accepted, remaining: Math.max(0, remainingPoints), seconds: Math.max(1, Math.ceil(msBeforeNext / 1000)) };
}

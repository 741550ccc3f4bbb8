/** Tenants with records of the same keys, and operations of each that notice a wrong row as well as a missing one. */
import { randomUUID } from 'node:crypto';
import type { Database, TenantDatabase, Transaction } from '../src/database/client.ts';
import { runForTenant } from '../src/database/tenant-pool.ts';

export type Tenant = { tenantId: string; db: TenantDatabase; size: number };

/** An operation saw what is not its tenant's, or did not see all that is. */
export class WrongRowsError extends Error {
  override readonly name = 'WrongRowsError';
}

/** Tenants with 3, 4, 5 … companies and a customer for each; all have the IDs and keys of the others. */
export async function crowd(database: Database, tenants: number): Promise<Tenant[]> {
  return Promise.all(
    Array.from({ length: tenants }, async (_, position) => {
      const tenantId = randomUUID();
      const tenant = { tenantId, db: database.forTenant(tenantId), size: position + 3 };
      const ids = Array.from({ length: tenant.size }, (_, index) => idOf(index));
      await tenant.db.company.createMany({
        data: ids.map((id) => ({ tenantId, id, externalId: `shared ${id}`, name: tenantId, country: 'DE' })),
      });
      await tenant.db.co2Customer.createMany({
        data: ids.map((id) => ({
          tenantId,
          id,
          companyId: id,
          email: tenantId,
          emailKey: id,
          customerType: 'PRIVATE',
        })),
      });
      return tenant;
    }),
  );
}

export function idOf(index: number): string {
  return `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
}

type Operation = (tenant: Tenant, stranger: Tenant) => Promise<void>;

/** Single statements, of every kind. */
export const STATEMENTS: Record<string, Operation> = {
  findFirst: async ({ tenantId, db }) => holdOwn(tenantId, await db.company.findFirst({ where: { tenantId } })),
  findMany: async (tenant) => holdAll(tenant, await tenant.db.company.findMany({ where: at(tenant) })),
  'findMany with a relation': async (tenant) => {
    const rows = await tenant.db.company.findMany({ where: at(tenant), include: { co2Customers: true } });
    holdAll(tenant, rows);
    for (const { co2Customers } of rows) hold(co2Customers.length === 1 && co2Customers[0]?.email === tenant.tenantId);
  },
  findUnique: async ({ tenantId, db }) =>
    holdOwn(tenantId, await db.company.findUnique({ where: { tenantId_id: { tenantId, id: idOf(1) } } })),
  'findUnique of several': async (tenant) => {
    const { tenantId, db, size } = tenant;
    const ids = Array.from({ length: size }, (_, index) => idOf(index));
    holdAll(
      tenant,
      await Promise.all(ids.map((id) => db.company.findUnique({ where: { tenantId_id: { tenantId, id } } }))),
    );
  },
  'findUnique by another key': async ({ tenantId, db }) => {
    const key = { tenantId, externalId: `shared ${idOf(2)}` };
    holdOwn(tenantId, await db.company.findUnique({ where: { tenantId_externalId: key } }));
  },
  'findUnique of what is not there': async ({ tenantId, db, size }) => {
    const key = { tenantId, id: idOf(size) };
    hold((await db.company.findUnique({ where: { tenantId_id: key } })) === null);
  },
  count: async (tenant) => hold((await tenant.db.company.count({ where: at(tenant) })) === tenant.size),
  aggregate: async (tenant) => {
    const { _min, _max, _count } = await tenant.db.company.aggregate({
      where: at(tenant),
      _min: { name: true },
      _max: { name: true },
      _count: true,
    });
    hold(_min.name === tenant.tenantId && _max.name === tenant.tenantId && _count === tenant.size);
  },
  $queryRaw: async (tenant) => holdRaw(tenant, tenant.db),
  update: async ({ tenantId, db }) => {
    const where = { tenantId_id: { tenantId, id: idOf(0) } };
    holdOwn(tenantId, await db.company.update({ where, data: { version: { increment: 1 } } }));
  },
  updateMany: async ({ tenantId, db, size }) => {
    const { count } = await db.company.updateMany({ where: { tenantId }, data: { isActive: true } });
    hold(count === size);
  },
  'a promise that is awaited elsewhere': async (tenant, stranger) => {
    const { db } = tenant;
    const promises = [db.company.findMany({ where: at(tenant) }), db.company.count({ where: at(tenant) })] as const;
    const [rows, count] = await runForTenant(stranger.tenantId, () => Promise.all(promises));
    holdAll(tenant, rows);
    hold(count === tenant.size);
  },
};

/** What takes several round trips, or a new connection afterwards, as pg gives one up after an error. */
export const LONGER: Record<string, Operation> = {
  'a statement that fails': async ({ tenantId, db }) => {
    const data = { tenantId, id: idOf(0), name: tenantId, country: 'DE' };
    await rejects(db.company.create({ data }), 'Unique constraint');
  },
  transaction: (tenant) =>
    tenant.db.transaction(async (open) => {
      holdAll(tenant, await open.company.findMany({ where: at(tenant) }));
      await holdRaw(tenant, open);
    }),
  'a transaction in the context of another tenant': (tenant, stranger) =>
    runForTenant(stranger.tenantId, () => tenant.db.transaction((open) => holdRaw(tenant, open))),
  'a transaction that fails': async ({ tenantId, db }) => {
    const failing = db.transaction(async (open) => {
      await open.company.updateMany({ where: { tenantId }, data: { name: 'never' } });
      await open.$queryRaw`SELECT 1 / (count(*) - count(*)) FROM company`;
    });
    await rejects(failing, 'division by zero');
  },
  'a transaction that its work gives up': async ({ tenantId, db }) => {
    const failing = db.transaction(async (open) => {
      await open.co2Customer.deleteMany({ where: { tenantId } });
      throw new Error('given up');
    });
    await rejects(failing, 'given up');
  },
};

const at = ({ tenantId }: Tenant) => ({ tenantId });

function hold(condition: boolean): void {
  if (!condition) throw new WrongRowsError('An operation did not see exactly the rows of its tenant.');
}

function holdOwn(tenantId: string, row: { tenantId: string; name: string } | null): void {
  hold(row?.tenantId === tenantId && row.name === tenantId);
}

function holdAll({ tenantId, size }: Tenant, rows: readonly ({ tenantId: string; name: string } | null)[]): void {
  hold(rows.length === size);
  for (const row of rows) holdOwn(tenantId, row);
}

async function holdRaw({ tenantId, size }: Tenant, db: Pick<Transaction, '$queryRaw'>): Promise<void> {
  const [row] = await db.$queryRaw<{ tenant: string; rows: number; own: boolean }[]>`
    SELECT current_tenant()::text AS tenant, count(*)::int AS rows, every(name = tenant_id::text) AS own FROM company`;
  hold(row?.tenant === tenantId && row.rows === size && row.own);
}

async function rejects(promise: Promise<unknown>, message: string): Promise<void> {
  const reason = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  hold(reason !== undefined);
  if (!(reason instanceof Error && reason.message.includes(message))) throw reason;
}

export type Mixed = { done: number; interrupted: number; wrong: number; reasons: Map<string, number> };

/**
 * Runs `count` operations in 20 lanes. The same seed gives the same operations. Half of the steps start one operation for
 * all tenants in one tick, where Prisma would join what it can.
 */
export async function mix(
  tenants: readonly Tenant[],
  { count, seed, afterEach = async () => {} }: { count: number; seed: number; afterEach?: () => Promise<void> },
): Promise<Mixed> {
  const mixed: Mixed = { done: 0, interrupted: 0, wrong: 0, reasons: new Map() };
  let left = count;
  const lane = async (random: () => number) => {
    while (left > 0) {
      const kinds = Object.values(random() < 0.95 ? STATEMENTS : LONGER);
      const operation = kinds[Math.floor(random() * kinds.length)];
      const position = Math.floor(random() * tenants.length);
      const together = random() < 0.5 ? tenants : tenants.slice(position, position + 1);
      const started = together.slice(0, left);
      left -= started.length;
      const strangers = started.map((tenant) => tenants[(tenants.indexOf(tenant) + 1) % tenants.length] ?? tenant);
      const ends = await Promise.allSettled(
        started.map((tenant, index) => operation?.(tenant, strangers[index] ?? tenant)),
      );
      for (const end of ends) note(mixed, end);
      await afterEach();
    }
  };
  await Promise.all(Array.from({ length: 20 }, (_, index) => lane(seeded(seed + index))));
  return mixed;
}

function note(mixed: Mixed, end: PromiseSettledResult<unknown>): void {
  if (end.status === 'fulfilled') mixed.done += 1;
  else if (end.reason instanceof WrongRowsError) mixed.wrong += 1;
  else {
    mixed.interrupted += 1;
    const message = end.reason instanceof Error ? (end.reason.message.trim().split('\n').at(-1) ?? '') : 'no error';
    mixed.reasons.set(message, (mixed.reasons.get(message) ?? 0) + 1);
  }
}

/** Mulberry32: 0 ≤ number < 1. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixedBits = Math.imul(state ^ (state >>> 15), state | 1);
    mixedBits ^= mixedBits + Math.imul(mixedBits ^ (mixedBits >>> 7), mixedBits | 61);
    return ((mixedBits ^ (mixedBits >>> 14)) >>> 0) / 2 ** 32;
  };
}

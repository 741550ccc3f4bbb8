/** The mechanism that gives each statement its tenant, on a real database, in all that a process does at once. */
import pg from 'pg';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase } from '../src/database/client.ts';
import { runForTenant } from '../src/database/tenant-pool.ts';
import { cloneDatabase, query } from './database.ts';
import { crowd, LONGER, mix, STATEMENTS, type Tenant } from './tenant-crowd.ts';

const LONG = 120_000;

describe('statements of several tenants', () => {
  let url = '';
  const open: Database[] = [];

  beforeAll(async () => {
    url = await cloneDatabase();
  });
  afterEach(async () => {
    for (const database of open.splice(0)) await database.close();
  });

  function connect(poolSize: number, statementTimeoutMs = 30_000): Database {
    const database = openDatabase({ url, poolSize, connectionWaitMs: 30_000, statementTimeoutMs });
    open.push(database);
    return database;
  }

  it.each(Object.entries({ ...STATEMENTS, ...LONGER }))(
    'start in one tick and each sees its own alone: %s',
    async (_, operation) => {
      for (const poolSize of [1, 5]) {
        const tenants = await crowd(connect(poolSize), 4);
        const [first, ...others] = tenants;
        if (first === undefined) throw new Error('There are four.');
        // Twice in both orders, so that each kind comes after each other's on the connections there are.
        for (const order of [tenants, tenants.toReversed(), tenants])
          await Promise.all(order.map((tenant, at) => operation(tenant, order[(at + 1) % order.length] ?? first)));
        expect(others).toHaveLength(3);
      }
    },
  );

  it(
    'are never mixed up in 10,000 operations',
    async () => {
      const tenants = await crowd(connect(4), 5);
      expect(await mix(tenants, { count: 10_000, seed: 20_261_122 })).toEqual({
        done: 10_000,
        wrong: 0,
        interrupted: 0,
        reasons: new Map(),
      });
    },
    LONG,
  );

  it(
    'wait in line for one connection and stay apart',
    async () => {
      const tenants = await crowd(connect(1), 5);
      expect(await mix(tenants, { count: 500, seed: 1 })).toMatchObject({ done: 500, wrong: 0 });
    },
    LONG,
  );

  it.each([
    ['cancelled', 'pg_cancel_backend', /canceling statement due to user request/],
    ['cut off', 'pg_terminate_backend', /terminating connection|terminated unexpectedly|server has closed|ECONNRESET/i],
  ])(
    'stay apart while some are %s',
    async (_, end, reason) => {
      const tenants = await crowd(connect(3), 4);
      const owner = new pg.Client({ connectionString: url });
      await owner.connect();
      let [steps, ended] = [0, 0];
      const endOne = async () => {
        steps += 1;
        if (steps % 3 > 0) return;
        const { rowCount } = await owner.query(
          `SELECT ${end}(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' LIMIT 1`,
        );
        ended += rowCount ?? 0;
      };
      try {
        const { done, interrupted, wrong, reasons } = await mix(tenants, { count: 600, seed: 2, afterEach: endOne });
        expect(done + interrupted).toBe(600);
        expect(wrong).toBe(0);
        expect(ended).toBeGreaterThan(10);
        expect([...reasons.keys()].join('\n')).toMatch(reason);
        expect(done).toBeGreaterThan(200);
      } finally {
        await owner.end();
      }
      expect(await mix(tenants, { count: 200, seed: 3 })).toMatchObject({ done: 200, wrong: 0, interrupted: 0 });
    },
    LONG,
  );

  it('go on when a connection is cut off in the moment in which it is handed over', async () => {
    const database = connect(1);
    const [tenant] = await crowd(database, 1);
    if (tenant === undefined) throw new Error('There is one.');
    const client = await database.pool.connect();
    const ended = new Promise((resolve) => client.once('end', resolve));
    const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await query(url, 'SELECT pg_terminate_backend($1)', [rows[0]?.pid]);
    await ended; // unheard, the error event would have failed this test
    client.release();
    expect(await mix([tenant], { count: 5, seed: 6 })).toMatchObject({ done: 5, wrong: 0 });
  });

  it('of a transaction that was left open are undone when its connection comes back', async () => {
    const database = connect(1);
    const [tenant] = await crowd(database, 1);
    if (tenant === undefined) throw new Error('There is one.');
    const client = await database.pool.connect();
    await client.query(
      `BEGIN; SELECT set_config('app.tenant_id', '${tenant.tenantId}', true); DELETE FROM co2_customer`,
    );
    client.release();
    expect(await mix([tenant], { count: 5, seed: 7 })).toMatchObject({ done: 5, wrong: 0 });
    expect(await tenant.db.co2Customer.count({ where: { tenantId: tenant.tenantId } })).toBe(tenant.size);
  });

  it(
    'stay apart after some took too long',
    async () => {
      const tenants = await crowd(connect(2, 1_000), 4);
      const tooLong = ({ db }: Tenant) => db.$queryRaw`SELECT count(*) FROM company, pg_sleep(600)`;
      const tooLongInside = ({ db, tenantId }: Tenant) =>
        db.transaction(async (transaction) => {
          await transaction.company.deleteMany({ where: { tenantId, name: 'nobody' } });
          await transaction.$queryRaw`SELECT set_config('statement_timeout', '10', true)`;
          await transaction.$queryRaw`SELECT count(*) FROM company, pg_sleep(600)`;
        });
      for (const tenant of tenants) {
        await expect(tooLong(tenant)).rejects.toThrow('statement timeout');
        await expect(tooLongInside(tenant)).rejects.toThrow('statement timeout');
        expect(await mix(tenants, { count: 20, seed: 4 })).toMatchObject({ done: 20, wrong: 0 });
      }
    },
    LONG,
  );

  it('leave no tenant on their connection, whatever became of them', async () => {
    const database = connect(3);
    const [tenant] = await crowd(database, 1);
    if (tenant === undefined) throw new Error('There is one.');
    for (const operation of Object.values({ ...STATEMENTS, ...LONGER })) {
      await Promise.all([1, 2, 3].map(() => operation(tenant, tenant)));
      const clients = await Promise.all([1, 2, 3].map(() => database.pool.connect()));
      try {
        for (const client of clients)
          await expect(client.query('SELECT * FROM company')).rejects.toThrow(/app\.tenant_id|uuid/);
      } finally {
        for (const client of clients) client.release();
      }
    }
  });

  it('are held to the tenant of the call and not to that of the connection that becomes free', async () => {
    const database = connect(1);
    const [one, other] = await crowd(database, 2);
    if (one === undefined || other === undefined) throw new Error('There are two.');
    const text = 'SELECT current_tenant()::text AS tenant, count(*)::int AS rows FROM company';
    const busy = runForTenant(one.tenantId, () => database.pool.query('SELECT pg_sleep(0.2)'));
    const queued = await Promise.all(
      Array.from({ length: 50 }, (_, index) => {
        const { tenantId } = index % 2 === 0 ? one : other;
        return runForTenant(tenantId, async () => (await database.pool.query(text)).rows[0]);
      }),
    );
    await busy;
    const rowsOf = ({ tenantId, size }: Tenant) => ({ tenant: tenantId, rows: size });
    expect(queued).toEqual(queued.map((_, index) => rowsOf(index % 2 === 0 ? one : other)));
  });
});

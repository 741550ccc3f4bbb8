/**
 * How much longer a page takes deep in a list than at its beginning: `npx tsx bench/pages.ts`. Times are those of the
 * database as the server waits for it, medians; deep pages are ratios to the first page of the same run.
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Database, openDatabase } from '../src/database/client.ts';
import { migrate } from '../src/database/migrate.ts';
import { openFrontDoor, withServer } from './gateway.ts';

const COMPANIES = 100_000;
const DEPTHS = [10_000, 80_000];
const PAGE = 20;
const ROUNDS = 21;
const SLOW_ROUNDS = 5;

/** What each order reads of a company, to put it into a cursor. */
const COLUMNS = {
  NAME: 'name',
  COUNTRY: 'country',
  EMPLOYEE_COUNT: 'employeeCount',
  ANNUAL_REVENUE: 'annualRevenue',
  TOTAL_EMISSIONS: 'totalEmissions',
  CARBON_READINESS_SCORE: 'carbonReadinessScore',
  CREATED_AT: 'createdAt',
  UPDATED_AT: 'updatedAt',
};
type Field = keyof typeof COLUMNS;
type Order = { field: Field; direction: 'ASC' | 'DESC' };

/**
 * Companies as a tenant might have them: half of all in one country, a few sizes that many share, imports of a thousand in
 * one instant, and in every column that may be null a third to a half of nulls.
 */
const INSERT = `
  INSERT INTO company (tenant_id, id, name, country, employee_count, annual_revenue, scope1_emissions, scope2_emissions,
                       certifications, net_zero_target_year, created_at, updated_at)
  SELECT $1, gen_random_uuid(), 'Company ' || md5(n::text),
    CASE WHEN n % 2 = 0 THEN 'DE' ELSE chr(65 + n % 13) || chr(65 + n % 17) END,
    CASE WHEN n % 3 > 0 THEN CASE WHEN n % 5 = 0 THEN 10 ELSE (n::bigint * 7919 % 5000)::int END END,
    CASE WHEN n % 3 <> 1 THEN (n::bigint * 104729 % 1000003) * 12.5 END,
    CASE WHEN n % 2 = 0 THEN (n::bigint * 15485863 % 100003) / 8.0 END,
    CASE WHEN n % 5 = 0 THEN n % 977 END,
    CASE WHEN n % 4 = 0 THEN '{EMAS}'::text[] ELSE '{}' END,
    CASE WHEN n % 7 = 0 THEN 2045 END,
    timestamptz '2026-01-01' + CASE WHEN n < 50000 THEN n / 1000 * 1000 ELSE n END * interval '1 second',
    CASE WHEN n % 2 = 0 THEN timestamptz '2026-03-01' + n * interval '1 second' END
  FROM generate_series(1, ${COMPANIES}) AS n`;

const LIST = `query ($orderBy: [CompanyOrder!], $after: String) {
  companies(first: ${PAGE}, after: $after, orderBy: $orderBy) { edges { cursor node { name } } pageInfo { hasNextPage } }
}`;
const NUMBERED = `query ($orderBy: [CompanyOrder!], $page: Int!) {
  companyPage(page: $page, pageSize: ${PAGE}, orderBy: $orderBy) { items { companyId ${Object.values(COLUMNS).join(' ')} } }
}`;

type Item = { companyId: string } & Record<string, unknown>;
type Data = { companies: { edges: { cursor: string; node: { name: string } }[] }; companyPage: { items: Item[] } };
type Ask = (query: string, variables: object) => Promise<Data>;
type Meter = { milliseconds: number; statements: number };

await withServer(async (ownerUrl) => {
  const url = await prepare(ownerUrl);
  const database = openDatabase({ url, poolSize: 2 });
  try {
    await measure(database, await fill(url));
  } finally {
    await database.close();
  }
});

async function prepare(ownerUrl: string): Promise<string> {
  await withClient(ownerUrl, (client) => client.query('CREATE DATABASE bench'));
  const url = new URL(ownerUrl);
  url.pathname = '/bench';
  await migrate(url.href);
  return url.href;
}

/** @returns the tenant. */
async function fill(url: string): Promise<string> {
  const tenantId = randomUUID();
  await withClient(url, async (client) => {
    await client.query(INSERT, [tenantId]);
    await client.query(INSERT.replaceAll(String(COMPANIES), '5000'), [randomUUID()]);
    await client.query('VACUUM ANALYZE company');
  });
  return tenantId;
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

async function measure(database: Database, tenantId: string): Promise<void> {
  const meter = watch(database);
  const ask = await frontDoor(database, tenantId);
  const fields = Object.keys(COLUMNS) as Field[];
  const orders = fields.flatMap((field) => [
    { field, direction: 'ASC' as const },
    { field, direction: 'DESC' as const },
  ]);
  const table = [];
  for (const order of orders) table.push(await measureOrder(order, ask, meter));
  console.log(
    `\n${COMPANIES} companies, pages of ${PAGE}; first: ms in the database, the others: times as long (statements)\n`,
  );
  console.table(Object.fromEntries(table));
}

/** Adds up the time between a statement's being handed over and its answer. */
function watch({ pool }: Database): Meter {
  const meter = { milliseconds: 0, statements: 0 };
  const query = pool.query.bind(pool) as (...values: unknown[]) => Promise<unknown>;
  pool.query = (async (...values: unknown[]) => {
    const begin = performance.now();
    const answer = await query(...values);
    meter.milliseconds += performance.now() - begin;
    meter.statements += 1;
    return answer;
  }) as unknown as typeof pool.query;
  return meter;
}

async function frontDoor(database: Database, tenantId: string): Promise<Ask> {
  const post = await openFrontDoor(database, tenantId);
  return async (query, variables) => {
    const { data, errors } = (await (await post(query, variables)).json()) as { data: Data; errors?: unknown };
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
}

async function measureOrder(order: Order, ask: Ask, meter: Meter): Promise<[string, Record<string, string>]> {
  const orderBy = [order];
  const places = [];
  for (const depth of DEPTHS) places.push(await cursorAt(depth, order, ask));
  const kinds: Record<string, () => Promise<unknown>> = { first: () => ask(LIST, { orderBy }) };
  for (const { depth, after } of places) kinds[`after ${depth}`] = () => ask(LIST, { orderBy, after });
  const times = await rounds(kinds, ROUNDS, meter);
  const page = Math.max(...DEPTHS) / PAGE + 1;
  const slow = await rounds({ [`page ${page}`]: () => ask(NUMBERED, { orderBy, page }) }, SLOW_ROUNDS, meter);
  const { first = { milliseconds: 1, statements: 0 }, ...others } = { ...times, ...slow };
  const ratios = Object.entries(others).map(([kind, { milliseconds, statements }]) => [
    kind,
    `${(milliseconds / first.milliseconds).toFixed(1)} (${statements})`,
  ]);
  const row = { first: `${first.milliseconds.toFixed(2)} (${first.statements})`, ...Object.fromEntries(ratios) };
  return [`${order.field} ${order.direction}`, row];
}

/** The cursor of the row before which `depth` rows stand: the numbered page says which it is. */
async function cursorAt(depth: number, order: Order, ask: Ask): Promise<{ depth: number; after: string }> {
  const { companyPage } = await ask(NUMBERED, { orderBy: [order], page: depth / PAGE });
  const { companies } = await ask(LIST, { orderBy: [order] });
  const row = companyPage.items.at(-1);
  const [owner] = JSON.parse(Buffer.from(companies.edges[0]?.cursor ?? '', 'base64url').toString()) as string[];
  const after = Buffer.from(JSON.stringify([owner, row?.[COLUMNS[order.field]], row?.companyId])).toString('base64url');
  const [next] = (await ask(NUMBERED, { orderBy: [order], page: depth / PAGE + 1 })).companyPage.items;
  const { edges } = (await ask(LIST, { orderBy: [order], after })).companies;
  if (edges.length !== PAGE || edges[0]?.node.name !== next?.name) throw new Error(`Wrong page after ${depth}.`);
  return { depth, after };
}

/** Medians; the kinds take turns, so that a busy moment hits all of them. */
async function rounds(kinds: Record<string, () => Promise<unknown>>, count: number, meter: Meter) {
  const samples = new Map<string, number[]>(Object.keys(kinds).map((kind) => [kind, []]));
  const statements: Record<string, number> = {};
  for (let round = -2; round < count; round += 1) {
    for (const [kind, work] of Object.entries(kinds)) {
      Object.assign(meter, { milliseconds: 0, statements: 0 });
      await work();
      if (round >= 0) samples.get(kind)?.push(meter.milliseconds);
      statements[kind] = meter.statements;
    }
  }
  const medians = [...samples].map(([kind, times]) => {
    const sorted = times.toSorted((a, b) => a - b);
    return [kind, { milliseconds: sorted[Math.floor(sorted.length / 2)] ?? 0, statements: statements[kind] ?? 0 }];
  });
  return Object.fromEntries(medians) as Record<string, Meter>;
}

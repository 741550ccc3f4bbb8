/**
 * What the separation of tenants costs, and whether it can be seen from outside: `npx tsx bench/tenancy.ts`. Ratios of
 * medians: a statement with its tenant to the same without one, and a request for another tenant's ID to one for an ID
 * that nobody has (they should be less than 20 % apart).
 */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { type Database, openDatabase } from '../src/database/client.ts';
import { migrate } from '../src/database/migrate.ts';
import { runForTenant } from '../src/database/tenant-pool.ts';
import { openFrontDoor, withServer } from './gateway.ts';

const COMPANIES = 2_000;
const ROUNDS = 300;
const DOCUMENTS = {
  company: 'query ($id: ID!) { company(by: { id: $id }) { name totalEmissions } }',
  node: 'query ($id: ID!) { node(id: $id) { id } }',
  patchCompany: `mutation ($id: ID!) {
    patchCompany(by: { id: $id }, patch: { name: "New" }) { userErrors { message } }
  }`,
};

await withServer(async (ownerUrl) => {
  await migrate(ownerUrl);
  const database = openDatabase({ url: ownerUrl, poolSize: 1 });
  try {
    const [own, other] = [randomUUID(), randomUUID()];
    await fill(database, own);
    const theirs = await fill(database, other);
    console.table({
      ...(await statementCost(database, ownerUrl, own)),
      ...(await distance(database, own, theirs)),
    });
  } finally {
    await database.close();
  }
});

/** @returns the IDs. */
async function fill(database: Database, tenantId: string): Promise<string[]> {
  const data = Array.from({ length: COMPANIES }, (_, index) => ({
    tenantId,
    id: randomUUID(),
    name: `Company ${index}`,
    country: 'DE',
  }));
  await database.forTenant(tenantId).company.createMany({ data });
  return data.map(({ id }) => id);
}

/** The same statement through pools of one connection; the plain one has its tenant as a session setting, once. */
async function statementCost(database: Database, url: string, tenantId: string) {
  const options = Object.entries(database.sessionSettings).map(([name, value]) => `-c ${name}=${value}`);
  const plain = new pg.Pool({
    connectionString: url,
    max: 1,
    options: `${options.join(' ')} -c app.tenant_id=${tenantId}`,
  });
  const text = 'SELECT id, name, country FROM company WHERE tenant_id = $1 AND id = $2';
  const values = [tenantId, randomUUID()];
  const times = await medians({
    plain: () => plain.query(text, values),
    'with its tenant': () => runForTenant(tenantId, () => database.pool.query(text, values)),
    'in a transaction': async () => {
      const client = await plain.connect();
      await client.query('BEGIN');
      await client.query("SELECT set_config('app.tenant_id', $1, true)", [tenantId]);
      await client.query(text, values);
      await client.query('COMMIT');
      client.release();
    },
  });
  await plain.end();
  return ratios('a statement', times);
}

/** How far requests for another tenant's ID are from those for an ID of nobody, asked in turn. */
async function distance(database: Database, tenantId: string, theirs: readonly string[]) {
  const post = await openFrontDoor(database, tenantId);
  let all = {};
  for (const [name, query] of Object.entries(DOCUMENTS)) {
    const ask = async (id: string) => (await post(query, { id })).text();
    let next = 0;
    const times = await medians({
      'of nobody': () => ask(randomUUID()),
      'of another tenant': () => ask(theirs[next++ % theirs.length] ?? ''),
    });
    all = { ...all, ...ratios(`${name}, an ID`, times) };
  }
  return all;
}

/** In milliseconds; the kinds take turns, in both orders, so that a busy moment hits all of them. */
async function medians(kinds: Record<string, () => Promise<unknown>>): Promise<[string, number][]> {
  const samples = Object.keys(kinds).map((kind): [string, number[]] => [kind, []]);
  for (let round = -30; round < ROUNDS; round += 1) {
    for (const [kind, times] of round % 2 === 0 ? samples : samples.toReversed()) {
      const begin = performance.now();
      await kinds[kind]?.();
      if (round >= 0) times.push(performance.now() - begin);
    }
  }
  return samples.map(([kind, times]) => [kind, times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0]);
}

/** Each to the first. */
function ratios(title: string, times: readonly [string, number][]) {
  const [, first] = times[0] ?? ['', 1];
  const rows = times.map(([kind, time]) => [
    `${title} ${kind}`,
    { milliseconds: Number(time.toFixed(3)), ratio: Number((time / first).toFixed(3)) },
  ]);
  return Object.fromEntries(rows);
}

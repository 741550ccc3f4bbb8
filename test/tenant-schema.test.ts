/** Every place of the schema where a record can be named, tried with another tenant's values. */
import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, useApi } from './api.ts';
import { query } from './database.ts';
import * as given from './given.ts';
import { documentFor, nestedPlaces, type Place, places, rootFields, variablesFor } from './schema-places.ts';

type Keys = Record<
  | 'companyId' | 'customerId' | 'contractId' | 'externalId' | 'registrationNumber' | 'name' | 'city' | 'region'
  | 'email' | 'businessName' | 'organizationNumber' | 'reference' | 'userId' | 'meterId' | 'buildingId' | 'supplier'
  | 'cursor',
  string
>; // biome-ignore format: a list of words

function newKeys(): Keys {
  const word = randomUUID();
  const texts = ['externalId', 'registrationNumber', 'name', 'city', 'region', 'businessName', 'organizationNumber'];
  return {
    ...Object.fromEntries([...texts, 'reference', 'supplier'].map((name) => [name, `${name} ${word}`])),
    ...Object.fromEntries(
      ['companyId', 'customerId', 'contractId', 'userId', 'buildingId'].map((name) => [name, randomUUID()]),
    ),
    email: `${word}@example.com`,
    meterId: word.slice(0, 18),
    cursor: 'made up',
  } as Keys;
}

/** One record of each type, with all that can name it. */
async function createRecords(client: Client, keys: Keys): Promise<void> {
  const { companyId, externalId, registrationNumber, name, city, region } = keys;
  await given.company(client, { companyId, externalId, registrationNumber, name, city, region });
  const { customerId, email, businessName, organizationNumber, reference } = keys;
  const externalReferences = [{ reference }];
  await given.co2Customer(client, {
    customerId,
    email,
    businessName,
    organizationNumber,
    externalReferences,
    companyId,
  });
  const { contractId, userId, meterId, buildingId, supplier } = keys;
  const links = { companyId, co2CustomerId: customerId };
  await given.energyContract(client, { contractId, externalId, userId, meterId, buildingId, supplier, ...links });
}

const TYPES = ['Company', 'Co2Customer', 'EnergyContract'] as const;
const ID_OF = { Company: 'companyId', Co2Customer: 'customerId', EnergyContract: 'contractId' } as const;

function typeOf(field: string): (typeof TYPES)[number] {
  if (/compan(y|ies)/i.test(field)) return 'Company';
  return /co2Customer/i.test(field) ? 'Co2Customer' : 'EnergyContract';
}

/** Which of the keys belongs there. @throws for a place that this test does not know: add what it stands for. */
function keyAt({ field, path }: Place): (keyof Keys)[] {
  const name = path.findLast((part) => !/^(eq|in|neq|nin|contains|startsWith)$/.test(part)) ?? '';
  if (field.name === 'node' || field.name === 'nodes') return Object.values(ID_OF);
  if (name === 'id') return [ID_OF[typeOf(field.name)]];
  if (name === 'after' || name === 'before') return ['cursor'];
  const other: Record<string, keyof Keys> = { co2CustomerId: 'customerId', externalReference: 'reference' };
  const key = other[name] ?? name;
  if (!(key in newKeys())) throw new Error(`${field.name}(${path.join('.')}) is a place that no test covers.`);
  return [key as keyof Keys];
}

/** What makes an input one that is accepted, for a tenant that has nothing yet. */
const ACCEPTED: Record<string, object> = {
  CreateCompanyInput: { name: 'Own', country: 'DE' },
  UpsertCompanyInput: { name: 'Own', country: 'DE' },
  CompanyPatch: { legalForm: 'Stolen' },
  UpsertCo2CustomerInput: { email: 'own@example.com' },
  Co2CustomerPatch: { firstName: 'Stolen' },
  EnergyContractPatch: { currencyEnergyPrice: 'EUR' },
};

const WITHOUT_PLACES = ['viewer', 'compensationTerms', 'patchCompensationTerms'];

/** Where a value is only stored: what it names belongs to another system, or is no key alone. */
const ONLY_STORED =
  /^\w+\((input|items|patch)\.(buildingId|userId)\)$|^(patch|register)EnergyContract\(\w+\.meterId\)$/;

type Answer = { status: number; body: unknown };

function blind({ status, body }: Answer, keys: Keys): string {
  let text = JSON.stringify([status, body]);
  for (const [name, key] of Object.entries(keys)) text = text.replaceAll(JSON.stringify(key).slice(1, -1), `<${name}>`);
  return text
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '<uuid>')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replaceAll(/"(cursor|startCursor|endCursor)":"[^"]*"/g, '"$1":"<cursor>"');
}

/** The answers to `keys` at the place, from a tenant that has a record of its own to write to. */
async function answersAt(place: Place, client: Client, keys: Keys): Promise<string[]> {
  const own = newKeys();
  if (place.kind === 'mutation' && place.path[0] !== 'input' && place.path[0] !== 'items')
    await createRecords(client, own);
  const ownKey = { id: own[ID_OF[typeOf(place.field.name)]] };
  const fill = (path: string[]) => {
    const name = path.at(-1) ?? '';
    if (name === 'by') return ownKey;
    if (name in keys) return keys[name as keyof Keys];
    return { country: 'DE', timestamp: '2026-01-01T00:00:00Z', price: 1 }[name];
  };
  const extra = (input: string) =>
    /EnergyContractInput$/.test(input) ? { userId: keys.userId } : (ACCEPTED[input] ?? {});
  const answers: string[] = [];
  for (const key of keyAt(place)) {
    const type = TYPES.find((name) => ID_OF[name] === key);
    const forms = place.type === 'ID' && type ? [keys[key], `${type}:${keys[key]}`] : [keys[key]];
    for (const value of forms) {
      const variables = variablesFor(place, value, fill, extra);
      answers.push(blind(await client.post({ query: documentFor(place), variables }), { ...keys }));
    }
  }
  return answers.map((answer) => blind({ status: 0, body: answer }, own));
}

async function cursorOf(client: Client, list: string): Promise<string> {
  const { body } = await client.post({ query: `{ ${list}(first: 1) { edges { cursor } } }` });
  return (body.data?.[list] as { edges: { cursor: string }[] } | undefined)?.edges[0]?.cursor ?? '';
}

const title = ({ field, path }: Place): string => `${field.name}(${path.join('.')})`;

describe("another tenant's values", () => {
  const api = useApi();
  const tenantB = given.tenant();
  const theirs = newKeys();
  let b: Client;
  let everything = '';

  beforeAll(async () => {
    b = api.as(tenantB);
    await createRecords(b, theirs);
    const tables = await query<{ name: string }>(
      api.databaseUrl,
      `SELECT attrelid::regclass::text AS name FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
       WHERE attname = 'tenant_id' AND relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    everything = tables
      .map(({ name }) => `SELECT '${name}' || t::text AS line FROM ${name} AS t WHERE tenant_id = $1`)
      .join(' UNION ALL ');
    expect(tables.length).toBeGreaterThanOrEqual(5);
  });

  /** All rows of the tenant in all tables, as the owner sees them. */
  const rowsOf = (tenantId: string) =>
    query(api.databaseUrl, `SELECT line FROM (${everything}) AS lines ORDER BY line`, [tenantId]);

  const all = places().map((place) => [title(place), place] as const);

  it.each(all)('are answered as what does not exist: %s', async (_, place) => {
    const before = await rowsOf(tenantB);
    expect(before.length).toBeGreaterThan(3);
    const isCursor = keyAt(place).includes('cursor');
    const keys = { ...theirs, ...(isCursor && { cursor: await cursorOf(b, place.field.name) }) };
    const answers = await answersAt(place, api.as(given.tenant()), keys);
    expect(answers).toEqual(await answersAt(place, api.as(given.tenant()), newKeys()));
    expect(answers.join()).not.toContain('INTERNAL_SERVER_ERROR');
    expect(answers.join()).not.toContain('GRAPHQL_VALIDATION_FAILED');
    expect(await rowsOf(tenantB)).toEqual(before);
  });

  it.each(all.filter(([name]) => !ONLY_STORED.test(name)))(
    'would be seen, for their owner gets another answer: %s',
    async (_, place) => {
      const [owner, nobody] = [api.as(given.tenant()), api.as(given.tenant())];
      const keys = newKeys();
      await createRecords(owner, keys);
      if (keyAt(place).includes('cursor')) keys.cursor = await cursorOf(owner, place.field.name);
      const own = await answersAt(place, owner, keys);
      const none = await answersAt(place, nobody, newKeys());
      expect(own).not.toEqual(none);
    },
  );

  it.each(nestedPlaces())('are answered as what does not exist: $type.$field($argument)', async (place) => {
    const root: Record<string, string> = { Company: 'company', Co2Customer: 'co2Customer' };
    const [type, field] = [TYPES.find((name) => name === place.type), root[place.type]];
    if (type === undefined || field === undefined || !/^(after|before)$/.test(place.argument))
      throw new Error(`${place.type}.${place.field}(${place.argument}) is a place that no test covers.`);
    const text = `query ($id: ID!, $cursor: String) { ${field}(by: { id: $id }) {
      ${place.field}(${place.argument}: $cursor) { totalCount edges { cursor } } } }`;
    const first = `query ($id: ID!) { ${field}(by: { id: $id }) { ${place.field}(first: 1) { edges { cursor } } } }`;
    const { body } = await b.post({ query: first, variables: { id: theirs[ID_OF[type]] } });
    const lists = body.data?.[field] as Record<string, { edges: { cursor: string }[] }> | undefined;
    const cursor = lists?.[place.field]?.edges[0]?.cursor ?? '';
    const own = newKeys();
    const a = api.as(given.tenant());
    await createRecords(a, own);
    const ask = async (client: Client, id: string, value: string) =>
      blind(await client.post({ query: text, variables: { id, cursor: value } }), { ...own, cursor: value });
    const id = own[ID_OF[type]];
    expect(await ask(a, id, cursor)).toBe(await ask(a, id, 'made up'));
    expect(await ask(b, theirs[ID_OF[type]], cursor)).not.toBe(await ask(b, theirs[ID_OF[type]], 'made up'));
  });

  it('have no root field beside: each has a place above, or names no record', () => {
    const covered = new Set(places().map(({ field }) => field.name));
    expect(
      rootFields()
        .filter((name) => !covered.has(name))
        .sort(),
    ).toEqual([...WITHOUT_PLACES].sort());
    for (const place of places()) expect(keyAt(place)).not.toEqual([]);
  });
});

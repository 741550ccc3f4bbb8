import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Database, openDatabase, type TenantDatabase } from '../src/database/client.ts';
import { type Client, useApi } from './api.ts';
import { query } from './database.ts';
import * as given from './given.ts';
import { graphql } from './gql/gql.ts';
import type { CompanyFilter, CompanyKey } from './gql/graphql.ts';

const Company = graphql(`
  query TenancyCompany($by: CompanyKey!) { company(by: $by) { id companyId tenantId name externalId } }
`);
const Node = graphql(`
  query TenancyNode($id: ID!) { node(id: $id) { __typename id ... on Company { name } } }
`);
const Nodes = graphql(`
  query TenancyNodes($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Company { name } } }
`);
const Companies = graphql(`
  query TenancyCompanies($filter: CompanyFilter, $first: Int, $after: String, $last: Int, $before: String) {
    companies(filter: $filter, first: $first, after: $after, last: $last, before: $before) {
      edges { cursor node { id name } }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      totalCount
    }
  }
`);
const Page = graphql(`
  query TenancyPage($filter: CompanyFilter) {
    companyPage(filter: $filter) { items { id name } total pages }
  }
`);
const Create = graphql(`
  mutation TenancyCreate($input: CreateCompanyInput!) {
    createCompany(input: $input) {
      company { id companyId tenantId name externalId registrationNumber version }
      warnings { message path }
      userErrors { __typename code message path ... on ConflictError { existing { id } } }
    }
  }
`);
const Upsert = graphql(`
  mutation TenancyUpsert($input: UpsertCompanyInput!) {
    upsertCompany(input: $input) {
      company { id companyId tenantId name externalId registrationNumber version }
      outcome
      matchedBy
      changedFields
      warnings { message path }
      userErrors { __typename code message path ... on ConflictError { existing { id } } }
    }
  }
`);
const UpsertAll = graphql(`
  mutation TenancyUpsertAll($items: [UpsertCompanyInput!]!) {
    upsertCompanies(items: $items) {
      succeeded
      failed
      results {
        company { id companyId tenantId name externalId registrationNumber version }
        outcome
        matchedBy
        userErrors { __typename code message path ... on ConflictError { existing { id } } }
      }
    }
  }
`);
const Patch = graphql(`
  mutation TenancyPatch($by: CompanyKey!, $patch: CompanyPatch!, $ifVersion: Int) {
    patchCompany(by: $by, patch: $patch, ifVersion: $ifVersion) {
      company { id name externalId version }
      changedFields
      userErrors { __typename code message path ... on ConflictError { existing { id } } }
    }
  }
`);
const Delete = graphql(`
  mutation TenancyDelete($by: CompanyKey!, $ifVersion: Int) {
    deleteCompany(by: $by, ifVersion: $ifVersion) { deletedId userErrors { __typename code message path } }
  }
`);

/** What names one company. */
type Keys = { companyId: string; externalId: string; country: string; registrationNumber: string; name: string };

function newKeys(): Keys {
  const word = randomUUID();
  return {
    companyId: randomUUID(),
    externalId: `external ${word}`,
    country: 'DE',
    registrationNumber: `HRB ${word}`,
    name: `Name ${word}`,
  };
}

const byEachKey = ({ companyId, externalId, country, registrationNumber }: Keys): CompanyKey[] => [
  { id: companyId },
  { id: `Company:${companyId}` },
  { id: companyId.toUpperCase() },
  { externalId },
  { registration: { country, registrationNumber } },
];

const filtersBy = ({ companyId, externalId, registrationNumber, name }: Keys): CompanyFilter[] => [
  { id: { eq: companyId } },
  { id: { in: [`Company:${companyId}`, companyId] } },
  { not: { not: { id: { eq: companyId } } } },
  { or: [{ id: { eq: companyId } }, { name: { eq: name } }] },
  { externalId: { eq: externalId } },
  { externalId: { in: [externalId] } },
  { externalId: { startsWith: externalId, ignoreCase: true } },
  { registrationNumber: { contains: registrationNumber } },
  { name: { eq: name.toUpperCase(), ignoreCase: true } },
];

type Door = (client: Client, keys: Keys) => Promise<{ status: number; body: unknown }>[];

/** Every way to say a key or an ID. A new root field that takes one belongs here; the last test of the file checks that. */
const READS: Record<string, Door> = {
  company: (client, keys) => byEachKey(keys).map((by) => client.send(Company, { by })),
  node: (client, { companyId }) =>
    [companyId, `Company:${companyId}`, companyId.toUpperCase()].map((id) => client.send(Node, { id })),
  nodes: (client, { companyId }) => [
    client.send(Nodes, { ids: [companyId, `Company:${companyId}`, companyId, `Company:${companyId.toUpperCase()}`] }),
  ],
  companies: (client, keys) =>
    filtersBy(keys).flatMap((filter) => [
      client.send(Companies, { filter }),
      client.send(Companies, { filter, last: 1 }),
    ]),
  companyPage: (client, keys) => filtersBy(keys).map((filter) => client.send(Page, { filter })),
};

const WRITES_TO_EXISTING: Record<string, Door> = {
  patchCompany: (client, keys) =>
    byEachKey(keys).flatMap((by) => [
      client.send(Patch, { by, patch: { name: 'Stolen' } }),
      client.send(Patch, { by, patch: { externalId: keys.externalId }, ifVersion: 1 }),
      client.send(Patch, { by, patch: {}, ifVersion: 99 }),
    ]),
  deleteCompany: (client, keys) =>
    byEachKey(keys).flatMap((by) => [client.send(Delete, { by }), client.send(Delete, { by, ifVersion: 99 })]),
};

/** The answer as text, with the keys used, the IDs made and the request's ID replaced. */
function blind({ status, body }: { status: number; body: unknown }, keys: Keys): string {
  let text = JSON.stringify([status, body]);
  for (const [name, key] of Object.entries(keys)) {
    for (const form of [key, key.toUpperCase()]) text = text.replaceAll(form, `<${name}>`);
  }
  return text.replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '<uuid>');
}

const blindAll = async (answers: ReturnType<Door>, keys: Keys) =>
  (await Promise.all(answers)).map((answer) => blind(answer, keys));

describe('tenants', () => {
  const api = useApi();
  let a: Client;
  let b: Client;
  let tenantA: string;
  let tenantB: string;
  let foreign: Keys;

  /** All that the owner sees of a tenant. */
  const rowsOf = (tenantId: string) =>
    query(api.databaseUrl, 'SELECT * FROM company WHERE tenant_id = $1 ORDER BY id', [tenantId]);

  /** Runs `work` and holds that it left the other tenant alone. */
  async function withBUnchanged(work: () => Promise<void>): Promise<void> {
    const before = await rowsOf(tenantB);
    expect(before).toHaveLength(3);
    await work();
    expect(await rowsOf(tenantB)).toEqual(before);
  }

  beforeAll(async () => {
    [tenantA, tenantB] = [given.tenant(), given.tenant()];
    [a, b] = [api.as(tenantA), api.as(tenantB)];
    foreign = newKeys();
    await given.company(b, foreign);
    await given.company(b, newKeys());
    await given.company(b, newKeys());
    await given.company(a, { name: 'Own', externalId: 'own' });
  });

  describe("that use another tenant's values", () => {
    it.each(Object.entries({ ...READS, ...WRITES_TO_EXISTING }))(
      'get the answer for what does not exist from %s',
      async (_, door) => {
        await withBUnchanged(async () => {
          const unknown = newKeys();
          const answers = await blindAll(door(a, foreign), foreign);
          expect(answers).toEqual(await blindAll(door(a, unknown), unknown));
          expect(answers.join()).not.toContain(tenantB);
        });
      },
    );

    it.each(Object.entries(READS))(
      'would see a difference, for the owner gets another answer from %s',
      async (_, door) => {
        const unknown = newKeys();
        const own = await blindAll(door(b, foreign), foreign);
        const none = await blindAll(door(b, unknown), unknown);
        for (const [position, answer] of own.entries()) expect(answer).not.toBe(none[position]);
      },
    );

    it('are told the same of a patch and a deletion as of an ID that nobody has', async () => {
      for (const by of byEachKey(foreign)) {
        const { patchCompany } = await a.ask(Patch, { by, patch: { name: 'Stolen' } });
        const { deleteCompany } = await a.ask(Delete, { by });
        const refused = [
          {
            __typename: 'NotFoundError',
            code: 'NOT_FOUND',
            message: 'There is no such company: check the key.',
            path: ['by'],
          },
        ];
        expect(patchCompany).toEqual({ company: null, changedFields: [], userErrors: refused });
        expect(deleteCompany).toEqual({ deletedId: null, userErrors: refused });
      }
    });

    /** Writes that make a record: keys belong to a tenant, so what another tenant has is free. */
    const makes: Record<string, (client: Client, keys: Keys) => Promise<{ status: number; body: unknown }>> = {
      'createCompany with a key of each kind': (client, keys) => client.send(Create, { input: keys }),
      'createCompany with the companyId': (client, { companyId }) =>
        client.send(Create, { input: { companyId, name: 'Own', country: 'DE' } }),
      'upsertCompany with a key of each kind': (client, keys) => client.send(Upsert, { input: keys }),
      'upsertCompany with the companyId': (client, { companyId }) =>
        client.send(Upsert, { input: { companyId, name: 'Own', country: 'DE' } }),
      'upsertCompany with the externalId': (client, { externalId }) =>
        client.send(Upsert, { input: { externalId, name: 'Own', country: 'DE' } }),
      'upsertCompany with the registration': (client, { country, registrationNumber }) =>
        client.send(Upsert, { input: { country, registrationNumber, name: 'Own' } }),
      'upsertCompany without what a new company needs': (client, { companyId }) =>
        client.send(Upsert, { input: { companyId, city: 'Kiel' } }),
      upsertCompanies: (client, keys) =>
        client.send(UpsertAll, {
          items: [keys, { companyId: keys.companyId, city: 'Kiel' }, { externalId: keys.externalId, city: 'Jena' }],
        }),
    };
    it.each(Object.entries(makes))('may take them for themselves: %s', async (_, make) => {
      await withBUnchanged(async () => {
        const unknown = newKeys();
        const answer = await make(api.as(given.tenant()), foreign);
        expect(blind(answer, foreign)).toBe(blind(await make(api.as(given.tenant()), unknown), unknown));
      });
    });

    it('have a record of their own afterwards, with the same ID and keys', async () => {
      await withBUnchanged(async () => {
        const tenantId = given.tenant();
        const client = api.as(tenantId);
        const { createCompany } = await client.ask(Create, { input: { ...foreign, name: 'Mine' } });
        expect(createCompany).toMatchObject({
          company: { companyId: foreign.companyId, tenantId, name: 'Mine', externalId: foreign.externalId, version: 1 },
          userErrors: [],
        });
        for (const by of byEachKey(foreign)) {
          expect((await client.ask(Company, { by })).company).toMatchObject({ tenantId, name: 'Mine' });
          expect((await b.ask(Company, { by })).company).toMatchObject({ tenantId: tenantB, name: foreign.name });
        }
        await client.ask(Patch, { by: { id: foreign.companyId }, patch: { name: 'Still mine' } });
        expect((await client.ask(Nodes, { ids: [foreign.companyId] })).nodes).toMatchObject([{ name: 'Still mine' }]);
        const { deleteCompany } = await client.ask(Delete, { by: { externalId: foreign.externalId } });
        expect(deleteCompany.deletedId).toBe(`Company:${foreign.companyId}`);
      });
    });

    it('may patch their record to keys that another tenant has', async () => {
      await withBUnchanged(async () => {
        const client = api.as(given.tenant());
        const { companyId } = await given.company(client);
        const { externalId, registrationNumber } = foreign;
        const { patchCompany } = await client.ask(Patch, {
          by: { id: companyId },
          patch: { externalId, registrationNumber },
        });
        expect(patchCompany).toMatchObject({ company: { externalId, version: 2 }, userErrors: [] });
      });
    });

    it("get for another tenant's cursor the error for one that is made up", async () => {
      const { companies } = await b.ask(Companies, { first: 1 });
      const cursor = companies.pageInfo.endCursor ?? '';
      expect((await b.ask(Companies, { after: cursor })).companies.edges).toHaveLength(2);
      for (const argument of ['after', 'before']) {
        const theirs = await a.send(Companies, { [argument]: cursor });
        const madeUp = await a.send(Companies, { [argument]: 'made up' });
        expect(theirs.body.errors).toHaveLength(1);
        expect(blind(theirs, foreign)).toBe(blind(madeUp, foreign));
      }
    });

    it('count, page and list their own alone', async () => {
      const client = api.as(given.tenant());
      await given.company(client);
      const { companies } = await client.ask(Companies, { first: 1 });
      expect(companies.edges).toHaveLength(1);
      expect(companies.totalCount).toBe(1);
      expect(companies.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
      expect((await client.ask(Page, { filter: { not: { name: { eq: 'nobody' } } } })).companyPage).toMatchObject({
        total: 1,
        pages: 1,
      });
    });
  });

  it('refuse what is no ID, each in its own place', async () => {
    const message = 'This is not an ID: use the `id` of a record, or a bare UUID.';
    const unknown = randomUUID();
    for (const id of [
      '',
      'garbage',
      'Company:',
      `Tariff:${unknown}`,
      `:${unknown}`,
      `__proto__:${unknown}`,
      `${unknown}\0`,
    ]) {
      expect(await a.fail(Node, { id })).toMatchObject({
        message,
        path: ['node'],
        extensions: { code: 'BAD_USER_INPUT', argument: ['id'] },
      });
      const { companyId } = await given.company(a);
      const { body } = await a.send(Nodes, { ids: [companyId, id, unknown] });
      expect(body.data?.nodes).toMatchObject([{ id: `Company:${companyId}` }, null, null]);
      expect(body.errors).toMatchObject([
        { message, path: ['nodes', 1], extensions: { code: 'BAD_USER_INPUT', argument: ['ids', '1'] } },
      ]);
      await a.ask(Delete, { by: { id: companyId } });
    }
    const ids = Array.from({ length: 101 }, () => unknown);
    expect((await a.fail(Nodes, { ids })).message).toBe('Ask for at most 100 IDs at once, not 101.');
    expect((await a.ask(Nodes, { ids: ids.slice(1) })).nodes).toEqual(Array(100).fill(null));
    expect((await a.ask(Nodes, { ids: [] })).nodes).toEqual([]);
  });

  describe('in an input', () => {
    const inputs: Record<string, [document: string, variables: (smuggled: object) => object]> = {
      createCompany: [String(Create), (tenant) => ({ input: { name: 'Smuggled', country: 'DE', ...tenant } })],
      upsertCompany: [String(Upsert), (tenant) => ({ input: { name: 'Smuggled', country: 'DE', ...tenant } })],
      upsertCompanies: [String(UpsertAll), (tenant) => ({ items: [{ name: 'Smuggled', country: 'DE', ...tenant }] })],
      'the patch of patchCompany': [
        String(Patch),
        (tenant) => ({ by: { externalId: 'own' }, patch: { name: 'Smuggled', ...tenant } }),
      ],
      'the key of patchCompany': [
        String(Patch),
        (tenant) => ({ by: { externalId: 'own', ...tenant }, patch: { name: 'Smuggled' } }),
      ],
      'the key of deleteCompany': [String(Delete), (tenant) => ({ by: { externalId: 'own', ...tenant } })],
      'the key of company': [String(Company), (tenant) => ({ by: { externalId: 'own', ...tenant } })],
      'a registration': [
        String(Company),
        (tenant) => ({ by: { registration: { country: 'DE', registrationNumber: '1', ...tenant } } }),
      ],
      'the filter of companies': [String(Companies), (tenant) => ({ filter: { ...tenant } })],
      'a nested filter': [String(Page), (tenant) => ({ filter: { or: [{ not: { ...tenant } }] } })],
    };
    it.each(Object.entries(inputs))('are an unknown field: %s', async (_, [document, variables]) => {
      const before = [await rowsOf(tenantA), await rowsOf(tenantB)];
      for (const name of ['tenantId', 'tenant_id', 'tenant']) {
        const { body } = await a.post({ query: document, variables: variables({ [name]: tenantB }) });
        expect(body.data ?? null).toBeNull();
        expect(body.errors).toHaveLength(1);
        expect(body.errors?.[0]?.message).toContain(`"${name}" is not defined by type`);
        expect(body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
      }
      const { body } = await a.post({
        query: document,
        variables: variables(JSON.parse('{"__proto__":{"tenantId":1}}')),
      });
      expect(body.data ?? null).toBeNull();
      expect(body.errors?.[0]?.extensions.code).toBe('BAD_USER_INPUT');
      expect([await rowsOf(tenantA), await rowsOf(tenantB)]).toEqual(before);
    });

    it('are no argument, and no field to order by', async () => {
      for (const document of [
        `{ companies(tenantId: "${tenantB}") { totalCount } }`,
        `{ company(by: { externalId: "own" }, tenantId: "${tenantB}") { name } }`,
        '{ companies(orderBy: { field: TENANT_ID }) { totalCount } }',
        `{ companies(filter: { tenantId: { eq: "${tenantB}" } }) { totalCount } }`,
        `mutation { createCompany(input: { name: "Smuggled", country: "DE", tenantId: "${tenantB}" }) { company { id } } }`,
      ]) {
        const { body } = await a.post({ query: document });
        expect(body.data).toBeUndefined();
        expect(body.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
      }
    });

    it('are not taken from a header either', async () => {
      const headers = { 'x-tenant-id': tenantB, tenant_id: tenantB, 'x-hasura-tenant-id': tenantB };
      const { body } = await a.post({ query: '{ viewer { tenantId } companies { totalCount } }' }, headers);
      expect(body.data).toEqual({ viewer: { tenantId: tenantA }, companies: { totalCount: 1 } });
    });
  });

  describe('have doors that are all tested: there is no root field beside', () => {
    it('those above', async () => {
      const { body } = await a.post({
        query: '{ __schema { queryType { fields { name } } mutationType { fields { name } } } }',
      });
      const roots = Object.values((body.data?.__schema ?? {}) as Record<string, { fields: { name: string }[] }>);
      const fields = roots.flatMap((root) => root.fields.map(({ name }) => name));
      const others = ['viewer', 'createCompany', 'upsertCompany', 'upsertCompanies'];
      // The doors of the other types are tested in the files of those types, which import nothing of this one.
      const elsewhere =
        /Co2Customers?$|^co2Customers?$|EnergyContracts?$|^energyContracts?$|EnergyPrices$|[cC]ompensationTerms$/;
      expect(fields.filter((name) => !elsewhere.test(name)).sort()).toEqual(
        [...Object.keys(READS), ...Object.keys(WRITES_TO_EXISTING), ...others].sort(),
      );
    });
  });

  describe('in the database', () => {
    let database: Database;
    let dbA: TenantDatabase;
    let dbB: TenantDatabase;

    beforeAll(() => {
      database = openDatabase({ url: api.databaseUrl, poolSize: 3 });
      [dbA, dbB] = [database.forTenant(tenantA), database.forTenant(tenantB)];
    });
    afterAll(() => database.close());

    it('must be named before any statement: the pool takes none without', async () => {
      for (const text of ['SELECT 1', 'SELECT * FROM company', 'DELETE FROM company']) {
        await expect(async () => database.pool.query(text)).rejects.toThrow('without a tenant');
      }
      expect(await rowsOf(tenantB)).toHaveLength(3);
    });

    it('must be set on a connection of the server, whatever has run on it before', async () => {
      const statements = [
        'SELECT * FROM company',
        'SELECT count(*) FROM company',
        `SELECT name FROM company WHERE tenant_id = '${tenantB}'`,
        `SELECT name FROM company WHERE id = '${foreign.companyId}'`,
        `INSERT INTO company (tenant_id, id, name, country) VALUES ('${tenantB}', gen_random_uuid(), 'Smuggled', 'DE')`,
        `UPDATE company SET name = 'Stolen' WHERE tenant_id = '${tenantB}'`,
        'UPDATE company SET version = 2',
        'DELETE FROM company',
        'SELECT current_tenant()',
      ];
      const setAndEnd = `BEGIN; SELECT set_config('app.tenant_id', '${tenantB}', true); COMMIT`;
      await withBUnchanged(async () => {
        const client = new pg.Client({ connectionString: api.databaseUrl, options: '-c role=carbon_gateway' });
        await client.connect();
        try {
          for (const first of ['SELECT 1', setAndEnd, setAndEnd.replace('COMMIT', 'ROLLBACK')]) {
            await client.query(first);
            for (const text of statements)
              await expect(client.query(text), text).rejects.toThrow(/app\.tenant_id|uuid/);
          }
          await client.query(`BEGIN; SELECT set_config('app.tenant_id', '${tenantB}', true)`);
          expect((await client.query('SELECT name FROM company')).rows).toHaveLength(3);
          await client.query('ROLLBACK');
        } finally {
          await client.end();
        }
      });
    });

    it('must be named by each call, which is refused and not rewritten', async () => {
      const { company } = dbA;
      const data = { name: 'Smuggled', country: 'DE' };
      const theirs = { tenantId: tenantB };
      const key = { tenantId_id: { tenantId: tenantB, id: foreign.companyId } };
      const calls: Record<string, () => Promise<unknown>> = {
        'findMany with nothing': () => company.findMany(),
        'findMany without a condition': () => company.findMany({ where: {} }),
        'findMany with an undefined tenant': () => company.findMany({ where: { tenantId: undefined } }),
        'findMany with a set of tenants': () => company.findMany({ where: { tenantId: { in: [tenantA] } } }),
        'findMany with a tenant that is not ours': () => company.findMany({ where: { tenantId: { not: tenantA } } }),
        findMany: () => company.findMany({ where: theirs }),
        'findMany by one of two': () => company.findMany({ where: { OR: [{ tenantId: tenantA }, theirs] } }),
        findFirst: () => company.findFirst({ where: theirs }),
        findFirstOrThrow: () => company.findFirstOrThrow({ where: { name: foreign.name } }),
        findUnique: () => company.findUnique({ where: key }),
        findUniqueOrThrow: () => company.findUniqueOrThrow({ where: key }),
        count: () => company.count(),
        'count of theirs': () => company.count({ where: theirs }),
        aggregate: () => company.aggregate({ _max: { name: true } }),
        groupBy: () => company.groupBy({ by: ['tenantId'], _count: true }),
        create: () => company.create({ data: { ...data, ...theirs } }),
        createMany: () =>
          company.createMany({
            data: [
              { ...data, tenantId: tenantA },
              { ...data, ...theirs },
            ],
          }),
        'createMany of nobody': () => company.createMany({ data: [data as never] }),
        createManyAndReturn: () => company.createManyAndReturn({ data: { ...data, ...theirs } }),
        update: () => company.update({ where: key, data }),
        updateMany: () => company.updateMany({ data }),
        'updateMany to theirs': () => company.updateMany({ where: { tenantId: tenantA }, data: theirs }),
        'findMany of all but ours': () => company.findMany({ where: { NOT: { tenantId: tenantA } } }),
        updateManyAndReturn: () => company.updateManyAndReturn({ where: theirs, data }),
        upsert: () => company.upsert({ where: key, create: { ...data, tenantId: tenantA }, update: data }),
        'upsert into theirs': () =>
          company.upsert({
            where: { tenantId_id: { tenantId: tenantA, id: foreign.companyId } },
            create: { ...data, ...theirs },
            update: data,
          }),
        delete: () => company.delete({ where: key }),
        deleteMany: () => company.deleteMany(),
        'deleteMany of theirs': () => company.deleteMany({ where: theirs }),
        'findMany in a transaction': () => dbA.transaction((open) => open.company.findMany({ where: theirs })),
        'deleteMany in a transaction': () => dbA.transaction((open) => open.company.deleteMany({ where: {} })),
      };
      await withBUnchanged(async () => {
        for (const [name, call] of Object.entries(calls)) {
          await expect(async () => call(), name).rejects.toThrow('without naming the tenant');
        }
      });
      expect(await rowsOf(tenantA)).toHaveLength(1);
    });

    it('are kept apart by the database where a call gets past that rule', async () => {
      await withBUnchanged(async () => {
        const moved = dbA.transaction((open) => open.$queryRaw`UPDATE company SET tenant_id = ${tenantB}::uuid`);
        await expect(moved).rejects.toThrow('row-level security');
        const raw = await dbA.transaction(
          (open) => open.$queryRaw<{ tenant_id: string }[]>`SELECT tenant_id FROM company`,
        );
        expect(raw).toEqual([{ tenant_id: tenantA }]);
        const stolen = dbA.transaction(
          (open) => open.$queryRaw`UPDATE company SET name = 'Stolen' RETURNING tenant_id`,
        );
        expect(await stolen).toEqual([{ tenant_id: tenantA }]);
      });
    });

    it("are kept apart in Prisma's own transactions too, which the type of ctx.db hides", async () => {
      type Escaped = { $transaction(work: unknown): Promise<{ tenantId: string }[][]> };
      const batch = async (db: TenantDatabase) =>
        (db as unknown as Escaped).$transaction([
          db.company.findMany({ where: { tenantId: db.tenantId } }),
          db.company.findMany({ where: { tenantId: db.tenantId } }),
        ]);
      const pairs = Array.from({ length: 20 }, () => [dbA, dbB]).flat();
      const answers = await Promise.allSettled(pairs.map(async (db) => ({ db, lists: await batch(db) })));
      for (const answer of answers) {
        if (answer.status === 'rejected') continue;
        const { db, lists } = answer.value;
        for (const { tenantId } of lists.flat()) expect(tenantId).toBe(db.tenantId);
      }
      await expect(async () => (dbA as unknown as Escaped).$transaction(async () => [])).rejects.toThrow(
        'without a tenant',
      );
    });
  });

  describe('are kept apart by the catalogue', () => {
    it('in every table', async () => {
      expect(await openings(api.databaseUrl)).toEqual([]);
      const [{ tables } = { tables: [] }] = await query<{ tables: string[] }>(
        api.databaseUrl,
        "SELECT array_agg(relname::text) AS tables FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
      );
      expect(tables).toContain('company');
    });

    it.each([
      ['CREATE TABLE leak (tenant_id uuid, id uuid, PRIMARY KEY (tenant_id, id))', ['row-level security', 'policy']],
      ['ALTER TABLE company NO FORCE ROW LEVEL SECURITY', ['row-level security']],
      ['ALTER TABLE company DISABLE ROW LEVEL SECURITY', ['row-level security']],
      ['CREATE POLICY everybody ON company USING (true)', ['policy']],
      ['ALTER POLICY tenant_isolation ON company WITH CHECK (true)', ['policy']],
      ['DROP POLICY tenant_isolation ON company', ['policy']],
      ['CREATE UNIQUE INDEX leak ON company (legal_form)', ['unique key']],
      ['CREATE UNIQUE INDEX leak ON company (legal_form, tenant_id)', ['unique key']],
      ['CREATE TABLE leak (id uuid)', ['row-level security', 'policy', 'primary key']],
      [
        'ALTER TABLE company ADD parent uuid, ADD UNIQUE (tenant_id, parent); ALTER TABLE company ADD FOREIGN KEY (tenant_id, parent) REFERENCES company (tenant_id, id)',
        [],
      ],
      [
        'CREATE TABLE leak (id uuid PRIMARY KEY); ALTER TABLE company ADD FOREIGN KEY (id) REFERENCES leak NOT VALID',
        ['row-level security', 'policy', 'primary key', 'foreign key'],
      ],
      ['CREATE VIEW leak AS SELECT * FROM company', ['view']],
      ['CREATE MATERIALIZED VIEW leak AS SELECT * FROM company', ['view']],
      ['CREATE FUNCTION leak() RETURNS bigint LANGUAGE sql SECURITY DEFINER RETURN 1', ['definer']],
      ['ALTER TABLE company OWNER TO carbon_gateway', ['owner']],
      ['GRANT CREATE ON SCHEMA public TO carbon_gateway', ['create']],
      ['GRANT TRUNCATE ON company TO carbon_gateway', ['truncate']],
    ])('which notices: %s', async (statement, expected) => {
      const client = new pg.Client({ connectionString: api.databaseUrl });
      await client.connect();
      try {
        await client.query(`BEGIN; ${statement}`);
        const found = await openings(client);
        expect(found.map((opening) => opening.split(':')[0]).sort()).toEqual([...expected].sort());
      } finally {
        await client.query('ROLLBACK');
        await client.end();
      }
    });

    it('in the one table whose key is the tenant itself', async () => {
      const [table] = await query(
        api.databaseUrl,
        `SELECT relrowsecurity AND relforcerowsecurity AS secured, relpersistence,
           ARRAY(SELECT concat_ws(' ', polcmd, pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)) FROM pg_policy WHERE polrelid = pg_class.oid) AS policies
         FROM pg_class WHERE relname = 'cost_budget'`,
      );
      const own = '((key)::text = (current_tenant())::text)';
      expect(table).toEqual({ secured: true, relpersistence: 'u', policies: [`* ${own} ${own}`] });
    });

    it('by a role that is nothing but a grantee', async () => {
      const [role] = await query(
        api.databaseUrl,
        `SELECT rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication, rolcanlogin,
           ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = role.oid) AS memberships,
           (SELECT count(*)::int FROM pg_shdepend WHERE refobjid = role.oid AND deptype = 'o') AS owned,
           has_schema_privilege('carbon_gateway', 'public', 'CREATE') AS creates_in_schema,
           has_database_privilege('carbon_gateway', current_database(), 'CREATE') AS creates_schemas
         FROM pg_roles AS role WHERE rolname = 'carbon_gateway'`,
      );
      expect(role).toEqual({
        rolsuper: false,
        rolbypassrls: false,
        rolcreaterole: false,
        rolcreatedb: false,
        rolreplication: false,
        rolcanlogin: false,
        memberships: [],
        owned: 0,
        creates_in_schema: false,
        creates_schemas: false,
      });
    });
  });
});

/** Where a database would let one tenant at the rows of another, one line each. */
async function openings(database: string | pg.Client): Promise<string[]> {
  const text = `
    WITH tables AS (
      SELECT oid, relname::text AS name, relrowsecurity AND relforcerowsecurity AS secured, relowner
      FROM pg_class
      WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'f') AND relname NOT IN ('_prisma_migrations', 'cost_budget')
    ), keys AS (
      SELECT tables.name, index.indexrelid::regclass::text AS index, index.indisprimary AS is_primary, first.attname AS first
      FROM tables
      JOIN pg_index AS index ON index.indrelid = tables.oid AND (index.indisunique OR index.indisexclusion)
      LEFT JOIN pg_attribute AS first ON first.attrelid = tables.oid AND first.attnum = index.indkey[0]
    )
    SELECT 'row-level security: ' || name AS opening FROM tables WHERE NOT secured
    UNION ALL
    SELECT 'policy: ' || name FROM tables WHERE ARRAY(
      SELECT concat_ws(' ', polcmd, polpermissive, polroles::oid[], pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid))
      FROM pg_policy WHERE polrelid = tables.oid
    ) <> ARRAY['* t {0} (tenant_id = current_tenant()) (tenant_id = current_tenant())']
    UNION ALL
    SELECT 'primary key: ' || name FROM tables WHERE NOT EXISTS (
      SELECT FROM keys WHERE keys.name = tables.name AND is_primary AND first = 'tenant_id'
    )
    UNION ALL
    SELECT 'unique key: ' || index FROM keys WHERE NOT is_primary AND first IS DISTINCT FROM 'tenant_id'
    UNION ALL
    SELECT 'foreign key: ' || conname FROM pg_constraint JOIN tables ON tables.oid = conrelid
    WHERE contype = 'f' AND NOT EXISTS (
      SELECT FROM pg_attribute WHERE attrelid = conrelid AND attname = 'tenant_id' AND attnum = conkey[1]
    )
    UNION ALL
    SELECT 'view: ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')
    UNION ALL
    SELECT 'definer: ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND prosecdef
    UNION ALL
    SELECT 'owner: ' || name FROM tables WHERE relowner = 'carbon_gateway'::regrole
    UNION ALL
    SELECT 'create: public' WHERE has_schema_privilege('carbon_gateway', 'public', 'CREATE')
    UNION ALL
    SELECT 'truncate: ' || name FROM tables
    WHERE relowner <> 'carbon_gateway'::regrole AND has_table_privilege('carbon_gateway', oid, 'TRUNCATE, REFERENCES, TRIGGER')`;
  const rows =
    typeof database === 'string'
      ? await query<{ opening: string }>(database, text)
      : (await database.query<{ opening: string }>(text)).rows;
  return rows.map(({ opening }) => opening);
}

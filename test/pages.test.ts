import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, useApi } from './api.ts';
import { query } from './database.ts';
import * as given from './given.ts';
import { graphql } from './gql/gql.ts';
import type {
  CompanyFilter,
  CompanyOrder,
  CompanyOrderField,
  OrderDirection,
  PagesWalkQuery,
  PagesWalkQueryVariables,
  UpsertCompanyInput,
} from './gql/graphql.ts';

const Upsert = graphql(`
  mutation PagesUpsert($items: [UpsertCompanyInput!]!) {
    upsertCompanies(items: $items) { failed results { company { companyId } } }
  }
`);

const All = graphql(`
  query PagesAll {
    companies(first: 100) {
      nodes {
        companyId
        name
        country
        employeeCount
        annualRevenue
        totalEmissions
        carbonReadinessScore
        createdAt
        updatedAt
      }
    }
  }
`);

const Walk = graphql(`
  query PagesWalk(
    $first: Int
    $after: String
    $last: Int
    $before: String
    $filter: CompanyFilter
    $orderBy: [CompanyOrder!]
  ) {
    companies(first: $first, after: $after, last: $last, before: $before, filter: $filter, orderBy: $orderBy) {
      edges { cursor node { companyId } }
      nodes { companyId }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

const Scores = graphql(`
  query PagesScores($filter: CompanyFilter) {
    companies(filter: $filter) {
      edges { cursor node { name carbonReadinessScore totalEmissions } }
      pageInfo { hasNextPage endCursor }
    }
  }
`);

const ScoresAndCount = graphql(`
  query PagesScoresAndCount($filter: CompanyFilter) {
    companies(filter: $filter) { nodes { name carbonReadinessScore totalEmissions } totalCount }
  }
`);

const Count = graphql(`
  query PagesCount($filter: CompanyFilter) {
    companies(filter: $filter) { totalCount }
  }
`);

const Twice = graphql(`
  query PagesTwice {
    companies {
      some: nodes { name }
      same: nodes { city carbonReadiness { score } }
      ...PagesFragment
    }
  }
  fragment PagesFragment on CompanyConnection { edges { cursor node { emissionsPerEmployee } } }
`);

const Numbered = graphql(`
  query PagesNumbered($page: Int!, $pageSize: Int!, $filter: CompanyFilter, $orderBy: [CompanyOrder!]) {
    companyPage(page: $page, pageSize: $pageSize, filter: $filter, orderBy: $orderBy) {
      items { companyId }
      total
      page
      pageSize
      pages
    }
  }
`);

const NumberedItems = graphql(`
  query PagesNumberedItems { companyPage { items { name carbonReadinessScore } page pageSize } }
`);

const NumberedTotals = graphql(`
  query PagesNumberedTotals { companyPage { total pages } }
`);

const One = graphql(`
  query PagesOne($by: CompanyKey!) { company(by: $by) { name carbonReadinessScore totalEmissions } }
`);

const Node = graphql(`
  query PagesNode($id: ID!) { node(id: $id) { id ... on Company { name carbonReadinessScore totalEmissions } } }
`);

const Nodes = graphql(`
  query PagesNodes($ids: [ID!]!) { nodes(ids: $ids) { id ... on Company { name carbonReadinessScore } } }
`);

type Row = Awaited<ReturnType<typeof readAll>>[number];
type Value = string | number | null | undefined;

/** What each field orders by; a field that is missing here does not compile. */
const VALUE_OF: Record<CompanyOrderField, (row: Row) => Value> = {
  NAME: ({ name }) => name,
  COUNTRY: ({ country }) => country,
  EMPLOYEE_COUNT: ({ employeeCount }) => employeeCount,
  ANNUAL_REVENUE: ({ annualRevenue }) => annualRevenue,
  TOTAL_EMISSIONS: ({ totalEmissions }) => totalEmissions,
  CARBON_READINESS_SCORE: ({ carbonReadinessScore }) => carbonReadinessScore,
  CREATED_AT: ({ createdAt }) => createdAt,
  UPDATED_AT: ({ updatedAt }) => updatedAt,
};

const FIELDS = Object.keys(VALUE_OF) as CompanyOrderField[];
const DIRECTIONS: OrderDirection[] = ['ASC', 'DESC'];
const PAGE = 7;
const COMPANIES = 60;

/** Ties in every field, nulls in every field that may be null, and the numbers and characters that are easy to lose. */
function companies(): UpsertCompanyInput[] {
  const names = ['Beta', 'beta', 'Älv', 'Zeta', '\u{ff21} wide', '\u{1f600} smile', 'Beta ', 'B%_\\"\'eta'];
  const revenues = [null, 0, 0.1 + 0.2, 0.3, 5e-324, 123_456_789_012_345.67, 1e15, 1.7e-7];
  const employees = [null, 0, 5, 5, 2_147_483_647, null, 9];
  const emissions = [null, null, 0, 0.1, 0.2, 110.2];
  const pick = <Item>(items: readonly Item[], position: number) => items[position % items.length];
  return Array.from({ length: COMPANIES }, (_, position) => ({
    name: pick(names, position) ?? '',
    country: pick(['DE', 'SE', 'FR', 'DE', 'DE'], position * 7) ?? '',
    employeeCount: pick(employees, position * 3),
    annualRevenue: pick(revenues, position * 5 + Math.floor(position / 8)),
    scope1Emissions: pick(emissions, position),
    scope2Emissions: pick(emissions, Math.floor(position / 3)),
    certifications: position % 4 === 0 ? ['EMAS'] : [],
  }));
}

async function upsert(client: Client, items: UpsertCompanyInput[]): Promise<string[]> {
  const { upsertCompanies } = await client.ask(Upsert, { items });
  expect(upsertCompanies.failed).toBe(0);
  return upsertCompanies.results.map(({ company }) => company?.companyId ?? '');
}

async function readAll(client: Client) {
  return (await client.ask(All)).companies.nodes;
}

/** The one definition of an order: each value by its direction, nulls last in both, ties by ID. */
function sorted(rows: readonly Row[], orderBy: readonly CompanyOrder[]): string[] {
  const inOrder = [...rows].sort((a, b) => {
    for (const { field, direction } of orderBy) {
      const [one, other]: Value[] = [VALUE_OF[field](a), VALUE_OF[field](b)];
      if (one == null && other == null) continue;
      if (one == null || other == null) return one == null ? 1 : -1;
      const comparison = compare(one, other);
      if (comparison !== 0) return direction === 'DESC' ? -comparison : comparison;
    }
    return compare(a.companyId, b.companyId);
  });
  return inOrder.map(({ companyId }) => companyId);
}

/** Text by its code points, which UTF-8 sorts by and JavaScript does not. */
function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' || typeof b === 'number')
    return Number(a) - Number(b) < 0 ? -1 : Number(a) > Number(b) ? 1 : 0;
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

type Walked = PagesWalkQuery['companies'];
type Step = (page: Walked, number: number) => Promise<unknown>;
type Options = { orderBy?: CompanyOrder[]; filter?: CompanyFilter; between?: Step };

/** Every page from the first on. Checks each page's own account of itself. */
async function walkForwards(client: Client, { orderBy, filter, between }: Options): Promise<string[]> {
  const seen: string[] = [];
  const at: PagesWalkQueryVariables = { first: PAGE, ...(orderBy && { orderBy }), ...(filter && { filter }) };
  for (let number = 0; number < 50; number += 1) {
    const { companies: page } = await client.ask(Walk, at);
    expectSound(page);
    expect(page.pageInfo.hasPreviousPage).toBe(number > 0);
    seen.push(...page.nodes.map(({ companyId }) => companyId));
    if (!page.pageInfo.hasNextPage) return seen;
    expect(page.nodes).toHaveLength(PAGE);
    await between?.(page, number);
    at.after = page.pageInfo.endCursor ?? '';
  }
  throw new Error('The list does not end.');
}

/** Every page from the last on; the answer is in the list's order. */
async function walkBackwards(client: Client, { orderBy, filter, between }: Options): Promise<string[]> {
  const seen: string[] = [];
  const at: PagesWalkQueryVariables = { last: PAGE, ...(orderBy && { orderBy }), ...(filter && { filter }) };
  for (let number = 0; number < 50; number += 1) {
    const { companies: page } = await client.ask(Walk, at);
    expectSound(page);
    expect(page.pageInfo.hasNextPage).toBe(number > 0);
    seen.unshift(...page.nodes.map(({ companyId }) => companyId));
    if (!page.pageInfo.hasPreviousPage) return seen;
    expect(page.nodes).toHaveLength(PAGE);
    await between?.(page, number);
    at.before = page.pageInfo.startCursor ?? '';
  }
  throw new Error('The list does not end.');
}

function expectSound({ edges, nodes, pageInfo }: Walked): void {
  expect(edges.map(({ node }) => node)).toEqual(nodes);
  expect(pageInfo.startCursor).toBe(edges.at(0)?.cursor ?? null);
  expect(pageInfo.endCursor).toBe(edges.at(-1)?.cursor ?? null);
}

const describeOrder = (orderBy: readonly CompanyOrder[]) =>
  orderBy.map(({ field, direction }) => `${field} ${direction}`).join(', ');

describe('pages of companies', () => {
  const api = useApi();
  let client: Client;
  let rows: Row[];

  beforeAll(async () => {
    const tenantId = given.tenant();
    client = api.as(tenantId);
    const ids = await upsert(client, companies());
    await upsert(api.as(given.tenant()), companies().slice(0, 9)); // another tenant's rows lie between ours
    // Instants that tie: what the clock gives does so by chance only.
    await query(
      api.databaseUrl,
      `UPDATE company SET created_at = at, updated_at = CASE WHEN position % 3 > 0 THEN at + interval '1 millisecond' END
       FROM (SELECT id, o AS position, timestamptz '2026-01-01 00:00:00.123Z' + (o * 7 % 10) * interval '1 hour' AS at
             FROM unnest($2::uuid[]) WITH ORDINALITY AS ids(id, o)) AS chosen
       WHERE tenant_id = $1 AND company.id = chosen.id`,
      [tenantId, ids],
    );
    rows = await readAll(client);
    expect(new Set(rows.map(({ companyId }) => companyId))).toEqual(new Set(ids));
  });

  it('are walked in data that has ties in every field and nulls wherever there may be', () => {
    for (const [field, read] of Object.entries(VALUE_OF)) {
      const values = rows.map(read);
      expect(new Set(values).size, field).toBeLessThan(COMPANIES / 2);
      expect(values.includes(null), field).toBe(
        !['NAME', 'COUNTRY', 'CARBON_READINESS_SCORE', 'CREATED_AT'].includes(field),
      );
    }
  });

  const orders: CompanyOrder[][] = [
    ...FIELDS.flatMap((field) => DIRECTIONS.map((direction) => [{ field, direction }])),
    [
      { field: 'COUNTRY', direction: 'ASC' },
      { field: 'EMPLOYEE_COUNT', direction: 'DESC' },
    ],
    [
      { field: 'EMPLOYEE_COUNT', direction: 'DESC' },
      { field: 'UPDATED_AT', direction: 'DESC' },
    ],
    [
      { field: 'CARBON_READINESS_SCORE', direction: 'DESC' },
      { field: 'ANNUAL_REVENUE', direction: 'ASC' },
    ],
    [
      { field: 'UPDATED_AT', direction: 'ASC' },
      { field: 'COUNTRY', direction: 'DESC' },
      { field: 'TOTAL_EMISSIONS', direction: 'DESC' },
    ],
    [
      { field: 'TOTAL_EMISSIONS', direction: 'DESC' },
      { field: 'ANNUAL_REVENUE', direction: 'DESC' },
      { field: 'NAME', direction: 'ASC' },
    ],
  ];
  describe.each(orders.map((orderBy) => [describeOrder(orderBy), orderBy] as const))('by %s', (_, orderBy) => {
    it('forwards give each record once, in order', async () => {
      expect(await walkForwards(client, { orderBy })).toEqual(sorted(rows, orderBy));
    });

    it('backwards give each record once, in order', async () => {
      expect(await walkBackwards(client, { orderBy })).toEqual(sorted(rows, orderBy));
    });
  });

  it('in any order of two or three fields give each record once, both ways', async () => {
    const order = fc
      .shuffledSubarray(FIELDS, { minLength: 2, maxLength: 3 })
      .chain((fields) =>
        fc.tuple(...fields.map((field) => fc.constantFrom(...DIRECTIONS).map((direction) => ({ field, direction })))),
      );
    await fc.assert(
      fc.asyncProperty(order, async (orderBy) => {
        const expected = sorted(rows, orderBy);
        expect(await walkForwards(client, { orderBy })).toEqual(expected);
        expect(await walkBackwards(client, { orderBy })).toEqual(expected);
      }),
      { numRuns: 15 },
    );
  }, 120_000);

  it('without an order go by creation, the oldest first, 20 at a time', async () => {
    const expected = sorted(rows, [{ field: 'CREATED_AT', direction: 'ASC' }]);
    const withoutOrder: PagesWalkQueryVariables[] = [{}, { orderBy: [] }];
    for (const variables of withoutOrder) {
      const { companies: page } = await client.ask(Walk, variables);
      expect(page.nodes.map(({ companyId }) => companyId)).toEqual(expected.slice(0, 20));
    }
    const { companies: page } = await client.ask(Walk, { before: (await cursors(client)).at(30) });
    expect(page.nodes.map(({ companyId }) => companyId)).toEqual(expected.slice(10, 30));
  });

  it('with a filter walk through what it leaves, both ways', async () => {
    const orderBy: CompanyOrder[] = [{ field: 'ANNUAL_REVENUE', direction: 'DESC' }];
    const filter: CompanyFilter = { or: [{ country: { neq: 'DE' } }, { employeeCount: { isNull: true } }] };
    const left = rows.filter(({ country, employeeCount }) => country !== 'DE' || employeeCount === null);
    expect(left.length).toBeGreaterThan(2 * PAGE);
    expect(left.length).toBeLessThan(COMPANIES);
    expect(await walkForwards(client, { orderBy, filter })).toEqual(sorted(left, orderBy));
    expect(await walkBackwards(client, { orderBy, filter })).toEqual(sorted(left, orderBy));
  });

  it('that reach exactly to the end have no next page, and those from the beginning no previous one', async () => {
    const all = await cursors(client);
    const { companies: last } = await client.ask(Walk, { first: 10, after: all.at(-11) });
    expect(last.nodes).toHaveLength(10);
    expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
    const { companies: first } = await client.ask(Walk, { last: 10, before: all.at(10) });
    expect(first.nodes).toHaveLength(10);
    expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    const { companies: whole } = await client.ask(Walk, { first: COMPANIES });
    expect(whole.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: false });
    const { companies: almost } = await client.ask(Walk, { first: COMPANIES - 1 });
    expect(almost.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
  });

  it('beyond the last record and in an empty list are empty and have no cursors', async () => {
    const none = { edges: [], nodes: [], pageInfo: { startCursor: null, endCursor: null } };
    const { companies: beyond } = await client.ask(Walk, { after: (await cursors(client)).at(-1) });
    expect(beyond).toMatchObject({ ...none, pageInfo: { hasNextPage: false, hasPreviousPage: true } });
    const { companies: before } = await client.ask(Walk, { before: (await cursors(client)).at(0) });
    expect(before).toMatchObject({ ...none, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    for (const size of ['first', 'last']) {
      const { companies: empty } = await api.as(given.tenant()).ask(Walk, { [size]: 5 });
      expect(empty).toMatchObject({ ...none, pageInfo: { hasNextPage: false, hasPreviousPage: false } });
    }
  });

  it('go on where a record has been deleted, also the one that the cursor was taken from', async () => {
    const other = api.as(given.tenant());
    const ids = await upsert(other, companies().slice(0, 12));
    const { companies: page } = await other.ask(Walk, { first: 5, orderBy: [{ field: 'NAME' }] });
    const expected = sorted(await readAll(other), [{ field: 'NAME', direction: 'ASC' }]);
    await query(api.databaseUrl, 'DELETE FROM company WHERE id = ANY($1::uuid[])', [expected.slice(3, 6)]);
    const { companies: next } = await other.ask(Walk, {
      first: 20,
      after: page.pageInfo.endCursor,
      orderBy: [{ field: 'NAME' }],
    });
    expect(next.nodes.map(({ companyId }) => companyId)).toEqual(expected.slice(6));
    expect(ids).toHaveLength(12);
  });

  it.each([
    { field: 'NAME', direction: 'ASC' },
    { field: 'COUNTRY', direction: 'DESC' },
    { field: 'EMPLOYEE_COUNT', direction: 'DESC' },
    { field: 'ANNUAL_REVENUE', direction: 'ASC' },
    { field: 'CREATED_AT', direction: 'DESC' },
    { field: 'UPDATED_AT', direction: 'ASC' },
  ] satisfies CompanyOrder[])(
    'by $field $direction neither lose nor repeat a record while others are inserted between two pages',
    async (order) => {
      for (const walk of [walkForwards, walkBackwards]) {
        const other = api.as(given.tenant());
        await upsert(other, companies().slice(0, 30));
        const original = await readAll(other);
        const between: Step = (_, number) =>
          upsert(other, number < 8 ? companies().slice(number * 5, number * 5 + 5) : []);
        const seen = await walk(other, { orderBy: [order], between });
        expect(new Set(seen).size).toBe(seen.length);
        const originalIds = new Set(original.map(({ companyId }) => companyId));
        expect(seen.filter((id) => originalIds.has(id))).toEqual(sorted(original, [order]));
        expect(await readAll(other)).not.toHaveLength(30);
      }
    },
  );

  async function cursors(of: Client, orderBy?: CompanyOrder[]): Promise<string[]> {
    const { companies: page } = await of.ask(Walk, { first: 100, ...(orderBy && { orderBy }) });
    return page.edges.map(({ cursor }) => cursor);
  }

  describe('refuse with one and the same sentence', () => {
    const byEmployees: CompanyOrder[] = [{ field: 'EMPLOYEE_COUNT', direction: 'ASC' }];
    const byRevenue: CompanyOrder[] = [{ field: 'ANNUAL_REVENUE', direction: 'ASC' }];
    const byName: CompanyOrder[] = [{ field: 'NAME', direction: 'ASC' }];
    const byUpdate: CompanyOrder[] = [{ field: 'UPDATED_AT', direction: 'ASC' }];
    const id = randomUUID();

    async function expectNoCursor(cursor: string, orderBy: CompanyOrder[], of = client) {
      const expected = {
        message:
          'This is no cursor of this list in this order: take one from its edges or pageInfo, with the same orderBy.',
        extensions: { code: 'BAD_USER_INPUT' },
      };
      const after = await of.fail(Walk, { first: 2, after: cursor, orderBy });
      expect(after).toMatchObject(expected);
      expect(after.extensions.argument).toEqual(['after']);
      const before = await of.fail(Walk, { last: 2, before: cursor, orderBy });
      expect(before).toMatchObject(expected);
      expect(before.extensions.argument).toEqual(['before']);
    }

    it.each([
      ['nothing', ''],
      ['garbage', 'garbage'],
      ['the characters of no Base64', '!§$%&/()='],
      ['SQL', "' OR 1=1; DROP TABLE company; --"],
      ['NUL', '\0'],
      ['an ID', `Company:${id}`],
      ['a number', Buffer.from('5').toString('base64url')],
      ['null', Buffer.from('null').toString('base64url')],
      ['an object', Buffer.from('{"length":3,"__proto__":[]}').toString('base64url')],
      ['an empty list', Buffer.from('[]').toString('base64url')],
      ['another owner', Buffer.from(JSON.stringify(['AAAAAAAAAAAA', 5, id])).toString('base64url')],
      ['900 kB', 'A'.repeat(900_000)],
      ['deep brackets', Buffer.from('['.repeat(50_000)).toString('base64url')],
    ])('a cursor that is %s', async (_, cursor) => {
      await expectNoCursor(cursor, byEmployees);
    });

    it('a cursor of another order of the list', async () => {
      const [cursor = ''] = await cursors(client, byEmployees);
      await expectNoCursor(cursor, byRevenue);
      await expectNoCursor(cursor, [{ field: 'EMPLOYEE_COUNT', direction: 'DESC' }]);
      await expectNoCursor(cursor, [...byEmployees, ...byName]);
      await expectNoCursor((await cursors(client, [...byEmployees, ...byName]))[0] ?? '', byEmployees);
    });

    it('a cursor of another tenant', async () => {
      const other = api.as(given.tenant());
      await upsert(other, companies().slice(0, 3));
      const [cursor = ''] = await cursors(other, byEmployees);
      await expectNoCursor(cursor, byEmployees);
      const { companies: page } = await other.ask(Walk, { first: 5, after: cursor, orderBy: byEmployees });
      expect(page.nodes).toHaveLength(2);
    });

    /** A real cursor with other values in it. */
    async function forge(orderBy: CompanyOrder[], value: string, place: string): Promise<string> {
      const [cursor = ''] = await cursors(client, orderBy);
      const [owner] = JSON.parse(Buffer.from(cursor, 'base64url').toString()) as string[];
      return Buffer.from(`["${owner}",${value}${place}]`).toString('base64url');
    }

    it('can be tested with forged cursors: one with good values is taken', async () => {
      const good: [CompanyOrder[], string][] = [
        [byEmployees, '5'],
        [byEmployees, '-2147483647'],
        [byEmployees, 'null'],
        [byRevenue, '0.30000000000000004'],
        [byRevenue, '1e308'],
        [byRevenue, '-1e308'],
        [byRevenue, '5e-324'],
        [byRevenue, '-0'],
        [byName, '"Beta"'],
        [byName, `"${'x'.repeat(100_000)}"`],
        [byUpdate, '"2026-01-01T00:00:00.000Z"'],
        [byUpdate, '"0001-01-01T00:00:00.000Z"'],
        [byUpdate, '"9999-12-31T23:59:59.999Z"'],
      ];
      for (const [orderBy, value] of good) {
        const cursor = await forge(orderBy, value, `,"${id}"`);
        const { companies: after } = await client.ask(Walk, { first: 100, after: cursor, orderBy });
        const { companies: before } = await client.ask(Walk, { last: 100, before: cursor, orderBy });
        expect([...before.nodes, ...after.nodes].map(({ companyId }) => companyId)).toEqual(sorted(rows, orderBy));
      }
    });

    it.each([
      ['text for a whole number', byEmployees, '"5"'],
      ['a fraction for a whole number', byEmployees, '5.5'],
      ['a whole number beyond 32 bits', byEmployees, '2147483648'],
      ['true', byEmployees, 'true'],
      ['an object', byEmployees, '{"gt":0}'],
      ['a list', byEmployees, '[5]'],
      ['text for a number', byRevenue, '"0.3"'],
      ['1e400', byRevenue, '1e400'],
      ['NaN', byRevenue, 'NaN'],
      ['a number for text', byName, '5'],
      ['null where there is none', byName, 'null'],
      ['text with NUL', byName, '"a\\u0000b"'],
      ['text with a lone surrogate', byName, '"\\ud800"'],
      ['an object for text', byName, '{"contains":"a"}'],
      ['no instant', byUpdate, '"yesterday"'],
      ['an instant in the year 0', byUpdate, '"0000-01-01T00:00:00.000Z"'],
      ['an instant in the year 10000', byUpdate, '"+010000-01-01T00:00:00.000Z"'],
      ['a number for an instant', byUpdate, '1767225600000'],
    ] satisfies [string, CompanyOrder[], string][])('a forged cursor with %s', async (_, orderBy, value) => {
      await expectNoCursor(await forge(orderBy, value, `,"${id}"`), orderBy);
    });

    it.each([
      ['no ID', ''],
      ['one value too many', `,5,"${id}"`],
      ['null as its ID', ',null'],
      ['a number as its ID', ',5'],
      ['36 dashes as its ID', `,"${'-'.repeat(36)}"`],
      ['36 digits as its ID', `,"${'0'.repeat(36)}"`],
      ['a global ID as its ID', `,"Company:${id}"`],
      ['an ID and more', `,"${id} OR 1=1"`],
      ['an ID and a line break', `,"${id}\\n"`],
    ])('a forged cursor with %s', async (_, place) => {
      await expectNoCursor(await forge(byEmployees, '5', place), byEmployees);
    });
  });

  it.each([0, -1, 101, 2_147_483_647, -2_147_483_648])('refuse a size of %i', async (size) => {
    for (const argument of ['first', 'last']) {
      expect(await client.fail(Walk, { [argument]: size })).toMatchObject({
        message: `Ask for 1 to 100 records in ${argument}, not ${size}.`,
        extensions: { code: 'BAD_USER_INPUT', argument: [argument] },
      });
    }
  });

  it.each([1, 100])('may have a size of %i', async (size) => {
    for (const argument of ['first', 'last']) {
      const { companies: page } = await client.ask(Walk, { [argument]: size });
      expect(page.nodes).toHaveLength(Math.min(size, COMPANIES));
    }
  });

  it('refuse to go both ways at once', async () => {
    const cursor = (await cursors(client)).at(3) ?? '';
    const both: [PagesWalkQueryVariables, string][] = [
      [{ first: 2, last: 2 }, 'last'],
      [{ after: cursor, before: cursor }, 'before'],
      [{ first: 2, before: cursor }, 'before'],
      [{ after: cursor, last: 2 }, 'last'],
    ];
    for (const [variables, argument] of both) {
      expect(await client.fail(Walk, variables)).toMatchObject({
        message: 'Page forwards with first and after, or backwards with last and before, not both.',
        extensions: { code: 'BAD_USER_INPUT', argument: [argument] },
      });
    }
    const { companies: page } = await client.ask(Walk, { first: 2, after: null, last: null, before: null });
    expect(page.nodes).toHaveLength(2);
  });

  it('refuse a field that is in the order twice', async () => {
    const orderBy: CompanyOrder[] = [{ field: 'NAME' }, { field: 'COUNTRY' }, { field: 'NAME', direction: 'DESC' }];
    expect(await client.fail(Walk, { orderBy })).toMatchObject({
      message: 'Name NAME once: it is in the order already.',
      extensions: { code: 'BAD_USER_INPUT', argument: ['orderBy', '2', 'field'] },
    });
  });

  describe('cost', () => {
    it('one statement with score and total', async () => {
      const statements = await api.statementsOf(async () => {
        const { companies: page } = await client.ask(Scores, { filter: null });
        expect(page.edges).toHaveLength(20);
      });
      expect(statements).toHaveLength(1);
    });

    it('two statements with totalCount, which counts what the filter leaves', async () => {
      const statements = await api.statementsOf(async () => {
        const { companies: page } = await client.ask(ScoresAndCount, { filter: { country: { eq: 'DE' } } });
        expect(page.nodes).toHaveLength(20);
        expect(page.totalCount).toBe(rows.filter(({ country }) => country === 'DE').length);
      });
      expect(statements).toHaveLength(2);
      expect(statements.filter((text) => /count\(/i.test(text))).toHaveLength(1);
    });

    it('one statement for totalCount alone', async () => {
      const statements = await api.statementsOf(async () => {
        expect((await client.ask(Count, { filter: null })).companies.totalCount).toBe(COMPANIES);
      });
      expect(statements).toHaveLength(1);
      expect(statements[0]).toMatch(/count\(/i);
    });

    it('one statement when the records are asked for by several names', async () => {
      const statements = await api.statementsOf(async () => {
        const { companies: page } = await client.ask(Twice);
        expect(page.some).toHaveLength(20);
        expect(page.same).toHaveLength(20);
        expect(page.edges).toHaveLength(20);
      });
      expect(statements).toHaveLength(1);
    });

    it('one statement for a company by any key', async () => {
      const keys = { externalId: 'cost', country: 'DE', registrationNumber: 'HRB cost' };
      const { id, companyId } = await given.company(client, { name: 'Cost', ...keys });
      for (const by of [
        { id },
        { id: companyId },
        { externalId: keys.externalId },
        { registration: { country: 'DEU', registrationNumber: keys.registrationNumber } },
      ]) {
        const statements = await api.statementsOf(async () => {
          expect((await client.ask(One, { by })).company?.name).toBe('Cost');
        });
        expect(statements).toHaveLength(1);
      }
      await query(api.databaseUrl, 'DELETE FROM company WHERE id = $1', [companyId]);
    });

    it('one statement for a node and for 50 nodes, or one for each type where a bare UUID names none', async () => {
      const ids = rows.slice(0, 50).map(({ companyId }) => companyId);
      for (const [id, expected] of [
        [ids[0] ?? '', 3],
        [`Company:${ids[0]}`, 1],
      ] as const) {
        const statements = await api.statementsOf(async () => {
          expect((await client.ask(Node, { id })).node).toMatchObject({ name: rows[0]?.name });
        });
        expect(statements).toHaveLength(expected);
      }
      const typed = await api.statementsOf(async () => {
        const { nodes } = await client.ask(Nodes, { ids: ids.map((id) => `Company:${id}`) });
        expect(nodes.map((node) => node?.id)).toEqual(ids.map((id) => `Company:${id}`));
      });
      expect(typed).toHaveLength(1);
      const mixed = ids.map((id, position) => (position % 2 === 0 ? id : `Company:${id}`));
      const statements = await api.statementsOf(async () => {
        const { nodes } = await client.ask(Nodes, { ids: mixed });
        expect(nodes.map((node) => node?.id)).toEqual(ids.map((id) => `Company:${id}`));
      });
      expect(statements).toHaveLength(3);
    });
  });

  describe('by number', () => {
    it('say how many there are, and each record stands on one of them', async () => {
      const orderBy: CompanyOrder[] = [
        { field: 'EMPLOYEE_COUNT', direction: 'DESC' },
        { field: 'UPDATED_AT', direction: 'ASC' },
      ];
      const seen: string[] = [];
      for (let page = 1; page <= 9; page += 1) {
        const { companyPage } = await client.ask(Numbered, { page, pageSize: PAGE, orderBy });
        expect(companyPage).toMatchObject({ total: COMPANIES, page, pageSize: PAGE, pages: 9 });
        seen.push(...companyPage.items.map(({ companyId }) => companyId));
      }
      expect(seen).toEqual(sorted(rows, orderBy));
    });

    it.each(FIELDS.flatMap((field) => DIRECTIONS.map((direction) => [field, direction] as const)))(
      'are in the same order as those by cursor: %s %s',
      async (field, direction) => {
        const orderBy = [{ field, direction }];
        const { companyPage } = await client.ask(Numbered, { page: 1, pageSize: 100, orderBy });
        expect(companyPage.items.map(({ companyId }) => companyId)).toEqual(sorted(rows, orderBy));
      },
    );

    it('count what the filter leaves', async () => {
      const swedish = rows.filter(({ country }) => country === 'SE').length;
      const { companyPage } = await client.ask(Numbered, { page: 1, pageSize: 1, filter: { country: { eq: 'SE' } } });
      expect(companyPage).toMatchObject({ total: swedish, pages: swedish });
      const { companyPage: none } = await client.ask(Numbered, { page: 1, pageSize: 1, filter: { or: [] } });
      expect(none).toEqual({ items: [], total: 0, page: 1, pageSize: 1, pages: 0 });
    });

    it.each([10, 22_000_000, 2_147_483_647])('are empty beyond the last one: page %i', async (page) => {
      for (const pageSize of [PAGE, 100]) {
        const { companyPage } = await client.ask(Numbered, { page, pageSize });
        const pages = Math.ceil(COMPANIES / pageSize);
        expect(companyPage).toEqual({ items: [], total: COMPANIES, page, pageSize, pages });
      }
    });

    it.each([0, -1, -2_147_483_648])('refuse to be number %i', async (page) => {
      expect(await client.fail(Numbered, { page, pageSize: 5 })).toMatchObject({
        message: `Pages are numbered from 1, so ask for 1 or more, not ${page}.`,
        extensions: { code: 'BAD_USER_INPUT', argument: ['page'] },
      });
    });

    it.each([0, -1, 101])('refuse a size of %i', async (pageSize) => {
      expect(await client.fail(Numbered, { page: 1, pageSize })).toMatchObject({
        message: `Ask for 1 to 100 records in pageSize, not ${pageSize}.`,
        extensions: { code: 'BAD_USER_INPUT', argument: ['pageSize'] },
      });
    });

    it('cost one statement for the records and one for the total and the number of pages together', async () => {
      const items = await api.statementsOf(async () => {
        const { companyPage } = await client.ask(NumberedItems);
        expect(companyPage.items).toHaveLength(20);
        expect(companyPage).toMatchObject({ page: 1, pageSize: 20 });
      });
      expect(items).toHaveLength(1);
      const totals = await api.statementsOf(async () => {
        expect((await client.ask(NumberedTotals)).companyPage).toEqual({ total: COMPANIES, pages: 3 });
      });
      expect(totals).toHaveLength(1);
    });
  });
});

import { describe, expect, it } from 'vitest';
import { type Api, type Client, useApi } from './api.ts';
import { company, energyContract, tenant } from './given.ts';
import { graphql } from './gql/gql.ts';
import type { LimitsCostQueryVariables } from './gql/graphql.ts';

const Cost = graphql(`
  query LimitsCost($first: Int = 2, $deep: Boolean = true) {
    companies(first: $first) {
      nodes { id energyContracts(first: 5) @include(if: $deep) { nodes { id } } }
    }
  }
`);
const Prices = graphql(
  `query LimitsPrices($first: Int) { energyContracts(first: 2) { nodes { energyPrices(first: $first) { price } } } }`,
);
const Nodes = graphql(`query LimitsNodes($ids: [ID!]!) { nodes(ids: $ids) { id } }`);
const Filtered = graphql(`query LimitsFiltered($filter: CompanyFilter) { companies(filter: $filter) { totalCount } }`);
const UpsertMany = graphql(`
  mutation LimitsUpsertMany($items: [UpsertCompanyInput!]!) { upsertCompanies(items: $items) { succeeded failed results { outcome } } }
`);

/** `{ a: { a: … } }` of fields that exist: a company's contracts' company's contracts … */
function nested(levels: number): string {
  const [open, close] = ['energyContracts(first: 1) { nodes { company { ', ' } } }'];
  return `{ companies(first: 1) { nodes { ${open.repeat(levels)}id${close.repeat(levels)} } } }`;
}

const repeat = (count: number, line: (position: number) => string) =>
  Array.from({ length: count }, (_, position) => line(position)).join('\n');

async function refused(client: Client, body: object) {
  const answer = await client.post(body);
  expect(answer.body.data).toBeUndefined();
  expect(answer.body.errors).toHaveLength(1);
  expect(answer.status).toBeLessThan(500);
  return answer.body.errors?.[0];
}

describe('a document', () => {
  const api = useApi();
  const client = () => api.as(tenant());

  it.each([
    ['longer than 100 kB', { query: `{ viewer { subject } } # ${'x'.repeat(100_000)}` }, 'documentBytes', 100_000],
    ['of more than 1,000 tokens', { query: `{ ${'viewer { subject } '.repeat(300)} }` }, 'tokens', 1_000],
    ['with 20,000 braces', { query: '{'.repeat(20_000) }, 'nesting', 40],
    ['with 20,000 brackets in a value', { query: `{ nodes(ids: ${'['.repeat(20_000)}` }, 'nesting', 40],
    ['with 20,000 brackets in a type', { query: `query ($ids: ${'['.repeat(20_000)}` }, 'nesting', 40],
    [
      'with 41 objects in each other',
      { query: `{ companies(filter: ${'{not: '.repeat(41)}{}${'}'.repeat(41)}) { totalCount } }` },
      'nesting',
      40,
    ],
    ['12 fields deep', { query: nested(3) }, 'depth', 10],
    ['with 16 aliases', { query: `{ ${repeat(16, (n) => `a${n}: viewer { subject }`)} }` }, 'aliases', 15],
    [
      'with 20 × 20 aliases through a fragment',
      {
        query: `{ ${repeat(4, (n) => `a${n}: viewer { ...Many }`)} } fragment Many on Viewer { ${repeat(4, (n) => `b${n}: subject`)} }`,
      },
      'aliases',
      15,
    ],
    ['with 6 directives', { query: `{ viewer { subject ${'@include(if: true) '.repeat(6)} } }` }, 'directives', 5],
    [
      'with 500 unknown directives',
      { query: `{ viewer { subject ${repeat(400, (n) => `@d${n}`)} } }` },
      'directives',
      5,
    ],
    ['with 21 fields at its root', { query: `{ ${'viewer { subject } '.repeat(21)} }` }, 'rootFields', 20],
    ['with 251 values in a list', { query: `{ nodes(ids: [${'"a" '.repeat(251)}]) { id } }` }, 'listItems', 250],
  ])('%s is refused', async (_, body, name, maximum) => {
    const error = await refused(client(), body);
    expect(error).toMatchObject({ extensions: { code: 'LIMIT_EXCEEDED', limit: { name, maximum } } });
    expect(error?.message).toContain(String(maximum));
  });

  it.each([
    [
      'a fragment within itself',
      '{ viewer { ...A } } fragment A on Viewer { subject ...A }',
      'Cannot spread fragment "A" within itself.',
    ],
    [
      'fragments within each other',
      '{ viewer { ...A } } fragment A on Viewer { ...B } fragment B on Viewer { ...A }',
      'Cannot spread fragment "A" within itself via "B".',
    ],
  ])('with %s is left to validation', async (_, query, message) => {
    expect(await refused(client(), { query })).toMatchObject({
      message,
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });

  it('that unfolds into 2^25 aliases is refused without unfolding it', async () => {
    const fragments = repeat(25, (n) => `fragment F${n} on Viewer { a: subject ...F${n + 1} ...F${n + 1} }`);
    const query = `{ viewer { ...F0 } } ${fragments} fragment F25 on Viewer { subject }`;
    expect(await refused(client(), { query })).toMatchObject({
      extensions: { code: 'LIMIT_EXCEEDED', limit: { name: 'aliases', found: 2 ** 25 - 1 } },
    });
  });

  it('may have brackets in its strings and comments', async () => {
    const query = `{ node(id: "${'{['.repeat(50)}") { id } } # ${'{('.repeat(50)}`;
    expect((await client().post({ query })).body.errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }]);
  });

  it('may ask for the whole schema, as tools do', async () => {
    const { getIntrospectionQuery } = await import('graphql');
    const { body } = await client().post({
      query: getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true }),
    });
    expect(body.errors).toBeUndefined();
  });
});

describe('variables', () => {
  const api = useApi();
  const client = () => api.as(tenant());

  it('with a list of more than 250 items are refused, wherever it is', async () => {
    const many = Array.from({ length: 251 }, (_, n) => `DE${n}`);
    expect(await client().fail(Nodes, { ids: many })).toMatchObject({
      message: '$ids has 251 items: send at most 250 at once.',
      extensions: { code: 'LIMIT_EXCEEDED' },
    });
    expect(await client().fail(Filtered, { filter: { or: [{ name: { in: many } }] } })).toMatchObject({
      message: '$filter.or.name.in has 251 items: send at most 250 at once.',
    });
    expect(
      await client().fail(UpsertMany, { items: many.map((externalId) => ({ externalId, name: 'X', country: 'DE' })) }),
    ).toMatchObject({ message: '$items has 251 items: send at most 250 at once.' });
  });

  it('nested 1,000 deep are refused', async () => {
    const filter = `${'{"not":'.repeat(1_000)}{}${'}'.repeat(1_000)}`;
    const { body } = await client().post({
      query: String(Filtered),
      variables: JSON.parse(`{"filter":${filter}}`),
    });
    expect(body.errors).toMatchObject([{ extensions: { code: 'LIMIT_EXCEEDED', limit: { name: 'nesting' } } }]);
  });

  it('with 1,001 values in one filter are refused', async () => {
    const values = (count: number) => Array.from({ length: count }, (_, n) => `Company ${n}`);
    const or = [250, 250, 250, 250].map((count) => ({ name: { in: values(count) } }));
    expect((await client().ask(Filtered, { filter: { or } })).companies.totalCount).toBe(0);
    expect(await client().fail(Filtered, { filter: { or, country: { eq: 'DE' } } })).toMatchObject({
      message: 'Give at most 1000 values in one filter, not 1001: ask in several requests.',
      extensions: { code: 'BAD_USER_INPUT', argument: ['filter'] },
    });
  });
});

describe('a variable', () => {
  const api = useApi();

  it('cannot be named __proto__, which would unset a filter', async () => {
    const query = 'query ($__proto__: CompanyFilter) { companies(filter: $__proto__) { totalCount } }';
    const variables = JSON.parse('{"__proto__":{"name":{"eq":"nobody"}}}');
    expect(await refused(api.as(tenant()), { query, variables })).toMatchObject({
      extensions: { code: 'GRAPHQL_VALIDATION_FAILED' },
    });
  });

  it('may hold a text of 2,000 characters to search for, and no more', async () => {
    const client = api.as(tenant());
    const search = (length: number) => ({ filter: { name: { contains: 'a'.repeat(length) } } });
    expect((await client.ask(Filtered, search(2000))).companies.totalCount).toBe(0);
    expect((await client.fail(Filtered, search(2001))).message).toBe('Search for at most 2000 characters, not 2001.');
  });
});

describe('the cost of an operation', () => {
  const api = useApi();
  const client = () => api.as(tenant());
  const cost = async (variables?: LimitsCostQueryVariables) =>
    Number((await client().send(Cost, variables)).headers.get('graphql-cost'));

  it('is counted with the values that the variables have', async () => {
    // companies 1 + n × (company 1 + contracts 1 + 5 × 1)
    expect(await cost()).toBe(1 + 2 * 7);
    expect(await cost({ first: 30 })).toBe(1 + 30 * 7);
    expect(await cost({ first: 30, deep: false })).toBe(1 + 30);
    expect(await cost({ first: null })).toBe(1 + 20 * 7);
  });

  it('is the same for a literal, a variable, a default and a fragment', async () => {
    const query = (text: string, variables?: object) => client().post({ query: text, variables });
    for (const answer of [
      await query('{ companies(first: 30) { nodes { id } } }'),
      await query('query ($n: Int = 30) { companies(first: $n) { nodes { id } } }'),
      await query('query ($n: Int) { companies(first: $n) { nodes { id } } }', { n: 30 }),
      await query(
        '{ ...A ...B } fragment A on Query { companies(first: 30) { nodes { id } } } fragment B on Query { companies(first: 30) { nodes { name } } }',
      ),
    ]) {
      expect(answer.body.errors).toBeUndefined();
      expect(answer.headers.get('graphql-cost')).toBe('31');
    }
  });

  it.each([
    [
      'pages in pages',
      '{ companies(first: 100) { nodes { energyContracts(first: 100) { nodes { id } } } } }',
      1 + 100 * (2 + 100),
    ],
    [
      'edges',
      '{ companies(first: 100) { edges { node { energyContracts(first: 60) { nodes { id } } } } } }',
      1 + 100 * (1 + 2 + 60),
    ],
    [
      'numbered pages',
      '{ companyPage(pageSize: 100) { items { co2Customers(last: 60) { nodes { id } } } } }',
      1 + 100 * (2 + 60),
    ],
    ['prices', '{ energyContracts(first: 6) { nodes { energyPrices(first: 1000) { price } } } }', 1 + 6 * (1 + 1000)],
    [
      'many records',
      'mutation { upsertCompanies(items: []) { results { outcome } } a: createCompany(input: {name: "X", country: "DE"}) { company { energyContracts(first: 100) { nodes { energyPrices(first: 1000) { price } } } } } }',
      10 + 1 + 10 + 1 + 1 + 100 * 1001,
    ],
  ])('of %s is refused beyond 5,000 points, before anything runs', async (_, query, found) => {
    const statements = await api.statementsOf(async () => {
      expect(await refused(client(), { query })).toMatchObject({
        message: `The operation costs ${found} points, and one may cost 5000: ask for smaller pages, or split it.`,
        extensions: { code: 'LIMIT_EXCEEDED', limit: { name: 'cost', maximum: 5000, found } },
      });
    });
    expect(statements).toEqual([]);
  });

  it('counts each item of a bulk write, whether or not its result is asked for', async () => {
    const items = [1, 2, 3].map((n) => ({ externalId: `bulk ${n}`, name: 'Bulk', country: 'DE' }));
    const of = async (selected: string) => {
      const query = `mutation ($items: [UpsertCompanyInput!]!) { upsertCompanies(items: $items) { ${selected} } }`;
      return (await client().post({ query, variables: { items } })).headers.get('graphql-cost');
    };
    expect(await of('succeeded')).toBe('30');
    expect(await of('results { company { id } }')).toBe(String(3 * 10 + 3 * 2));
  });

  it('counts the schema, and lists whose size nobody names', async () => {
    const of = async (query: string) => (await client().post({ query })).headers.get('graphql-cost');
    expect(await of('{ __schema { queryType { name } } a: __type(name: "Company") { name } __typename }')).toBe('200');
    expect(await of('{ co2Customers(first: 100) { nodes { externalReferences { name } } } }')).toBe(
      String(1 + 100 * 11),
    );
  });

  it('is counted anew when the same document comes with dearer variables', async () => {
    const asking = client();
    await energyContract(asking);
    expect((await asking.send(Prices, { first: 1 })).body.errors).toBeUndefined();
    expect((await asking.send(Prices, { first: 1000 })).headers.get('graphql-cost')).toBe(String(1 + 2 * 1001));
    expect((await asking.send(Prices)).headers.get('graphql-cost')).toBe(String(1 + 2 * 101));
  });
});

describe('settings', () => {
  const api = useApi({
    MAX_DEPTH: '4',
    MAX_PAGE_SIZE: '10',
    MAX_LIST_ITEMS: '3',
    MAX_COST: '100',
    MAX_BODY_BYTES: '1000',
  });
  const ask = (query: string, variables?: object) => refused(api.as(tenant()), { query, variables });

  it('set the limits', async () => {
    expect(await ask('{ companies { nodes { co2Customers { nodes { id } } } } }')).toMatchObject({
      extensions: { limit: { name: 'depth', maximum: 4 } },
    });
    const { body } = await api.as(tenant()).post({ query: '{ companies(first: 11) { totalCount } }' });
    expect(body.errors).toMatchObject([{ message: 'Ask for 1 to 10 records in first, not 11.' }]);
    expect(await ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids: ['a', 'b', 'c', 'd'] })).toMatchObject({
      extensions: { limit: { name: 'listItems', maximum: 3 } },
    });
    expect(
      await ask(
        '{ companies(first: 10) { nodes { co2Customers(first: 10) { totalCount } energyContracts(first: 10) { totalCount } } } }',
      ),
    ).toMatchObject({
      extensions: { limit: { name: 'cost', maximum: 100, found: 131 } },
    });
    expect(await ask(`{ viewer { subject } } # ${'x'.repeat(1000)}`)).toMatchObject({
      extensions: { limit: { name: 'bodyBytes', maximum: 1000 } },
    });
  });

  it('leave pages that name no size within them', async () => {
    const client = api.as(tenant());
    await company(client);
    expect((await client.ask(Filtered)).companies.totalCount).toBe(1);
  });
});

describe.each([
  ['this process', {}],
  ['the database', { COST_BUDGET_STORE: 'database' }],
])('a budget kept in %s', (_, store) => {
  const api: Api = useApi({ TENANT_POINTS_PER_SECOND: '10', MAX_COST: '100', ...store });

  it('is spent by the cost of what runs, and refuses what is dearer than the rest', async () => {
    const client = api.as(tenant());
    const first = await client.send(Cost, { first: 12 });
    expect(first.headers.get('graphql-cost')).toBe('85');
    expect(first.headers.get('ratelimit-policy')).toBe('"tenant";q=100;w=10');
    expect(first.headers.get('ratelimit')).toMatch(/^"tenant";r=15;t=\d+$/);

    const dear = await client.send(Cost, { first: 12 });
    expect(dear.status).toBe(429);
    expect(dear.body).toMatchObject({ errors: [{ extensions: { code: 'RATE_LIMITED' } }] });
    expect(Number(dear.headers.get('retry-after'))).toBeGreaterThan(0);

    const cheap = await client.send(Cost, { first: 1 });
    expect(cheap.body.errors).toBeUndefined();
    expect(cheap.headers.get('ratelimit')).toMatch(/^"tenant";r=7;/);
  });

  it('is each tenant its own, whoever of it asks', async () => {
    const [spent, other] = [tenant(), tenant()];
    await api.as(spent).send(Cost, { first: 13 });
    expect((await api.as(spent, ['read']).send(Cost, { first: 13 })).status).toBe(429);
    expect((await api.as(other).send(Cost, { first: 13 })).status).toBe(200);
  });

  it('is not spent by what is refused before it runs', async () => {
    const client = api.as(tenant());
    await client.post({ query: '{ nope }' });
    await client.send(Cost, { first: 100 });
    expect((await client.send(Cost, { first: 1 })).headers.get('ratelimit')).toMatch(/^"tenant";r=92;/);
  });

  it('holds when many ask at once', async () => {
    const client = api.as(tenant());
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.send(Cost, { first: 1 })));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(12); // 12 × 8 of 100
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(8);
  });
});

import { getIntrospectionQuery } from 'graphql';
import { describe, expect, it } from 'vitest';
import { useApi } from './api.ts';
import { tenant } from './given.ts';

const FULL = getIntrospectionQuery({ inputValueDeprecation: true, oneOf: true });

describe('a server that hides its schema', () => {
  const api = useApi({ INTROSPECTION: 'false' });
  const ask = async (query: string, variables?: object) => api.as(tenant()).post({ query, variables });

  it.each([
    ['in full', FULL],
    ['after a new line, which filters of text overlook', `\n\n${FULL}`],
    ['after commas and a comment', `,,,# { viewer\n${FULL}`],
    ['after a mark of UTF-8', `\ufeff${FULL}`],
    ['for one name', '{ __schema { queryType { name } } }'],
    ['for one type', '{ __type(name: "Company") { name } }'],
    ['under another name', '{ viewer: __schema { types { name } } }'],
    ['in a fragment', '{ ...F } fragment F on Query { __schema { types { name } } }'],
    ['in a fragment within a fragment', '{ ...F } fragment F on Query { ... on Query { __type(name: "X") { name } } }'],
    ['beside data', '{ viewer { subject } __schema { types { name } } }'],
    ['switched off by a literal', '{ __schema @skip(if: true) { types { name } } }'],
    ['switched off by a variable', 'query ($no: Boolean = false) { __schema @include(if: $no) { types { name } } }'],
    ['in a circle', '{ __schema { types { fields { type { fields { type { name } } } } } } }'],
  ])('refuses to describe it %s', async (_, query) => {
    const { body } = await ask(query);
    expect(body.data).toBeUndefined();
    expect(body.errors?.[0]?.extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
    expect(JSON.stringify(body)).toContain('GraphQL introspection has been disabled');
    expect(JSON.stringify(body)).not.toMatch(/Company\b.*fields|queryType":/);
  });

  it('refuses it by GET too', async () => {
    const headers = { authorization: `Bearer ${await api.as(tenant()).token()}` };
    const answer = await fetch(`${api.url}?query=${encodeURIComponent('{ __schema { types { name } } }')}`, {
      headers,
    });
    expect((await answer.json()).errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
  });

  it('tells the type of what it answers, which clients need', async () => {
    expect((await ask('{ __typename viewer { __typename } }')).body.data).toEqual({
      __typename: 'Query',
      viewer: { __typename: 'Viewer' },
    });
  });

  const create = 'mutation ($input: CreateCompanyInput!) { createCompany(input: $input) { company { id } } }';
  const wrong: [place: string, query: string, variables: object | undefined, hidden: RegExp][] = [
    ['a field', '{ viewer { subjct } }', undefined, /subject/],
    ['a field at the root', '{ compny(by: {}) { id } }', undefined, /"(company|companies)"/],
    ['an argument', '{ companies(frst: 1) { totalCount } }', undefined, /"first"/],
    ['a type', '{ node(id: "x") { ... on Compny { id } } }', undefined, /"Company"/],
    ['a type of a variable', 'query ($v: CompanyFiltr) { viewer { subject } }', undefined, /"CompanyFilter"/],
    ['a value of an enum', '{ companies(orderBy: [{field: NAM, direction: ASC}]) { totalCount } }', undefined, /NAME/],
    [
      'a text for an enum',
      '{ companies(orderBy: [{field: "NAME", direction: ASC}]) { totalCount } }',
      undefined,
      /NAME/,
    ],
    ['a field of an input', '{ companies(filter: {nam: {}}) { totalCount } }', undefined, /"name"/],
    ['a field only some types have', '{ node(id: "x") { name } }', undefined, /Company|Viewer/],
    ['a field of an input in a variable', create, { input: { name: 'X', country: 'DE', nam: 'Y' } }, /"name"/],
    [
      'a value of an enum in a variable',
      create,
      { input: { name: 'X', country: 'DE', certifications: ['EMA'] } },
      /EMAS/,
    ],
    ['a directive', '{ viewer { subject @skp(if: true) } }', undefined, /@?skip/],
  ];

  it.each(wrong)('suggests and lists no name for a wrong name of %s', async (_, query, variables, hidden) => {
    const { body } = await ask(query, variables);
    expect(body.errors?.length).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toMatch(/Did you mean|Use one of/);
    expect(JSON.stringify(body)).not.toMatch(hidden);
    expect(body.errors?.[0]?.message).toMatch(/\.$/);
  });

  describe('unlike one that shows it, which', () => {
    const open = useApi({ INTROSPECTION: 'true' });

    it('helps in each of these places, so that the tests above could fail', async () => {
      const silent = ['a directive'];
      for (const [place, query, variables, hidden] of wrong.filter(([place]) => !silent.includes(place))) {
        const { body } = await open.as(tenant()).post({ query, variables });
        expect([place, JSON.stringify(body).replaceAll('\\"', '"')]).toEqual([place, expect.stringMatching(hidden)]);
      }
    });
  });
});

describe('production', () => {
  const api = useApi({ NODE_ENV: 'production', DATABASE_URL: 'postgresql://unused@127.0.0.1/unused' });

  it('hides the schema unless it is told otherwise', async () => {
    const { body } = await api.as(tenant()).post({ query: FULL });
    expect(body.errors?.[0]?.message).toContain('introspection has been disabled');
  });
});

/** The examples are the one source: of GraphiQL's tabs, of what the README prints, of typed documents. So they must work. */
import { readFile } from 'node:fs/promises';
import { Kind, parse } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { readExamples } from '../src/http/explorer-content.ts';
import { type Client, useApi } from './api.ts';
import { DEMO_TENANT, loadDemoInto } from './demo.ts';
import {
  FilterAndPageDocument,
  type FilterAndPageQueryVariables,
  FirstLookDocument,
  PatchCompanyDocument,
  type PatchCompanyMutationVariables,
  UpsertCompanyDocument,
  type UpsertCompanyMutationVariables,
} from './gql/graphql.ts';

const api = useApi();
const examples = readExamples();
let client: Client;

beforeAll(async () => {
  await loadDemoInto(api);
  client = api.as(DEMO_TENANT);
});

/** The variables beside an example, as what its document asks for. */
function variablesOf<Variables>(name: string): Variables {
  return JSON.parse(examples.find((example) => example.name === name)?.variables ?? '');
}

/** Whether there is a value in it, beyond nulls, zeros and empty lists. */
function saysSomething(value: unknown): boolean {
  if (value === null || typeof value !== 'object') return Boolean(value);
  return Object.values(value).some(saysSomething);
}

describe('the examples', () => {
  it.each(examples)('$name is one operation of that name under a comment', ({ name, document }) => {
    const [operation, ...others] = parse(document).definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION);
    expect(others).toEqual([]);
    const words = name.replace(/^\d+-/, '').split('-');
    const pascalCase = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
    expect(operation).toMatchObject({ name: { value: pascalCase } });
    expect(document).toMatch(/^# \S/);
  });

  it.each(examples)(
    '$name answers what the demo tenant has, and again when repeated',
    async ({ document, variables }) => {
      for (const _ of ['once', 'again']) {
        const { status, body } = await client.post({ query: document, variables: variables && JSON.parse(variables) });
        expect({ status, errors: body.errors }).toEqual({ status: 200, errors: undefined });
        for (const [field, answer] of Object.entries(body.data ?? {})) {
          expect([field, saysSomething(answer)]).toEqual([field, true]);
          if (answer !== null && typeof answer === 'object' && 'userErrors' in answer)
            expect(answer.userErrors).toEqual([]);
        }
      }
    },
  );

  it('upserts to UNCHANGED once the company is what the example says', async () => {
    const variables = variablesOf<UpsertCompanyMutationVariables>('3-upsert-company');
    await client.ask(UpsertCompanyDocument, variables);
    const { upsertCompany } = await client.ask(UpsertCompanyDocument, variables);
    expect(upsertCompany).toMatchObject({ outcome: 'UNCHANGED', matchedBy: 'externalId', changedFields: [] });
  });

  it('patches to the totals that the source of the example prints, and refuses a lost update', async () => {
    const variables = variablesOf<PatchCompanyMutationVariables>('4-patch-company');
    const { patchCompany } = await client.ask(PatchCompanyDocument, variables);
    expect(patchCompany.company).toMatchObject({ totalEmissions: 188.8 });
    const { patchCompany: stale } = await client.ask(PatchCompanyDocument, { ...variables, ifVersion: 1 });
    expect(stale.userErrors).toMatchObject([
      { __typename: 'StaleVersionError', currentVersion: patchCompany.company?.version },
    ]);
  });

  it('filters and pages to the end as its comment says', async () => {
    const variables = variablesOf<FilterAndPageQueryVariables>('2-filter-and-page');
    const first = await client.ask(FilterAndPageDocument, variables);
    const after = first.companies.pageInfo.endCursor;
    const second = await client.ask(FilterAndPageDocument, { ...variables, after });
    const names = [first, second].flatMap(({ companies }) => companies.nodes.map(({ name }) => name));
    expect(new Set(names).size).toBe(first.companies.totalCount);
    expect(second.companies.pageInfo.hasNextPage).toBe(false);
  });
});

describe('the README', () => {
  const blocks = async (language: string) => {
    const readme = await readFile('README.md', 'utf8');
    return [...readme.matchAll(new RegExp(`^\`\`\`${language}\n(.*?)\n\`\`\`$`, 'gms'))].map(([, text]) => text ?? '');
  };

  it("prints examples, to the letter, and no other GraphQL but a neighbour's types", async () => {
    const printed = await blocks('graphql');
    const operations = printed.filter((text) => !text.startsWith('type '));
    expect(operations.length).toBeGreaterThan(1);
    // federation-composition.test.ts composes the types.
    expect(printed.length - operations.length).toBe(1);
    const operationIn = (document: string) => /^(?:query|mutation) \w+/m.exec(document)?.[0];
    const documents = new Map(examples.map(({ document }) => [operationIn(document), document]));
    for (const text of operations) expect(text).toBe(documents.get(operationIn(text)));
  });

  it('prints the answer that its first question gets', async () => {
    const [answer] = await blocks('json');
    expect(JSON.parse(answer ?? '')).toEqual({ data: await client.ask(FirstLookDocument) });
  });
});

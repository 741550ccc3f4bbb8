import { describe, expect, it } from 'vitest';
import { type Client, useApi } from './api.ts';
import { co2Customer, company, tenant } from './given.ts';
import { graphql } from './gql/gql.ts';
import type { CompensationTermsPatch } from './gql/graphql.ts';

graphql(`
  fragment CompensationTermsAll on CompensationTerms {
    priceContractId
    templateContractId
    unitPrice
    currencyId
    unit
    updatedAt
    version
  }
`);

const Patch = graphql(`
  mutation CompensationTermsPatch($patch: CompensationTermsPatch!, $ifVersion: Int) {
    patchCompensationTerms(patch: $patch, ifVersion: $ifVersion) {
      compensationTerms { ...CompensationTermsAll }
      userErrors { __typename code message path ... on StaleVersionError { currentVersion } }
    }
  }
`);

const Read = graphql(`
  query CompensationTermsRead {
    compensationTerms { ...CompensationTermsAll }
    co2Customers { nodes { priceContractId templateContractId unitPrice currencyId unit } }
  }
`);

const Page = graphql(`
  query CompensationTermsPage($first: Int!, $total: Boolean!) {
    co2Customers(first: $first) {
      totalCount @include(if: $total)
      nodes {
        email
        unitPrice
        currencyId
        unit
        priceContractId
        templateContractId
        externalReferences { reference name }
        company { name country }
      }
    }
  }
`);

const terms = { priceContractId: 123, templateContractId: 45, unitPrice: 1.25, currencyId: 'SEK', unit: 'KG' } as const;
const NONE = { priceContractId: null, templateContractId: null, unitPrice: null, currencyId: null, unit: null };

const patchTerms = async (client: Client, patch: CompensationTermsPatch, ifVersion?: number) =>
  (await client.ask(Patch, { patch, ifVersion })).patchCompensationTerms;

describe('compensation terms', () => {
  const api = useApi();
  const admin = (tenantId: string) => api.as(tenantId, ['read', 'write', 'admin']);

  it('are null until an administrator sets them, on their own and on every profile', async () => {
    const id = tenant();
    const client = admin(id);
    await co2Customer(client);
    await co2Customer(client);
    expect(await client.ask(Read)).toEqual({ compensationTerms: null, co2Customers: { nodes: [NONE, NONE] } });
    const { compensationTerms, userErrors } = await patchTerms(client, terms, 0);
    expect(userErrors).toEqual([]);
    expect(compensationTerms).toEqual({ ...terms, updatedAt: null, version: 1 });
    expect(await api.as(id, ['read']).ask(Read)).toEqual({
      compensationTerms,
      co2Customers: { nodes: [terms, terms] },
    });
  });

  it('are changed with the scopes write and admin alone, and else nothing is written', async () => {
    const id = tenant();
    for (const scopes of [undefined, ['read', 'write'], ['read', 'admin'], ['admin'], ['read']] as const) {
      const statements = await api.statementsOf(async () => {
        const { status, body } = await api.as(id, scopes).send(Patch, { patch: terms });
        expect(status).toBe(403);
        expect(body).toMatchObject({ errors: [{ extensions: { code: 'FORBIDDEN' } }] });
        expect(body.data?.patchCompensationTerms).toBeUndefined();
      });
      expect(statements).toEqual([]);
    }
    expect((await admin(id).ask(Read)).compensationTerms).toBeNull();
    expect((await patchTerms(api.as(id, ['write', 'admin']), terms)).compensationTerms).toMatchObject({ version: 1 });
  });

  it('keep what a patch leaves out, and lose what it sets to null', async () => {
    const client = admin(tenant());
    await patchTerms(client, terms);
    const { compensationTerms } = await patchTerms(client, { unitPrice: 2.5, templateContractId: null }, 1);
    expect(compensationTerms).toEqual({
      ...terms,
      unitPrice: 2.5,
      templateContractId: null,
      updatedAt: expect.any(String),
      version: 2,
    });
    expect((await client.ask(Read)).compensationTerms).toEqual(compensationTerms);
    const { compensationTerms: cleared } = await patchTerms(client, NONE);
    expect(cleared).toMatchObject({ ...NONE, version: 3 });
  });

  it('keep version and updatedAt when a patch changes nothing', async () => {
    const client = admin(tenant());
    await patchTerms(client, terms);
    const { compensationTerms: changed } = await patchTerms(client, { unitPrice: 0 });
    for (const patch of [{ unitPrice: 0, currencyId: 'sek' }, { ...terms, unitPrice: -0 }, {}])
      expect((await patchTerms(client, patch, 2)).compensationTerms).toEqual(changed);
    expect((await client.ask(Read)).compensationTerms).toEqual(changed);
  });

  it('refuse a stale version, which is 0 while there are none', async () => {
    const client = admin(tenant());
    const stale = (currentVersion: number) => ({
      compensationTerms: null,
      userErrors: [{ __typename: 'StaleVersionError', code: 'STALE_VERSION', path: ['ifVersion'], currentVersion }],
    });
    expect(await patchTerms(client, terms, 1)).toMatchObject(stale(0));
    expect((await client.ask(Read)).compensationTerms).toBeNull();
    await patchTerms(client, terms, 0);
    expect(await patchTerms(client, { unitPrice: 9 }, 0)).toMatchObject(stale(1));
    await patchTerms(client, { unitPrice: 9 }, 1);
    expect(await patchTerms(client, { unitPrice: 10 }, 1)).toMatchObject(stale(2));
    expect((await client.ask(Read)).compensationTerms).toMatchObject({ unitPrice: 9, version: 2 });
  });

  it('take a currency in lower case, as a variable and in the document, and refuse one that ISO 4217 does not have', async () => {
    const client = admin(tenant());
    expect((await patchTerms(client, { currencyId: 'eur' })).compensationTerms?.currencyId).toBe('EUR');
    const literal = (currency: string) =>
      client.post({
        query: `mutation { patchCompensationTerms(patch: { currencyId: ${currency} }) { compensationTerms { currencyId } } }`,
      });
    expect((await literal('"Nok"')).body.data).toEqual({
      patchCompensationTerms: { compensationTerms: { currencyId: 'NOK' } },
    });
    for (const currencyId of ['ABC', 'EURO', '€', '', ' EUR'])
      expect((await client.fail(Patch, { patch: { currencyId } })).extensions.code).toBe('BAD_USER_INPUT');
    for (const currency of ['"ABC"', 'NOK', '978'])
      expect((await literal(currency)).body.errors).toMatchObject([
        { extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } },
      ]);
    expect((await client.ask(Read)).compensationTerms).toMatchObject({ currencyId: 'NOK', version: 2 });
  });

  it('refuse a currency that only resembles one in upper case', async () => {
    expect((await admin(tenant()).fail(Patch, { patch: { currencyId: 'ſek' } })).extensions.code).toBe(
      'BAD_USER_INPUT',
    );
  });

  it('refuse numbers below 0 or too large to keep their digits, all at once', async () => {
    const client = admin(tenant());
    const { userErrors } = await patchTerms(client, { priceContractId: -1, templateContractId: -2, unitPrice: -0.01 });
    expect(userErrors.map(({ code, path }) => [code, ...path])).toEqual([
      ['INVALID', 'patch', 'priceContractId'],
      ['INVALID', 'patch', 'templateContractId'],
      ['INVALID', 'patch', 'unitPrice'],
    ]);
    expect((await patchTerms(client, { unitPrice: 1e16 })).userErrors).toMatchObject([{ code: 'INVALID' }]);
    expect((await client.ask(Read)).compensationTerms).toBeNull();
    const largest = { priceContractId: 2_147_483_647, templateContractId: 0, unitPrice: 1e15 };
    expect((await patchTerms(client, largest)).compensationTerms).toMatchObject(largest);
  });

  it('come one after the other when patched in parallel, the first time too', async () => {
    const client = admin(tenant());
    const patches = Array.from({ length: 16 }, (_, position) => ({ unitPrice: position + 1 }));
    const answers = await Promise.all(patches.map((patch) => patchTerms(client, patch)));
    const versions = answers.map(({ compensationTerms }) => compensationTerms?.version ?? 0);
    expect(versions.toSorted((a, b) => a - b)).toEqual(patches.map((_, position) => position + 1));
    const guarded = await Promise.all(
      patches.map((_, position) => patchTerms(client, { unitPrice: 100 + position }, 16)),
    );
    expect(guarded.filter(({ userErrors }) => userErrors.length === 0)).toHaveLength(1);
    expect((await client.ask(Read)).compensationTerms?.version).toBe(17);
  });

  it('are those of the tenant alone', async () => {
    const [mine, theirs] = [tenant(), tenant()];
    await co2Customer(admin(mine));
    await patchTerms(admin(theirs), terms);
    expect(await admin(mine).ask(Read)).toEqual({ compensationTerms: null, co2Customers: { nodes: [NONE] } });
    expect((await patchTerms(admin(mine), { unitPrice: 9 }, 0)).compensationTerms).toEqual({
      ...NONE,
      unitPrice: 9,
      updatedAt: null,
      version: 1,
    });
    expect((await admin(theirs).ask(Read)).compensationTerms).toMatchObject({ ...terms, version: 1 });
  });

  it('cost one statement for a page of customers, whatever its length; references and company cost none more', async () => {
    const client = admin(tenant());
    await patchTerms(client, terms);
    const owners = [await company(client, { name: 'One' }), await company(client, { name: 'Two' })];
    for (let position = 0; position < 20; position += 1)
      await co2Customer(client, {
        companyId: owners[position % 3]?.id ?? null,
        externalReferences: [{ reference: `a-${position}` }, { reference: `b-${position}`, name: 'ERP' }],
      });
    for (const first of [1, 2, 20]) {
      const read = () => client.ask(Page, { first, total: false });
      const { co2Customers } = await read();
      expect(co2Customers.nodes).toHaveLength(first);
      for (const [position, node] of co2Customers.nodes.entries())
        expect(node).toMatchObject({
          ...terms,
          externalReferences: [{ reference: `a-${position}` }, { reference: `b-${position}`, name: 'ERP' }],
          company: [{ name: 'One' }, { name: 'Two' }, null][position % 3],
        });
      expect(await api.statementsOf(read)).toHaveLength(2);
      expect(await api.statementsOf(() => client.ask(Page, { first, total: true }))).toHaveLength(3);
    }
  });
});

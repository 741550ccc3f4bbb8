/** How a router enters: by every key, in one statement, and never further than the tenant goes. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { useApi } from './api.ts';
import * as given from './given.ts';
import { type Representation, routerFor } from './router.ts';

const api = useApi({ MAX_REPRESENTATIONS: '1000' });

/** A tenant with a router that passes on its token. */
function start() {
  const tenantId = given.tenant();
  const client = api.as(tenantId);
  return { tenantId, client, router: routerFor(api, client) };
}

describe('a router enters', () => {
  it('a company by its global ID, its bare UUID, and by tenant with external ID', async () => {
    const { tenantId, client, router } = start();
    const { id, companyId } = await given.company(client, { name: 'Keyed', externalId: 'erp-1' });
    const keys = [
      { id },
      { companyId },
      { companyId: companyId.toUpperCase() },
      { tenant: { id: tenantId }, externalId: 'erp-1' },
      { tenant: { id: tenantId.toUpperCase() }, externalId: 'erp-1' },
    ];
    const representations = keys.map((key) => ({ __typename: 'Company', ...key }));
    const { entities, errors } = await router.enter(representations, '... on Company { id name tenant { id } }');
    expect(errors).toEqual([]);
    expect(entities).toEqual(keys.map(() => ({ __typename: 'Company', id, name: 'Keyed', tenant: { id: tenantId } })));
  });

  it('a customer and a contract by their IDs, and goes on to the user and the building', async () => {
    const { client, router } = start();
    const { id, customerId } = await given.co2Customer(client, { firstName: 'Ada' });
    const userId = randomUUID();
    const buildingId = randomUUID();
    const contract = await given.energyContract(client, { userId, buildingId });
    const { entities, errors } = await router.enter(
      [
        { __typename: 'Co2Customer', id },
        { __typename: 'EnergyContract', contractId: contract.contractId },
        { __typename: 'Co2Customer', customerId },
        { __typename: 'EnergyContract', id: contract.id },
      ],
      '... on Co2Customer { firstName } ... on EnergyContract { user { __typename id } building { id } }',
    );
    expect(errors).toEqual([]);
    const customer = { __typename: 'Co2Customer', firstName: 'Ada' };
    const supplied = {
      __typename: 'EnergyContract',
      user: { __typename: 'User', id: userId },
      building: { id: buildingId },
    };
    expect(entities).toEqual([customer, supplied, customer, supplied]);
  });

  it('nothing of another tenant, and cannot tell it from what does not exist', async () => {
    const { tenantId, router } = start();
    const other = start();
    const theirs = await given.company(other.client, { name: 'Theirs', externalId: 'shared' });
    const contract = await given.energyContract(other.client);
    const representations = [
      { __typename: 'Company', id: theirs.id },
      { __typename: 'Company', companyId: theirs.companyId },
      { __typename: 'Company', tenant: { id: other.tenantId }, externalId: 'shared' },
      { __typename: 'Company', tenant: { id: tenantId }, externalId: 'shared' },
      { __typename: 'Company', tenant: { id: other.tenantId }, companyId: theirs.companyId },
      { __typename: 'EnergyContract', contractId: contract.contractId },
      { __typename: 'Company', companyId: randomUUID() },
    ];
    const { entities, errors } = await router.enter(representations, '... on Company { name }');
    expect(errors).toEqual([]);
    expect(entities).toEqual(representations.map(() => null));
  });

  it('no record of its own under the name of another tenant', async () => {
    const { client, router } = start();
    const { companyId } = await given.company(client, { externalId: 'mine' });
    const tenant = { id: given.tenant() };
    const representations = [
      { __typename: 'Company', tenant, externalId: 'mine' },
      { __typename: 'Company', tenant, companyId },
    ];
    const { entities, errors } = await router.enter(representations, '... on Company { name }');
    expect({ entities, errors }).toEqual({ entities: [null, null], errors: [] });
  });

  it('and gets what is stored, never what the representation claims', async () => {
    const { client, router } = start();
    const { companyId } = await given.company(client, { name: 'True', country: 'SE' });
    const claimed = { __typename: 'Company', companyId, name: 'FORGED', country: 'XX', id: null };
    const { entities } = await router.enter([claimed], '... on Company { id name country }');
    expect(entities).toEqual([{ __typename: 'Company', id: `Company:${companyId}`, name: 'True', country: 'SE' }]);
  });
});

describe('a representation that is at fault', () => {
  const malformed: [what: string, representation: unknown, argument: string][] = [
    ['an unknown type', { __typename: 'Secret', id: 'leak' }, '__typename'],
    ['a stub', { __typename: 'User', id: randomUUID() }, '__typename'],
    ['no type', { companyId: randomUUID() }, '__typename'],
    ['a text', 'leak', '__typename'],
    ['a list', [[]], '__typename'],
    ['a malformed UUID', { __typename: 'Company', companyId: 'leak' }, 'companyId'],
    ['a global ID for a UUID', { __typename: 'Company', companyId: `Company:${randomUUID()}` }, 'companyId'],
    ['a malformed global ID', { __typename: 'Company', id: 'leak' }, 'id'],
    ['the ID of another type', { __typename: 'Company', id: `EnergyContract:${randomUUID()}` }, 'id'],
    ['an object for an ID', { __typename: 'Company', id: { toString: 'leak' } }, 'id'],
    ['a number for a UUID', { __typename: 'EnergyContract', contractId: 7 }, 'contractId'],
    ['NUL in a text', { __typename: 'Company', tenant: { id: randomUUID() }, externalId: 'le\0ak' }, 'externalId'],
    ['a tenant that is none', { __typename: 'Company', tenant: 'leak', externalId: 'x' }, 'tenant.id'],
    ['a key that lacks its tenant', { __typename: 'Company', externalId: 'leak' }, ''],
    ['a key of no type', { __typename: 'Co2Customer', email: 'leak@example.com' }, ''],
    ['a key from the prototype', JSON.parse('{"__typename":"Company","__proto__":{"companyId":"leak"}}'), ''],
  ];

  it.each(malformed)('has its own error, and its siblings their data: %s', async (_, representation, argument) => {
    const { tenantId, client, router } = start();
    const { companyId } = await given.company(client, { name: 'Sibling' });
    const own = { __typename: 'Company', companyId };
    const tenant = (representation as { tenant?: { id?: string } }).tenant?.id && { tenant: { id: tenantId } };
    const sent = tenant ? { ...(representation as object), ...tenant } : representation;
    const { entities, errors } = await router.enter([own, sent, own], '... on Company { name }');
    const sibling = { __typename: 'Company', name: 'Sibling' };
    expect(entities).toEqual([sibling, null, sibling]);
    expect(errors).toHaveLength(1);
    const path = ['representations', '1', ...argument.split('.').filter(Boolean)];
    expect(errors[0]).toMatchObject({
      path: ['_entities', 1],
      extensions: { code: 'BAD_USER_INPUT', argument: path },
    });
    expect(JSON.stringify(errors)).not.toContain('leak');
  });
});

describe('the number of statements', () => {
  /** Companies with an external ID and one customer each, named by all kinds of key in turn. */
  async function manyKeys(count: number) {
    const { tenantId, client, router } = start();
    const companies = await Promise.all(
      Array.from({ length: 10 }, async (_, position) => {
        const company = await given.company(client, { name: `Company ${position}`, externalId: `erp-${position}` });
        await given.co2Customer(client, { companyId: company.id });
        const energyPrices = [{ timestamp: '2025-01-01T00:00:00Z', price: position }];
        await given.energyContract(client, { companyId: company.id, currencyEnergyPrice: 'EUR', energyPrices });
        return company;
      }),
    );
    const representations = Array.from({ length: count }, (_, index): Representation => {
      const position = index % companies.length;
      const { id = '', companyId = '' } = companies[position] ?? {};
      const keys = [{ id }, { companyId }, { tenant: { id: tenantId }, externalId: `erp-${position}` }];
      const absent = [{ companyId: randomUUID() }, { tenant: { id: tenantId }, externalId: `none-${index}` }];
      return { __typename: 'Company', ...(index % 7 === 6 ? absent[index % 2] : keys[index % 3]) };
    });
    const expected = representations.map((_, index) =>
      index % 7 === 6 ? null : { __typename: 'Company', name: `Company ${index % companies.length}` },
    );
    return { router, representations, expected };
  }

  it.each([1, 250, 1000])('is one for %i representations, whatever their keys', async (count) => {
    const { router, representations, expected } = await manyKeys(count);
    let answer: Awaited<ReturnType<typeof router.enter>> | undefined;
    const statements = await api.statementsOf(async () => {
      answer = await router.enter(representations, '... on Company { name }');
    });
    expect(answer).toEqual({ entities: expected, errors: [] });
    expect(statements).toHaveLength(1);
  });

  it('does not grow with the representations where a selection goes deeper', async () => {
    const fields = `... on Company {
      name energyContracts(first: 2) { nodes { supplier priceAt(at: "2026-01-01T00:00:00Z") { price } } }
      co2Customers(first: 2) { totalCount nodes { email unitPrice company { name } } }
    }`;
    const countFor = async (count: number) => {
      const { router, representations } = await manyKeys(count);
      const statements = await api.statementsOf(async () => {
        const { entities, errors } = await router.enter(representations, fields);
        expect(errors).toEqual([]);
        expect(entities[0]).toMatchObject({
          energyContracts: { nodes: [{ priceAt: { price: 0 } }] },
          co2Customers: { totalCount: 1, nodes: [{ company: { name: 'Company 0' } }] },
        });
      });
      return statements.length;
    };
    const few = await countFor(2);
    expect(await countFor(250)).toBe(few);
    expect(few).toBeLessThanOrEqual(4);
  });

  it('is one for each alias, which has a selection of its own', async () => {
    const { client, router } = start();
    const { companyId } = await given.company(client, { name: 'Twice', city: 'Kiel' });
    await given.co2Customer(client, { companyId, email: 'a@example.com' });
    const query = `query ($a: [_Any!]!, $b: [_Any!]!) {
      a: _entities(representations: $a) { ... on Company { name } }
      b: _entities(representations: $b) { ... on Company { city co2Customers { nodes { email } } } }
    }`;
    const own = { __typename: 'Company', companyId };
    let body: unknown;
    const statements = await api.statementsOf(async () => {
      ({ body } = await router.send(query, { a: [own, own], b: [own] }));
    });
    expect(body).toEqual({
      data: {
        a: [{ name: 'Twice' }, { name: 'Twice' }],
        b: [{ city: 'Kiel', co2Customers: { nodes: [{ email: 'a@example.com' }] } }],
      },
    });
    expect(statements).toHaveLength(2);
  });
});

describe('too many representations', () => {
  it('are refused as a whole', async () => {
    const { router } = start();
    const representations = Array.from({ length: 1001 }, () => ({ __typename: 'Company', companyId: randomUUID() }));
    let answer: Awaited<ReturnType<typeof router.enter>> | undefined;
    const statements = await api.statementsOf(async () => {
      answer = await router.enter(representations, '... on Company { name }');
    });
    expect(statements).toEqual([]);
    expect(answer?.errors).toMatchObject([
      {
        message: 'Send at most 1000 representations at once, not 1001.',
        extensions: { code: 'BAD_USER_INPUT', argument: ['representations'] },
      },
    ]);
  });
});

import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { type Client, useApi } from './api.ts';
import { query } from './database.ts';
import { co2Customer, company, tenant } from './given.ts';
import { graphql } from './gql/gql.ts';
import type {
  Co2CustomerFilter,
  Co2CustomerKey,
  Co2CustomerListQueryVariables,
  Co2CustomerOrder,
  Co2CustomerPatch,
  Co2CustomerProfileFragment,
  StringFilter,
  UpsertCo2CustomerInput,
} from './gql/graphql.ts';

graphql(`
  fragment Co2CustomerProfile on Co2Customer {
    id
    customerId
    email
    customerType
    firstName
    lastName
    businessName
    organizationNumber
    externalReferences { reference name }
    accumulationPeriod
    company { id name }
    priceContractId
    templateContractId
    unitPrice
    currencyId
    unit
    createdAt
    updatedAt
    version
  }
`);

graphql(`
  fragment Co2CustomerErrors on UserError {
    __typename
    code
    message
    path
    ... on ConflictError { existing { id ...Co2CustomerProfile } existingKeys }
    ... on StaleVersionError { currentVersion }
  }
`);

const Upsert = graphql(`
  mutation Co2CustomerUpsert($input: UpsertCo2CustomerInput!) {
    upsertCo2Customer(input: $input) {
      co2Customer { ...Co2CustomerProfile }
      outcome
      matchedBy
      changedFields
      warnings { path message }
      userErrors { ...Co2CustomerErrors }
    }
  }
`);

const UpsertBriefly = graphql(`
  mutation Co2CustomerUpsertBriefly($input: UpsertCo2CustomerInput!) {
    upsertCo2Customer(input: $input) { outcome co2Customer { id version } userErrors { message } }
  }
`);

const UpsertMany = graphql(`
  mutation Co2CustomerUpsertMany($items: [UpsertCo2CustomerInput!]!) {
    upsertCo2Customers(items: $items) {
      succeeded
      failed
      results {
        outcome
        matchedBy
        co2Customer { email firstName externalReferences { reference } version }
        warnings { path }
        userErrors { ...Co2CustomerErrors }
      }
    }
  }
`);

const Patch = graphql(`
  mutation Co2CustomerPatch($by: Co2CustomerKey!, $patch: Co2CustomerPatch!, $ifVersion: Int) {
    patchCo2Customer(by: $by, patch: $patch, ifVersion: $ifVersion) {
      co2Customer { ...Co2CustomerProfile }
      changedFields
      warnings { path message }
      userErrors { ...Co2CustomerErrors }
    }
  }
`);

const Delete = graphql(`
  mutation Co2CustomerDelete($by: Co2CustomerKey!, $ifVersion: Int) {
    deleteCo2Customer(by: $by, ifVersion: $ifVersion) { deletedId userErrors { ...Co2CustomerErrors } }
  }
`);

const Read = graphql(`
  query Co2CustomerRead($by: Co2CustomerKey!) { co2Customer(by: $by) { ...Co2CustomerProfile } }
`);

const ReadNode = graphql(`
  query Co2CustomerReadNode($id: ID!) { node(id: $id) { __typename id ...Co2CustomerProfile } }
`);

const List = graphql(`
  query Co2CustomerList(
    $filter: Co2CustomerFilter, $orderBy: [Co2CustomerOrder!], $first: Int, $after: String, $last: Int, $before: String
  ) {
    co2Customers(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes { id }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

const Divide = graphql(`
  query Co2CustomerDivide($filter: Co2CustomerFilter!) {
    fitting: co2Customers(filter: $filter, first: 100) { totalCount nodes { email } }
    others: co2Customers(filter: { not: $filter }, first: 100) { totalCount nodes { email } }
  }
`);

const SetTerms = graphql(`
  mutation Co2CustomerSetTerms($patch: CompensationTermsPatch!) {
    patchCompensationTerms(patch: $patch) { userErrors { message } }
  }
`);

const DeleteCompany = graphql(`
  mutation Co2CustomerDeleteCompany($id: ID!) { deleteCompany(by: { id: $id }) { deletedId } }
`);

const upsert = async (client: Client, input: UpsertCo2CustomerInput) =>
  (await client.ask(Upsert, { input })).upsertCo2Customer;

const patchBy = async (client: Client, by: Co2CustomerKey, patch: Co2CustomerPatch, ifVersion?: number) =>
  (await client.ask(Patch, { by, patch, ifVersion })).patchCo2Customer;

const read = async (client: Client, by: Co2CustomerKey) => (await client.ask(Read, { by })).co2Customer;

/** The profile after a write that must succeed. */
async function written(client: Client, input: UpsertCo2CustomerInput): Promise<Co2CustomerProfileFragment> {
  const { co2Customer, userErrors } = await upsert(client, input);
  if (!co2Customer) throw new Error(`Refused: ${JSON.stringify(userErrors)}`);
  return co2Customer;
}

const references = (...texts: string[]) => texts.map((reference) => ({ reference }));

const count = async (client: Client, filter?: Co2CustomerFilter) =>
  (await client.ask(List, { filter })).co2Customers.totalCount;

describe("the CO2 customer API's own example", () => {
  const api = useApi();

  it('is created and read back by every key, with the terms of the tenant', async () => {
    const id = tenant();
    const terms = { priceContractId: 123, unitPrice: 1.25, currencyId: 'SEK', unit: 'KG', templateContractId: 45 };
    const { patchCompensationTerms } = await api
      .as(id, ['write', 'admin'])
      .ask(SetTerms, { patch: { ...terms, unit: 'KG' } });
    expect(patchCompensationTerms.userErrors).toEqual([]);

    const client = api.as(id);
    const { co2Customer: profile, ...answer } = await upsert(client, {
      email: 'Info@GreenTech.example',
      businessName: 'GreenTech AB',
      organizationNumber: '556677-88 99 ab',
      externalReferences: [{ reference: 'crm-123', name: 'CRM' }],
    });
    expect(answer).toMatchObject({ outcome: 'CREATED', matchedBy: null, warnings: [], userErrors: [] });
    expect(profile).toMatchObject({
      ...terms,
      email: 'Info@GreenTech.example',
      customerType: 'CORPORATE',
      businessName: 'GreenTech AB',
      organizationNumber: '556677-88 99 ab',
      firstName: null,
      lastName: null,
      externalReferences: [{ reference: 'crm-123', name: 'CRM' }],
      accumulationPeriod: 'DEFAULT',
      company: null,
      updatedAt: null,
      version: 1,
    });
    const keys: Co2CustomerKey[] = [
      { externalReference: 'crm-123' },
      { email: 'iNFO@gREENtECH.EXAMPLE' },
      { organizationNumber: '55-66 7788-99AB ' },
      { organizationNumber: '556677\u00a08899\u2011ab' },
      { id: profile?.id ?? '' },
      { id: profile?.customerId ?? '' },
      { id: profile?.customerId.toUpperCase() ?? '' },
    ];
    for (const by of keys) expect(await read(client, by)).toEqual(profile);
    for (const node of [profile?.id, profile?.customerId])
      expect((await client.ask(ReadNode, { id: node ?? '' })).node).toEqual({ __typename: 'Co2Customer', ...profile });
  });

  it('does not find what only resembles a key', async () => {
    const client = api.as(tenant());
    await co2Customer(client, { organizationNumber: '12-34', externalReferences: references('crm-123') });
    for (const by of [
      { externalReference: 'CRM-123' },
      { externalReference: 'crm 123' },
      { organizationNumber: '123' },
      { organizationNumber: ' - ' },
      { email: '' },
      { id: randomUUID() },
    ])
      expect(await read(client, by)).toBeNull();
  });
});

describe('an upsert', () => {
  const api = useApi();

  it('matches by customerId, then reference, then organization number, then e-mail, and says by which', async () => {
    const client = api.as(tenant());
    const email = 'match@example.com';
    const { customerId } = await co2Customer(client, {
      email,
      organizationNumber: '55-66',
      externalReferences: references('a', 'b'),
    });
    const keys = {
      customerId,
      externalReferences: references('b'),
      organizationNumber: '5566',
      email: 'MATCH@example.com',
    };
    const { customerId: _, ...fromReference } = keys;
    const { externalReferences: __, ...fromNumber } = fromReference;
    for (const [input, matchedBy] of [
      [keys, 'customerId'],
      [fromReference, 'externalReferences'],
      [fromNumber, 'organizationNumber'],
      [{ email }, 'email'],
      [{ externalReferences: references('new', 'a') }, 'externalReferences'],
      [{ customerId: randomUUID(), email }, 'email'],
    ] as const) {
      const answer = await upsert(client, input as UpsertCo2CustomerInput);
      expect(answer).toMatchObject({ matchedBy, userErrors: [], co2Customer: { customerId } });
    }
    expect(await count(client)).toBe(1);
  });

  it('takes an ID of your own for a new profile, and warns when another key has found one with another ID', async () => {
    const client = api.as(tenant());
    const [own, other] = [randomUUID(), randomUUID()];
    const email = 'own@example.com';
    expect((await written(client, { customerId: own, email })).customerId).toBe(own);
    const answer = await upsert(client, { customerId: other, email });
    expect(answer).toMatchObject({
      outcome: 'UNCHANGED',
      co2Customer: { customerId: own },
      warnings: [{ path: ['input', 'customerId'] }],
    });
  });

  it('refuses keys of two profiles with one conflict that shows both, and writes nothing', async () => {
    const client = api.as(tenant());
    const first = await written(client, { email: 'first@example.com', externalReferences: references('r1', 'r2') });
    const second = await written(client, { email: 'second@example.com', organizationNumber: '22' });
    for (const [input, keys, existing] of [
      [
        { externalReferences: references('new', 'r2'), email: 'SECOND@example.com', firstName: 'Nobody' },
        ['externalReferences', 'email'],
        [first, second],
      ],
      [
        { externalReferences: references('r1'), organizationNumber: '2-2' },
        ['externalReferences', 'organizationNumber'],
        [first, second],
      ],
      [{ organizationNumber: '22', email: 'first@example.com' }, ['organizationNumber', 'email'], [second, first]],
      [{ customerId: second.customerId, email: 'first@example.com' }, ['customerId', 'email'], [second, first]],
    ] as const) {
      const { userErrors, ...answer } = await upsert(client, input as UpsertCo2CustomerInput);
      expect(answer).toMatchObject({ co2Customer: null, outcome: null, matchedBy: null, changedFields: [] });
      expect(userErrors).toMatchObject([
        { __typename: 'ConflictError', code: 'CONFLICT', path: ['input', keys[0]], existing, existingKeys: keys },
      ]);
    }
    expect(await read(client, { email: first.email })).toEqual(first);
    expect(await read(client, { email: second.email })).toEqual(second);
    expect(await count(client)).toBe(2);
  });

  it('changes only the fields given, and a repetition changes neither version nor updatedAt', async () => {
    const client = api.as(tenant());
    const input: UpsertCo2CustomerInput = {
      email: 'same@example.com',
      firstName: 'Ada',
      lastName: 'L',
      externalReferences: [{ reference: 'x', name: 'X' }],
      accumulationPeriod: 'MONTHLY',
    };
    const created = await written(client, input);
    expect(await upsert(client, input)).toMatchObject({
      outcome: 'UNCHANGED',
      changedFields: [],
      co2Customer: created,
    });
    const updated = await upsert(client, { email: 'same@example.com', lastName: 'Lovelace', firstName: null });
    expect(new Set(updated.changedFields)).toEqual(new Set(['firstName', 'lastName']));
    expect(updated).toMatchObject({
      outcome: 'UPDATED',
      co2Customer: {
        firstName: null,
        lastName: 'Lovelace',
        accumulationPeriod: 'MONTHLY',
        externalReferences: [{ reference: 'x', name: 'X' }],
        version: 2,
        updatedAt: expect.any(String),
      },
    });
    const again = await upsert(client, { email: 'same@example.com', lastName: 'Lovelace' });
    expect(again).toMatchObject({ outcome: 'UNCHANGED', co2Customer: updated.co2Customer });
  });

  it('with the e-mail address in other case keeps the profile and stores the address as given', async () => {
    const client = api.as(tenant());
    const { id } = await co2Customer(client, { email: 'case@example.com' });
    const answer = await upsert(client, { email: 'Case@Example.com' });
    expect(answer).toMatchObject({
      outcome: 'UPDATED',
      changedFields: ['email'],
      matchedBy: 'email',
      co2Customer: { id, email: 'Case@Example.com', version: 2 },
    });
    expect((await upsert(client, { email: 'Case@Example.com' })).outcome).toBe('UNCHANGED');
  });

  it('may change the keys that did not match, and frees the old ones', async () => {
    const client = api.as(tenant());
    const { id } = await co2Customer(client, {
      email: 'old@example.com',
      organizationNumber: '1',
      externalReferences: references('stay'),
    });
    await written(client, {
      externalReferences: references('stay'),
      email: 'new@example.com',
      organizationNumber: '2',
    });
    expect(await read(client, { email: 'old@example.com' })).toBeNull();
    expect(await read(client, { organizationNumber: '1' })).toBeNull();
    expect(await read(client, { email: 'new@example.com' })).toMatchObject({ id, organizationNumber: '2' });
    expect((await upsert(client, { email: 'old@example.com', organizationNumber: '1' })).outcome).toBe('CREATED');
  });
});

describe('external references', () => {
  const api = useApi();
  const email = 'references@example.com';

  it('are added by an upsert at the end of the list, with a name refreshed only when one is given', async () => {
    const client = api.as(tenant());
    await written(client, {
      email,
      externalReferences: [{ reference: 'z', name: 'Old' }, { reference: 'a' }, { reference: 'm', name: 'Kept' }],
    });
    const answer = await upsert(client, {
      email,
      externalReferences: [{ reference: 'b' }, { reference: 'm' }, { reference: 'z', name: 'New' }],
    });
    const after = [
      { reference: 'z', name: 'New' },
      { reference: 'a', name: null },
      { reference: 'm', name: 'Kept' },
      { reference: 'b', name: null },
    ];
    expect(answer).toMatchObject({
      changedFields: ['externalReferences'],
      co2Customer: { externalReferences: after, version: 2, updatedAt: expect.any(String) },
    });
    for (const externalReferences of [[], references('m'), references('b', 'z'), null])
      expect(await upsert(client, { email, externalReferences })).toMatchObject({
        outcome: 'UNCHANGED',
        co2Customer: { version: 2 },
      });
    expect((await read(client, { externalReference: 'm' }))?.externalReferences).toEqual(after);
  });

  it('are replaced by a patch, in its order, and what it leaves out is free again', async () => {
    const client = api.as(tenant());
    await written(client, {
      email,
      externalReferences: [{ reference: 'a', name: 'A' }, { reference: 'b' }, { reference: 'c' }],
    });
    const { co2Customer: patched, changedFields } = await patchBy(
      client,
      { externalReference: 'b' },
      { externalReferences: references('d', 'a') },
    );
    expect(changedFields).toEqual(['externalReferences']);
    expect(patched).toMatchObject({
      externalReferences: [
        { reference: 'd', name: null },
        { reference: 'a', name: null },
      ],
      version: 2,
    });
    expect((await patchBy(client, { email }, { externalReferences: references('d', 'a') })).changedFields).toEqual([]);
    expect((await patchBy(client, { email }, { externalReferences: references('a', 'd') })).co2Customer).toMatchObject({
      version: 3,
    });
    expect(await read(client, { externalReference: 'b' })).toBeNull();
    await co2Customer(client, { externalReferences: references('b', 'c') });
    expect((await patchBy(client, { email }, { externalReferences: null })).co2Customer).toMatchObject({
      externalReferences: [],
      version: 4,
    });
  });

  it('of another profile are a conflict in upsert and in patch, and nothing is written', async () => {
    const client = api.as(tenant());
    const holder = await written(client, { email: 'holder@example.com', externalReferences: references('taken') });
    const mine = await written(client, { email, externalReferences: references('mine') });
    const conflict = { __typename: 'ConflictError', code: 'CONFLICT' };
    const upserted = await upsert(client, { email, externalReferences: references('free', 'taken') });
    expect(upserted.userErrors).toMatchObject([{ ...conflict, existing: [holder, mine] }]);
    for (const externalReferences of [references('taken'), references('mine', 'free', 'taken')]) {
      const patched = await patchBy(client, { email }, { firstName: 'Nobody', externalReferences });
      expect(patched).toMatchObject({
        co2Customer: null,
        userErrors: [
          {
            ...conflict,
            path: ['patch', 'externalReferences'],
            existing: [holder],
            existingKeys: ['externalReferences'],
          },
        ],
      });
    }
    expect(await read(client, { email })).toEqual(mine);
    expect(await read(client, { externalReference: 'taken' })).toEqual(holder);
    expect(await read(client, { externalReference: 'free' })).toBeNull();
  });

  it('are at most 100, each once, of 1 to 500 characters', async () => {
    const client = api.as(tenant());
    const many = references(...Array.from({ length: 101 }, (_, position) => `r${100 - position}`));
    const input = (externalReferences: UpsertCo2CustomerInput['externalReferences']) => ({ email, externalReferences });
    for (const [list, path] of [
      [many, []],
      [references('a', 'b', 'a'), ['2', 'reference']],
      [references('a', ''), ['1', 'reference']],
      [references('é'.repeat(501)), ['0', 'reference']],
      [references('nul\0'), ['0', 'reference']],
    ] as const) {
      const { userErrors } = await upsert(client, input([...list]));
      expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'externalReferences', ...path] }]);
    }
    expect(await count(client)).toBe(0);
    const hundred = [...many.slice(0, 99), { reference: '😀'.repeat(500) }];
    const created = await written(client, input(hundred));
    expect(created.externalReferences.map(({ reference }) => reference)).toEqual(
      hundred.map(({ reference }) => reference),
    );
    expect(await read(client, { externalReference: '😀'.repeat(500) })).toEqual(created);
  });

  it('stay at most 100 when upserts add to them', async () => {
    const client = api.as(tenant());
    const range = (from: number, to: number) =>
      references(...Array.from({ length: to - from }, (_, position) => `r${from + position}`));
    const full = await written(client, { email, externalReferences: range(0, 99) });
    const { userErrors } = await upsert(client, { email, firstName: 'Nobody', externalReferences: range(98, 101) });
    expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'externalReferences'] }]);
    expect(await read(client, { email })).toEqual(full);
    expect((await written(client, { email, externalReferences: range(90, 100) })).externalReferences).toHaveLength(100);
    expect((await upsert(client, { email, externalReferences: range(0, 100) })).outcome).toBe('UNCHANGED');
  });

  it('may have the same text in upper and lower case, which are two', async () => {
    const client = api.as(tenant());
    const { externalReferences } = await written(client, { email, externalReferences: references('crm', 'CRM') });
    expect(externalReferences).toHaveLength(2);
  });
});

describe('the rules of a profile', () => {
  const api = useApi();

  it.each([
    ['a business name', { businessName: 'Example AB' }, 'CORPORATE', 0],
    ['an organization number', { organizationNumber: '1' }, 'CORPORATE', 1],
    ['both', { businessName: 'Example AB', organizationNumber: '1' }, 'CORPORATE', 0],
    ['neither', { firstName: 'Ada' }, 'PRIVATE', 0],
    ['null for both', { businessName: null, organizationNumber: null }, 'PRIVATE', 0],
    ['PRIVATE in so many words', { businessName: 'Example AB', customerType: 'PRIVATE' }, 'PRIVATE', 0],
    ['CORPORATE in so many words', { customerType: 'CORPORATE' }, 'CORPORATE', 1],
  ] as const)('derive the type at creation from %s', async (_, input, customerType, warnings) => {
    const client = api.as(tenant());
    const answer = await upsert(client, { email: 'type@example.com', ...input });
    expect(answer).toMatchObject({ outcome: 'CREATED', co2Customer: { customerType } });
    expect(answer.warnings.map(({ path }) => path)).toEqual(
      Array.from({ length: warnings }, () => ['input', 'businessName']),
    );
  });

  it('keep the type and the accumulation period afterwards', async () => {
    const client = api.as(tenant());
    const email = 'kept@example.com';
    expect(await written(client, { email })).toMatchObject({ customerType: 'PRIVATE', accumulationPeriod: 'DEFAULT' });
    expect(await written(client, { email, businessName: 'Now a company' })).toMatchObject({ customerType: 'PRIVATE' });
    const { co2Customer: patched } = await patchBy(
      client,
      { email },
      { accumulationPeriod: 'WEEKLY', customerType: 'CORPORATE' },
    );
    expect(patched).toMatchObject({ accumulationPeriod: 'WEEKLY', customerType: 'CORPORATE' });
    expect(await written(client, { email, firstName: 'Ada' })).toMatchObject({
      accumulationPeriod: 'WEEKLY',
      customerType: 'CORPORATE',
    });
    const cleared = await patchBy(client, { email }, { businessName: null, organizationNumber: null });
    expect(cleared).toMatchObject({
      co2Customer: { customerType: 'CORPORATE', businessName: null },
      warnings: [{ path: ['patch', 'businessName'] }],
    });
  });

  it('ask for an e-mail address to create, and take null for none of the required fields', async () => {
    const client = api.as(tenant());
    const absent = await upsert(client, { externalReferences: references('x') });
    expect(absent.userErrors).toMatchObject([{ code: 'REQUIRED', path: ['input', 'email'] }]);
    const nulls = { email: null, customerType: null, accumulationPeriod: null };
    const required = (argument: string) =>
      Object.keys(nulls).map((field) => ({ code: 'REQUIRED', path: [argument, field] }));
    expect((await upsert(client, nulls)).userErrors).toMatchObject(required('input'));
    const { id } = await co2Customer(client);
    expect((await patchBy(client, { id }, nulls)).userErrors).toMatchObject(required('patch'));
    expect((await upsert(client, { customerId: id.split(':')[1], ...nulls })).userErrors).toMatchObject(
      required('input'),
    );
    expect(await read(client, { id })).toMatchObject({ version: 1 });
  });

  it.each([
    ['text without @', { email: 'nobody' }, 'email'],
    ['an address with a space', { email: 'no body@example.com' }, 'email'],
    ['an address with a name', { email: 'Ada <ada@example.com>' }, 'email'],
    ['an empty address', { email: '' }, 'email'],
    ['an address of 501 characters', { email: `${'a'.repeat(489)}@example.com` }, 'email'],
    ['an organization number of hyphens', { organizationNumber: '--' }, 'organizationNumber'],
    ['an organization number of spaces and hyphens', { organizationNumber: ' -\u2013 ' }, 'organizationNumber'],
    ['an organization number of 501 characters', { organizationNumber: '1'.repeat(501) }, 'organizationNumber'],
    ['an empty business name', { businessName: '' }, 'businessName'],
    ['a business name of 501 characters', { businessName: 'x'.repeat(501) }, 'businessName'],
    ['a NUL in a name', { firstName: 'a\0' }, 'firstName'],
    ['half a surrogate pair in a name', { lastName: '\ud800' }, 'lastName'],
  ])('refuse %s', async (_, input, field) => {
    const client = api.as(tenant());
    const email = 'rules@example.com';
    const { userErrors } = await upsert(client, { email, ...input });
    expect(userErrors).toMatchObject([{ __typename: 'InvalidInputError', code: 'INVALID', path: ['input', field] }]);
    expect(await count(client)).toBe(0);
    await co2Customer(client, { email });
    const patched = await patchBy(client, { email }, input);
    expect(patched.userErrors).toMatchObject([{ code: 'INVALID', path: ['patch', field] }]);
  });

  it('report all that is wrong at once', async () => {
    const { userErrors } = await upsert(api.as(tenant()), {
      email: 'nobody',
      organizationNumber: '-',
      accumulationPeriod: null,
      companyId: 'nonsense',
    });
    expect(userErrors.map(({ code, path }) => [code, path[1]])).toEqual([
      ['INVALID', 'email'],
      ['INVALID', 'organizationNumber'],
      ['REQUIRED', 'accumulationPeriod'],
      ['INVALID', 'companyId'],
    ]);
  });

  it('keep what is odd but legal unchanged', async () => {
    const odd = {
      email: "o'brien+tag@EXAMPLE",
      firstName: '',
      lastName: '  x  ',
      businessName: ' ',
      organizationNumber: ' 12-ab ',
    };
    expect(await written(api.as(tenant()), odd)).toMatchObject(odd);
  });

  it('let a patch clear, keep and set, and refuse a stale version and an unknown profile', async () => {
    const client = api.as(tenant());
    const by = { email: 'patch@example.com' };
    await written(client, { ...by, firstName: 'Ada', lastName: 'L', organizationNumber: '12-3' });
    const { co2Customer: patched, changedFields } = await patchBy(
      client,
      by,
      { firstName: null, organizationNumber: '1 23', lastName: 'L' },
      1,
    );
    expect(new Set(changedFields)).toEqual(new Set(['firstName', 'organizationNumber']));
    expect(patched).toMatchObject({ firstName: null, lastName: 'L', organizationNumber: '1 23', version: 2 });
    const stale = { __typename: 'StaleVersionError', code: 'STALE_VERSION', path: ['ifVersion'], currentVersion: 2 };
    expect((await patchBy(client, by, { firstName: 'Late' }, 1)).userErrors).toMatchObject([stale]);
    expect((await client.ask(Delete, { by, ifVersion: 1 })).deleteCo2Customer).toMatchObject({
      deletedId: null,
      userErrors: [stale],
    });
    expect(await read(client, by)).toEqual(patched);
    const unknown = { __typename: 'NotFoundError', code: 'NOT_FOUND', path: ['by'] };
    expect((await patchBy(client, { email: 'other@example.com' }, {})).userErrors).toMatchObject([unknown]);
  });

  it('refuse a patch that would take the e-mail address or organization number of another profile', async () => {
    const client = api.as(tenant());
    const holder = await written(client, { email: 'holder@example.com', organizationNumber: '77' });
    const mine = await written(client, { email: 'mine@example.com' });
    for (const [patch, key] of [
      [{ email: 'HOLDER@example.com' }, 'email'],
      [{ organizationNumber: '7-7' }, 'organizationNumber'],
    ] as const) {
      const { userErrors } = await patchBy(client, { id: mine.id }, patch);
      expect(userErrors).toMatchObject([
        { code: 'CONFLICT', path: ['patch', key], existing: [holder], existingKeys: [key] },
      ]);
    }
    expect(await read(client, { id: mine.id })).toEqual(mine);
  });
});

describe('the company of a customer', () => {
  const api = useApi();

  it('is linked by global ID and by bare UUID, and unlinked by null', async () => {
    const client = api.as(tenant());
    const { id, companyId } = await company(client, { name: 'Owner' });
    const email = 'linked@example.com';
    const linked = { id, name: 'Owner' };
    expect(await written(client, { email, companyId: id })).toMatchObject({ company: linked, version: 1 });
    expect(await upsert(client, { email, companyId })).toMatchObject({ outcome: 'UNCHANGED' });
    const cleared = await patchBy(client, { email }, { companyId: null });
    expect(cleared).toMatchObject({ changedFields: ['companyId'], co2Customer: { company: null, version: 2 } });
    expect((await patchBy(client, { email }, { companyId: companyId.toUpperCase() })).co2Customer).toMatchObject({
      company: linked,
      version: 3,
    });
  });

  it('must exist in the tenant: that of another one does not', async () => {
    const [client, stranger] = [api.as(tenant()), api.as(tenant())];
    const theirs = await company(stranger);
    const { id: customer } = await co2Customer(client);
    const answers = [];
    for (const companyId of [randomUUID(), `Company:${randomUUID()}`, theirs.id, theirs.companyId]) {
      const upserted = await upsert(client, { email: 'new@example.com', companyId });
      const patched = await patchBy(client, { id: customer }, { companyId });
      expect(upserted.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['input', 'companyId'] }]);
      expect(patched.userErrors).toMatchObject([{ code: 'NOT_FOUND', path: ['patch', 'companyId'] }]);
      answers.push(JSON.stringify([upserted, patched]));
    }
    expect(new Set(answers).size).toBe(1);
    expect(await count(client)).toBe(1);
  });

  it('is not named by the ID of another type, nor by text that is no ID', async () => {
    const client = api.as(tenant());
    const { id } = await co2Customer(client);
    for (const companyId of [id, 'nonsense', '']) {
      const { userErrors } = await upsert(client, { email: 'new@example.com', companyId });
      expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'companyId'] }]);
    }
  });

  it('leaves the customer behind when it is deleted, and that counts as a change', async () => {
    const client = api.as(tenant());
    const { id: companyId } = await company(client);
    const { id } = await co2Customer(client, { companyId });
    const other = await written(client, { email: 'other@example.com' });
    await client.ask(DeleteCompany, { id: companyId });
    expect(await read(client, { id })).toMatchObject({ company: null, version: 2, updatedAt: expect.any(String) });
    expect(await read(client, { id: other.id })).toEqual(other);
  });
});

describe('a deleted customer', () => {
  const api = useApi();

  it('takes its references along, so that all its keys are free again', async () => {
    const client = api.as(tenant());
    const keys = { email: 'gone@example.com', organizationNumber: '9', externalReferences: references('gone', 'too') };
    const { id } = await co2Customer(client, keys);
    const by = { externalReference: 'too' };
    const { deleteCo2Customer } = await client.ask(Delete, { by });
    expect(deleteCo2Customer).toEqual({ deletedId: id, userErrors: [] });
    expect(await read(client, by)).toBeNull();
    expect((await client.ask(ReadNode, { id })).node).toBeNull();
    const again = (await client.ask(Delete, { by })).deleteCo2Customer;
    expect(again).toMatchObject({ deletedId: null, userErrors: [{ code: 'NOT_FOUND', path: ['by'] }] });
    const recreated = await upsert(client, keys);
    expect(recreated).toMatchObject({ outcome: 'CREATED', co2Customer: { version: 1 } });
    expect(recreated.co2Customer?.id).not.toBe(id);
  });
});

describe('a payload', () => {
  const api = useApi();

  it('shows a profile that was deleted before its company could be read', async () => {
    const client = api.as(tenant());
    const { id } = await co2Customer(client);
    const owner = new pg.Client({ connectionString: api.databaseUrl });
    await owner.connect();
    try {
      await owner.query('BEGIN; LOCK TABLE company IN ACCESS EXCLUSIVE MODE');
      const answer = client.send(Patch, { by: { id }, patch: { firstName: 'Brief' } });
      while ((await count(client, { updatedAt: { isNull: false } })) === 0);
      await client.ask(Delete, { by: { id } });
      await owner.query('COMMIT');
      const { body } = await answer;
      expect(body.errors).toBeUndefined();
      expect(body.data?.patchCo2Customer.co2Customer).toMatchObject({ firstName: 'Brief', company: null, version: 2 });
    } finally {
      await owner.end();
    }
  });
});

describe('upserts of many', () => {
  const api = useApi();

  it('stand each alone, in their order, with paths that start at the position', async () => {
    const client = api.as(tenant());
    await co2Customer(client, { email: 'first@example.com', externalReferences: references('first') });
    await co2Customer(client, { email: 'second@example.com' });
    const { upsertCo2Customers } = await client.ask(UpsertMany, {
      items: [
        { email: 'new@example.com', organizationNumber: '1' },
        { email: 'nobody' },
        { email: 'second@example.com', externalReferences: references('first') },
        { organizationNumber: '1', externalReferences: references('new') },
        { externalReferences: references('nobody') },
        { email: 'other@example.com', companyId: randomUUID() },
        { email: 'FIRST@example.com' },
        { externalReferences: references('new') },
        { email: 'other@example.com', externalReferences: references('a', '') },
      ],
    });
    const { succeeded, failed, results } = upsertCo2Customers;
    expect([succeeded, failed]).toEqual([4, 5]);
    expect(results.map(({ outcome, matchedBy }) => [outcome, matchedBy])).toEqual([
      ['CREATED', null],
      [null, null],
      [null, null],
      ['UPDATED', 'organizationNumber'],
      [null, null],
      [null, null],
      ['UPDATED', 'email'],
      ['UNCHANGED', 'externalReferences'],
      [null, null],
    ]);
    expect(results.map(({ userErrors }) => userErrors.map(({ code, path }) => [code, ...path]))).toEqual([
      [],
      [['INVALID', '1', 'email']],
      [['CONFLICT', '2', 'externalReferences']],
      [],
      [['REQUIRED', '4', 'email']],
      [['NOT_FOUND', '5', 'companyId']],
      [],
      [],
      [['INVALID', '8', 'externalReferences', '1', 'reference']],
    ]);
    expect(results[0]?.warnings).toEqual([{ path: ['0', 'businessName'] }]);
    expect(results[7]?.co2Customer).toMatchObject({ email: 'new@example.com', externalReferences: references('new') });
    expect(await count(client)).toBe(3);
  });

  it('answer each item as its own write left the profile, whatever a later item did to it', async () => {
    const email = 'twice@example.com';
    const { upsertCo2Customers } = await api.as(tenant()).ask(UpsertMany, {
      items: [
        { email, firstName: 'First' },
        { email, firstName: 'Second' },
      ],
    });
    expect(upsertCo2Customers.results).toMatchObject([
      { outcome: 'CREATED', co2Customer: { firstName: 'First', version: 1 } },
      { outcome: 'UPDATED', co2Customer: { firstName: 'Second', version: 2 } },
    ]);
  });
});

describe('parallel upserts', () => {
  const api = useApi();

  it('of one new customer with overlapping keys in changing order make one profile, without an error', async () => {
    const client = api.as(tenant());
    const variants: ((position: number) => UpsertCo2CustomerInput)[] = [
      () => ({ email: 'race@example.com' }),
      (position) => ({ email: 'RACE@Example.com', externalReferences: references(`even-${position}`) }),
      (position) => ({
        externalReferences: references('shared', `odd-${position}`),
        organizationNumber: position % 8 < 4 ? '55-66 77' : '556677',
        email: 'race@example.com',
      }),
      (position) => ({ organizationNumber: ' 5566-77 ', email: 'Race@example.com', firstName: `Name ${position % 8}` }),
    ];
    const inputs = Array.from({ length: 64 }, (_, position) => variants[position % 4]?.(position) ?? {});
    const answers = await Promise.all(
      inputs.map(async (input) => (await client.ask(UpsertBriefly, { input })).upsertCo2Customer),
    );
    expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
    expect(answers.filter(({ outcome }) => outcome === 'CREATED')).toHaveLength(1);
    expect(new Set(answers.map(({ co2Customer }) => co2Customer?.id)).size).toBe(1);
    expect(await count(client)).toBe(1);

    const profile = await read(client, { email: 'race@example.com' });
    const sent = inputs.flatMap(({ externalReferences }) => externalReferences ?? []);
    const held = profile?.externalReferences.map(({ reference }) => reference) ?? [];
    expect(held.toSorted()).toEqual([...new Set(sent.map(({ reference }) => reference))].toSorted());
    const changes = answers.filter(({ outcome }) => outcome !== 'UNCHANGED');
    expect(profile?.version).toBe(changes.length);
    expect(new Set(changes.map(({ co2Customer }) => co2Customer?.version)).size).toBe(changes.length);
  });

  it('that would connect two profiles are all refused and change nothing', async () => {
    const client = api.as(tenant());
    const first = await written(client, {
      email: 'first@example.com',
      organizationNumber: '1',
      externalReferences: references('first'),
    });
    const second = await written(client, {
      email: 'second@example.com',
      organizationNumber: '2',
      externalReferences: references('second'),
    });
    const bridges: UpsertCo2CustomerInput[] = [
      { email: 'first@example.com', organizationNumber: '2', firstName: 'Nobody' },
      { organizationNumber: '1', externalReferences: references('second', 'new') },
      { email: 'SECOND@example.com', externalReferences: references('first') },
      { customerId: first.customerId, externalReferences: references('second') },
    ];
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, position) => upsert(client, bridges[position % 4] ?? {})),
    );
    for (const { userErrors } of answers)
      expect(userErrors).toMatchObject([{ __typename: 'ConflictError', existing: [{}, {}] }]);
    expect(await read(client, { id: first.id })).toEqual(first);
    expect(await read(client, { id: second.id })).toEqual(second);
    expect(await count(client)).toBe(2);
  });

  it('and deletions of one customer leave one profile or none, and no reference without one', async () => {
    const client = api.as(tenant());
    const input = { email: 'flicker@example.com', externalReferences: references('flicker') };
    const answers = await Promise.all(
      Array.from({ length: 32 }, (_, position) =>
        position % 4 === 3
          ? client.ask(Delete, { by: { externalReference: 'flicker' } }).then(() => [])
          : client.ask(UpsertBriefly, { input }).then(({ upsertCo2Customer }) => upsertCo2Customer.userErrors),
      ),
    );
    expect(answers.flat()).toEqual([]);
    const profile = await written(client, input);
    expect(profile.externalReferences).toMatchObject(references('flicker'));
    expect(await count(client)).toBe(1);
  });

  it('and deletions of the company they link to answer as if one had come before the other', async () => {
    const client = api.as(tenant());
    const { id: companyId } = await company(client);
    const [, ...answers] = await Promise.all([
      client.ask(DeleteCompany, { id: companyId }),
      ...Array.from({ length: 16 }, (_, position) =>
        upsert(client, { email: `link-${position}@example.com`, companyId }),
      ),
    ]);
    for (const { outcome, userErrors } of answers)
      expect(userErrors).toMatchObject(
        outcome === 'CREATED' ? [] : [{ code: 'NOT_FOUND', path: ['input', 'companyId'] }],
      );
    for (const { co2Customer: linked } of answers)
      if (linked) expect(await read(client, { id: linked.id })).toMatchObject({ company: null, version: 2 });
  });
});

const CUSTOMERS: UpsertCo2CustomerInput[] = [
  { email: 'ada@example.com', firstName: 'Ada', externalReferences: references('crm-123', 'erp-1') },
  { email: 'Bob@Example.com', businessName: 'Beta AB', organizationNumber: '55-66 77', accumulationPeriod: 'DAILY' },
  { email: 'cleo@example.com', businessName: 'beta ab', externalReferences: references('CRM-124') },
  {
    email: 'dan@example.org',
    businessName: 'Beta AB',
    customerType: 'PRIVATE',
    externalReferences: references('100%'),
  },
  { email: 'eve_x@example.com', organizationNumber: '1000', externalReferences: references('100_x', 'crm-2') },
  { email: 'fyo@example.com', businessName: '100% Åkeri', accumulationPeriod: 'YEARLY' },
  { email: 'gus@example.com', businessName: 'a\\b', organizationNumber: 'SE 55', accumulationPeriod: 'DAILY' },
  { email: 'Zoe@example.com', customerType: 'CORPORATE', externalReferences: references('1000', 'a\\b') },
];

/** CUSTOMERS in a tenant of their own, in the order of their creation; two have changed since, two belong to a company. */
async function manyCustomers(client: Client) {
  const { id: companyId } = await company(client);
  for (const [position, input] of CUSTOMERS.entries())
    await written(client, { ...input, ...(position % 4 === 1 && { companyId }) });
  for (const email of ['gus@example.com', 'ada@example.com']) await written(client, { email, lastName: 'Changed' });
  const customers = await Promise.all(CUSTOMERS.map(({ email }) => read(client, { email: email ?? '' })));
  return { companyId, customers: customers.filter((customer) => customer !== null) };
}

/** What StringFilter says of the texts that a record has: one or none of a column, any number of a relation. */
function fitsText(texts: string[], filter: StringFilter): boolean {
  const fold = (text: string) => (filter.ignoreCase ? text.toLowerCase() : text);
  const some = (fits: (text: string) => boolean) => texts.some((text) => fits(fold(text)));
  const { eq, neq, in: among, nin, contains, startsWith, isNull } = filter;
  return (
    (eq == null || some((text) => text === fold(eq))) &&
    (neq == null || !some((text) => text === fold(neq))) &&
    (among == null || some((text) => among.map(fold).includes(text))) &&
    (nin == null || !some((text) => nin.map(fold).includes(text))) &&
    (contains == null || some((text) => text.includes(fold(contains)))) &&
    (startsWith == null || some((text) => text.startsWith(fold(startsWith)))) &&
    (isNull == null || (texts.length === 0) === isNull)
  );
}

const TEXTS = {
  email: ({ email }: Co2CustomerProfileFragment) => [email],
  businessName: ({ businessName }: Co2CustomerProfileFragment) => (businessName === null ? [] : [businessName]),
  organizationNumber: ({ organizationNumber: number }: Co2CustomerProfileFragment) => (number === null ? [] : [number]),
  externalReference: ({ externalReferences }: Co2CustomerProfileFragment) =>
    externalReferences.map(({ reference }) => reference),
};

/** Every condition with these texts, alone and together, with and without case. */
function textFilters([one = '', two = '']: string[], part: string): StringFilter[] {
  const filters: StringFilter[] = [
    { eq: one },
    { neq: one },
    { in: [one, two, 'none'] },
    { nin: [one, two] },
    { contains: part },
    { startsWith: part },
    { contains: '%' },
    { startsWith: '1_' },
    { contains: '\\' },
    { contains: '' },
    { isNull: true },
    { isNull: false },
    { contains: part, neq: one, isNull: false },
    { startsWith: part, nin: [two], in: [one, two] },
    { eq: one, isNull: true },
  ];
  const folded = filters.map((filter) => ({ ...filter, ignoreCase: true }));
  return [...filters, { in: [] }, { nin: [] }, ...folded];
}

describe('the list of customers', () => {
  const api = useApi();
  const sorted = (texts: string[]) => texts.toSorted();

  /** The filter gives exactly the customers that fit, `not` exactly the others, and both count them. */
  async function expectDivided(
    client: Client,
    customers: Co2CustomerProfileFragment[],
    filter: Co2CustomerFilter,
    fits: (customer: Co2CustomerProfileFragment) => boolean,
  ) {
    const { fitting, others } = await client.ask(Divide, { filter });
    const emails = (wanted: boolean) => customers.filter((it) => fits(it) === wanted).map(({ email }) => email);
    const shown = JSON.stringify(filter);
    expect(sorted(fitting.nodes.map(({ email }) => email)), shown).toEqual(sorted(emails(true)));
    expect(sorted(others.nodes.map(({ email }) => email)), shown).toEqual(sorted(emails(false)));
    expect([fitting.totalCount, others.totalCount], shown).toEqual([emails(true).length, emails(false).length]);
  }

  it.each([
    ['email', ['ada@example.com', 'bob@example.com'], 'Zoe@'],
    ['businessName', ['Beta AB', '100% Åkeri'], 'beta'],
    ['organizationNumber', ['1000', 'se 55'], '55'],
    ['externalReference', ['crm-123', 'CRM-124'], 'crm-1'],
  ] as const)('is filtered by %s', async (field, texts, part) => {
    const client = api.as(tenant());
    const { customers } = await manyCustomers(client);
    for (const filter of textFilters([...texts], part))
      await expectDivided(client, customers, { [field]: filter }, (it) => fitsText(TEXTS[field](it), filter));
  });

  it('takes an empty list of references without regard to case', async () => {
    const client = api.as(tenant());
    const { customers } = await manyCustomers(client);
    for (const filter of [
      { in: [], ignoreCase: true },
      { nin: [], ignoreCase: true },
    ])
      await expectDivided(client, customers, { externalReference: filter }, (it) =>
        fitsText(TEXTS.externalReference(it), filter),
      );
  });

  it('is filtered by ID, type, period, company and time', async () => {
    const client = api.as(tenant());
    const { companyId, customers } = await manyCustomers(client);
    const [first, second] = customers;
    if (!first || !second) throw new Error('There are no customers.');
    const cases: [Co2CustomerFilter, (customer: Co2CustomerProfileFragment) => boolean][] = [
      [{ id: { eq: first.id } }, (it) => it.id === first.id],
      [{ id: { in: [first.customerId, second.id] } }, (it) => it === first || it === second],
      [{ id: { in: [] } }, () => false],
      [{ customerType: 'PRIVATE' }, (it) => it.customerType === 'PRIVATE'],
      [{ customerType: 'CORPORATE' }, (it) => it.customerType === 'CORPORATE'],
      [
        { accumulationPeriodIn: ['DAILY', 'YEARLY'] },
        (it) => it.accumulationPeriod === 'DAILY' || it.accumulationPeriod === 'YEARLY',
      ],
      [{ accumulationPeriodIn: [] }, () => false],
      [{ companyId: { eq: companyId } }, (it) => it.company?.id === companyId],
      [{ companyId: { eq: companyId.split(':')[1] } }, (it) => it.company !== null],
      [{ companyId: { in: [companyId, randomUUID()] } }, (it) => it.company !== null],
      [{ companyId: { eq: randomUUID() } }, () => false],
      [{ createdAt: { lte: second.createdAt } }, (it) => it.createdAt <= second.createdAt],
      [{ createdAt: { gt: second.createdAt } }, (it) => it.createdAt > second.createdAt],
      [{ updatedAt: { isNull: true } }, (it) => it.updatedAt === null],
      [
        { updatedAt: { gte: first.updatedAt } },
        (it) => it.updatedAt !== null && it.updatedAt >= (first.updatedAt ?? ''),
      ],
      [{ updatedAt: { lt: first.updatedAt } }, (it) => it.updatedAt !== null && it.updatedAt < (first.updatedAt ?? '')],
      [
        { or: [{ customerType: 'PRIVATE' }, { businessName: { isNull: true } }], externalReference: { isNull: false } },
        (it) => (it.customerType === 'PRIVATE' || it.businessName === null) && it.externalReferences.length > 0,
      ],
    ];
    for (const [filter, fits] of cases) await expectDivided(client, customers, filter, fits);
    for (const filter of [{ companyId: { eq: first.id } }, { id: { in: [companyId] } }])
      expect((await client.fail(List, { filter })).extensions.code).toBe('BAD_USER_INPUT');
  });

  it.each([
    'EMAIL ASC',
    'EMAIL DESC',
    'BUSINESS_NAME ASC',
    'BUSINESS_NAME DESC',
    'CREATED_AT ASC',
    'CREATED_AT DESC',
    'UPDATED_AT ASC',
    'UPDATED_AT DESC',
    'BUSINESS_NAME DESC, EMAIL ASC',
    'BUSINESS_NAME ASC, UPDATED_AT DESC',
  ])('is walked in the order %s, forwards and backwards', async (text) => {
    const client = api.as(tenant());
    const { customers } = await manyCustomers(client);
    const orderBy = text.split(', ').map((term) => {
      const [field, direction] = term.split(' ');
      return { field, direction } as Co2CustomerOrder;
    });
    const expected = customers.toSorted((one, other) => compare(one, other, orderBy)).map(({ id }) => id);
    expect(await walk(client, orderBy, 'forwards')).toEqual(expected);
    expect(await walk(client, orderBy, 'backwards')).toEqual(expected);
  });

  it('is in the order of creation when none is asked for', async () => {
    const client = api.as(tenant());
    const { customers } = await manyCustomers(client);
    const expected = customers.toSorted((one, other) =>
      compare(one, other, [{ field: 'CREATED_AT', direction: 'ASC' }]),
    );
    expect(await walk(client, undefined, 'forwards')).toEqual(expected.map(({ id }) => id));
  });

  const COLUMNS = {
    EMAIL: 'email',
    BUSINESS_NAME: 'businessName',
    CREATED_AT: 'createdAt',
    UPDATED_AT: 'updatedAt',
  } as const;

  /** By each term in turn, nulls last in both directions, then by ID. */
  function compare(one: Co2CustomerProfileFragment, other: Co2CustomerProfileFragment, orderBy: Co2CustomerOrder[]) {
    for (const { field, direction } of orderBy) {
      const [mine, theirs] = [one[COLUMNS[field]], other[COLUMNS[field]]];
      if (mine === theirs) continue;
      if (mine === null) return 1;
      if (theirs === null) return -1;
      return mine < theirs === (direction === 'ASC') ? -1 : 1;
    }
    return one.customerId < other.customerId ? -1 : 1;
  }

  /** All IDs, read in pages of three. */
  async function walk(client: Client, orderBy: Co2CustomerOrder[] | undefined, way: 'forwards' | 'backwards') {
    const ids: string[] = [];
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const page: Co2CustomerListQueryVariables =
        way === 'forwards' ? { first: 3, after: cursor } : { last: 3, before: cursor };
      const { totalCount, nodes, pageInfo } = (await client.ask(List, { ...page, orderBy })).co2Customers;
      expect(totalCount).toBe(CUSTOMERS.length);
      expect(nodes.length).toBe(Math.min(3, CUSTOMERS.length - ids.length));
      const found = nodes.map(({ id }) => id);
      if (way === 'forwards') ids.push(...found);
      else ids.unshift(...found);
      const more = way === 'forwards' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage;
      const edge = way === 'forwards' ? pageInfo.endCursor : pageInfo.startCursor;
      cursor = more ? edge : null;
    }
    return ids;
  }
});

describe("another tenant's customer", () => {
  const api = useApi();
  const keys = {
    email: 'theirs@example.com',
    organizationNumber: '55-66',
    externalReferences: references('their-reference'),
  };

  const byKeys = ({ id, customerId }: { id: string; customerId: string }): Co2CustomerKey[] => [
    { id },
    { id: customerId },
    { externalReference: 'their-reference' },
    { organizationNumber: '5566' },
    { email: 'THEIRS@example.com' },
  ];

  it('answers at every door as if it did not exist', async () => {
    const [mine, theirs, nobodys] = [api.as(tenant()), api.as(tenant()), api.as(tenant())];
    const { id: theirCompany } = await company(theirs);
    const profile = await written(theirs, { ...keys, companyId: theirCompany });
    const cursor = (await theirs.ask(List, { first: 1 })).co2Customers.pageInfo.endCursor;
    const own = await co2Customer(mine);
    const unknownId = randomUUID();
    const unknown = { id: `Co2Customer:${unknownId}`, customerId: unknownId };

    /** All that the doors say to someone, of the record that is theirs or of one that no one has. */
    async function knock(client: Client, at: { id: string; customerId: string }, ownId: string) {
      const answers: unknown[] = [];
      for (const by of byKeys(at)) {
        answers.push(await client.ask(Read, { by }));
        answers.push(await client.ask(Patch, { by, patch: { firstName: 'Taken' } }));
        answers.push(await client.ask(Patch, { by, patch: {}, ifVersion: 7 }));
        answers.push(await client.ask(Delete, { by }));
        answers.push(await client.ask(Delete, { by, ifVersion: 7 }));
      }
      answers.push(await client.ask(ReadNode, { id: at.id }), await client.ask(ReadNode, { id: at.customerId }));
      const filters: Co2CustomerFilter[] = [
        { id: { in: [at.id] } },
        { email: { eq: keys.email } },
        { organizationNumber: { startsWith: '55' } },
        { externalReference: { contains: 'their' } },
        { companyId: { eq: at === profile ? theirCompany : randomUUID() } },
      ];
      for (const filter of filters) answers.push(await count(client, filter));
      answers.push((await client.ask(List, { first: 9 })).co2Customers.nodes.map(({ id }) => id === ownId));
      return answers;
    }
    expect(await knock(mine, profile, own.id)).toEqual(await knock(nobodys, unknown, (await co2Customer(nobodys)).id));
    expect(await mine.fail(List, { after: cursor })).toMatchObject({ extensions: { code: 'BAD_USER_INPUT' } });
    expect(await read(theirs, { id: profile.id })).toEqual(profile);
  });

  it('holds none of its keys, not even its ID: they make a new profile, and each tenant keeps its own', async () => {
    const [mine, theirs] = [api.as(tenant()), api.as(tenant())];
    const profile = await written(theirs, keys);
    const input = { ...keys, customerId: profile.customerId, email: 'Theirs@example.com', firstName: 'Mine' };
    const created = await upsert(mine, input);
    expect(created).toMatchObject({ outcome: 'CREATED', matchedBy: null, warnings: [{}], userErrors: [] });
    expect(await upsert(mine, input)).toMatchObject({ outcome: 'UNCHANGED', matchedBy: 'customerId' });
    await patchBy(mine, { id: profile.id }, { externalReferences: references('other') });
    expect(await read(theirs, { externalReference: 'their-reference' })).toEqual(profile);
    for (const by of byKeys(profile)) expect(await read(theirs, by)).toEqual(profile);
    await mine.ask(Delete, { by: { id: profile.id } });
    expect(await read(mine, { id: profile.id })).toBeNull();
    expect(await read(theirs, { id: profile.id })).toEqual(profile);
  });
});

describe('personal data', () => {
  const api = useApi();

  it('stays out of the log and out of every message, whether requests succeed, are refused or fail', async () => {
    const client = api.as(tenant());
    const canary = (name: string) => `Canary-${name}`;
    const email = `${canary('mail')}@example.com`;
    const good: UpsertCo2CustomerInput = {
      email,
      firstName: canary('first'),
      lastName: canary('last'),
      businessName: canary('business'),
      organizationNumber: canary('number'),
      externalReferences: [{ reference: canary('reference'), name: canary('name') }],
    };
    const messages: unknown[] = [];
    const collect = (value: unknown): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [name, inner] of Object.entries(value)) {
        if (name === 'message') messages.push(inner);
        else collect(inner);
      }
    };
    const requests = async () => {
      await co2Customer(client).catch(collect);
      const inputs: UpsertCo2CustomerInput[] = [
        good,
        { ...good, externalReferences: [...(good.externalReferences ?? []), { reference: canary('reference') }] },
        { email: canary('no address') },
        { email, firstName: `${canary('nul')}\0` },
        { email, businessName: canary('long').repeat(100) },
        { email, companyId: canary('company') },
        { email: `other-${email}`, externalReferences: references(canary('other')) },
        { email: `other-${email}`, externalReferences: references(canary('reference')) },
        { firstName: canary('alone') },
      ];
      for (const input of inputs) collect((await client.send(Upsert, { input })).body);
      collect((await client.send(UpsertMany, { items: inputs })).body);
      // GraphQL itself tells the caller which value has a wrong type; the log must not.
      await client.send(Upsert, { input: { email, customerId: canary('id') } });
      const bys: Co2CustomerKey[] = [
        { email },
        { email: `un-${email}` },
        { externalReference: `${canary('key')}\0` },
        { id: canary('id') },
        { organizationNumber: canary('number') },
      ];
      for (const by of bys) {
        collect((await client.send(Read, { by })).body);
        const patch = { email: `other-${email}`, externalReferences: references(canary('other')) };
        collect((await client.send(Patch, { by, patch, ifVersion: 1 })).body);
        collect((await client.send(Patch, { by, patch: { ...patch, firstName: canary('patch') } })).body);
        collect((await client.send(Delete, { by, ifVersion: 7 })).body);
      }
      const filters: Co2CustomerFilter[] = [
        { email: { contains: canary('mail') } },
        { email: { contains: `${canary('mail')}\0` } },
        { companyId: { eq: canary('company') } },
      ];
      for (const filter of filters) collect((await client.send(List, { filter })).body);
      collect((await client.send(List, { after: canary('cursor') })).body);
      collect((await client.send(ReadNode, { id: canary('node') })).body);
    };
    await requests();
    await query(api.databaseUrl, 'ALTER TABLE co2_customer RENAME COLUMN first_name TO given_name');
    await requests();

    expect(messages.length).toBeGreaterThan(50);
    expect(messages).toContain('Something went wrong on our side: report the requestId.');
    expect(api.log.some(({ failures }) => failures !== undefined)).toBe(true);
    expect(JSON.stringify(api.log)).not.toMatch(/canary/i);
    expect(messages.filter((message) => /canary/i.test(String(message)))).toEqual([]);
  });
});

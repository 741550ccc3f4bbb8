import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { type Client, useApi } from './api.ts';
import { query } from './database.ts';
import * as given from './given.ts';
import { graphql } from './gql/gql.ts';
import type {
  ContractListQuery,
  EnergyContractFilter,
  EnergyContractOrder,
  EnergyContractPatch,
  RegisterEnergyContractInput,
  UpsertEnergyContractInput,
} from './gql/graphql.ts';

graphql(`
  fragment ContractFields on EnergyContract {
    id
    contractId
    externalId
    userId
    energyContractType
    energyPrices { timestamp price validTo }
    buildingId
    meterId
    supplier
    currencyEnergyPrice
    energyPriceIncludesExternalComponents
    validFrom
    validTo
    company { companyId }
    co2Customer { customerId }
    createdAt
    updatedAt
    version
  }
`);

graphql(`
  fragment ContractErrors on UserError {
    code
    message
    path
    ... on ConflictError { existing { id } existingKeys }
    ... on StaleVersionError { currentVersion }
  }
`);

const Register = graphql(`
  mutation ContractRegister($input: RegisterEnergyContractInput!) {
    registerEnergyContract(input: $input) {
      energyContract { ...ContractFields }
      warnings { message path }
      userErrors { ...ContractErrors }
    }
  }
`);

const Upsert = graphql(`
  mutation ContractUpsert($input: UpsertEnergyContractInput!) {
    upsertEnergyContract(input: $input) {
      energyContract { ...ContractFields }
      outcome
      matchedBy
      changedFields
      warnings { message path }
      userErrors { ...ContractErrors }
    }
  }
`);

const UpsertMany = graphql(`
  mutation ContractUpsertMany($items: [UpsertEnergyContractInput!]!) {
    upsertEnergyContracts(items: $items) {
      succeeded
      failed
      results { energyContract { contractId externalId } outcome matchedBy userErrors { ...ContractErrors } }
    }
  }
`);

const Patch = graphql(`
  mutation ContractPatch($by: EnergyContractKey!, $patch: EnergyContractPatch!, $ifVersion: Int) {
    patchEnergyContract(by: $by, patch: $patch, ifVersion: $ifVersion) {
      energyContract { ...ContractFields }
      changedFields
      warnings { message path }
      userErrors { ...ContractErrors }
    }
  }
`);

const Append = graphql(`
  mutation ContractAppend($by: EnergyContractKey!, $energyPrices: [EnergyPriceInput!]!) {
    appendEnergyPrices(by: $by, energyPrices: $energyPrices) {
      energyContract { contractId }
      written
      userErrors { ...ContractErrors }
    }
  }
`);

const Delete = graphql(`
  mutation ContractDelete($by: EnergyContractKey!, $ifVersion: Int) {
    deleteEnergyContract(by: $by, ifVersion: $ifVersion) { deletedId userErrors { ...ContractErrors } }
  }
`);

const One = graphql(`
  query ContractOne($by: EnergyContractKey!) { energyContract(by: $by) { ...ContractFields } }
`);

const List = graphql(`
  query ContractList(
    $filter: EnergyContractFilter
    $orderBy: [EnergyContractOrder!]
    $first: Int
    $after: String
    $last: Int
    $before: String
  ) {
    energyContracts(filter: $filter, orderBy: $orderBy, first: $first, after: $after, last: $last, before: $before) {
      totalCount
      nodes { ...ContractFields }
      pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    }
  }
`);

const Doors = graphql(`
  query ContractDoors($id: ID!, $externalId: String!, $meter: EnergyContractMeterKey!) {
    byId: energyContract(by: { id: $id }) { contractId }
    byExternalId: energyContract(by: { externalId: $externalId }) { contractId }
    byMeter: energyContract(by: { meter: $meter }) { contractId }
    node(id: $id) { id }
    nodes(ids: [$id]) { id }
    all: energyContracts { totalCount nodes { contractId } }
    filtered: energyContracts(filter: { id: { eq: $id } }) { totalCount nodes { contractId } }
  }
`);

const Customer = graphql(`
  mutation ContractCustomer($input: UpsertCo2CustomerInput!) {
    upsertCo2Customer(input: $input) { co2Customer { id customerId } userErrors { message } }
  }
`);

const USER = '6f6a1c0e-7d0c-4c6e-9d64-0a5e4a4b7f11';
const BUILDING = '0b0f6a52-9f2a-4f0e-8a38-35f6c1f6a2d3';

/** The body that the Energy contracts API documents. */
const documented = {
  userId: USER,
  energyContractType: 'SPOT_HOURLY',
  energyPrices: [{ price: 0.2, timestamp: '2023-11-01T00:00:00+00:00' }],
  buildingId: BUILDING,
  meterId: '735999123456789012',
  supplier: 'Vattenfall',
  currencyEnergyPrice: 'SEK',
  energyPriceIncludesExternalComponents: false,
} satisfies RegisterEnergyContractInput;

const price = (timestamp: string, price: number) => ({ timestamp, price });
const JANUARY = price('2024-01-01T00:00:00Z', 0.1);
const FEBRUARY = price('2024-02-01T00:00:00Z', 0.2);
const MARCH = price('2024-03-01T00:00:00Z', 0.3);

async function register(client: Client, input: RegisterEnergyContractInput) {
  return (await client.ask(Register, { input })).registerEnergyContract;
}

async function upsert(client: Client, input: UpsertEnergyContractInput) {
  return (await client.ask(Upsert, { input })).upsertEnergyContract;
}

async function patch(client: Client, id: string, patch: EnergyContractPatch, ifVersion?: number) {
  return (await client.ask(Patch, { by: { id }, patch, ifVersion })).patchEnergyContract;
}

async function read(client: Client, id: string) {
  const { energyContract } = await client.ask(One, { by: { id } });
  if (!energyContract) throw new Error(`There is no contract ${id}.`);
  return energyContract;
}

async function readAll(client: Client) {
  return (await client.ask(List, { first: 100 })).energyContracts;
}

async function customer(client: Client) {
  const input = { email: `${randomUUID()}@example.com` };
  const { upsertCo2Customer } = await client.ask(Customer, { input });
  if (!upsertCo2Customer.co2Customer) throw new Error('No customer was created.');
  return upsertCo2Customer.co2Customer;
}

describe('energy contracts', () => {
  const api = useApi({ MAX_COST: '1000000' });
  const newClient = () => api.as(given.tenant());

  describe("the Energy contracts API's own example", () => {
    it('is registered, and read back as it was sent', async () => {
      const client = newClient();
      const { energyContract, userErrors, warnings } = await register(client, documented);
      expect({ userErrors, warnings }).toEqual({ userErrors: [], warnings: [] });
      expect(energyContract).toEqual({
        ...documented,
        id: `EnergyContract:${energyContract?.contractId}`,
        contractId: expect.any(String),
        externalId: null,
        energyPrices: [{ timestamp: '2023-11-01T00:00:00.000Z', price: 0.2, validTo: null }],
        validFrom: null,
        validTo: null,
        company: null,
        co2Customer: null,
        createdAt: expect.any(String),
        updatedAt: null,
        version: 1,
      });
      expect(await read(client, energyContract?.contractId ?? '')).toEqual(energyContract);
      const { energyContract: byMeter } = await client.ask(One, {
        by: { meter: { userId: USER, meterId: documented.meterId } },
      });
      expect(byMeter).toEqual(energyContract);
    });

    it('may leave everything but the user null or out, the price list included', async () => {
      const client = newClient();
      const absent = await register(client, { userId: USER });
      const empty = {
        externalId: null,
        energyContractType: null,
        buildingId: null,
        meterId: null,
        supplier: null,
        currencyEnergyPrice: null,
        energyPriceIncludesExternalComponents: null,
        validFrom: null,
        validTo: null,
      };
      const links = { companyId: null, co2CustomerId: null };
      const nulls = await register(client, { userId: USER, ...empty, ...links, energyPrices: null });
      const emptyList = await register(client, { userId: USER, ...empty, energyPrices: [] });
      for (const { energyContract, userErrors } of [absent, nulls, emptyList]) {
        expect(userErrors).toEqual([]);
        expect(energyContract).toMatchObject({
          ...empty,
          energyPrices: [],
          company: null,
          co2Customer: null,
          version: 1,
        });
      }
    });

    it('needs a user', async () => {
      const answer = await newClient().post({
        query: 'mutation { registerEnergyContract(input: { meterId: "1" }) { userErrors { message } } }',
      });
      expect(answer.body.errors?.[0]?.message).toContain('userId');
    });
  });

  describe('registering', () => {
    it('answers a retry with the same contractId as a conflict that shows the contract', async () => {
      const client = newClient();
      const input = { ...documented, contractId: randomUUID() };
      const first = await register(client, input);
      expect(first.energyContract?.contractId).toBe(input.contractId);
      const again = await register(client, input);
      expect(again.energyContract).toBeNull();
      expect(again.userErrors).toEqual([
        {
          code: 'CONFLICT',
          message: expect.stringContaining('contractId'),
          path: ['input', 'contractId'],
          existing: [{ id: first.energyContract?.id }],
          existingKeys: ['contractId'],
        },
      ]);
      expect(await read(client, input.contractId)).toEqual(first.energyContract);
    });

    it('answers an externalId that is taken as a conflict, and takes a second contract of one meter', async () => {
      const client = newClient();
      const first = await register(client, { ...documented, externalId: 'mine' });
      const taken = await register(client, { userId: randomUUID(), externalId: 'mine' });
      expect(taken.userErrors).toMatchObject([
        { code: 'CONFLICT', path: ['input', 'externalId'], existing: [{ id: first.energyContract?.id }] },
      ]);
      expect((await register(client, documented)).userErrors).toEqual([]);
      expect((await readAll(client)).totalCount).toBe(2);
    });
  });

  describe('an upsert', () => {
    it('that finds a contract by its meter and replaces its key says so', async () => {
      const client = newClient();
      const meter = { userId: USER, meterId: 'meter' };
      await given.energyContract(client, meter);
      expect((await upsert(client, { ...meter, externalId: '2023' })).warnings).toEqual([]);
      expect(await upsert(client, { ...meter, externalId: '2024' })).toMatchObject({
        matchedBy: 'meterId',
        warnings: [{ path: ['input', 'externalId'], message: expect.stringContaining('had another externalId') }],
      });
    });

    it('matches the contractId, then the externalId, then the user with the meter', async () => {
      const client = newClient();
      const meter = { userId: USER, meterId: 'meter' };
      const contract = await given.energyContract(client, meter);

      const byMeter = await upsert(client, { ...meter, externalId: 'mine' });
      expect(byMeter).toMatchObject({ outcome: 'UPDATED', matchedBy: 'meterId', changedFields: ['externalId'] });
      const other = await given.energyContract(client, meter);
      const byExternalId = await upsert(client, { ...meter, externalId: 'mine', supplier: 'A' });
      expect(byExternalId).toMatchObject({ outcome: 'UPDATED', matchedBy: 'externalId', changedFields: ['supplier'] });
      const byContractId = await upsert(client, { ...meter, contractId: contract.contractId, externalId: 'yours' });
      expect(byContractId).toMatchObject({ outcome: 'UPDATED', matchedBy: 'contractId' });
      for (const { energyContract } of [byMeter, byExternalId, byContractId])
        expect(energyContract?.contractId).toBe(contract.contractId);
      expect(await read(client, other.contractId)).toMatchObject({ externalId: null, supplier: null, version: 1 });
    });

    it('refuses a contractId and an externalId of two contracts, and names both', async () => {
      const client = newClient();
      const first = await given.energyContract(client);
      const second = await given.energyContract(client, { externalId: 'second' });
      const { userErrors, outcome } = await upsert(client, { contractId: first.contractId, externalId: 'second' });
      expect(outcome).toBeNull();
      expect(userErrors).toMatchObject([
        {
          code: 'CONFLICT',
          path: ['input', 'contractId'],
          existing: [{ id: first.id }, { id: second.id }],
          existingKeys: ['contractId', 'externalId'],
        },
      ]);
    });

    it('refuses a meter with two contracts, and names both', async () => {
      const client = newClient();
      const meter = { userId: USER, meterId: 'shared' };
      const contracts = [await given.energyContract(client, meter), await given.energyContract(client, meter)];
      const ids = contracts.map(({ id }) => ({ id })).sort((a, b) => (a.id < b.id ? -1 : 1));
      const { userErrors } = await upsert(client, { ...meter, supplier: 'A' });
      expect(userErrors).toMatchObject([
        {
          code: 'CONFLICT',
          path: ['input', 'meterId'],
          existing: ids,
          existingKeys: ['meterId', 'meterId'],
        },
      ]);

      const by = { meter };
      const { patchEnergyContract } = await client.ask(Patch, { by, patch: { supplier: 'A' } });
      const { deleteEnergyContract } = await client.ask(Delete, { by });
      const { appendEnergyPrices } = await client.ask(Append, { by, energyPrices: [JANUARY] });
      for (const { userErrors } of [patchEnergyContract, deleteEnergyContract, appendEnergyPrices])
        expect(userErrors).toMatchObject([{ code: 'CONFLICT', existing: ids }]);
      const { message, extensions } = await client.fail(One, { by });
      expect(message).toBe('Several contracts have this meter: name one of them by its ID.');
      expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: ['by', 'meter'] });
      expect((await readAll(client)).nodes.map(({ version }) => version)).toEqual([1, 1]);
    });

    it('tells two meters of one name apart by their users', async () => {
      const client = newClient();
      const first = await upsert(client, { userId: randomUUID(), meterId: 'same' });
      const second = await upsert(client, { userId: randomUUID(), meterId: 'same' });
      expect([first.outcome, second.outcome]).toEqual(['CREATED', 'CREATED']);
    });

    it('needs the user to create, and not to change', async () => {
      const client = newClient();
      const refused = await upsert(client, { externalId: 'new', meterId: '1' });
      expect(refused.userErrors).toMatchObject([{ code: 'REQUIRED', path: ['input', 'userId'] }]);
      await given.energyContract(client, { externalId: 'new' });
      expect(await upsert(client, { externalId: 'new', meterId: '1' })).toMatchObject({ outcome: 'UPDATED' });
      const cleared = await upsert(client, { externalId: 'new', userId: null });
      expect(cleared.userErrors).toMatchObject([{ code: 'REQUIRED', path: ['input', 'userId'] }]);
    });

    it('never changes the user, and takes the same one again', async () => {
      const client = newClient();
      const contract = await given.energyContract(client, { externalId: 'mine' });
      const changed = await upsert(client, { externalId: 'mine', userId: randomUUID(), supplier: 'A' });
      expect(changed.userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'userId'] }]);
      const same = await upsert(client, { externalId: 'mine', userId: contract.userId.toUpperCase(), supplier: 'A' });
      expect(same).toMatchObject({ outcome: 'UPDATED', changedFields: ['supplier'], userErrors: [] });
      expect(await read(client, contract.contractId)).toMatchObject({ userId: contract.userId, version: 2 });
      const patched = await client.post({
        query: `mutation { patchEnergyContract(by: { externalId: "mine" }, patch: { userId: "${USER}" }) { changedFields } }`,
      });
      expect(patched.body.errors?.[0]?.message).toContain('"userId" is not defined by type "EnergyContractPatch"');
    });

    it('is UNCHANGED by the same prices in another order, or with other offsets', async () => {
      const client = newClient();
      const input = { externalId: 'mine', userId: USER, currencyEnergyPrice: 'EUR' };
      const energyPrices = [JANUARY, FEBRUARY, MARCH];
      await upsert(client, { ...input, energyPrices });
      const { energyContract: changed } = await upsert(client, { ...input, supplier: 'A', energyPrices });
      const moved = price('2024-01-01T01:00:00+01:00', 0.1);
      const again = await upsert(client, { ...input, supplier: 'A', energyPrices: [MARCH, moved, FEBRUARY] });
      expect(again).toMatchObject({ outcome: 'UNCHANGED', matchedBy: 'externalId', changedFields: [] });
      expect(again.energyContract).toEqual(changed);
      expect(changed).toMatchObject({ version: 2, updatedAt: expect.any(String) });
      expect(await read(client, changed?.contractId ?? '')).toEqual(changed);
    });

    it('lists exactly the fields that changed', async () => {
      const client = newClient();
      const created = await upsert(client, { ...documented, externalId: 'mine', validFrom: null });
      expect(created.outcome).toBe('CREATED');
      expect([...created.changedFields].sort()).toEqual([...Object.keys(documented), 'externalId', 'validFrom'].sort());
      const updated = await upsert(client, {
        ...documented,
        externalId: 'mine',
        supplier: 'Other',
        validFrom: '2023-01-01T00:00:00Z',
        energyPrices: [price('2023-11-01T00:00:00Z', 0.21)],
      });
      expect([...updated.changedFields].sort()).toEqual(['energyPrices', 'supplier', 'validFrom']);
      const one = await upsert(client, { externalId: 'mine', energyPrices: [] });
      expect(one.changedFields).toEqual(['energyPrices']);
    });

    it('warns that a contractId of no contract is not taken when another key finds one', async () => {
      const client = newClient();
      const contract = await given.energyContract(client, { externalId: 'mine' });
      const { energyContract, warnings } = await upsert(client, { externalId: 'mine', contractId: randomUUID() });
      expect(energyContract?.contractId).toBe(contract.contractId);
      expect(warnings).toMatchObject([{ path: ['input', 'contractId'] }]);
    });

    it('warns of prices that begin after the contract has ended', async () => {
      const { warnings, userErrors } = await upsert(newClient(), {
        userId: USER,
        currencyEnergyPrice: 'EUR',
        validTo: '2024-02-01T00:00:00Z',
        energyPrices: [JANUARY, FEBRUARY, MARCH],
      });
      expect(userErrors).toEqual([]);
      expect(warnings).toEqual([
        { message: expect.stringMatching(/^2 of the prices/), path: ['input', 'energyPrices'] },
      ]);
    });

    it('of many takes each item on its own, and a later one sees an earlier one', async () => {
      const client = newClient();
      const items = [
        { userId: USER, externalId: 'a', supplier: 'A' },
        { externalId: 'nobody' },
        { userId: USER, externalId: 'b', energyPrices: [JANUARY] },
        { externalId: 'a', supplier: 'B' },
        { externalId: 'a', supplier: 'B' },
      ];
      const { upsertEnergyContracts } = await client.ask(UpsertMany, { items });
      expect(upsertEnergyContracts).toMatchObject({ succeeded: 3, failed: 2 });
      const { results } = upsertEnergyContracts;
      expect(results.map(({ outcome }) => outcome)).toEqual(['CREATED', null, null, 'UPDATED', 'UNCHANGED']);
      expect(results.map(({ userErrors }) => userErrors.map(({ path }) => path))).toEqual([
        [],
        [['1', 'userId']],
        [['2', 'currencyEnergyPrice']],
        [],
        [],
      ]);
      expect((await readAll(client)).totalCount).toBe(1);
    });

    it('of many takes at most 250 items', async () => {
      const items = Array.from({ length: 251 }, () => ({ userId: USER }));
      const { message, extensions } = await newClient().fail(UpsertMany, { items });
      expect(message).toContain('250');
      expect(extensions.code).toBe('LIMIT_EXCEEDED');
    });

    it.each([
      ['externalId', 64],
      ['meterId', 16],
    ])('of one new %s, %i times in parallel, creates one contract', async (key, times) => {
      const client = newClient();
      const input = { userId: USER, [key]: 'one', currencyEnergyPrice: 'EUR', energyPrices: [JANUARY, FEBRUARY] };
      const answers = await Promise.all(Array.from({ length: times }, () => upsert(client, input)));
      expect(answers.flatMap(({ userErrors }) => userErrors)).toEqual([]);
      const outcomes = answers.map(({ outcome }) => outcome).sort();
      expect(outcomes).toEqual(['CREATED', ...Array(times - 1).fill('UNCHANGED')]);
      expect(await readAll(client)).toMatchObject({ totalCount: 1, nodes: [{ version: 1 }] });
    });
  });

  describe('a patch', () => {
    it('keeps what is absent, clears with null and replaces the prices', async () => {
      const client = newClient();
      const { energyContract } = await register(client, { ...documented, externalId: 'mine' });
      const id = energyContract?.contractId ?? '';
      const kept = await patch(client, id, { energyPrices: [FEBRUARY, JANUARY] });
      expect(kept.changedFields).toEqual(['energyPrices']);
      expect(kept.energyContract).toEqual({
        ...energyContract,
        energyPrices: [
          { timestamp: '2024-01-01T00:00:00.000Z', price: 0.1, validTo: '2024-02-01T00:00:00.000Z' },
          { timestamp: '2024-02-01T00:00:00.000Z', price: 0.2, validTo: null },
        ],
        updatedAt: expect.any(String),
        version: 2,
      });
      const empty = {
        externalId: null,
        energyContractType: null,
        buildingId: null,
        meterId: null,
        supplier: null,
        currencyEnergyPrice: null,
        energyPriceIncludesExternalComponents: null,
      };
      const cleared = await patch(client, id, { ...empty, energyPrices: null });
      expect([...cleared.changedFields].sort()).toEqual([...Object.keys(empty), 'energyPrices'].sort());
      expect(cleared.energyContract).toMatchObject({ ...empty, energyPrices: [], userId: USER, version: 3 });
    });

    it('that changes nothing keeps version and updatedAt', async () => {
      const client = newClient();
      const { energyContract } = await register(client, documented);
      const { userId: _, ...same } = documented;
      for (const nothing of [{}, same]) {
        const answer = await patch(client, energyContract?.id ?? '', nothing);
        expect(answer).toMatchObject({ changedFields: [], userErrors: [] });
        expect(answer.energyContract).toEqual(energyContract);
      }
    });

    it('is refused when the contract is at another version', async () => {
      const client = newClient();
      const { contractId } = await given.energyContract(client);
      expect((await patch(client, contractId, { supplier: 'A' }, 1)).energyContract?.version).toBe(2);
      const stale = await patch(client, contractId, { supplier: 'B' }, 1);
      expect(stale.userErrors).toMatchObject([{ code: 'STALE_VERSION', path: ['ifVersion'], currentVersion: 2 }]);
      expect(await read(client, contractId)).toMatchObject({ supplier: 'A', version: 2 });
    });

    it('cannot take the externalId of another contract', async () => {
      const client = newClient();
      const first = await given.energyContract(client, { externalId: 'first' });
      const { contractId } = await given.energyContract(client);
      const { userErrors } = await patch(client, contractId, { externalId: 'first' });
      expect(userErrors).toMatchObject([
        { code: 'CONFLICT', path: ['patch', 'externalId'], existing: [{ id: first.id }] },
      ]);
    });
  });

  describe('a deletion', () => {
    it('takes the prices along, and is refused at another version and the second time', async () => {
      const client = newClient();
      const { energyContract } = await register(client, { ...documented, energyPrices: [JANUARY, FEBRUARY] });
      const other = await register(client, documented);
      const by = { id: energyContract?.id ?? '' };
      const rows = () =>
        query<{ contract_id: string }>(
          api.databaseUrl,
          'SELECT contract_id FROM energy_price WHERE contract_id IN ($1, $2) ORDER BY timestamp',
          [energyContract?.contractId, other.energyContract?.contractId],
        );
      expect(await rows()).toHaveLength(3);
      const stale = await client.ask(Delete, { by, ifVersion: 2 });
      expect(stale.deleteEnergyContract.userErrors).toMatchObject([{ code: 'STALE_VERSION', currentVersion: 1 }]);
      const { deleteEnergyContract } = await client.ask(Delete, { by, ifVersion: 1 });
      expect(deleteEnergyContract).toEqual({ deletedId: energyContract?.id, userErrors: [] });
      expect(await rows()).toEqual([{ contract_id: other.energyContract?.contractId }]);
      const again = await client.ask(Delete, { by });
      expect(again.deleteEnergyContract).toMatchObject({ deletedId: null, userErrors: [{ code: 'NOT_FOUND' }] });
    });
  });

  describe('the rules', () => {
    const family = '👨‍👩‍👧‍👦'; // seven code points, eleven UTF-16 units
    const cases: [input: Partial<RegisterEnergyContractInput>, path: string[] | null][] = [
      [{ meterId: '1' }, null],
      [{ meterId: '' }, ['meterId']],
      [{ meterId: '1'.repeat(19) }, null],
      [{ meterId: '1'.repeat(20) }, ['meterId']],
      [{ meterId: `${family}${family}12345` }, null],
      [{ meterId: `${family}${family}123456` }, ['meterId']],
      [{ meterId: '𝔐'.repeat(19) }, null],
      [{ meterId: '𝔐'.repeat(20) }, ['meterId']],
      [{ meterId: 'a\0b' }, ['meterId']],
      [{ meterId: '\ud800' }, ['meterId']],
      [{ meterId: ' SE 735/999-æ ' }, null],
      [{ supplier: '' }, ['supplier']],
      [{ supplier: 's'.repeat(100) }, null],
      [{ supplier: 's'.repeat(101) }, ['supplier']],
      [{ supplier: `${family.repeat(14)}12` }, null],
      [{ supplier: `${family.repeat(14)}123` }, ['supplier']],
      [{ externalId: 'e'.repeat(500) }, null],
      [{ externalId: 'e'.repeat(501) }, ['externalId']],
      [{ companyId: 'nonsense' }, ['companyId']],
      [{ companyId: `Co2Customer:${randomUUID()}` }, ['companyId']],
      [{ co2CustomerId: `Company:${randomUUID()}` }, ['co2CustomerId']],
      [{ co2CustomerId: `EnergyContract:${randomUUID()}` }, ['co2CustomerId']],
    ];

    it.each(cases)('on one field: %j', async (input, path) => {
      const client = newClient();
      const { energyContract, userErrors } = await register(client, { userId: USER, ...input });
      expect(userErrors).toMatchObject(path === null ? [] : [{ code: 'INVALID', path: ['input', ...path] }]);
      if (path === null) expect(energyContract).toMatchObject(input);
      else expect((await readAll(client)).totalCount).toBe(0);
    });

    it('report all problems at once', async () => {
      const { userErrors } = await register(newClient(), {
        userId: USER,
        meterId: '',
        supplier: '',
        energyPrices: [price('2024-01-01T00:00:00Z', 1e16)],
        companyId: randomUUID(),
        validFrom: '2024-02-01T00:00:00Z',
        validTo: '2024-01-01T00:00:00Z',
      });
      expect(userErrors.map(({ path }) => path.join('.')).sort()).toEqual([
        'input.companyId',
        'input.energyPrices.0.price',
        'input.meterId',
        'input.supplier',
        'input.validTo',
      ]);
    });

    it('upper-case a currency and refuse one that ISO 4217 does not know', async () => {
      const client = newClient();
      const { energyContract } = await register(client, { userId: USER, currencyEnergyPrice: 'sek' });
      expect(energyContract?.currencyEnergyPrice).toBe('SEK');
      for (const currencyEnergyPrice of ['XYZ', 'EURO', '', ' EUR', '€']) {
        const { extensions } = await client.fail(Register, { input: { userId: USER, currencyEnergyPrice } });
        expect(extensions.code).toBe('BAD_USER_INPUT');
      }
    });

    it('ask for a currency once there are prices, and judge what would be stored', async () => {
      const client = newClient();
      const required = (path: string[]) => [{ code: 'REQUIRED', path }];
      const without = await register(client, { userId: USER, energyPrices: [JANUARY] });
      expect(without.userErrors).toMatchObject(required(['input', 'currencyEnergyPrice']));
      const { contractId } = await given.energyContract(client);
      const by = { id: contractId };

      const early = await client.ask(Append, { by, energyPrices: [JANUARY] });
      expect(early.appendEnergyPrices).toMatchObject({ written: 0, userErrors: required(['energyPrices']) });
      const priced = await patch(client, contractId, { energyPrices: [JANUARY] });
      expect(priced.userErrors).toMatchObject(required(['patch', 'currencyEnergyPrice']));
      expect((await patch(client, contractId, { currencyEnergyPrice: 'EUR' })).userErrors).toEqual([]);
      expect((await patch(client, contractId, { energyPrices: [JANUARY] })).userErrors).toEqual([]);

      for (const left of [{}, { energyPrices: [FEBRUARY] }]) {
        const cleared = await patch(client, contractId, { currencyEnergyPrice: null, ...left });
        expect(cleared.userErrors).toMatchObject(required(['patch', 'currencyEnergyPrice']));
      }
      const both = await patch(client, contractId, { currencyEnergyPrice: null, energyPrices: [] });
      expect(both).toMatchObject({ userErrors: [], changedFields: ['currencyEnergyPrice', 'energyPrices'] });
      expect((await read(client, contractId)).version).toBe(4);
    });

    it('let validTo be after validFrom, also when one of them is there already', async () => {
      const client = newClient();
      const [early, late] = ['2024-01-01T00:00:00Z', '2024-01-01T00:00:00.001Z'];
      for (const validity of [
        { validFrom: late, validTo: early },
        { validFrom: early, validTo: '2024-01-01T01:00:00+01:00' },
      ]) {
        const { userErrors } = await register(client, { userId: USER, ...validity });
        expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['input', 'validTo'] }]);
      }
      const { contractId } = await given.energyContract(client, { validFrom: early, validTo: late });
      for (const change of [{ validFrom: late }, { validTo: early }]) {
        const { userErrors } = await patch(client, contractId, change);
        expect(userErrors).toMatchObject([{ code: 'INVALID', path: ['patch', 'validTo'] }]);
      }
      const moved = await patch(client, contractId, { validFrom: late, validTo: null });
      expect(moved.energyContract).toMatchObject({ validFrom: '2024-01-01T00:00:00.001Z', validTo: null });
    });

    it('link a company and a customer by global or bare ID, and unlink them with null', async () => {
      const client = newClient();
      const company = await given.company(client);
      const { id, customerId } = await customer(client);
      const { energyContract } = await register(client, {
        userId: USER,
        companyId: company.companyId.toUpperCase(),
        co2CustomerId: id,
      });
      expect(energyContract).toMatchObject({ company: { companyId: company.companyId }, co2Customer: { customerId } });
      const contractId = energyContract?.contractId ?? '';
      const same = await patch(client, contractId, { companyId: company.id, co2CustomerId: customerId });
      expect(same.changedFields).toEqual([]);
      const { changedFields } = await patch(client, contractId, { companyId: null, co2CustomerId: null });
      expect([...changedFields].sort()).toEqual(['co2CustomerId', 'companyId']);
      expect(await read(client, contractId)).toMatchObject({ company: null, co2Customer: null, version: 2 });
    });

    it('answer a link to nothing and one to a record of another tenant alike', async () => {
      const [client, stranger] = [newClient(), newClient()];
      const company = await given.company(stranger);
      const { customerId } = await customer(stranger);
      const { contractId } = await given.energyContract(client, { externalId: 'mine' });
      const links = [
        { companyId: company.companyId, co2CustomerId: customerId },
        { companyId: company.id, co2CustomerId: `Co2Customer:${customerId}` },
        { companyId: randomUUID(), co2CustomerId: randomUUID() },
      ];
      for (const link of links) {
        const registered = await register(client, { userId: USER, ...link });
        const upserted = await upsert(client, { externalId: 'mine', ...link });
        const patched = await patch(client, contractId, link);
        for (const [answer, root] of [
          [registered, 'input'] as const,
          [upserted, 'input'] as const,
          [patched, 'patch'] as const,
        ]) {
          expect(answer.energyContract).toBeNull();
          expect(answer.userErrors).toEqual([
            {
              code: 'NOT_FOUND',
              message: 'There is no such company: create it first, or leave companyId out.',
              path: [root, 'companyId'],
            },
            {
              code: 'NOT_FOUND',
              message: 'There is no such customer: create it first, or leave co2CustomerId out.',
              path: [root, 'co2CustomerId'],
            },
          ]);
        }
      }
    });
  });

  describe('the list', () => {
    type Contract = ContractListQuery['energyContracts']['nodes'][number];
    const users = [randomUUID(), randomUUID(), randomUUID()];
    const buildings = [randomUUID(), randomUUID()];
    const suppliers = ['Alpha', 'alpha', 'Beta', 'a%b', 'a_b', 'axb', '\u{1d518}nicode', '\uff5etilde', null];
    const types = ['SPOT_HOURLY', 'MONTHLY', 'YEARLY', null] as const;
    const instants = ['2024-01-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z', '2024-06-01T00:00:00.999Z', null];
    const pick = <Item>(items: readonly Item[], position: number) => items[position % items.length] as Item;

    /** 27 contracts that share and lack values in many combinations. */
    async function givenList() {
      const client = newClient();
      const companies = [await given.company(client), await given.company(client)];
      const customers = [await customer(client), await customer(client)];
      const items = Array.from({ length: 27 }, (_, number) => ({
        userId: pick(users, number),
        externalId: number % 2 === 0 ? `external ${number}` : null,
        meterId: number % 3 === 0 ? null : `M${number % 7}-${number}`,
        supplier: pick(suppliers, number * 5),
        energyContractType: pick(types, Math.floor(number / 2)),
        buildingId: pick([...buildings, null], Math.floor(number / 3)),
        companyId: pick([...companies.map(({ id }) => id), null], Math.floor(number / 4)),
        co2CustomerId: pick([null, ...customers.map(({ id }) => id)], Math.floor(number / 5)),
        validFrom: pick(instants, number),
        validTo: pick(['2024-06-01T00:00:01.000Z', null, '2025-01-01T00:00:00.000Z'], number),
      }));
      await client.ask(UpsertMany, { items });
      for (const { contractId } of (await readAll(client)).nodes.filter((_, number) => number % 4 === 1))
        await patch(client, contractId, { energyPriceIncludesExternalComponents: true });
      const contracts = (await readAll(client)).nodes;
      expect(contracts).toHaveLength(27);
      return { client, contracts, companies, customers };
    }

    type Given = Awaited<ReturnType<typeof givenList>>;
    type Case = [filter: EnergyContractFilter, fits: (contract: Contract) => boolean];

    const textCases: Case[] = [
      [{ supplier: { eq: 'Alpha' } }, ({ supplier }) => supplier === 'Alpha'],
      [{ supplier: { eq: 'ALPHA', ignoreCase: true } }, ({ supplier }) => supplier?.toUpperCase() === 'ALPHA'],
      [{ supplier: { neq: 'Alpha' } }, ({ supplier }) => supplier !== 'Alpha'],
      [{ supplier: { in: ['Beta', 'a%b'] } }, ({ supplier }) => supplier === 'Beta' || supplier === 'a%b'],
      [{ supplier: { nin: ['Beta', 'a%b'] } }, ({ supplier }) => supplier !== 'Beta' && supplier !== 'a%b'],
      [{ supplier: { contains: '%' } }, ({ supplier }) => supplier?.includes('%') ?? false],
      [{ supplier: { startsWith: 'a_' } }, ({ supplier }) => supplier?.startsWith('a_') ?? false],
      [{ supplier: { isNull: true } }, ({ supplier }) => supplier == null],
      [{ supplier: { isNull: false } }, ({ supplier }) => supplier != null],
      [{ meterId: { startsWith: 'M1' } }, ({ meterId }) => meterId?.startsWith('M1') ?? false],
      [{ meterId: { isNull: true } }, ({ meterId }) => meterId == null],
      [{ externalId: { in: ['external 2', 'external 4', 'absent'] } }, isAmong('external 2', 'external 4')],
      [{ externalId: { isNull: false } }, ({ externalId }) => externalId != null],
    ];

    function isAmong(...values: string[]) {
      return ({ externalId }: Contract) => externalId != null && values.includes(externalId);
    }

    const enumCases: Case[] = [
      [{ energyContractTypeIn: ['MONTHLY'] }, ({ energyContractType }) => energyContractType === 'MONTHLY'],
      [
        { energyContractTypeIn: ['SPOT_HOURLY', 'YEARLY'] },
        ({ energyContractType }) => energyContractType === 'SPOT_HOURLY' || energyContractType === 'YEARLY',
      ],
    ];

    const activeCases: Case[] = [
      '2023-12-31T23:59:59.999Z',
      '2024-01-01T00:00:00Z',
      '2024-03-01T01:00:00+01:00',
      '2024-06-01T00:00:00.998Z',
      '2024-06-01T00:00:01Z',
      '2024-12-31T23:59:59.999Z',
      '2025-01-01T00:00:00Z',
    ].map((activeAt) => [
      { activeAt },
      ({ validFrom, validTo }) =>
        (validFrom == null || Date.parse(validFrom) <= Date.parse(activeAt)) &&
        (validTo == null || Date.parse(activeAt) < Date.parse(validTo)),
    ]);

    function relationCases({ contracts, companies, customers }: Given): Case[] {
      const [first, second] = companies.map(({ id, companyId }) => ({ id, companyId }));
      const ids = contracts.slice(3, 6).map(({ contractId }) => contractId);
      const { createdAt = '' } = contracts[13] ?? {};
      const { updatedAt = '' } = contracts.find(({ updatedAt }) => updatedAt != null) ?? {};
      const customerId = customers[1]?.customerId ?? '';
      return [
        [{ id: { in: ids } }, ({ contractId }) => ids.includes(contractId)],
        [{ id: { eq: `EnergyContract:${ids[0]}` } }, ({ contractId }) => contractId === ids[0]],
        [{ userId: { eq: users[0] } }, ({ userId }) => userId === users[0]],
        [{ userId: { in: users.slice(1) } }, ({ userId }) => userId !== users[0]],
        [{ userId: { eq: randomUUID() } }, () => false],
        [{ buildingId: { eq: buildings[1]?.toUpperCase() } }, ({ buildingId }) => buildingId === buildings[1]],
        [{ buildingId: { in: buildings } }, ({ buildingId }) => buildingId != null],
        [{ companyId: { eq: first?.id } }, ({ company }) => company?.companyId === first?.companyId],
        [{ companyId: { in: [second?.companyId ?? ''] } }, ({ company }) => company?.companyId === second?.companyId],
        [{ co2CustomerId: { eq: customerId } }, ({ co2Customer }) => co2Customer?.customerId === customerId],
        [{ createdAt: { gte: createdAt } }, (contract) => contract.createdAt >= createdAt],
        [{ createdAt: { lt: createdAt } }, (contract) => contract.createdAt < createdAt],
        [{ updatedAt: { isNull: true } }, (contract) => contract.updatedAt == null],
        [{ updatedAt: { lte: updatedAt } }, ({ updatedAt: at }) => at != null && at <= (updatedAt ?? '')],
        [
          { userId: { eq: users[0] }, or: [{ supplier: { eq: 'Alpha' } }, { companyId: { eq: first?.id } }] },
          ({ userId, supplier, company }) =>
            userId === users[0] && (supplier === 'Alpha' || company?.companyId === first?.companyId),
        ],
      ];
    }

    it('filters by each field as a reference does, and gives the others for the opposite', async () => {
      const list = await givenList();
      const ask = async (filter: EnergyContractFilter) => {
        const { energyContracts } = await list.client.ask(List, { filter, first: 100 });
        expect(energyContracts.totalCount).toBe(energyContracts.nodes.length);
        return energyContracts.nodes;
      };
      for (const [filter, fits] of [...textCases, ...enumCases, ...activeCases, ...relationCases(list)]) {
        const name = JSON.stringify(filter);
        const others = list.contracts.filter((contract) => !fits(contract));
        expect(others.length, `${name} tells nothing apart`).toBeGreaterThan(0);
        expect(await ask(filter), name).toEqual(list.contracts.filter(fits));
        expect(await ask({ not: filter }), `not ${name}`).toEqual(others);
      }
      expect(await ask({})).toEqual(list.contracts);
      for (const nothing of [{ or: [] }, { energyContractTypeIn: [] }, { userId: { in: [] } }])
        expect(await ask(nothing)).toEqual([]);
    });

    it('refuses the ID of another type in a filter', async () => {
      const { extensions } = await newClient().fail(List, { filter: { companyId: { eq: `Co2Customer:${USER}` } } });
      expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: ['filter', 'companyId', 'eq'] });
    });

    const columns = {
      SUPPLIER: 'supplier',
      VALID_FROM: 'validFrom',
      CREATED_AT: 'createdAt',
      UPDATED_AT: 'updatedAt',
    } as const;

    /** Nulls last in both directions; ties by ID. */
    function reference(contracts: Contract[], orderBy: EnergyContractOrder[]): string[] {
      const sorted = contracts.toSorted((a, b) => {
        for (const { field, direction } of orderBy) {
          const [left, right] = [a[columns[field]] ?? null, b[columns[field]] ?? null];
          if (left === right) continue;
          if (left === null || right === null) return left === null ? 1 : -1;
          return Buffer.compare(Buffer.from(left), Buffer.from(right)) * (direction === 'DESC' ? -1 : 1);
        }
        return a.contractId < b.contractId ? -1 : 1;
      });
      return sorted.map(({ contractId }) => contractId);
    }

    async function walk(client: Client, orderBy: EnergyContractOrder[], way: 'forwards' | 'backwards') {
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page: object = way === 'forwards' ? { first: 3, after: cursor } : { last: 3, before: cursor };
        const { nodes, pageInfo }: ContractListQuery['energyContracts'] = (await client.ask(List, { orderBy, ...page }))
          .energyContracts;
        expect(nodes.length).toBe(3);
        const ids = nodes.map(({ contractId }) => contractId);
        if (way === 'forwards') seen.push(...ids);
        else seen.unshift(...ids);
        cursor = (way === 'forwards' ? pageInfo.endCursor : pageInfo.startCursor) ?? null;
        if (!(way === 'forwards' ? pageInfo.hasNextPage : pageInfo.hasPreviousPage)) cursor = null;
      } while (cursor !== null);
      return seen;
    }

    it('is walked in pages of three in every order, both ways', async () => {
      const { client, contracts } = await givenList();
      const fields = ['SUPPLIER', 'VALID_FROM', 'CREATED_AT', 'UPDATED_AT'] as const;
      const orders: EnergyContractOrder[][] = fields.flatMap((field) => [
        [{ field, direction: 'ASC' as const }],
        [{ field, direction: 'DESC' as const }],
      ]);
      orders.push(
        [
          { field: 'SUPPLIER', direction: 'DESC' },
          { field: 'VALID_FROM', direction: 'ASC' },
        ],
        [
          { field: 'VALID_FROM', direction: 'DESC' },
          { field: 'UPDATED_AT', direction: 'ASC' },
        ],
      );
      for (const orderBy of orders) {
        const wanted = reference(contracts, orderBy);
        const name = JSON.stringify(orderBy);
        expect(await walk(client, orderBy, 'forwards'), name).toEqual(wanted);
        expect(await walk(client, orderBy, 'backwards'), name).toEqual(wanted);
      }
      const byDefault = (await readAll(client)).nodes;
      const wanted = reference(contracts, [{ field: 'CREATED_AT', direction: 'ASC' }]);
      expect(byDefault.map(({ contractId }) => contractId)).toEqual(wanted);
    });
  });

  describe('a contract of another tenant', () => {
    async function givenTwo() {
      const [client, stranger] = [newClient(), newClient()];
      const meter = { userId: randomUUID(), meterId: 'theirs' };
      const theirs = await given.energyContract(stranger, {
        ...meter,
        externalId: 'theirs',
        currencyEnergyPrice: 'EUR',
        energyPrices: [JANUARY],
      });
      return { client, stranger, theirs, meter, before: await read(stranger, theirs.contractId) };
    }

    it('is read as one that does not exist', async () => {
      const { client, theirs, meter } = await givenTwo();
      const nowhere = { totalCount: 0, nodes: [] };
      const nothing = { byId: null, byExternalId: null, byMeter: null, node: null, nodes: [null], all: nowhere };
      for (const id of [theirs.id, theirs.contractId, randomUUID()]) {
        const answer = await client.ask(Doors, { id, externalId: 'theirs', meter });
        expect(answer).toEqual({ ...nothing, filtered: nowhere });
      }
    });

    it('is changed, deleted and appended to as one that does not exist', async () => {
      const { client, stranger, theirs, meter, before } = await givenTwo();
      const notFound = [{ code: 'NOT_FOUND', message: 'There is no such contract: check the key.', path: ['by'] }];
      for (const by of [
        { id: theirs.id },
        { id: theirs.contractId },
        { externalId: 'theirs' },
        { meter },
        { id: randomUUID() },
      ]) {
        const { patchEnergyContract } = await client.ask(Patch, { by, patch: { supplier: 'mine' }, ifVersion: 7 });
        const { deleteEnergyContract } = await client.ask(Delete, { by, ifVersion: 7 });
        const { appendEnergyPrices } = await client.ask(Append, { by, energyPrices: [FEBRUARY] });
        for (const { userErrors } of [patchEnergyContract, deleteEnergyContract, appendEnergyPrices])
          expect(userErrors).toEqual(notFound);
      }
      expect(await read(stranger, theirs.contractId)).toEqual(before);
    });

    it('does not keep anyone from the same keys', async () => {
      const { client, stranger, theirs, meter, before } = await givenTwo();
      const input = { ...meter, externalId: 'theirs', contractId: theirs.contractId, supplier: 'mine' };
      expect(await upsert(client, input)).toMatchObject({ outcome: 'CREATED', userErrors: [] });
      expect(await upsert(client, input)).toMatchObject({ outcome: 'UNCHANGED', matchedBy: 'contractId' });
      expect(await read(client, theirs.contractId)).toMatchObject({ supplier: 'mine', energyPrices: [] });
      expect(await read(stranger, theirs.contractId)).toEqual(before);
      const { deleteEnergyContract } = await client.ask(Delete, { by: { id: theirs.id } });
      expect(deleteEnergyContract.deletedId).toBe(theirs.id);
      expect(await read(stranger, theirs.contractId)).toEqual(before);
    });

    it('gives a cursor that is none of mine', async () => {
      const { client, stranger } = await givenTwo();
      const { pageInfo } = await readAll(stranger);
      const { extensions } = await client.fail(List, { after: pageInfo.endCursor });
      expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: ['after'] });
    });
  });

  it('are read by a key of their own type only', async () => {
    const { message, extensions } = await newClient().fail(One, { by: { id: `Company:${USER}` } });
    expect(message).toContain('This ID is not that of');
    expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: ['by', 'id'] });
  });
});

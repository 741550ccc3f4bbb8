import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { type Client, useApi } from './api.ts';
import * as given from './given.ts';
import { graphql } from './gql/gql.ts';
import type { RelationsPageQueryVariables } from './gql/graphql.ts';

const UpsertCompanies = graphql(`
  mutation RelationsCompanies($items: [UpsertCompanyInput!]!) {
    upsertCompanies(items: $items) { results { company { companyId } userErrors { message } } }
  }
`);

const UpsertCustomers = graphql(`
  mutation RelationsCustomers($items: [UpsertCo2CustomerInput!]!) {
    upsertCo2Customers(items: $items) { results { co2Customer { customerId } userErrors { message } } }
  }
`);

const UpsertContracts = graphql(`
  mutation RelationsContracts($items: [UpsertEnergyContractInput!]!) {
    upsertEnergyContracts(items: $items) { results { energyContract { contractId } userErrors { message } } }
  }
`);

const Walk = graphql(`
  query RelationsWalk($name: String!, $at: DateTime!) {
    companies(filter: { name: { eq: $name } }) {
      nodes {
        name
        co2Customers {
          nodes {
            email
            company { name }
            energyContracts {
              nodes { supplier energyPrices { price validTo } priceAt(at: $at) { price } co2Customer { email } }
            }
          }
        }
      }
    }
  }
`);

const Fan = graphql(`
  query RelationsFan($at: DateTime!) {
    companies(first: 100) {
      nodes {
        name
        energyContracts(first: 100) {
          totalCount
          nodes {
            supplier
            priceAt(at: $at) { price }
            energyPriceStats { count average }
            energyPrices(first: 2) { price }
            company { name }
            co2Customer { email company { name } }
          }
        }
      }
    }
  }
`);

const Questions = graphql(`
  query RelationsQuestions {
    energyContracts(first: 100) {
      nodes {
        first: priceAt(at: "2024-01-01T12:00:00Z") { price }
        second: priceAt(at: "2024-01-02T12:00:00Z") { price }
        all: energyPriceStats { count }
        some: energyPriceStats(from: "2024-01-02T00:00:00Z") { count }
      }
    }
  }
`);

const Page = graphql(`
  query RelationsPage($id: ID!, $first: Int, $after: String, $last: Int, $before: String) {
    company(by: { id: $id }) {
      name
      energyContracts(first: $first, after: $after, last: $last, before: $before) {
        totalCount
        nodes { supplier }
        edges { cursor node { meterId } }
        pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
      }
    }
  }
`);

const CustomerPage = graphql(`
  query RelationsCustomerPage($id: ID!, $first: Int, $after: String) {
    co2Customer(by: { id: $id }) {
      energyContracts(first: $first, after: $after) { totalCount nodes { supplier } pageInfo { endCursor } }
    }
  }
`);

const RootPage = graphql(`
  query RelationsRootPage($after: String) {
    energyContracts(first: 1, after: $after) { pageInfo { endCursor } }
  }
`);

const Aliases = graphql(`
  query RelationsAliases {
    companies(first: 100) {
      nodes {
        one: energyContracts(first: 1) { nodes { supplier } pageInfo { hasNextPage } }
        lastTwo: energyContracts(last: 2) { nodes { supplier } pageInfo { hasPreviousPage } }
        again: energyContracts(first: 1) { edges { node { meterId } } }
        counted: energyContracts { totalCount }
        customers: co2Customers(last: 1) { nodes { email } totalCount }
      }
    }
  }
`);

const WrongPage = graphql(`
  query RelationsWrongPage($id: ID!) {
    company(by: { id: $id }) {
      right: energyContracts(first: 1) { nodes { supplier } }
      wrong: energyContracts(first: 101) { nodes { supplier } }
    }
  }
`);

const Links = graphql(`
  query RelationsLinks {
    energyContracts(first: 100) {
      nodes { supplier version updatedAt company { companyId } co2Customer { customerId } }
    }
    co2Customers(first: 100) { nodes { email version updatedAt company { companyId } } }
  }
`);

const DeleteCompany = graphql(`
  mutation RelationsDeleteCompany($id: ID!) {
    deleteCompany(by: { id: $id }) { deletedId userErrors { message } }
  }
`);

const DeleteCustomer = graphql(`
  mutation RelationsDeleteCustomer($id: ID!) {
    deleteCo2Customer(by: { id: $id }) { deletedId userErrors { message } }
  }
`);

const AT = '2024-01-02T12:00:00Z';
const DAYS = ['2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z', '2024-01-03T00:00:00Z'];

type Results<Record extends string> = ({ [Name in Record]?: object | null } & { userErrors: { message: string }[] })[];

function assertTaken(results: Results<string>) {
  expect(results.flatMap(({ userErrors }) => userErrors)).toEqual([]);
}

/** Companies, each with one customer and `contracts` contracts of three prices; all contracts have customer and company. */
async function givenNetwork(client: Client, { companies, contracts }: { companies: number; contracts: number }) {
  const numbers = Array.from({ length: companies }, (_, company) => company);
  const made = await client.ask(UpsertCompanies, {
    items: numbers.map((company) => ({ name: `Company ${company}`, country: 'DE', externalId: `${company}` })),
  });
  const companyIds = made.upsertCompanies.results.map(({ company }) => company?.companyId ?? '');
  const joined = await client.ask(UpsertCustomers, {
    items: numbers.map((company) => ({ email: `${company}@example.com`, companyId: companyIds[company] ?? null })),
  });
  const customerIds = joined.upsertCo2Customers.results.map(({ co2Customer }) => co2Customer?.customerId ?? '');
  const signed = await client.ask(UpsertContracts, {
    items: numbers.flatMap((company) =>
      Array.from({ length: contracts }, (_, contract) => ({
        userId: randomUUID(),
        supplier: `Supplier ${company}.${contract}`,
        meterId: `${company}.${contract}`,
        currencyEnergyPrice: 'EUR',
        energyPrices: DAYS.map((timestamp, day) => ({ timestamp, price: company * 1000 + contract * 10 + day })),
        companyId: companyIds[company] ?? null,
        co2CustomerId: customerIds[company] ?? null,
      })),
    ),
  });
  assertTaken([
    ...made.upsertCompanies.results,
    ...joined.upsertCo2Customers.results,
    ...signed.upsertEnergyContracts.results,
  ]);
  return { companyIds, customerIds };
}

describe('relations', () => {
  const api = useApi({ MAX_COST: '1000000' });
  const newClient = () => api.as(given.tenant());

  it('lead from a company to its customers, their contracts and the prices in one query', async () => {
    const client = newClient();
    await givenNetwork(client, { companies: 2, contracts: 2 });
    const { companies } = await client.ask(Walk, { name: 'Company 1', at: AT });
    const prices = (first: number) => [
      { price: first, validTo: '2024-01-02T00:00:00.000Z' },
      { price: first + 1, validTo: '2024-01-03T00:00:00.000Z' },
      { price: first + 2, validTo: null },
    ];
    const co2Customer = { email: '1@example.com' };
    expect(companies.nodes).toEqual([
      {
        name: 'Company 1',
        co2Customers: {
          nodes: [
            {
              email: '1@example.com',
              company: { name: 'Company 1' },
              energyContracts: {
                nodes: [
                  { supplier: 'Supplier 1.0', energyPrices: prices(1000), priceAt: { price: 1001 }, co2Customer },
                  { supplier: 'Supplier 1.1', energyPrices: prices(1010), priceAt: { price: 1011 }, co2Customer },
                ],
              },
            },
          ],
        },
      },
    ]);
  });

  describe('take a number of statements that does not grow with the records', () => {
    const sizes = [
      { companies: 5, contracts: 2 },
      { companies: 20, contracts: 10 },
    ];

    it.each(sizes)(
      'for $companies companies of $contracts contracts with prices, company and customer',
      async (size) => {
        const client = newClient();
        await givenNetwork(client, size);
        const statements = await api.statementsOf(async () => {
          const { companies } = await client.ask(Fan, { at: AT });
          expect(companies.nodes).toHaveLength(size.companies);
          for (const [company, { name, energyContracts }] of companies.nodes.entries()) {
            expect(energyContracts).toEqual({
              totalCount: size.contracts,
              nodes: Array.from({ length: size.contracts }, (_, contract) => {
                const first = company * 1000 + contract * 10;
                return {
                  supplier: `Supplier ${company}.${contract}`,
                  priceAt: { price: first + 1 },
                  energyPriceStats: { count: 3, average: first + 1 },
                  energyPrices: [{ price: first }, { price: first + 1 }],
                  company: { name },
                  co2Customer: { email: `${company}@example.com`, company: { name } },
                };
              }),
            });
          }
        });
        // records with all that they lead to; total counts; priceAt; statistics; prices
        expect(statements).toHaveLength(5);
      },
    );

    it.each(sizes)('for $companies companies of $contracts contracts from company to price', async (size) => {
      const client = newClient();
      await givenNetwork(client, size);
      const statements = await api.statementsOf(() => client.ask(Walk, { name: 'Company 1', at: AT }));
      expect(statements).toHaveLength(3);
    });

    it.each(sizes)('for $companies companies of $contracts contracts asked under several names', async (size) => {
      const client = newClient();
      await givenNetwork(client, size);
      const statements = await api.statementsOf(async () => {
        const { companies } = await client.ask(Aliases);
        for (const [company, found] of companies.nodes.entries()) {
          const suppliers = Array.from({ length: size.contracts }, (_, contract) => ({
            supplier: `Supplier ${company}.${contract}`,
          }));
          expect(found).toEqual({
            one: { nodes: suppliers.slice(0, 1), pageInfo: { hasNextPage: true } },
            lastTwo: {
              nodes: suppliers.slice(-2),
              pageInfo: { hasPreviousPage: size.contracts > 2 },
            },
            again: { edges: [{ node: { meterId: `${company}.0` } }] },
            counted: { totalCount: size.contracts },
            customers: { nodes: [{ email: `${company}@example.com` }], totalCount: 1 },
          });
        }
      });
      // companies with one page of each kind; the count of customers; two more pages of contracts; their count
      expect(statements).toHaveLength(5);
    });

    it.each(sizes)('for $companies companies of $contracts contracts with two questions of a kind', async (size) => {
      const client = newClient();
      await givenNetwork(client, size);
      const statements = await api.statementsOf(async () => {
        const { energyContracts } = await client.ask(Questions);
        const [firstPrices] = energyContracts.nodes;
        expect(firstPrices).toEqual({
          first: { price: 0 },
          second: { price: 1 },
          all: { count: 3 },
          some: { count: 2 },
        });
      });
      expect(statements).toHaveLength(5);
    });
  });

  describe('of a write are read together', () => {
    const PlainCompanies = graphql(`
      mutation RelationsPlainCompanies($items: [UpsertCompanyInput!]!) {
        upsertCompanies(items: $items) { results { outcome company { companyId name } } }
      }
    `);
    const DeepCompanies = graphql(`
      mutation RelationsDeepCompanies($items: [UpsertCompanyInput!]!, $at: DateTime!) {
        upsertCompanies(items: $items) {
          results {
            outcome
            company {
              name
              co2Customers { nodes { email } }
              energyContracts { totalCount nodes { supplier priceAt(at: $at) { price } co2Customer { email } } }
            }
          }
        }
      }
    `);
    const PlainContracts = graphql(`
      mutation RelationsPlainContracts($items: [UpsertEnergyContractInput!]!) {
        upsertEnergyContracts(items: $items) { results { outcome energyContract { contractId } } }
      }
    `);
    const DeepContracts = graphql(`
      mutation RelationsDeepContracts($items: [UpsertEnergyContractInput!]!) {
        upsertEnergyContracts(items: $items) {
          results { outcome energyContract { supplier company { name } co2Customer { email } energyPriceStats { count } } }
        }
      }
    `);

    it.each([3, 12])('for %i companies', async (companies) => {
      const client = newClient();
      await givenNetwork(client, { companies, contracts: 2 });
      const items = Array.from({ length: companies }, (_, company) => ({
        externalId: `${company}`,
        name: `New ${company}`,
      }));
      await client.ask(PlainCompanies, { items });
      const plain = await api.statementsOf(() => client.ask(PlainCompanies, { items }));
      const deep = await api.statementsOf(async () => {
        const { upsertCompanies } = await client.ask(DeepCompanies, { items, at: AT });
        expect(upsertCompanies.results).toEqual(
          items.map(({ name }, company) => ({
            outcome: 'UNCHANGED',
            company: {
              name,
              co2Customers: { nodes: [{ email: `${company}@example.com` }] },
              energyContracts: {
                totalCount: 2,
                nodes: [0, 1].map((contract) => ({
                  supplier: `Supplier ${company}.${contract}`,
                  priceAt: { price: company * 1000 + contract * 10 + 1 },
                  co2Customer: { email: `${company}@example.com` },
                })),
              },
            },
          })),
        );
      });
      // customers and contracts of all companies; total counts; priceAt
      expect(deep.length - plain.length).toBe(3);
    });

    it.each([3, 12])('for %i contracts', async (contracts) => {
      const client = newClient();
      await givenNetwork(client, { companies: 1, contracts });
      const { nodes } = (await client.ask(Contracts)).energyContracts;
      const items = nodes.map(({ userId, meterId }) => ({ userId, meterId: meterId ?? '' }));
      const plain = await api.statementsOf(() => client.ask(PlainContracts, { items }));
      const deep = await api.statementsOf(async () => {
        const { upsertEnergyContracts } = await client.ask(DeepContracts, { items });
        expect(upsertEnergyContracts.results).toEqual(
          items.map(({ meterId }) => ({
            outcome: 'UNCHANGED',
            energyContract: {
              supplier: `Supplier ${meterId}`,
              company: { name: 'Company 0' },
              co2Customer: { email: '0@example.com' },
              energyPriceStats: { count: 3 },
            },
          })),
        );
      });
      // company and customer of all contracts; statistics
      expect(deep.length - plain.length).toBe(2);
    });
  });

  const Contracts = graphql(`
    query RelationsAllContracts { energyContracts(first: 100) { nodes { contractId userId supplier meterId } } }
  `);
  const Companies = graphql(`
    query RelationsAllCompanies { companies { nodes { companyId } } }
  `);

  async function onlyContract(client: Client, supplier: string) {
    const { nodes } = (await client.ask(Contracts)).energyContracts;
    const contract = nodes.find((node) => node.supplier === supplier);
    if (!contract) throw new Error(`There is no contract of ${supplier}.`);
    return contract;
  }

  const Everywhere = graphql(`
    query RelationsEverywhere($companyId: ID!, $contractId: ID!, $at: DateTime!) {
      node(id: $companyId) {
        ... on Company { energyContracts(first: 1) { nodes { ...RelationsContract } } }
      }
      nodes(ids: [$companyId, $contractId]) {
        ... on Company { energyContracts(first: 1) { nodes { ...RelationsContract } } }
        ... on EnergyContract { ...RelationsContract }
      }
      companyPage { items { energyContracts(first: 1) { edges { node { ...RelationsContract } } } } }
      company(by: { id: $companyId }) { energyContracts { totalCount pageInfo { hasNextPage } } }
    }
  `);
  graphql(`
    fragment RelationsContract on EnergyContract {
      supplier
      priceAt(at: $at) { price }
      company { name energyContracts(last: 1) { totalCount nodes { supplier company { name } } } }
      co2Customer { email energyContracts(first: 1) { nodes { supplier } } }
    }
  `);
  const Taken = graphql(`
    mutation RelationsTaken($contractId: UUID!, $userId: UUID!, $at: DateTime!) {
      registerEnergyContract(input: { contractId: $contractId, userId: $userId }) {
        userErrors { ... on ConflictError { existing { ... on EnergyContract { ...RelationsContract } } } }
      }
    }
  `);

  it('lead on from wherever a record is answered', async () => {
    const client = newClient();
    const { companyIds } = await givenNetwork(client, { companies: 1, contracts: 3 });
    const companyId = companyIds[0] ?? '';
    const { contractId } = await onlyContract(client, 'Supplier 0.0');
    const contract = {
      supplier: 'Supplier 0.0',
      priceAt: { price: 1 },
      company: {
        name: 'Company 0',
        energyContracts: { totalCount: 3, nodes: [{ supplier: 'Supplier 0.2', company: { name: 'Company 0' } }] },
      },
      co2Customer: { email: '0@example.com', energyContracts: { nodes: [{ supplier: 'Supplier 0.0' }] } },
    };
    const ids = { companyId: `Company:${companyId}`, contractId: `EnergyContract:${contractId}` };
    const company = { energyContracts: { nodes: [contract] } };
    expect(await client.ask(Everywhere, { ...ids, at: AT })).toEqual({
      node: company,
      nodes: [company, contract],
      companyPage: { items: [{ energyContracts: { edges: [{ node: contract }] } }] },
      company: { energyContracts: { totalCount: 3, pageInfo: { hasNextPage: false } } },
    });
    const { registerEnergyContract } = await client.ask(Taken, { contractId, userId: randomUUID(), at: AT });
    expect(registerEnergyContract.userErrors).toEqual([{ existing: [contract] }]);
  });

  const Sequence = graphql(`
    mutation RelationsSequence($companyId: ID!, $contractId: ID!, $prices: [EnergyPriceInput!]!) {
      before: patchCompany(by: { id: $companyId }, patch: {}) { company { ...RelationsSuppliers } }
      link: patchEnergyContract(by: { id: $contractId }, patch: { companyId: $companyId, supplier: "Linked" }) {
        energyContract { company { ...RelationsSuppliers } }
      }
      append: appendEnergyPrices(by: { id: $contractId }, energyPrices: $prices) {
        energyContract { energyPriceStats { count } company { ...RelationsSuppliers } }
      }
      after: patchCompany(by: { id: $companyId }, patch: {}) { company { ...RelationsSuppliers } }
      unlink: patchEnergyContract(by: { id: $contractId }, patch: { companyId: null }) {
        energyContract { energyPriceStats { count } company { ...RelationsSuppliers } }
      }
      last: patchCompany(by: { id: $companyId }, patch: {}) { company { ...RelationsSuppliers } }
    }
  `);
  graphql(`
    fragment RelationsSuppliers on Company { energyContracts { totalCount nodes { supplier } } }
  `);

  it('are read anew after each write of one document', async () => {
    const client = newClient();
    const { companyId } = await given.company(client);
    const { contractId } = await given.energyContract(client, { currencyEnergyPrice: 'EUR' });
    const prices = DAYS.map((timestamp) => ({ timestamp, price: 1 }));
    const none = { energyContracts: { totalCount: 0, nodes: [] } };
    const linked = { energyContracts: { totalCount: 1, nodes: [{ supplier: 'Linked' }] } };
    expect(await client.ask(Sequence, { companyId, contractId, prices })).toEqual({
      before: { company: none },
      link: { energyContract: { company: linked } },
      append: { energyContract: { energyPriceStats: { count: 3 }, company: linked } },
      after: { company: linked },
      unlink: { energyContract: { energyPriceStats: { count: 3 }, company: null } },
      last: { company: none },
    });
  });

  describe('in pages', () => {
    async function givenSeven() {
      const client = newClient();
      const { companyIds, customerIds } = await givenNetwork(client, { companies: 2, contracts: 7 });
      const [id = '', otherId = ''] = companyIds;
      const page = async (variables: Omit<RelationsPageQueryVariables, 'id'>) => {
        const { company } = await client.ask(Page, { id, ...variables });
        if (!company) throw new Error('There is no such company.');
        return company.energyContracts;
      };
      return { client, id, otherId, customerId: customerIds[0] ?? '', page };
    }
    const suppliers = (...numbers: number[]) => numbers.map((number) => ({ supplier: `Supplier 0.${number}` }));

    it('are walked forwards and backwards, with the count of all', async () => {
      const { page } = await givenSeven();
      const first = await page({ first: 3 });
      expect(first).toMatchObject({ totalCount: 7, nodes: suppliers(0, 1, 2) });
      expect(first.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
      expect(first.edges.map(({ node }) => node.meterId)).toEqual(['0.0', '0.1', '0.2']);
      expect([first.pageInfo.startCursor, first.pageInfo.endCursor]).toEqual([
        first.edges[0]?.cursor,
        first.edges[2]?.cursor,
      ]);
      const second = await page({ first: 3, after: first.pageInfo.endCursor });
      expect(second).toMatchObject({ totalCount: 7, nodes: suppliers(3, 4, 5) });
      expect(second.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
      const third = await page({ first: 3, after: second.pageInfo.endCursor });
      expect(third.nodes).toEqual(suppliers(6));
      expect(third.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
      const beyond = await page({ first: 3, after: third.pageInfo.endCursor });
      expect(beyond).toMatchObject({ totalCount: 7, nodes: [], edges: [] });
      expect(beyond.pageInfo).toMatchObject({ hasNextPage: false, startCursor: null, endCursor: null });

      const last = await page({ last: 3 });
      expect(last.nodes).toEqual(suppliers(4, 5, 6));
      expect(last.pageInfo).toMatchObject({ hasNextPage: false, hasPreviousPage: true });
      const before = await page({ last: 3, before: last.pageInfo.startCursor });
      expect(before.nodes).toEqual(suppliers(1, 2, 3));
      const start = await page({ last: 3, before: before.pageInfo.startCursor });
      expect(start.nodes).toEqual(suppliers(0));
      expect(start.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false });
    });

    it('have 20 records when no size is given', async () => {
      const client = newClient();
      const { companyIds } = await givenNetwork(client, { companies: 1, contracts: 21 });
      const { company } = await client.ask(Page, { id: companyIds[0] ?? '' });
      expect(company?.energyContracts.nodes).toHaveLength(20);
      expect(company?.energyContracts).toMatchObject({ totalCount: 21, pageInfo: { hasNextPage: true } });
    });

    it('of a wrong size are an error at their own field', async () => {
      const { client, id } = await givenSeven();
      for (const size of [
        { first: 0 },
        { first: -1 },
        { first: 101 },
        { last: 0 },
        { last: 101 },
        { first: 1, last: 1 },
      ]) {
        const variables: RelationsPageQueryVariables = { id, ...size };
        const { path, extensions } = await client.fail(Page, variables);
        expect(path).toEqual(['company', 'energyContracts']);
        expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: [Object.keys(size).at(-1)] });
      }
      const { path } = await client.fail(WrongPage, { id });
      expect(path).toEqual(['company', 'wrong']);
    });

    it("refuse a cursor of another list, another parent's type and no cursor at all", async () => {
      const { client, id, customerId, page } = await givenSeven();
      const own = (await page({ first: 1 })).pageInfo.endCursor;
      const root = (await client.ask(RootPage, { after: null })).energyContracts.pageInfo.endCursor;
      const { co2Customer } = await client.ask(CustomerPage, { id: customerId, first: 1 });
      const customers = co2Customer?.energyContracts.pageInfo.endCursor;
      for (const after of [root, customers, 'nonsense', '', `${own}x`.slice(1)]) {
        const { path, extensions } = await client.fail(Page, { id, after });
        expect(path).toEqual(['company', 'energyContracts']);
        expect(extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: ['after'] });
      }
      expect((await client.fail(Page, { id, before: root })).extensions.argument).toEqual(['before']);
      expect((await client.fail(RootPage, { after: own })).extensions.argument).toEqual(['after']);
      expect((await client.fail(CustomerPage, { id: customerId, after: own })).extensions.argument).toEqual(['after']);
    });

    it("of a customer have the customer's contracts alone", async () => {
      const { client, customerId } = await givenSeven();
      const { co2Customer } = await client.ask(CustomerPage, { id: customerId, first: 2 });
      expect(co2Customer?.energyContracts).toMatchObject({ totalCount: 7, nodes: suppliers(0, 1) });
      const after = co2Customer?.energyContracts.pageInfo.endCursor ?? null;
      const next = await client.ask(CustomerPage, { id: customerId, first: 100, after });
      expect(next.co2Customer?.energyContracts.nodes).toEqual(suppliers(2, 3, 4, 5, 6));
    });

    it('of a parent without records are empty', async () => {
      const client = newClient();
      const { companyId } = await given.company(client);
      await given.energyContract(client);
      const { company } = await client.ask(Page, { id: companyId });
      expect(company?.energyContracts).toMatchObject({ totalCount: 0, nodes: [], pageInfo: { hasNextPage: false } });
    });
  });

  describe('of a record that is deleted', () => {
    it('to a company end, and customers and contracts stay with a new version', async () => {
      const client = newClient();
      const { companyIds, customerIds } = await givenNetwork(client, { companies: 2, contracts: 2 });
      const [gone = '', kept = ''] = companyIds;
      const { deleteCompany } = await client.ask(DeleteCompany, { id: gone });
      expect(deleteCompany.userErrors).toEqual([]);
      const changed = { version: 2, updatedAt: expect.any(String), company: null };
      const same = { version: 1, updatedAt: null, company: { companyId: kept } };
      const { energyContracts, co2Customers } = await client.ask(Links);
      const [unlinked, linked] = customerIds.map((customerId) => ({ co2Customer: { customerId } }));
      expect(energyContracts.nodes).toEqual([
        { supplier: 'Supplier 0.0', ...changed, ...unlinked },
        { supplier: 'Supplier 0.1', ...changed, ...unlinked },
        { supplier: 'Supplier 1.0', ...same, ...linked },
        { supplier: 'Supplier 1.1', ...same, ...linked },
      ]);
      expect(co2Customers.nodes).toEqual([
        { email: '0@example.com', ...changed },
        { email: '1@example.com', ...same },
      ]);
    });

    it('to a customer end, and contracts stay with a new version and their company', async () => {
      const client = newClient();
      const { companyIds, customerIds } = await givenNetwork(client, { companies: 2, contracts: 1 });
      const [gone = '', kept] = customerIds;
      const { deleteCo2Customer } = await client.ask(DeleteCustomer, { id: gone });
      expect(deleteCo2Customer.userErrors).toEqual([]);
      const { energyContracts, co2Customers } = await client.ask(Links);
      expect(energyContracts.nodes).toMatchObject([
        { version: 2, co2Customer: null, company: { companyId: companyIds[0] } },
        { version: 1, updatedAt: null, co2Customer: { customerId: kept } },
      ]);
      expect(energyContracts.nodes[0]?.updatedAt).not.toBeNull();
      expect(co2Customers.nodes).toHaveLength(1);
    });

    it('are refused when it goes while the link is made', async () => {
      const client = newClient();
      const { companyId } = await given.company(client);
      const owner = new pg.Client({ connectionString: api.databaseUrl });
      await owner.connect();
      try {
        // Lets the link find its company, and holds it up before it is stored.
        await owner.query('BEGIN; LOCK TABLE energy_contract IN SHARE MODE');
        const linking = client.ask(UpsertContracts, { items: [{ userId: randomUUID(), companyId }] });
        const waiting = "SELECT FROM pg_locks WHERE relation = 'energy_contract'::regclass AND NOT granted";
        while ((await owner.query(waiting)).rowCount === 0);
        await owner.query('DELETE FROM company WHERE id = $1', [companyId]);
        await owner.query('COMMIT');
        const { upsertEnergyContracts } = await linking;
        expect(upsertEnergyContracts.results).toEqual([
          { energyContract: null, userErrors: [{ message: expect.stringContaining('no such company') }] },
        ]);
      } finally {
        await owner.end();
      }
    });

    it('are never left dangling by a link that is made at the same time', async () => {
      const client = newClient();
      const { companyId } = await given.company(client);
      const items = Array.from({ length: 8 }, () => ({ userId: randomUUID(), companyId }));
      const links = items.map((item) => client.ask(UpsertContracts, { items: [item] }));
      const [, ...answers] = await Promise.all([client.ask(DeleteCompany, { id: companyId }), ...links]);
      for (const { upsertEnergyContracts } of answers) {
        const [result] = upsertEnergyContracts.results;
        if (result?.energyContract == null)
          expect(result?.userErrors).toEqual([{ message: expect.stringContaining('no such company') }]);
      }
      const { energyContracts } = await client.ask(Links);
      expect(energyContracts.nodes.map(({ company }) => company)).toEqual(energyContracts.nodes.map(() => null));
      expect(await client.ask(Companies)).toEqual({ companies: { nodes: [] } });
    });
  });
});

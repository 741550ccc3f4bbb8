/** Real gateways before us and two neighbours: questions that cross in both directions, with the client's token. */
import { randomUUID } from 'node:crypto';
import { connect, createServer as createSocketServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { subgraph } from '../src/schema.ts';
import { type Api, type Client, useApi } from './api.ts';
import { GATEWAYS, type Running } from './gateways.ts';
import * as given from './given.ts';
import { listenOnLoopback } from './loopback.ts';
import { type Neighbours, startNeighbours } from './neighbours.ts';

const api = useApi();

let neighbours: Neighbours;
let wire: Wire;
beforeAll(async () => {
  neighbours = await startNeighbours();
  wire = await startWire(api);
});
afterAll(async () => {
  await neighbours.stop();
  await wire.cut();
});

describe.each(Object.entries(GATEWAYS))('behind %s', (_, start) => {
  let gateway: Running;
  beforeAll(async () => {
    gateway = await start([
      { name: 'carbon', url: `${wire.url}subgraph`, sdl: subgraph().sdl },
      ...neighbours.subgraphs,
    ]);
  });
  afterAll(() => gateway.stop());

  const ask = async (client: Client | undefined, query: string, variables: object = {}) => {
    const response = await fetch(gateway.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(client && { authorization: `Bearer ${await client.token()}` }),
      },
      body: JSON.stringify({ query, variables }),
    });
    return (await response.json()) as {
      data?: unknown;
      errors?: { message: string; extensions?: { code?: string } }[];
    };
  };

  it('a neighbour names our companies, 250 at once, and adds a field that requires one of ours', async () => {
    const client = api.as(given.tenant());
    const companies = await Promise.all(
      [120.5, 3, null].map((scope1Emissions, index) =>
        given.company(client, { name: `Rated ${index}`, scope1Emissions }),
      ),
    );
    const companyIds = Array.from({ length: 250 }, (_, index) => companies[index % 3]?.companyId ?? '');
    let answer: unknown;
    const statements = await api.statementsOf(async () => {
      answer = await ask(client, 'query ($companyIds: [UUID!]!) { rated(companyIds: $companyIds) { rating name } }', {
        companyIds,
      });
    });
    const ratings = ['high', 'low', 'unknown'];
    const rated = companyIds.map((_, index) => ({ rating: ratings[index % 3], name: `Rated ${index % 3}` }));
    expect(answer).toEqual({ data: { rated } });
    expect(statements.length).toBeLessThanOrEqual(2);
  });

  it('we name the buildings, people and organizations of a neighbour, and it goes on to our contracts', async () => {
    const tenantId = given.tenant();
    const client = api.as(tenantId);
    const { companyId } = await given.company(client, { name: 'Crossed', scope1Emissions: 1 });
    const [userId, buildingId] = [randomUUID(), randomUUID()];
    // The neighbour says that the contract of a building has the building's ID.
    await given.energyContract(client, {
      contractId: buildingId,
      companyId,
      userId,
      buildingId,
      supplier: 'Nordlicht',
    });
    const query = `query ($by: CompanyKey!) {
      company(by: $by) {
        tenant { name }
        rating
        energyContracts(first: 1) {
          nodes { user { name } building { address contract { supplier company { name rating } } } }
        }
      }
    }`;
    expect(await ask(client, query, { by: { id: companyId } })).toEqual({
      data: {
        company: {
          tenant: { name: `Tenant ${tenantId}` },
          rating: 'low',
          energyContracts: {
            nodes: [
              {
                user: { name: `User ${userId}` },
                building: {
                  address: `Street of ${buildingId}`,
                  contract: { supplier: 'Nordlicht', company: { name: 'Crossed', rating: 'low' } },
                },
              },
            ],
          },
        },
      },
    });
  });

  it('a neighbour names a company by the key in its tenant', async () => {
    const tenantId = given.tenant();
    const client = api.as(tenantId);
    await given.company(client, { name: 'By number', externalId: 'erp-7' });
    const query = 'query ($o: ID!, $n: String!) { supplier(organization: $o, number: $n) { name companyId } }';
    const found = await ask(client, query, { o: tenantId, n: 'erp-7' });
    expect(found).toMatchObject({ data: { supplier: { name: 'By number' } } });
    expect(await ask(client, query, { o: given.tenant(), n: 'erp-7' })).not.toHaveProperty('data.supplier.name');
  });

  it('a tenant sees its own alone', async () => {
    const [own, other] = [api.as(given.tenant()), api.as(given.tenant())];
    const mine = await given.company(own, { name: 'Mine' });
    const theirs = await given.company(other, { name: 'Theirs' });
    const query = `query ($ids: [UUID!]!) { rated(companyIds: $ids) { name } companies { nodes { name } } }`;
    const answer = await ask(own, query, { ids: [mine.companyId, theirs.companyId, randomUUID()] });
    expect(JSON.stringify(answer)).not.toContain('Theirs');
    expect(answer.data).toEqual({
      rated: [{ name: 'Mine' }, null, null],
      companies: { nodes: [{ name: 'Mine' }] },
    });
  });

  it('writes, filters and orders go through under their own names', async () => {
    const client = api.as(given.tenant());
    const write = `mutation ($input: CreateCompanyInput!) {
      createCompany(input: $input) { company { name rating } userErrors { __typename code message path } }
    }`;
    expect(await ask(client, write, { input: { name: 'Written', country: 'DE' } })).toEqual({
      data: { createCompany: { company: { name: 'Written', rating: 'unknown' }, userErrors: [] } },
    });
    expect(await ask(client, write, { input: { name: '', country: 'DE' } })).toMatchObject({
      data: {
        createCompany: { company: null, userErrors: [{ __typename: 'CarbonInvalidInputError', code: 'INVALID' }] },
      },
    });
    const read = `query ($filter: CompanyFilter, $text: CarbonStringFilter, $direction: CarbonOrderDirection!) {
      companies(filter: $filter, orderBy: [{ field: NAME, direction: $direction }]) { nodes { name } pageInfo { hasNextPage } }
      none: companies(filter: { name: $text }) { totalCount }
    }`;
    const variables = { filter: { name: { startsWith: 'Wri' } }, text: { eq: 'No one' }, direction: 'DESC' };
    expect(await ask(client, read, variables)).toEqual({
      data: { companies: { nodes: [{ name: 'Written' }], pageInfo: { hasNextPage: false } }, none: { totalCount: 0 } },
    });
  });

  it('a request without a token is refused with our code, and nobody is told our address', async () => {
    const answer = await ask(undefined, '{ companies { nodes { name } } }');
    expect(answer.errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
    expect(JSON.stringify(answer)).not.toMatch(/127\.0\.0\.1|localhost|:\d{4,5}/);
  });

  it('what a neighbour knows is answered while we are down, and ours when we are back', async () => {
    const client = api.as(given.tenant());
    const { companyId } = await given.company(client, { name: 'Back' });
    const query = 'query ($ids: [UUID!]!, $id: ID!) { rated(companyIds: $ids) { name } building(id: $id) { address } }';
    const variables = { ids: [companyId], id: '1' };
    await wire.cut();
    const down = await ask(client, query, variables);
    expect(down.data).toEqual({ rated: [null], building: { address: 'Street of 1' } });
    expect(down.errors?.length).toBeGreaterThan(0);
    await wire.join();
    expect(await ask(client, query, variables)).toEqual({
      data: { rated: [{ name: 'Back' }], building: { address: 'Street of 1' } },
    });
  });
});

type Wire = { url: string; cut(): Promise<void>; join(): Promise<void> };

/** A way to the server that can be cut, for a subgraph that is down and comes back under the same address. */
async function startWire({ url }: Api): Promise<Wire> {
  const open = new Set<Socket>();
  const server: Server = createSocketServer((near) => {
    const far = connect(Number(new URL(url).port), '127.0.0.1');
    for (const socket of [near, far]) {
      open.add(socket);
      socket.on('error', () => {}).on('close', () => open.delete(socket));
    }
    near.pipe(far).pipe(near);
  });
  const port = await listenOnLoopback(server);
  return {
    url: `http://127.0.0.1:${port}/`,
    join: async () => void (await listenOnLoopback(server, port)),
    async cut() {
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of open) socket.destroy();
      await closed;
    },
  };
}

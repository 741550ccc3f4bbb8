/** Two small subgraphs that others might own: one rates our companies, the other knows buildings and people. */
import { createServer } from 'node:http';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { parse } from 'graphql';
import { createYoga } from 'graphql-yoga';
import type { Subgraph } from './composition.ts';
import { listen, type Running } from './gateways.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@external", "@requires"])';

type Rated = { companyId: string; totalEmissions?: number | null };

const ratings = {
  sdl: `${LINK}
    type Query { rated(companyIds: [UUID!]!): [Company]! }
    scalar UUID
    type Company @key(fields: "companyId") {
      companyId: UUID!
      totalEmissions: Float @external
      rating: String! @requires(fields: "totalEmissions")
    }`,
  resolvers: {
    Query: {
      rated: (_: unknown, { companyIds }: { companyIds: string[] }) => companyIds.map((companyId) => ({ companyId })),
    },
    Company: {
      __resolveReference: (reference: Rated) => reference,
      rating: ({ totalEmissions }: Rated) =>
        totalEmissions == null ? 'unknown' : totalEmissions > 100 ? 'high' : 'low',
    },
  },
};

type Identified = { id: string };

const property = {
  sdl: `${LINK}
    type Query {
      building(id: ID!): Building
      supplier(organization: ID!, number: String!): Company
    }
    scalar UUID
    type Building @key(fields: "id") { id: ID! address: String! contract: EnergyContract }
    type User @key(fields: "id") { id: ID! name: String! }
    type Organization @key(fields: "id") { id: ID! name: String! }
    type EnergyContract @key(fields: "contractId", resolvable: false) { contractId: UUID! }
    type Company @key(fields: "tenant { id } externalId", resolvable: false) { tenant: Organization! externalId: String }`,
  resolvers: {
    Query: {
      building: (_: unknown, { id }: Identified) => ({ id }),
      supplier: (_: unknown, { organization, number }: { organization: string; number: string }) => ({
        tenant: { id: organization },
        externalId: number,
      }),
    },
    Building: {
      __resolveReference: (reference: Identified) => reference,
      address: ({ id }: Identified) => `Street of ${id}`,
      // The contract of a building has the building's own ID here.
      contract: ({ id }: Identified) => ({ contractId: id }),
    },
    User: { __resolveReference: (reference: Identified) => reference, name: ({ id }: Identified) => `User ${id}` },
    Organization: {
      __resolveReference: (reference: Identified) => reference,
      name: ({ id }: Identified) => `Tenant ${id}`,
    },
  },
};

export type Neighbours = { subgraphs: Subgraph[]; stop(): Promise<void> };

export async function startNeighbours(): Promise<Neighbours> {
  const running: Running[] = [];
  const subgraphs: Subgraph[] = [];
  for (const [name, { sdl, resolvers }] of Object.entries({ ratings, property })) {
    const schema = buildSubgraphSchema({ typeDefs: parse(sdl), resolvers: resolvers as never });
    const server = createServer(createYoga({ schema, graphqlEndpoint: '/', logging: false }));
    const { url, stop } = await listen(server, 0);
    running.push({ url, stop });
    subgraphs.push({ name, url, sdl });
  }
  return { subgraphs, stop: async () => void (await Promise.all(running.map(({ stop }) => stop()))) };
}

/** The published subgraph in a supergraph, by the composer of each registry, with neighbours that know nothing of it. */
import { readFile } from 'node:fs/promises';
import { type DocumentNode, Kind, parse } from 'graphql';
import { beforeAll, describe, expect, it } from 'vitest';
import { COMPOSERS, type Subgraph } from './composition.ts';

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@shareable", "@external", "@requires"])';

/** Has all our generic names for things of its own. */
const hostile = `${LINK}
  type Query {
    node(id: ID!): Node
    nodes(ids: [ID!]!): [Node]!
    viewer: Viewer
    things(filter: StringFilter, number: IntFilter, direction: OrderDirection): ThingConnection!
    outcome(code: UserErrorCode): UpsertOutcome
  }
  interface Node { id: ID! createdAt: String! }
  type Viewer { name: String }
  input StringFilter { eq: String }
  input IntFilter { is: Int! }
  enum OrderDirection { UP DOWN }
  enum UserErrorCode { WRONG }
  enum UpsertOutcome { DONE }
  interface UserError { text: String! }
  type InvalidInputError implements UserError { text: String! }
  type Warning { text: String }
  type PageInfo @shareable { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
  type ThingConnection { pageInfo: PageInfo! nodes: [Thing!]! errors: [UserError!]! warnings: [Warning!]! }
  type Thing implements Node @key(fields: "id") { id: ID! createdAt: String! }`;

/** Knows our records by their keys, adds to them, and owns our stubs. */
const friendly = `${LINK}
  type Query { bestRated: [Company!]! me: User }
  type Company @key(fields: "companyId") {
    companyId: UUID!
    totalEmissions: Float @external
    rating: String @requires(fields: "totalEmissions")
  }
  type Co2Customer @key(fields: "customerId", resolvable: false) { customerId: UUID! }
  type EnergyContract @key(fields: "contractId", resolvable: false) { contractId: UUID! }
  type User @key(fields: "id") { id: ID! name: String contracts: [EnergyContract!]! }
  type Building @key(fields: "id") { id: ID! address: String }
  type Organization @key(fields: "id") { id: ID! name: String billing: Co2Customer }
  scalar UUID`;

const NEIGHBOURS: Record<string, string[]> = {
  alone: [],
  'beside a hostile neighbour': [hostile],
  'beside a friendly neighbour': [friendly],
  'beside both': [hostile, friendly],
};

let sdl = '';
let readme = '';
beforeAll(async () => {
  sdl = await readFile('subgraph.graphql', 'utf8');
  readme = await readFile('README.md', 'utf8');
});

const subgraphs = (neighbours: string[]): Subgraph[] =>
  [sdl, ...neighbours].map((text, index) => ({ name: `s${index}`, url: `http://s${index}.example`, sdl: text }));

describe.each(Object.entries(COMPOSERS))('%s', (_, compose) => {
  it.each(Object.entries(NEIGHBOURS))('composes us %s, without a hint and without a loss', (__, neighbours) => {
    const { supergraph, problems } = compose(subgraphs(neighbours));
    expect(problems).toEqual([]);
    const there = new Set(supergraph && namesIn(supergraph));
    const ours = namesIn(parse(sdl));
    expect(ours.length).toBeGreaterThan(700);
    expect(ours.filter((name) => !there.has(name))).toEqual([]);
  });

  it('composes us beside the neighbour that the README shows', () => {
    const [, types = ''] = /say no more than this:\n\n```graphql\n(.*?)```/s.exec(readme) ?? [];
    const { supergraph, problems } = compose(subgraphs([`${LINK} type Query { best: Company } ${types}`]));
    expect(problems).toEqual([]);
    expect(supergraph && namesIn(supergraph)).toEqual(expect.arrayContaining(['Company.rating', 'Building.contract']));
  });

  it('says when a neighbour takes a name that is ours, which this test could otherwise not see', () => {
    const thief = `${LINK} type Query { x(key: CompanyKey): Int } input CompanyKey { id: ID }`;
    const { supergraph, problems } = compose(subgraphs([thief]));
    const there = new Set(supergraph && namesIn(supergraph));
    expect(problems.length > 0 || !there.has('CompanyKey.externalId')).toBe(true);
  });
});

/** Every type, field, argument, input field and enum value: `Company.co2Customers.first`. */
function namesIn({ definitions }: DocumentNode): string[] {
  return definitions.flatMap((definition) => {
    if (!('name' in definition) || definition.name === undefined) return [];
    const type = definition.name.value;
    if (definition.kind === Kind.ENUM_TYPE_DEFINITION)
      return [type, ...(definition.values ?? []).map(({ name }) => `${type}.${name.value}`)];
    if (!('fields' in definition)) return definition.kind === Kind.SCALAR_TYPE_DEFINITION ? [type] : [];
    const fields = (definition.fields ?? []).flatMap((field) => [
      `${type}.${field.name.value}`,
      ...('arguments' in field ? (field.arguments ?? []) : []).map(
        ({ name }) => `${type}.${field.name.value}.${name.value}`,
      ),
    ]);
    return [type, ...fields];
  });
}

/** The subgraph that Apollo's compatibility tests ask for, built with our builder's settings and what src/federation/ offers. */
import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import { DirectiveLocation, GraphQLDirective, type GraphQLSchema } from 'graphql';
import type { Directives } from '../src/federation/directives.ts';
import { type Entity, type Found, type Representation, withEntities } from '../src/federation/entities.ts';
import { publishedSdl } from '../src/federation/published-sdl.ts';
import { getDatamodel } from '../src/generated/pothos.ts';
import type { PrismaClient } from '../src/generated/prisma/client.ts';

const builder = new SchemaBuilder<{ DefaultFieldNullability: false }>({
  plugins: [PrismaPlugin],
  defaultFieldNullability: false,
  prisma: { client: {} as PrismaClient, dmmf: getDatamodel(), onUnusedQuery: null },
});

const on = (directives: Directives) => ({ extensions: { directives } });
const entity = (keys: string[], find: (representation: Representation) => Found, directives: Directives = {}) => ({
  extensions: {
    directives,
    entity: {
      keys,
      find: async (asked) => asked.map(({ representation }) => find(representation)),
    } satisfies Entity<unknown>,
  },
});

type Dimension = { size: string; weight: number; unit: string };
type Variation = { id: string };
type Study = { caseNumber: string; description: string };
type Research = { study: Study; outcome: string | null };
type Person = { email: string; name: string; totalProductsCreated: number; yearsOfEmployment: number };
type Deprecated = { sku: string; package: string; reason: string; createdBy: Person };
type Product = {
  id: string;
  sku: string;
  package: string;
  variation: Variation;
  dimensions: Dimension;
  createdBy: Person;
  notes: string | null;
  research: Research[];
};

const jane: Person = {
  email: 'support@apollographql.com',
  name: 'Jane Smith',
  totalProductsCreated: 1337,
  yearsOfEmployment: 10,
};
const dimensions = { size: 'small', weight: 1, unit: 'kg' };
const researches: Research[] = [
  { study: { caseNumber: '1234', description: 'Federation Study' }, outcome: null },
  { study: { caseNumber: '1235', description: 'Studio Study' }, outcome: null },
];
const product = (id: string, sku: string, name: string, variation: string, study: number): Product => ({
  id,
  sku,
  package: name,
  variation: { id: variation },
  dimensions,
  createdBy: jane,
  notes: null,
  research: researches.slice(study, study + 1),
});
const products = [
  product('apollo-federation', 'federation', '@apollo/federation', 'OSS', 0),
  product('apollo-studio', 'studio', '', 'platform', 1),
];
const deprecated: Deprecated = {
  sku: 'apollo-federation-v1',
  package: '@apollo/federation-v1',
  reason: 'Migrate to Federation V2',
  createdBy: jane,
};

const findProduct = ({ id, sku, package: name, variation }: Representation): Found => {
  const variationId = (variation as Variation | undefined)?.id;
  const fits = (known: Product) =>
    id === known.id || (sku === known.sku && (name === known.package || variationId === known.variation.id));
  return products.find(fits) ?? null;
};
const findDeprecated = ({ sku, package: name }: Representation): Deprecated | null =>
  sku === deprecated.sku && name === deprecated.package ? deprecated : null;
const findUser = ({ email, totalProductsCreated, yearsOfEmployment }: Representation): Found =>
  email === jane.email
    ? { ...jane, ...(totalProductsCreated != null && { totalProductsCreated, yearsOfEmployment }) }
    : null;

const CaseStudy = builder.objectRef<Study>('CaseStudy').implement({
  fields: (t) => ({
    caseNumber: t.exposeID('caseNumber'),
    description: t.exposeString('description', { nullable: true }),
  }),
});
const ProductResearch = builder.objectRef<Research>('ProductResearch').implement({
  ...entity(
    ['study { caseNumber }'],
    ({ study }) => researches.find((known) => known.study.caseNumber === (study as Study).caseNumber) ?? null,
  ),
  fields: (t) => ({
    study: t.expose('study', { type: CaseStudy }),
    outcome: t.exposeString('outcome', { nullable: true }),
  }),
});
const ProductDimension = builder.objectRef<Dimension>('ProductDimension').implement({
  fields: (t) => ({
    size: t.exposeString('size', { nullable: true }),
    weight: t.exposeFloat('weight', { nullable: true }),
    unit: t.exposeString('unit', { nullable: true, ...on({ inaccessible: [{}] }) }),
  }),
});
const ProductVariation = builder
  .objectRef<Variation>('ProductVariation')
  .implement({ fields: (t) => ({ id: t.exposeID('id') }) });
const User = builder.objectRef<Person>('User').implement({
  ...entity(['email'], findUser, { extends: [{}] }),
  fields: (t) => ({
    email: t.exposeID('email', on({ external: [{}] })),
    name: t.exposeString('name', { nullable: true, ...on({ override: [{ from: 'users' }] }) }),
    totalProductsCreated: t.exposeInt('totalProductsCreated', { nullable: true, ...on({ external: [{}] }) }),
    yearsOfEmployment: t.exposeInt('yearsOfEmployment', on({ external: [{}] })),
    averageProductsCreatedPerYear: t.int({
      nullable: true,
      ...on({ requires: [{ fields: 'totalProductsCreated yearsOfEmployment' }] }),
      resolve: ({ totalProductsCreated, yearsOfEmployment }) => Math.round(totalProductsCreated / yearsOfEmployment),
    }),
  }),
});
const DeprecatedProduct = builder.objectRef<Deprecated>('DeprecatedProduct').implement({
  ...entity(['sku package'], findDeprecated),
  fields: (t) => ({
    sku: t.exposeString('sku'),
    package: t.exposeString('package'),
    reason: t.exposeString('reason', { nullable: true }),
    createdBy: t.expose('createdBy', { type: User, nullable: true }),
  }),
});
const Product = builder.objectRef<Product>('Product').implement({
  ...entity(['id', 'sku package', 'sku variation { id }'], findProduct, { custom: [{}] }),
  fields: (t) => ({
    id: t.exposeID('id'),
    sku: t.exposeString('sku', { nullable: true }),
    package: t.exposeString('package', { nullable: true }),
    variation: t.expose('variation', { type: ProductVariation, nullable: true }),
    dimensions: t.expose('dimensions', { type: ProductDimension, nullable: true }),
    createdBy: t.expose('createdBy', {
      type: User,
      nullable: true,
      ...on({ provides: [{ fields: 'totalProductsCreated' }] }),
    }),
    notes: t.exposeString('notes', { nullable: true, ...on({ tag: [{ name: 'internal' }] }) }),
    research: t.expose('research', { type: [ProductResearch] }),
  }),
});
builder.objectRef<{ id: string }>('Inventory').implement({
  ...entity(['id'], ({ id }) => ({ id }), { interfaceObject: [{}] }),
  fields: (t) => ({
    id: t.exposeID('id'),
    deprecatedProducts: t.field({ type: [DeprecatedProduct], resolve: () => [deprecated] }),
  }),
});
builder.queryType({
  fields: (t) => ({
    product: t.field({
      type: Product,
      nullable: true,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_, { id }) => products.find((known) => known.id === id) ?? null,
    }),
    deprecatedProduct: t.field({
      type: DeprecatedProduct,
      nullable: true,
      deprecationReason: 'Use product query instead',
      args: { sku: t.arg.string({ required: true }), package: t.arg.string({ required: true }) },
      resolve: (_, representation) => findDeprecated(representation),
    }),
  }),
});

const schema = builder.toSchema({
  directives: [new GraphQLDirective({ name: 'custom', locations: [DirectiveLocation.OBJECT] })],
  ...on({
    link: [{ url: 'https://myspecs.dev/myCustomDirective/v1.0', import: ['@custom'] }],
    composeDirective: [{ name: '@custom' }],
  }),
});

/** The newest version that the tests know. */
export const productsSdl = publishedSdl(schema, '2.3');

export function createProductsSchema(): GraphQLSchema {
  return withEntities(schema, { sdl: productsSdl, maxRepresentations: 250 });
}

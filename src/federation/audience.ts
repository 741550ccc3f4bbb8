/** One builder gives two schemas: what any client may ask, and what a router may. A field for one of them alone says so. */
import { MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils';
import type { GraphQLSchema } from 'graphql';

export type Audience = 'clients' | 'router';

/** Spread into the options of a field that a supergraph has no use for, or must not take from us. */
export const forClientsOnly = { extensions: { audience: 'clients' satisfies Audience } } as const;

/** Spread into the options of a field from which a router goes on to another subgraph. */
export const forRouterOnly = { extensions: { audience: 'router' satisfies Audience } } as const;

/** The schema without the fields of the other audience, and without the types that only those led to. */
export function schemaFor(audience: Audience, schema: GraphQLSchema): GraphQLSchema {
  const shown = mapSchema(schema, {
    [MapperKind.OBJECT_FIELD]: ({ extensions }) => ((extensions?.audience ?? audience) === audience ? undefined : null),
  });
  return pruneSchema(shown);
}

/** The schema that a router asks, made from the one that the builder built. */
import type { GraphQLSchema } from 'graphql';
import { withAccess } from './access.ts';
import { schemaFor } from './audience.ts';
import { withEntities } from './entities.ts';
import { withOwnNames } from './names.ts';
import { publishedSdl } from './published-sdl.ts';

/** What a router asks, and what its registry composes. */
export type Subgraph = { schema: GraphQLSchema; sdl: string };

/** `maxRepresentations` is the most that one `_entities` field takes. */
export function createSubgraph(everything: GraphQLSchema, maxRepresentations: number): Subgraph {
  const schema = withAccess(withOwnNames(schemaFor('router', everything)));
  const sdl = publishedSdl(schema, '2.9');
  return { schema: withEntities(schema, { sdl, maxRepresentations }), sdl };
}

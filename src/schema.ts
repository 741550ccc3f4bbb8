/** The two schemas: one import for each folder of types. */
import { withAcceptedValues } from './accepted-values.ts';
import { builder } from './builder.ts';
import { schemaFor } from './federation/audience.ts';
import { createSubgraph, type Subgraph } from './federation/subgraph-schema.ts';
import './viewer-type.ts';
import './node.ts';
import './company/schema.ts';
import './co2-customer/schema.ts';
import './compensation-terms/schema.ts';
import './energy-contract/schema.ts';

const everything = builder.toSchema();

/** What clients ask. */
export const schema = withAcceptedValues(schemaFor('clients', everything));

/** What a router asks: `maxRepresentations` entities at most in one field. */
export function subgraph(maxRepresentations = 250): Subgraph {
  const { schema, sdl } = createSubgraph(everything, maxRepresentations);
  return { schema: withAcceptedValues(schema), sdl };
}

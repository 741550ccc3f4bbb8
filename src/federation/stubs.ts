/** Types that other subgraphs own. Here each is its ID, from which a router goes on to whoever knows more. */
import type { FieldMap } from '@pothos/core';
import { builder } from '../builder.ts';
import { forRouterOnly } from './audience.ts';
import type { Entity } from './entities.ts';

export const User = defineStub('User', 'A user of the platform. This service knows the ID alone.');
export const Building = defineStub('Building', 'A building of a user. This service knows the ID alone.');
const Organization = defineStub('Organization', 'A tenant. This service knows the ID alone.');

function defineStub(name: string, description: string) {
  return builder.objectRef<{ id: string }>(name).implement({
    description,
    extensions: { entity: { keys: ['id'] } satisfies Entity<unknown> },
    fields: (t) => ({ id: t.exposeID('id', { description: 'A bare UUID.' }) }),
  });
}

type AnyFieldBuilder = { field(options: object): never };

/** The organization of a record, for the router. */
export function tenantField(t: object): FieldMap {
  const { field } = t as AnyFieldBuilder;
  return {
    tenant: field.call(t, {
      ...forRouterOnly,
      type: Organization,
      description: 'The organization that the record belongs to: yours.',
      select: { tenantId: true },
      resolve: ({ tenantId }: { tenantId: string }) => ({ id: tenantId }),
    }),
  };
}

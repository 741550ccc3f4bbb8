/** The viewer in the schema. */
import { builder } from './builder.ts';
import { forClientsOnly } from './federation/audience.ts';
import type { Viewer } from './viewer.ts';

const Scope = builder.enumType('Scope', {
  description: 'What a token permits.',
  values: {
    READ: { value: 'read', description: 'Queries.' },
    WRITE: { value: 'write', description: 'Mutations.' },
    ADMIN: { value: 'admin', description: "The tenant's terms." },
  } as const,
});

const ViewerType = builder.objectRef<Viewer>('Viewer').implement({
  description: 'Who the token says you are. Start here: if this answers, your token works.',
  fields: (t) => ({
    tenantId: t.expose('tenantId', { type: 'UUID', description: 'Your tenant; all you read and write belongs to it.' }),
    subject: t.exposeString('subject', { description: "The token's `sub`." }),
    scopes: t.field({ type: [Scope], description: 'What the token permits.', resolve: ({ scopes }) => [...scopes] }),
    tokenExpiresAt: t.field({
      type: 'DateTime',
      description: 'When the token ends.',
      resolve: ({ expiresAt }) => expiresAt,
    }),
  }),
});

builder.queryField('viewer', (t) =>
  t.field({
    ...forClientsOnly,
    type: ViewerType,
    description: 'Who the token says you are.',
    resolve: (_, __, { viewer }) => viewer,
  }),
);

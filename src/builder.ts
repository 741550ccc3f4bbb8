/** The Pothos builder: plugins, scalars and the context of a request. It defines no types. */
import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import type { TenantDatabase } from './database/client.ts';
import type PrismaTypes from './generated/pothos.ts';
import { getDatamodel } from './generated/pothos.ts';
import type { PrismaClient } from './generated/prisma/client.ts';
import { CountryCode, Currency, DateTime, EmailAddress, Uuid } from './scalars.ts';
import type { Viewer } from './viewer.ts';

/** What every resolver gets: who is asking, the data of their tenant, and the most records that a page may hold. */
export type Context = { viewer: Viewer; db: TenantDatabase; maxPageSize: number };

export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  PrismaTypes: PrismaTypes;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: Date; Output: Date };
    UUID: { Input: string; Output: string };
    EmailAddress: { Input: string; Output: string };
    CountryCode: { Input: string; Output: string };
    Currency: { Input: string; Output: string };
  };
}>({
  plugins: [PrismaPlugin],
  defaultFieldNullability: false,
  prisma: {
    client: ({ db }) => db as unknown as PrismaClient,
    dmmf: getDatamodel(),
    onUnusedQuery: null,
  },
});

/** What Pothos knows of this schema, for code that is written for any of its types. */
export type SchemaTypes = typeof builder.$inferSchemaTypes;

builder.addScalarType('DateTime', DateTime);
builder.addScalarType('UUID', Uuid);
builder.addScalarType('EmailAddress', EmailAddress);
builder.addScalarType('CountryCode', CountryCode);
builder.addScalarType('Currency', Currency);
builder.queryType({ description: 'All reads. They need the scope `read`.' });
builder.mutationType({
  description:
    'All writes. They need the scope `write`. What the caller can put right comes as `userErrors`, and then nothing was written.',
});

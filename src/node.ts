/** Relay's object identification: the interface `Node`, and `node` and `nodes` over all types that have joined it. */
import { brandWithType } from '@pothos/core';
import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import { builder, type Context } from './builder.ts';
import { InvalidInputError, Refusal } from './errors.ts';
import { forClientsOnly } from './federation/audience.ts';
import { costs } from './field-cost.ts';
import { splitGlobalId, toGlobalId } from './global-id.ts';

export const Node = builder.interfaceRef<{ id: string }>('Node').implement({
  description: 'Anything with a global ID (Relay object identification).',
  fields: (t) => ({
    id: t.id({
      description:
        'Global ID, `Type:uuid`. Treat it as opaque. Wherever an `ID` is asked for, the bare UUID works too.',
      resolve: ({ id }) => id, // each type answers its own
    }),
  }),
});

/** Reads the tenant's records with these IDs in one statement, with the columns that `info` selects. */
type LoadNodes = (ids: string[], context: Context, info: GraphQLResolveInfo) => Promise<{ id: string }[]>;

const loaders = new Map<string, LoadNodes>();

/** Lets `node` and `nodes` find this type. */
export function joinNodes(type: string, load: LoadNodes): void {
  loaders.set(type, load);
}

/** A row that says its type, for fields that answer an interface. */
export function asNode<Row extends { id: string }>(type: string, row: Row): Row {
  const copy = { ...row };
  brandWithType(copy, type as never);
  return copy;
}

type Selection = { select?: Record<string, unknown> };
type Model = { findUnique(args: object): Promise<object | null> };

/**
 * A row with all columns, as a write has just left it, together with the relations that are selected below the field. Pothos
 * would read the whole row again, and show what someone else has made of it since.
 */
export async function withRelations<Row extends { id: string }>(
  type: string,
  row: Row,
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Row> {
  const { select = {} }: Selection = queryFromInfo({ context, info, typeName: type });
  const relations = Object.entries(select).filter(([name, selected]) => typeof selected === 'object' && !(name in row));
  if (relations.length === 0) return row;
  const models = context.db as unknown as Record<string, Model>;
  const related = await models[type.charAt(0).toLowerCase() + type.slice(1)]?.findUnique({
    where: { tenantId_id: { tenantId: context.viewer.tenantId, id: row.id } },
    select: { id: true, ...Object.fromEntries(relations) },
  });
  // Someone may have deleted the record since; what it was linked to is then no longer to be told.
  const unlinked = Object.fromEntries(relations.map(([name]) => [name, null]));
  return { ...row, ...unlinked, ...related };
}

builder.queryFields((t) => ({
  node: t.field({
    ...forClientsOnly,
    type: Node,
    nullable: true,
    description: 'The record with this ID; `null` when there is none.',
    args: { id: t.arg.id({ required: true, description: 'A global ID, or a bare UUID.' }) },
    async resolve(_, { id }, context, info) {
      const [found] = await loadNodes([id], context, info);
      if (found === 'malformed') throw malformed(['id']);
      return found ?? null;
    },
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description: 'The records with these IDs, in the order asked; `null` for each that is absent.',
    args: { ids: t.arg.idList({ required: true, description: 'At most 100 global IDs or bare UUIDs.' }) },
    extensions: {
      ...forClientsOnly.extensions,
      ...costs({ list: { slicingArguments: ['ids'], assumedSize: 1 } }).extensions,
    },
    async resolve(_, { ids }, context, info) {
      if (ids.length > context.maxPageSize) {
        throw new Refusal([
          new InvalidInputError(['ids'], `Ask for at most ${context.maxPageSize} IDs at once, not ${ids.length}.`),
        ]);
      }
      const found = await loadNodes(ids, context, info);
      return found.map((record, position) =>
        record === 'malformed' ? Promise.reject(malformed(['ids', String(position)])) : record,
      );
    },
  }),
}));

type Found = { id: string } | 'malformed' | null;

/** One statement for each type asked for; a bare UUID may be of any type. A malformed ID is an error in its own place. */
async function loadNodes(ids: readonly string[], context: Context, info: GraphQLResolveInfo): Promise<Found[]> {
  const asked = ids.map((id) => splitGlobalId(id));
  const records = new Map<string, { id: string }>();
  await Promise.all(
    [...loaders].map(async ([type, load]) => {
      const wanted = asked.filter((parts) => parts !== undefined && (parts.type ?? type) === type);
      if (wanted.length === 0) return;
      const rows = await load([...new Set(wanted.map((parts) => parts?.id ?? ''))], context, info);
      for (const row of rows) records.set(toGlobalId(type, row.id), asNode(type, row));
    }),
  );
  return asked.map((parts) => {
    if (parts === undefined || (parts.type !== undefined && !loaders.has(parts.type))) return 'malformed';
    const types = parts.type === undefined ? [...loaders.keys()] : [parts.type];
    return types.map((type) => records.get(toGlobalId(type, parts.id))).find((row) => row !== undefined) ?? null;
  });
}

function malformed(path: readonly string[]): Refusal {
  const message = 'This is not an ID: use the `id` of a record, or a bare UUID.';
  return new Refusal([new InvalidInputError(path, message)]);
}

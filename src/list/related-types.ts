/** Connections on a record, such as a company's customers: read with the records, in the same statement. */
import type { FieldRef } from '@pothos/core';
import { batched } from '../batch.ts';
import type { Context, SchemaTypes } from '../builder.ts';
import { CONNECTION_COST, type Connection, type ListTypes, pageArguments } from './list-types.ts';
import type { OrderTerm } from './order.ts';
import { type PageArguments, type PagePlan, planPage } from './page.ts';

type Row = { id: string };

export type RelatedList<Item extends Row> = {
  /** The field, which is also the relation in Prisma's schema. */
  name: string;
  parentType: string;
  itemType: string;
  types: ListTypes<Item>;
  description: string;
  /** How many items each of these parents has. */
  count(context: Context, parentIds: readonly string[]): Promise<ReadonlyMap<string, number>>;
};

/** Oldest first: there must be an index on (tenant, parent, created_at, id). */
const TERMS: readonly OrderTerm[] = [{ column: 'createdAt', kind: 'instant', direction: 'asc' }];

const NODE_PATHS = [[{ name: 'nodes' }], [{ name: 'edges' }, { name: 'node' }]];

/** As Pothos passes it to `select`: plans what is selected below the field. */
type Nested = (query: object, options: { getType(): string; paths: typeof NODE_PATHS }) => { select?: object };

type FieldBuilder = {
  arg: Parameters<typeof pageArguments>[0];
  field(options: object): FieldRef<SchemaTypes, unknown>;
};

/** The field. `t` is that of a `prismaObjectField` on the parent. */
export function relatedList<Item extends Row>(t: object, list: RelatedList<Item>): FieldRef<SchemaTypes> {
  const { name, itemType, types, description } = list;
  const count = batched(list.count, (parentId: string) => parentId);
  const plan = (page: PageArguments, { viewer, maxPageSize }: Context): PagePlan =>
    planPage({ name: `${list.parentType}.${name}`, tenantId: viewer.tenantId, terms: TERMS }, page, maxPageSize);
  return (t as FieldBuilder).field({
    type: types.connection,
    description: `${description} Cursor pages of 1–100, 20 by default, oldest first.`,
    args: pageArguments((t as FieldBuilder).arg),
    ...CONNECTION_COST,
    select: (page: PageArguments, context: Context, nested: Nested) => {
      const planned = planOrNothing(() => plan(page, context));
      const [run] = planned?.runs ?? [];
      if (planned === undefined || run === undefined) return {};
      const query = nested({ ...run, take: planned.take }, { getType: () => itemType, paths: NODE_PATHS });
      return { [name]: { ...query, select: { tenantId: true, id: true, createdAt: true, ...query.select } } };
    },
    resolve: (parent: Row & Record<string, Item[]>, page: PageArguments, context: Context): Connection<Item> => {
      const { toPage } = plan(page, context);
      return {
        page: async () => toPage(parent[name] ?? []),
        count: async () => (await count(context, parent.id)) ?? 0,
      };
    },
  });
}

/** Wrong arguments select nothing, so that the error is that of this field, from `resolve`, and not its parent's. */
function planOrNothing(plan: () => PagePlan): PagePlan | undefined {
  try {
    return plan();
  } catch {
    return undefined;
  }
}

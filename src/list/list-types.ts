/** How lists look in the schema: connections with cursors, and numbered pages. A list is read when a field of it is asked for. */
import type { ArgBuilder, ObjectRef } from '@pothos/core';
import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import { builder, type Context, type SchemaTypes } from '../builder.ts';
import { COUNT_WEIGHT, costs } from '../field-cost.ts';
import { all, type Where } from './filter.ts';
import type { Filter } from './filter-types.ts';
import { type OrderColumn, type OrderInput, type OrderTerm, orderTerms, prismaOrder } from './order.ts';
import {
  pageSize as checkPageSize,
  DEFAULT_PAGE_SIZE,
  MAX_PAGE_SIZE,
  type Page,
  type PageArguments,
  planPage,
  readPage,
  rowsBefore,
} from './page.ts';

type Row = { id: string };

/** A list that clients can filter, order and page through. */
export type ListDefinition<Item extends Row> = {
  /** The root field; keeps this list's cursors apart from those of others. */
  name: string;
  /** The type of its records, also the first word of the names of its types. */
  type: ObjectRef<SchemaTypes, Item>;
  typeName: string;
  filter: Filter;
  orders: Readonly<Record<string, OrderColumn & { description: string }>>;
  defaultOrder: OrderInput;
  /** Reads the tenant's records: `query` has Prisma's select, orderBy, take and skip, `where` all but the tenant. */
  read(context: Context, where: Where, query: object): Promise<Item[]>;
  count(context: Context, where: Where): Promise<number>;
};

const OrderDirection = builder.enumType('OrderDirection', {
  description: 'Nulls come last in both.',
  values: { ASC: { description: 'Smallest first.' }, DESC: { description: 'Largest first.' } } as const,
});

const PageInfo = builder
  .objectRef<{ hasNextPage: boolean; hasPreviousPage: boolean; cursors: string[] }>('PageInfo')
  .implement({
    description: 'Where a page stands in its list (Relay cursor connections).',
    fields: (t) => ({
      hasNextPage: t.exposeBoolean('hasNextPage', {
        description: 'Whether records follow this page; after paging backwards, whether a cursor was given.',
      }),
      hasPreviousPage: t.exposeBoolean('hasPreviousPage', {
        description: 'Whether records stand before this page; after paging forwards, whether a cursor was given.',
      }),
      startCursor: t.string({
        nullable: true,
        description: 'Cursor of the first record; pass it as `before` for the page before. `null` for an empty page.',
        resolve: ({ cursors }) => cursors[0],
      }),
      endCursor: t.string({
        nullable: true,
        description: 'Cursor of the last record; pass it as `after` for the next page. `null` for an empty page.',
        resolve: ({ cursors }) => cursors.at(-1),
      }),
    }),
  });

/** Defines a list's filter, order, connection and edge, and the root field that answers it by cursor. */
export function defineList<Item extends Row>(list: ListDefinition<Item>, description: string): ListTypes<Item> {
  const connectionType = defineConnection(list);
  const listTypes = { filter: list.filter.input, order: defineOrder(list), connection: connectionType };
  builder.queryField(list.name, (t) =>
    t.field({
      type: connectionType,
      description: `${description} Cursor pages of 1–100, 20 by default. Ties are broken by ID, nulls come last.`,
      args: {
        ...pageArguments(t.arg),
        filter: t.arg({ type: listTypes.filter, description: 'Which records; all when absent.' }),
        orderBy: t.arg({ type: [listTypes.order], description: orderDescription(list) }),
      },
      ...CONNECTION_COST,
      resolve: (_, { filter, orderBy, ...page }, context, info) =>
        connection(list, { page, filter, terms: orderTerms(list.orders, orderBy, list.defaultOrder) }, context, info),
    }),
  );
  return listTypes;
}

/** The types of a list, for other fields that answer it. */
export type ListTypes<Item extends Row> = {
  filter: Filter['input'];
  order: ReturnType<typeof defineOrder>;
  connection: ReturnType<typeof defineConnection<Item>>;
};

/** Defines a root field that answers the list in numbered pages. */
export function defineNumberedPages<Item extends Row>(
  list: ListDefinition<Item>,
  { filter, order }: ListTypes<Item>,
  name: string,
  description: string,
): void {
  const pageType = defineNumberedPage(list);
  builder.queryField(name, (t) =>
    t.field({
      type: pageType,
      description: `${description} A page beyond the last one is empty.`,
      args: {
        page: t.arg.int({ required: true, defaultValue: 1, description: '1 or more.' }),
        pageSize: t.arg.int({ required: true, defaultValue: 20, description: '1–100.' }),
        filter: t.arg({ type: filter, description: 'Which records; all when absent.' }),
        orderBy: t.arg({ type: [order], description: orderDescription(list) }),
      },
      ...NUMBERED_PAGE_COST,
      resolve: (_, { filter, orderBy, ...page }, context, info) =>
        numberedPage(list, { page, filter, terms: orderTerms(list.orders, orderBy, list.defaultOrder) }, context, info),
    }),
  );
}

const PAGE_COST = { assumedSize: DEFAULT_PAGE_SIZE, maximum: MAX_PAGE_SIZE };
const NUMBERED_PAGE_COST = costs({ list: { ...PAGE_COST, slicingArguments: ['pageSize'], sizedFields: ['items'] } });

/** What every connection costs: its page, once or twice. */
export const CONNECTION_COST = costs({
  list: { ...PAGE_COST, slicingArguments: ['first', 'last'], sizedFields: ['nodes', 'edges'] },
});

/** The arguments of every connection. */
export function pageArguments(arg: ArgBuilder<SchemaTypes>) {
  return {
    first: arg.int({ description: 'How many, from the beginning or after a cursor.' }),
    after: arg.string({ description: 'A cursor of this list in this order: records after it.' }),
    last: arg.int({ description: 'How many, from the end or before a cursor.' }),
    before: arg.string({ description: 'A cursor of this list in this order: records before it.' }),
  };
}

function orderDescription({ defaultOrder }: { defaultOrder: OrderInput }): string {
  return `Most significant first, each field once; ${defaultOrder.field} ${defaultOrder.direction} when absent.`;
}

function defineOrder({ typeName, orders }: { typeName: string; orders: ListDefinition<Row>['orders'] }) {
  const values = Object.entries(orders).map(([name, { description }]) => [name, { description }]);
  const field = builder.enumType(`${typeName}OrderField`, {
    description: `What to order ${typeName} records by.`,
    values: Object.fromEntries(values) as Record<string, { description: string }>,
  });
  return builder.inputRef<OrderInput>(`${typeName}Order`).implement({
    description: 'One step of an order.',
    fields: (t) => ({
      field: t.field({ type: field, required: true, description: 'What to order by.' }),
      direction: t.field({ type: OrderDirection, required: true, defaultValue: 'ASC', description: 'Which way.' }),
    }),
  });
}

/** A list that is read and counted when first asked for. */
export type Connection<Item> = { page(): Promise<Page<Item>>; count(): Promise<number> };
type Edge<Item> = { cursor: string; node: Item };
type NumberedPage<Item> = { items(): Promise<Item[]>; count(): Promise<number>; page: number; pageSize: number };

function defineConnection<Item extends Row>({ type, typeName }: ListDefinition<Item>) {
  const edge = builder.objectRef<Edge<Item>>(`${typeName}Edge`).implement({
    description: 'A record in its list.',
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Place in the list: pass it as `after` or `before`.' }),
      node: t.field({ type, description: 'The record.', resolve: ({ node }) => node as never }),
    }),
  });
  return builder.objectRef<Connection<Item>>(`${typeName}Connection`).implement({
    description: 'A page of a list.',
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        description: 'The records with their cursors.',
        resolve: async (list) => {
          const { rows, cursors } = await list.page();
          return rows.map((node, position) => ({ node, cursor: cursors[position] ?? '' }));
        },
      }),
      nodes: t.field({
        type: [type],
        description: 'The records alone.',
        resolve: async (list) => (await list.page()).rows as never,
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: 'Where this page stands in the list.',
        resolve: (list) => list.page(),
      }),
      totalCount: t.int({
        description: 'How many records the list has on all pages. Counted only when asked for.',
        ...costs({ weight: COUNT_WEIGHT }),
        resolve: (list) => list.count(),
      }),
    }),
  });
}

function defineNumberedPage<Item extends Row>({ type, typeName }: ListDefinition<Item>) {
  return builder.objectRef<NumberedPage<Item>>(`${typeName}Page`).implement({
    description: 'A numbered page.',
    fields: (t) => ({
      items: t.field({ type: [type], description: 'The records.', resolve: (page) => page.items() as never }),
      total: t.int({
        description: 'How many records the list has on all pages.',
        ...costs({ weight: COUNT_WEIGHT }),
        resolve: (page) => page.count(),
      }),
      page: t.exposeInt('page', { description: 'Number of this page, from 1.' }),
      pageSize: t.exposeInt('pageSize', { description: 'Records on a full page.' }),
      pages: t.int({
        description: 'Number of pages; 0 for an empty list.',
        ...costs({ weight: COUNT_WEIGHT }),
        resolve: async (page) => Math.ceil((await page.count()) / page.pageSize),
      }),
    }),
  });
}

type Request<Paging> = { page: Paging; filter: object | null | undefined; terms: OrderTerm[] };

function connection<Item extends Row>(
  list: ListDefinition<Item>,
  { page, filter, terms }: Request<PageArguments>,
  context: Context,
  info: GraphQLResolveInfo,
): Connection<Item> {
  const condition = list.filter.condition(filter, ['filter']);
  const select = Object.fromEntries(
    ['tenantId', 'id', ...terms.map(({ column }) => column)].map((column) => [column, true]),
  );
  const paths = [['nodes'], ['edges', 'node']];
  const query = () => queryFromInfo({ context, info, typeName: list.typeName, paths, select });
  const { viewer, maxPageSize } = context;
  const plan = planPage({ name: list.name, tenantId: viewer.tenantId, terms }, page, maxPageSize);
  const read = () =>
    readPage<Item>(plan, (where, orderBy, take) =>
      list.read(context, all([condition, where]) ?? {}, { ...query(), orderBy, take }),
    );
  return { page: once(read), count: once(() => list.count(context, condition ?? {})) };
}

function numberedPage<Item extends Row>(
  list: ListDefinition<Item>,
  { page: { page, pageSize }, filter, terms }: Request<{ page: number; pageSize: number }>,
  context: Context,
  info: GraphQLResolveInfo,
): NumberedPage<Item> {
  const where = list.filter.condition(filter, ['filter']) ?? {};
  const take = checkPageSize(pageSize, 'pageSize', context.maxPageSize);
  const skip = rowsBefore(page, take);
  const query = () => queryFromInfo({ context, info, typeName: list.typeName, path: ['items'] });
  return {
    page,
    pageSize,
    items: () => list.read(context, where, { ...query(), orderBy: prismaOrder(terms), take, skip }),
    count: once(() => list.count(context, where)),
  };
}

/** Calls `work` when first asked, and gives all callers the same answer. */
function once<Answer>(work: () => Promise<Answer>): () => Promise<Answer> {
  let answer: Promise<Answer> | undefined;
  return () => {
    answer ??= work();
    return answer;
  };
}

/** The tenant's records as entities: which key a representation holds, and one statement for all of them. */
import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import type { Context } from '../builder.ts';
import { InvalidInputError, Refusal } from '../errors.ts';
import { parseId, splitGlobalId } from '../global-id.ts';
import { unstorable } from '../write/rules.ts';
import type { Asked, Entity, Found, Representation } from './entities.ts';

type Row = { id: string };
type Where = Readonly<Record<string, unknown>>;

export type RecordEntity = {
  type: string;
  /** The field with the bare UUID. */
  idField: string;
  /** A field that is unique in its tenant, where other subgraphs may name a record by it. */
  ownKey?: string;
  /** Reads several of the tenant's records: `query` has Prisma's select, `where` all but the tenant. */
  read(context: Context, where: Where, query: object): Promise<Row[]>;
};

/**
 * Spread into the options of a type. Other subgraphs name its records by `id`, by the bare UUID, and by the tenant with
 * `ownKey`; of several keys in one representation the first of these counts. Nothing else that a representation claims is
 * looked at, and a record of another tenant is as absent as one that never was.
 */
export function asEntity(record: RecordEntity): { extensions: { entity: Entity<Context> } } {
  const { idField, ownKey } = record;
  const keys = ['id', idField, ...(ownKey === undefined ? [] : [`tenant { id } ${ownKey}`])];
  return { extensions: { entity: { keys, find: (asked, context, info) => find(record, asked, context, info) } } };
}

/** The column that a key is on, and its value. */
type Key = { column: string; value: string };

/** The key of a representation; `null` when it is of another tenant, an error when it is malformed. */
type Named = Key | Refusal | null;

async function find(
  record: RecordEntity,
  asked: readonly Asked[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Found[]> {
  const named = asked.map((one) => nameRecord(record, one, context.viewer.tenantId));
  const rows = await readByKeys(record, named.filter(isKey), context, info);
  return named.map((key) => (isKey(key) ? (rows.get(nameOf(key)) ?? null) : key));
}

/** One statement for all keys, whichever columns they are on. */
async function readByKeys(
  { type, read }: RecordEntity,
  keys: readonly Key[],
  context: Context,
  info: GraphQLResolveInfo,
): Promise<Map<string, Row>> {
  if (keys.length === 0) return new Map();
  const byColumn = new Map<string, Set<string>>();
  for (const { column, value } of keys) byColumn.set(column, (byColumn.get(column) ?? new Set()).add(value));
  const conditions = [...byColumn].map(([column, values]) => ({ [column]: { in: [...values] } }));
  const columns = Object.fromEntries([...byColumn.keys()].map((column) => [column, true]));
  const { select, ...query }: { select?: object } = queryFromInfo({ context, info, typeName: type });
  const rows = await read(context, { OR: conditions }, { ...query, select: { ...select, ...columns } });
  const named = (column: string) =>
    rows.map((row) => [nameOf({ column, value: String(row[column as keyof Row]) }), row] as const);
  return new Map([...byColumn.keys()].flatMap(named));
}

function isKey(named: Named): named is Key {
  return named !== null && 'column' in named;
}

function nameOf({ column, value }: Key): string {
  return `${column}:${value}`;
}

function nameRecord(record: RecordEntity, asked: Asked, tenantId: string): Named {
  try {
    return parseKey(record, asked, tenantId);
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function parseKey({ type, idField, ownKey = '' }: RecordEntity, { representation, path }: Asked, tenantId: string) {
  const { id, [idField]: uuid, [ownKey]: own } = representation;
  const tenant = tenantOf(representation, path);
  if (tenant !== undefined && tenant !== tenantId) return null;
  if (id != null) return { column: 'id', value: parseId(type, textOf(id, [...path, 'id']), [...path, 'id']) };
  if (uuid != null) return { column: 'id', value: parseUuid(uuid, [...path, idField]) };
  if (own != null && tenant !== undefined) return { column: ownKey, value: textOf(own, [...path, ownKey]) };
  const form = ownKey === '' ? '' : `, or \`tenant { id }\` with \`${ownKey}\``;
  throw refusal(path, `Name the ${type} by its \`id\` or \`${idField}\`${form}.`);
}

/** The tenant that a representation claims, in lower case. */
function tenantOf({ tenant }: Representation, path: readonly string[]): string | undefined {
  if (tenant == null) return undefined;
  const { id } = Object(tenant) as { id?: unknown };
  return parseUuid(id, [...path, 'tenant', 'id']);
}

function parseUuid(value: unknown, path: readonly string[]): string {
  const parts = typeof value === 'string' ? splitGlobalId(value) : undefined;
  if (parts !== undefined && parts.type === undefined) return parts.id;
  throw refusal(path, 'Send a bare UUID.');
}

function textOf(value: unknown, path: readonly string[]): string {
  if (typeof value !== 'string') throw refusal(path, 'Send a text.');
  const problem = unstorable(value);
  if (problem !== undefined) throw refusal(path, problem);
  return value;
}

function refusal(path: readonly string[], message: string): Refusal {
  return new Refusal([new InvalidInputError(path, message)]);
}

/** `findUnique` for the client of one request, made of `findMany`. */
import DataLoader from 'dataloader';
import { Prisma } from '../generated/prisma/client.ts';

type Row = { id: string };
type Key = { tenantId: string; id: string };
type Arguments = { where: { tenantId_id?: Key } & Record<string, unknown>; select?: object; include?: object };
type Model = {
  $name: string;
  $parent: object;
  findMany(args: object): Promise<Row[]>;
  findFirst(args: object): Promise<Row | null>;
};

/**
 * Joins the calls of one tick for one model and selection into one statement. Prisma does so too, but across requests and
 * therefore across tenants, in the context of whichever came first; so its own is never called. A selection must have `id`,
 * which Pothos sees to. Calls by another key than the primary one are not joined.
 */
export function batchedFindUnique(): (this: unknown, args: Arguments) => Promise<Row | null> {
  const clients = new WeakMap<object, Map<string, DataLoader<string, Row | null>>>();
  return function findUnique(this: unknown, { where, ...selection }: Arguments) {
    const model = Prisma.getExtensionContext(this) as unknown as Model;
    if (where.tenantId_id === undefined) return model.findFirst({ ...selection, where: columnsOf(where) });
    const { tenantId, id } = where.tenantId_id;
    const loaders = clients.get(model.$parent) ?? new Map<string, DataLoader<string, Row | null>>();
    clients.set(model.$parent, loaders);
    const name = JSON.stringify([model.$name, tenantId, selection]);
    const loader =
      loaders.get(name) ?? new DataLoader((ids) => findMany(model, tenantId, ids, selection), { cache: false });
    loaders.set(name, loader);
    return loader.load(id);
  };
}

async function findMany(
  model: Model,
  tenantId: string,
  ids: readonly string[],
  selection: object,
): Promise<(Row | null)[]> {
  const rows = await model.findMany({ ...selection, where: { tenantId, id: { in: [...ids] } } });
  const byId = new Map(rows.map((row) => [row.id, row]));
  return ids.map((id) => byId.get(id) ?? null);
}

/** A compound key stands for its columns. */
function columnsOf(where: Record<string, unknown>): Record<string, unknown> {
  const columns = Object.entries(where).flatMap(([name, value]) =>
    name.startsWith('tenantId_') ? Object.entries(value as object) : [[name, value]],
  );
  return Object.fromEntries(columns);
}

/** Reads one page of a list, by cursor or by number. */
import { InvalidInputError, Refusal } from '../errors.ts';
import { CursorCodec } from './cursor.ts';
import { type Run, runsBeyond, type Walk } from './keyset.ts';
import type { OrderTerm } from './order.ts';

/** A server's settings may allow less. */
export const MAX_PAGE_SIZE = 100;
export const DEFAULT_PAGE_SIZE = 20;

export type PageArguments = {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
};

/** What a list is called and how it is ordered; the name and the tenant keep its cursors apart from those of others. */
export type ListIdentity = { name: string; tenantId: string; terms: readonly OrderTerm[] };

/** Reads rows of a list that meet a further condition. */
export type ReadRows<Row> = (where: Run['where'], orderBy: Run['orderBy'], take: number) => Promise<Row[]>;

export type Page<Row> = { rows: Row[]; cursors: string[]; hasNextPage: boolean; hasPreviousPage: boolean };

/** How a page is read: `take` rows, in the order of the runs, become the page. */
export type PagePlan = {
  runs: Run[];
  take: number;
  toPage<Row extends { id: string }>(found: readonly Row[]): Page<Row>;
};

/** @throws Refusal for a size outside 1–`maxSize`, both directions at once, or a cursor that is none of this list. */
export function planPage({ name, tenantId, terms }: ListIdentity, page: PageArguments, maxSize: number): PagePlan {
  const { size, walk, cursor } = parsePage(page, maxSize);
  const codec = new CursorCodec(name, tenantId, terms);
  const place = cursor === undefined ? undefined : codec.decode(cursor, walk === 'forwards' ? 'after' : 'before');
  return {
    runs: runsBeyond(terms, place, walk),
    take: size + 1, // one more than asked for shows whether there is another page
    toPage(found) {
      const nearest = found.slice(0, size);
      const rows = walk === 'forwards' ? nearest : nearest.toReversed();
      const more = found.length > size;
      return {
        rows,
        cursors: rows.map((row) => codec.encode(row)),
        hasNextPage: walk === 'forwards' ? more : cursor !== undefined,
        hasPreviousPage: walk === 'forwards' ? cursor !== undefined : more,
      };
    },
  };
}

/** Reads the runs one after the other until the page is full. */
export async function readPage<Row extends { id: string }>(
  { runs, take, toPage }: PagePlan,
  read: ReadRows<Row>,
): Promise<Page<Row>> {
  const rows: Row[] = [];
  for (const { where, orderBy } of runs) {
    if (rows.length === take) break;
    rows.push(...(await read(where, orderBy, take - rows.length)));
  }
  return toPage(rows);
}

function parsePage(
  { first, after, last, before }: PageArguments,
  maxSize: number,
): {
  size: number;
  walk: Walk;
  cursor: string | undefined;
} {
  const forwards = first != null || after != null;
  const backwards = last != null || before != null;
  if (forwards && backwards) {
    const argument = last == null ? 'before' : 'last';
    throw new Refusal([
      new InvalidInputError(
        [argument],
        'Page forwards with first and after, or backwards with last and before, not both.',
      ),
    ]);
  }
  const argument = backwards ? 'last' : 'first';
  return {
    size: pageSize((backwards ? last : first) ?? Math.min(DEFAULT_PAGE_SIZE, maxSize), argument, maxSize),
    walk: backwards ? 'backwards' : 'forwards',
    cursor: (backwards ? before : after) ?? undefined,
  };
}

/** @throws Refusal unless it is 1–`maxSize`. */
export function pageSize(size: number, argument: string, maxSize: number): number {
  if (size >= 1 && size <= maxSize) return size;
  throw new Refusal([
    new InvalidInputError([argument], `Ask for 1 to ${maxSize} records in ${argument}, not ${size}.`),
  ]);
}

/** How many rows stand before a numbered page. @throws Refusal unless `page` is 1 or more. */
export function rowsBefore(page: number, size: number): number {
  if (page >= 1) return (page - 1) * size;
  throw new Refusal([new InvalidInputError(['page'], `Pages are numbered from 1, so ask for 1 or more, not ${page}.`)]);
}

/** Reads one page of a list, by cursor or by number. */
import { InvalidInputError, Refusal } from '../errors.ts';
import { CursorCodec } from './cursor.ts';
import { type Run, runsBeyond, type Walk } from './keyset.ts';
import type { OrderTerm } from './order.ts';

const MAX_PAGE_SIZE = 100;
const DEFAULT_PAGE_SIZE = 20;

export type PageArguments = {
  first?: number | null;
  after?: string | null;
  last?: number | null;
  before?: string | null;
};

/** A list before it is cut into pages. `name` and the tenant keep its cursors apart from those of others. */
export type List<Row> = {
  name: string;
  tenantId: string;
  terms: readonly OrderTerm[];
  /** Reads rows of the list that meet a further condition. */
  read(where: Run['where'], orderBy: Run['orderBy'], take: number): Promise<Row[]>;
};

export type Page<Row> = { rows: Row[]; cursors: string[]; hasNextPage: boolean; hasPreviousPage: boolean };

/** A page that is ready to be read. */
export type PageReader<Row> = () => Promise<Page<Row>>;

/**
 * Checks the arguments at once, and reads when called.
 *
 * @throws Refusal for a size outside 1–100, both directions at once, or a cursor that is none of this list.
 */
export function preparePage<Row extends { id: string }>(list: List<Row>, page: PageArguments): PageReader<Row> {
  const { size, walk, cursor } = parsePage(page);
  const codec = new CursorCodec(list.name, list.tenantId, list.terms);
  const place = cursor === undefined ? undefined : codec.decode(cursor, walk === 'forwards' ? 'after' : 'before');
  const runs = runsBeyond(list.terms, place, walk);
  return async () => {
    const found = await readRuns(list, runs, size + 1); // one more than asked for shows whether there is another page
    const nearest = found.slice(0, size);
    const rows = walk === 'forwards' ? nearest : nearest.toReversed();
    const more = found.length > size;
    return {
      rows,
      cursors: rows.map((row) => codec.encode(row)),
      hasNextPage: walk === 'forwards' ? more : cursor !== undefined,
      hasPreviousPage: walk === 'forwards' ? cursor !== undefined : more,
    };
  };
}

async function readRuns<Row>(list: List<Row>, runs: readonly Run[], take: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { where, orderBy } of runs) {
    if (rows.length === take) break;
    rows.push(...(await list.read(where, orderBy, take - rows.length)));
  }
  return rows;
}

function parsePage({ first, after, last, before }: PageArguments): {
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
    size: pageSize((backwards ? last : first) ?? DEFAULT_PAGE_SIZE, argument),
    walk: backwards ? 'backwards' : 'forwards',
    cursor: (backwards ? before : after) ?? undefined,
  };
}

/** @throws Refusal unless it is 1–100. */
export function pageSize(size: number, argument: string): number {
  if (size >= 1 && size <= MAX_PAGE_SIZE) return size;
  throw new Refusal([
    new InvalidInputError([argument], `Ask for 1 to ${MAX_PAGE_SIZE} records in ${argument}, not ${size}.`),
  ]);
}

/** How many rows stand before a numbered page. @throws Refusal unless `page` is 1 or more. */
export function rowsBefore(page: number, size: number): number {
  if (page >= 1) return (page - 1) * size;
  throw new Refusal([new InvalidInputError(['page'], `Pages are numbered from 1, so ask for 1 or more, not ${page}.`)]);
}

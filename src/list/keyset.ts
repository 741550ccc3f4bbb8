/**
 * Where a page begins, without an offset. The rows beyond a place are cut into runs that follow one another: a run is one
 * condition that an index on (tenant, first column, id) answers from its first row on. A page reads the first run, and the
 * next one only when the page is not full. Most pages need one run: nulls are a run of their own, and so are the rest of the
 * rows that share the first column's value where many do.
 */
import type { Place, Value } from './cursor.ts';
import type { Direction, OrderTerm } from './order.ts';

type Where = Record<string, unknown>;

/** Rows of a list that follow one another in `orderBy`. */
export type Run = { where: Where; orderBy: Where[] };

/** Forwards to the rows after a place, backwards to those before it, nearest first. */
export type Walk = 'forwards' | 'backwards';

/** The runs beyond `place`, nearest first; all rows when there is no place. */
export function runsBeyond(terms: readonly OrderTerm[], place: Place | undefined, walk: Walk): Run[] {
  const walked = withId(terms).map((term) => ({
    ...term,
    direction: walk === 'forwards' ? term.direction : opposite(term.direction),
  }));
  const [first, ...others] = walked;
  if (first === undefined) return [];
  const ties = others.map((term) => prismaOrder(term, walk));
  // Within a run of known values the first column's nulls need no word; any would keep the index from being used.
  const run = (where: Where, constant: boolean): Run => ({
    where,
    orderBy: constant ? ties : [{ [first.column]: first.direction }, ...ties],
  });
  const known = run(first.nullable ? { [first.column]: { not: null } } : {}, false);
  const unknown = run({ [first.column]: null }, true);
  const inOrder = (runs: Run[]) => (walk === 'forwards' ? runs : runs.toReversed());
  if (place === undefined) return first.nullable ? inOrder([known, unknown]) : [known];

  const [value = null, ...rest] = [...place.values, place.id];
  const tied = beyond(others, rest, walk);
  if (value === null) {
    const here = run({ AND: [{ [first.column]: null }, tied] }, true);
    return walk === 'forwards' ? [here] : [here, known];
  }
  const further = walk === 'forwards' && first.nullable ? [unknown] : [];
  const farther = { [first.column]: { [first.direction === 'asc' ? 'gt' : 'lt']: value } };
  if (first.shared) {
    return [run({ AND: [{ [first.column]: value }, tied] }, true), run(farther, false), ...further];
  }
  // The bound is implied by the rest, and lets the index start at the place.
  const bound = { [first.column]: { [first.direction === 'asc' ? 'gte' : 'lte']: value } };
  return [run({ AND: [bound, { OR: [farther, tied] }] }, false), ...further];
}

function withId(terms: readonly OrderTerm[]): OrderTerm[] {
  return [...terms, { column: 'id', kind: 'text', direction: 'asc' }];
}

/** The rows beyond these values, in terms that may each be null save the last, the ID, which no two rows share. */
function beyond([term, ...others]: readonly OrderTerm[], [value = null, ...rest]: readonly Value[], walk: Walk): Where {
  if (term === undefined) throw new Error('An order without terms has no place in it.');
  const { column } = term;
  const tied = others.length > 0 ? [{ AND: [{ [column]: value }, beyond(others, rest, walk)] }] : [];
  if (value === null) return { OR: walk === 'forwards' ? tied : [{ [column]: { not: null } }, ...tied] };
  const farther = { [column]: { [term.direction === 'asc' ? 'gt' : 'lt']: value } };
  const nulls = term.nullable && walk === 'forwards' ? [{ [column]: null }] : [];
  return { OR: [farther, ...nulls, ...tied] };
}

function prismaOrder({ column, direction, nullable }: OrderTerm, walk: Walk): Where {
  return { [column]: nullable ? { sort: direction, nulls: walk === 'forwards' ? 'last' : 'first' } : direction };
}

function opposite(direction: Direction): Direction {
  return direction === 'asc' ? 'desc' : 'asc';
}

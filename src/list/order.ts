/** The orders of a list. Ties are broken by ID, ascending; nulls come last in both directions. */
import { InvalidInputError, Refusal } from '../errors.ts';

/** A column that a list can be ordered by. There must be an index on (tenant, column, id). */
export type OrderColumn = {
  column: string;
  kind: 'text' | 'integer' | 'decimal' | 'instant';
  nullable?: boolean;
  /** Many records share a value; there must be an index with the column descending as well. */
  shared?: boolean;
};

export type Direction = 'asc' | 'desc';
export type OrderTerm = OrderColumn & { direction: Direction };

/** An order asked for; `field` is a name of the list's table of orders. */
export type OrderInput = { field: string; direction: 'ASC' | 'DESC' };

/**
 * The terms of an order, and without one those of `fallback`.
 *
 * @throws Refusal when a field is named twice.
 */
export function orderTerms(
  columns: Readonly<Record<string, OrderColumn>>,
  orderBy: readonly OrderInput[] | null | undefined,
  fallback: OrderInput,
): OrderTerm[] {
  const asked = orderBy != null && orderBy.length > 0 ? orderBy : [fallback];
  return asked.map(({ field, direction }, position) => {
    const column = columns[field];
    if (column === undefined || asked.findIndex((other) => other.field === field) < position) {
      throw new Refusal([
        new InvalidInputError(
          ['orderBy', String(position), 'field'],
          `Name ${field} once: it is in the order already.`,
        ),
      ]);
    }
    return { ...column, direction: direction === 'DESC' ? 'desc' : 'asc' };
  });
}

/** The order in Prisma's terms, for numbered pages. */
export function prismaOrder(terms: readonly OrderTerm[]): Record<string, unknown>[] {
  const sorted = terms.map(({ column, direction, nullable }) => ({
    [column]: nullable ? { sort: direction, nulls: 'last' } : direction,
  }));
  return [...sorted, { id: 'asc' }];
}

/**
 * Filters: from a GraphQL input to a condition in Prisma's terms. A condition is true or false for every row, never
 * unknown, so that `not` gives exactly the other rows: a null equals nothing, lies in no list and no range.
 */
import { InvalidInputError, Refusal } from '../errors.ts';
import { parseId } from '../global-id.ts';
import { unstorable } from '../write/rules.ts';

export type Where = Record<string, unknown>;
export type Path = readonly string[];

/** Gives a condition, or `undefined` when the value sets none. */
export type Condition<Value> = (value: Value, path: Path) => Where | undefined;

type Maybe<Value> = { [Name in keyof Value]?: Value[Name] | null | undefined };

export type IdFilter = Maybe<{ eq: string; in: readonly string[] }>;
export type TextFilter = Maybe<{
  eq: string;
  neq: string;
  in: readonly string[];
  nin: readonly string[];
  contains: string;
  startsWith: string;
  ignoreCase: boolean;
  isNull: boolean;
}>;
export type CodeFilter = Maybe<{ eq: string; neq: string; in: readonly string[]; nin: readonly string[] }>;
export type RangeFilter<Value> = Maybe<{
  eq: Value;
  neq: Value;
  in: readonly Value[];
  gt: Value;
  gte: Value;
  lt: Value;
  lte: Value;
  isNull: boolean;
}>;

/** Met by no row. Prisma takes `{ OR: [] }` for that at the top alone, and drops it where it stands beside a condition. */
const none: Where = { id: { in: [] } };

/** A column that a filter looks at. */
export type FilterColumn = { column: string; nullable: boolean };

/** All of these; `undefined` when there is none. */
export function all(conditions: readonly (Where | undefined)[]): Where | undefined {
  const set = conditions.filter((condition) => condition !== undefined);
  return set.length > 1 ? { AND: set } : set[0];
}

/** Any of these; no condition among them is met by every row. */
export function any(conditions: readonly (Where | undefined)[]): Where | undefined {
  if (conditions.length === 0) return none;
  return conditions.some((condition) => condition === undefined) ? undefined : { OR: conditions };
}

/** Exactly the other rows; no condition stays none. */
export function not(condition: Where | undefined): Where | undefined {
  return condition && { NOT: condition };
}

/** `type` is that of the record which the column names. */
export function idCondition(column: FilterColumn, type: string): Condition<IdFilter> {
  return ({ eq, in: among }, path) =>
    all([
      eq != null ? known(column, { equals: parseId(type, eq, [...path, 'eq']) }) : undefined,
      among != null
        ? known(column, { in: among.map((id, position) => parseId(type, id, [...path, 'in', String(position)])) })
        : undefined,
    ]);
}

/** For a column of codes that is never null. */
export function codeCondition({ column }: FilterColumn): Condition<CodeFilter> {
  return ({ eq, neq, in: among, nin }) =>
    all([
      eq != null ? { [column]: eq } : undefined,
      neq != null ? { NOT: { [column]: neq } } : undefined,
      among != null ? { [column]: { in: among } } : undefined,
      nin != null ? { NOT: { [column]: { in: nin } } } : undefined,
    ]);
}

/** For numbers and instants: a null is in no range and equals nothing. */
export function rangeCondition<Value>(column: FilterColumn): Condition<RangeFilter<Value>> {
  return ({ eq, neq, in: among, gt, gte, lt, lte, isNull }) =>
    all([
      eq != null ? known(column, { equals: eq }) : undefined,
      neq != null ? not(known(column, { equals: neq })) : undefined,
      among != null ? known(column, { in: among }) : undefined,
      gt != null ? known(column, { gt }) : undefined,
      gte != null ? known(column, { gte }) : undefined,
      lt != null ? known(column, { lt }) : undefined,
      lte != null ? known(column, { lte }) : undefined,
      nullCondition(column, isNull),
    ]);
}

/** For texts. @throws Refusal for one that PostgreSQL could not store, and so cannot look for. */
export function textCondition(column: FilterColumn): Condition<TextFilter> {
  return (filter, path) => {
    assertSearchable(filter, path);
    const { eq, neq, in: among, nin, contains, startsWith, isNull } = filter;
    const ignoreCase = filter.ignoreCase === true;
    const mode = ignoreCase ? { mode: 'insensitive' } : {};
    // Without case, even equality is a pattern to PostgreSQL.
    const equals = (value: string) => known(column, { equals: ignoreCase ? pattern(value) : value, ...mode });
    const isAmong = (values: readonly string[]) =>
      ignoreCase && values.length > 0 ? any(values.map(equals)) : known(column, { in: values });
    return all([
      eq != null ? equals(eq) : undefined,
      neq != null ? not(equals(neq)) : undefined,
      among != null ? isAmong(among) : undefined,
      nin != null ? not(isAmong(nin)) : undefined,
      contains != null ? known(column, { contains: pattern(contains), ...mode }) : undefined,
      startsWith != null ? known(column, { startsWith: pattern(startsWith), ...mode }) : undefined,
      nullCondition(column, isNull),
    ]);
  };
}

/** Records of which a row in the relation has a matching text; each condition may be met by another row. */
export function relatedTextCondition(relation: string, column: string): Condition<TextFilter> {
  const text = textCondition({ column, nullable: false });
  return ({ neq, nin, isNull, ignoreCase, ...positive }, path) => {
    const some = (filter: TextFilter) => {
      const condition = text({ ...filter, ignoreCase }, path);
      return condition && { [relation]: { some: condition } };
    };
    return all([
      ...Object.entries(positive).map(([name, value]) => some({ [name]: value })),
      not(some({ eq: neq })),
      not(some({ in: nin })),
      isNull == null ? undefined : { [relation]: isNull ? { none: {} } : { some: {} } },
    ]);
  };
}

/** One of these values. */
export function amongCondition({ column, nullable }: FilterColumn): Condition<readonly string[]> {
  return (values) => known({ column, nullable }, { in: values });
}

function known({ column, nullable }: FilterColumn, condition: Where): Where {
  return nullable ? { AND: [{ NOT: { [column]: null } }, { [column]: condition }] } : { [column]: condition };
}

function nullCondition({ column, nullable }: FilterColumn, isNull: boolean | null | undefined): Where | undefined {
  if (isNull == null) return undefined;
  if (!nullable) return isNull ? none : { NOT: none };
  return isNull ? { [column]: null } : { NOT: { [column]: null } };
}

/** Prisma hands text to LIKE and ILIKE as it is, where `%` and `_` stand for anything. */
function pattern(text: string): string {
  return text.replaceAll(/[\\%_]/g, '\\$&');
}

/** No stored text that can be searched is longer, and a pattern of megabytes keeps the database busy for seconds. */
const LONGEST_SEARCH = 2_000;

function tooLong({ length }: string): string | undefined {
  return length > LONGEST_SEARCH ? `Search for at most ${LONGEST_SEARCH} characters, not ${length}.` : undefined;
}

function assertSearchable(filter: TextFilter, path: Path): void {
  for (const [name, value] of Object.entries(filter)) {
    for (const text of [value].flat()) {
      const problem = typeof text === 'string' ? (tooLong(text) ?? unstorable(text)) : undefined;
      if (problem !== undefined) throw new Refusal([new InvalidInputError([...path, name], problem)]);
    }
  }
}

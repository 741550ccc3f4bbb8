/** The filter inputs that all lists share, and how a list puts its own together from them. */
import type { InputFieldMap, InputRef } from '@pothos/core';
import { builder } from '../builder.ts';
import { InvalidInputError, Refusal } from '../errors.ts';
import {
  all,
  amongCondition,
  any,
  type CodeFilter,
  type Condition,
  codeCondition,
  type FilterColumn,
  type IdFilter,
  idCondition,
  not,
  type Path,
  type RangeFilter,
  rangeCondition,
  relatedTextCondition,
  type TextFilter,
  textCondition,
  type Where,
} from './filter.ts';

const eq = 'Equal to this.';
const neq = 'Not equal to this; `null` is equal to nothing, so it is included.';
const among = 'One of these; an empty list matches nothing.';
const nin = 'None of these; `null` is included.';
const gt = 'Greater than this.';
const gte = 'This or greater.';
const lt = 'Less than this.';
const lte = 'This or less.';
const isNull = '`true`: without a value; `false`: with one.';

const IDFilterInput = builder.inputRef<IdFilter>('IDFilter').implement({
  description: 'All conditions given hold. Global IDs and bare UUIDs are taken.',
  fields: (t) => ({ eq: t.id({ description: eq }), in: t.idList({ description: among }) }),
});

const StringFilterInput = builder.inputRef<TextFilter>('StringFilter').implement({
  description: 'All conditions given hold.',
  fields: (t) => ({
    eq: t.string({ description: eq }),
    neq: t.string({ description: neq }),
    in: t.stringList({ description: among }),
    nin: t.stringList({ description: nin }),
    contains: t.string({ description: 'Has this text in it, taken literally.' }),
    startsWith: t.string({ description: 'Begins with this text, taken literally.' }),
    ignoreCase: t.boolean({
      description: 'Whether the conditions beside it ignore upper and lower case; `false` by default.',
    }),
    isNull: t.boolean({ description: isNull }),
  }),
});

const CountryFilterInput = builder.inputRef<CodeFilter>('CountryFilter').implement({
  description: 'All conditions given hold. `DE` and `DEU` are the same country.',
  fields: (t) => ({
    eq: t.field({ type: 'CountryCode', description: eq }),
    neq: t.field({ type: 'CountryCode', description: 'Not equal to this.' }),
    in: t.field({ type: ['CountryCode'], description: among }),
    nin: t.field({ type: ['CountryCode'], description: 'None of these.' }),
  }),
});

const IntFilterInput = builder.inputRef<RangeFilter<number>>('IntFilter').implement({
  description: 'All conditions given hold. `null` lies in no range.',
  fields: (t) => ({
    eq: t.int({ description: eq }),
    neq: t.int({ description: neq }),
    in: t.intList({ description: among }),
    gt: t.int({ description: gt }),
    gte: t.int({ description: gte }),
    lt: t.int({ description: lt }),
    lte: t.int({ description: lte }),
    isNull: t.boolean({ description: isNull }),
  }),
});

const FloatFilterInput = builder.inputRef<RangeFilter<number>>('FloatFilter').implement({
  description: 'All conditions given hold. `null` lies in no range.',
  fields: (t) => ({
    gt: t.float({ description: gt }),
    gte: t.float({ description: gte }),
    lt: t.float({ description: lt }),
    lte: t.float({ description: lte }),
    isNull: t.boolean({ description: isNull }),
  }),
});

const DateTimeFilterInput = builder.inputRef<RangeFilter<Date>>('DateTimeFilter').implement({
  description: 'All conditions given hold. `null` lies in no range.',
  fields: (t) => ({
    gt: t.field({ type: 'DateTime', description: 'After this instant.' }),
    gte: t.field({ type: 'DateTime', description: 'At this instant or after.' }),
    lt: t.field({ type: 'DateTime', description: 'Before this instant.' }),
    lte: t.field({ type: 'DateTime', description: 'At this instant or before.' }),
    isNull: t.boolean({ description: isNull }),
  }),
});

/** One field of a list's filter: its input type, and the condition that a value of that type sets. */
export type FilterField = { type: FilterInputType; description: string; condition: Condition<never> };

type FilterInputType = InputRef<unknown> | 'Boolean' | 'DateTime' | readonly [InputRef<unknown> | 'String'];

const nonNull = (column: string): FilterColumn => ({ column, nullable: false });
const nullable = (column: string): FilterColumn => ({ column, nullable: true });

/** The kinds of field; each takes the column that it looks at. */
export const filterBy = {
  id: (column: string, type: string, description: string): FilterField => ({
    type: IDFilterInput,
    description,
    condition: idCondition(nonNull(column), type),
  }),
  optionalId: (column: string, type: string, description: string): FilterField => ({
    type: IDFilterInput,
    description,
    condition: idCondition(nullable(column), type),
  }),
  relatedText: (relation: string, column: string, description: string): FilterField => ({
    type: StringFilterInput,
    description,
    condition: relatedTextCondition(relation, column),
  }),
  value: (column: string, type: InputRef<unknown>, description: string): FilterField => ({
    type,
    description,
    condition: (value: string) => ({ [column]: value }),
  }),
  among: (column: string, type: InputRef<unknown>, description: string): FilterField => ({
    type: [type],
    description,
    condition: amongCondition(nonNull(column)),
  }),
  optionalAmong: (column: string, type: InputRef<unknown>, description: string): FilterField => ({
    type: [type],
    description,
    condition: amongCondition(nullable(column)),
  }),
  text: (column: string, description: string): FilterField => ({
    type: StringFilterInput,
    description,
    condition: textCondition(nonNull(column)),
  }),
  optionalText: (column: string, description: string): FilterField => ({
    type: StringFilterInput,
    description,
    condition: textCondition(nullable(column)),
  }),
  country: (column: string, description: string): FilterField => ({
    type: CountryFilterInput,
    description,
    condition: codeCondition(nonNull(column)),
  }),
  optionalInt: (column: string, description: string): FilterField => ({
    type: IntFilterInput,
    description,
    condition: rangeCondition<number>(nullable(column)),
  }),
  float: (column: string, description: string): FilterField => ({
    type: FloatFilterInput,
    description,
    condition: rangeCondition<number>(nonNull(column)),
  }),
  optionalFloat: (column: string, description: string): FilterField => ({
    type: FloatFilterInput,
    description,
    condition: rangeCondition<number>(nullable(column)),
  }),
  instant: (column: string, description: string): FilterField => ({
    type: DateTimeFilterInput,
    description,
    condition: rangeCondition<Date>(nonNull(column)),
  }),
  optionalInstant: (column: string, description: string): FilterField => ({
    type: DateTimeFilterInput,
    description,
    condition: rangeCondition<Date>(nullable(column)),
  }),
  flag: (column: string, description: string): FilterField => ({
    type: 'Boolean',
    description,
    condition: (value: boolean) => ({ [column]: value }),
  }),
};

const MAX_DEPTH = 5;
const MAX_VALUES = 1000;

type Combined = { and?: Combined[] | null; or?: Combined[] | null; not?: Combined | null };

export type Filter = { input: InputRef<object>; condition: Condition<object | null | undefined> };

/** A list's filter input with `and`, `or` and `not`, and the condition that it sets. */
export function defineFilter(name: string, description: string, fields: Readonly<Record<string, FilterField>>): Filter {
  const input = builder.inputRef<object>(name);
  input.implement({
    description: `${description} All conditions given hold; an absent field, \`null\` and \`{}\` set none. Depth of \`and\`, \`or\` and \`not\`: at most ${MAX_DEPTH}; values in all: at most ${MAX_VALUES}.`,
    fields: (t) => ({
      and: t.field({ type: [input], description: 'All of these hold.' }),
      or: t.field({ type: [input], description: 'At least one of these holds; an empty list matches nothing.' }),
      not: t.field({ type: input, description: 'This does not hold: exactly the other records.' }),
      ...inputFields(t, fields),
    }),
  });
  return {
    input,
    condition(filter, path) {
      refuseManyValues(filter ?? {}, path);
      return combine(fields, filter ?? {}, path, 0);
    },
  };
}

function inputFields(t: object, fields: Readonly<Record<string, FilterField>>): InputFieldMap {
  const { field } = t as { field(options: object): never };
  const refs = Object.entries(fields).map(([name, { type, description }]) => [
    name,
    field.call(t, { type, description }),
  ]);
  return Object.fromEntries(refs);
}

function combine(
  fields: Readonly<Record<string, FilterField>>,
  filter: Combined,
  path: Path,
  depth: number,
): Where | undefined {
  if (depth > MAX_DEPTH) {
    throw new Refusal([new InvalidInputError(path, `Nest and, or and not at most ${MAX_DEPTH} deep.`)]);
  }
  const inner = (operand: Combined, ...step: string[]) => combine(fields, operand, [...path, ...step], depth + 1);
  const own = Object.entries(fields).map(([name, { condition }]) => {
    const value = (filter as Record<string, unknown>)[name];
    return value == null ? undefined : condition(value as never, [...path, name]);
  });
  return all([
    ...own,
    ...(filter.and ?? []).map((operand, position) => inner(operand, 'and', String(position))),
    filter.or == null ? undefined : any(filter.or.map((operand, position) => inner(operand, 'or', String(position)))),
    filter.not == null ? undefined : not(inner(filter.not, 'not')),
  ]);
}

/** Each becomes a parameter of the statement, of which PostgreSQL takes 65,535. */
function refuseManyValues(filter: object, path: Path): void {
  const count = countValues(filter);
  if (count <= MAX_VALUES) return;
  throw new Refusal([
    new InvalidInputError(
      path,
      `Give at most ${MAX_VALUES} values in one filter, not ${count}: ask in several requests.`,
    ),
  ]);
}

function countValues(value: unknown): number {
  if (typeof value !== 'object' || value === null || value instanceof Date) return 1;
  return Object.values(value).reduce((sum: number, inner) => sum + countValues(inner), 0);
}

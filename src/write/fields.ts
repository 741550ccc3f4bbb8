/**
 * A type's table of fields: all that a client may write, and the one place to add to. The output type, the inputs, their
 * rules and the patch come from it.
 */
import { isDeepStrictEqual } from 'node:util';
import type { z } from 'zod';
import { InvalidInputError } from '../errors.ts';

/** A GraphQL type by its name; in brackets, a list of it. */
export type TypeName = string | readonly [string];

export type Field<Stored = unknown> = {
  readonly description: string;
  /** The type in inputs, and in the output type; `undefined` where the output shows something else, such as a relation. */
  readonly input: TypeName;
  readonly output: TypeName | undefined;
  /** From a value that GraphQL has coerced, never null, to the value stored. */
  readonly rule: z.ZodType<Stored>;
  /** What `null` stores, and absence at creation; `undefined` where the field is required. */
  readonly empty: Stored | undefined;
  /** What absence stores at creation in place of `empty`. */
  readonly initial?: Stored | ((given: Readonly<Record<string, unknown>>) => Stored);
  /** Not asked for when creating. */
  readonly later?: true;
  /** Given at creation and never changed after. */
  readonly fixed?: true;
};

export type Fields = Readonly<Record<string, Field>>;

/** The values that a table's fields store. */
export type Values<Table extends Fields> = {
  -readonly [Name in keyof Table]: Table[Name] extends Field<infer Stored> ? Stored : never;
};

/** A field that a record cannot be without. */
export function required<T>(
  type: TypeName,
  rule: z.ZodType<T>,
  description: string,
  creation: Pick<Field<T>, 'initial' | 'later' | 'fixed'> = {},
): Field<T> {
  return { description, input: type, output: type, rule, empty: undefined, ...creation };
}

/** A field that may be unknown. */
export function optional<T>(type: TypeName, rule: z.ZodType<T>, description: string, output = type): Field<T | null> {
  return { description, input: type, output, rule, empty: null };
}

/** A list; to clear it is to empty it. */
export function list<T>(type: string, rule: z.ZodType<T[]>, description: string, output = type): Field<T[]> {
  return { description, input: [type], output: [output], rule, empty: [] };
}

/** A statement that holds only once it was made. */
export function flag(rule: z.ZodType<boolean>, description: string): Field<boolean> {
  return { description, input: 'Boolean', output: 'Boolean', rule, empty: false };
}

/** The ID of a record of another type; the output shows that record as a relation. */
export function link(rule: z.ZodType<string>, description: string): Field<string | null> {
  return { description, input: 'ID', output: undefined, rule, empty: null };
}

/** What a client sent: GraphQL has checked the types, nothing has checked the rules. */
export type Input = Readonly<Record<string, unknown>>;

/** What an input says, and everything that is wrong with it. */
export type Parsed<Table extends Fields> = { values: Partial<Values<Table>>; problems: InvalidInputError[] };

/**
 * The values of the fields that `input` has: absent fields stay absent, `null` clears. A field with a problem is left out
 * of `values`, so that what is right can still be looked at and all problems be reported at once.
 */
export function parseFields<Table extends Fields>(fields: Table, input: Input, path: readonly string[]): Parsed<Table> {
  const values: Record<string, unknown> = {};
  const problems: InvalidInputError[] = [];
  for (const [name, field] of Object.entries(fields)) {
    const value = input[name];
    if (value === undefined) continue;
    if (value === null) {
      if (field.empty === undefined) problems.push(requiredProblem(name, path));
      else values[name] = field.empty;
      continue;
    }
    const result = field.rule.safeParse(value);
    if (result.success) values[name] = result.data;
    else problems.push(...result.error.issues.map((issue) => invalidProblem(issue, [...path, name])));
  }
  return { values: values as Partial<Values<Table>>, problems };
}

function requiredProblem(name: string, path: readonly string[]): InvalidInputError {
  return new InvalidInputError([...path, name], `Give ${name} a value: it cannot be empty.`, { code: 'REQUIRED' });
}

function invalidProblem(issue: z.core.$ZodIssue, path: readonly string[]): InvalidInputError {
  const validValues: readonly string[] | undefined = issue.code === 'custom' ? issue.params?.validValues : undefined;
  return new InvalidInputError([...path, ...issue.path.map(String)], issue.message, {
    ...(validValues && { validValues }),
  });
}

/** One problem for each required field that a new record would lack. Fields that already have a problem are not repeated. */
export function missingFields(fields: Fields, input: Input, path: readonly string[]): InvalidInputError[] {
  return Object.entries(fields)
    .filter(([name, field]) => input[name] === undefined && field.empty === undefined && field.initial === undefined)
    .map(([name]) => requiredProblem(name, path));
}

/** All the fields of a new record. */
export function withInitialValues<Table extends Fields>(fields: Table, values: Partial<Values<Table>>): Values<Table> {
  const initial = Object.entries(fields).map(([name, { initial, empty }]) => {
    const value = typeof initial === 'function' ? initial(values) : initial;
    return [name, value ?? empty];
  });
  return { ...Object.fromEntries(initial), ...values };
}

/** The part of `values` that differs from what `row` has. */
export function changes<Table extends Fields>(
  row: Values<Table>,
  values: Partial<Values<Table>>,
): Partial<Values<Table>> {
  const changed = Object.entries(values).filter(([name, value]) => !isDeepStrictEqual(row[name], value));
  return Object.fromEntries(changed) as Partial<Values<Table>>;
}

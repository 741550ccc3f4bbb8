/**
 * From a type's table of fields to its output type and its inputs. A table is data, so types go by their names here and
 * Pothos cannot infer shapes from them; the rules in the table, not these types, decide what an operation gets.
 */
import type { FieldMap, InputFieldMap } from '@pothos/core';
import { builder, type Context } from './builder.ts';
import { toGlobalId } from './global-id.ts';
import type { Field, Fields, TypeName } from './write/fields.ts';

type AnyFieldBuilder = { field(options: object): never };

/** The ID of a record, as a global ID and as a bare UUID in `idField`. */
export function idFields(t: object, type: string, idField: string): FieldMap {
  const { field } = t as AnyFieldBuilder;
  return {
    id: field.call(t, {
      type: 'ID',
      description: 'Global ID.',
      resolve: ({ id }: { id: string }) => toGlobalId(type, id),
    }),
    [idField]: field.call(t, { type: 'UUID', description: 'The bare UUID.', resolve: ({ id }: { id: string }) => id }),
  };
}

/** What every record says of its changes. */
export const stampFields = {
  createdAt: { output: 'DateTime', empty: undefined, description: 'When the record was created here.' },
  updatedAt: { output: 'DateTime', empty: null, description: 'When it last changed; `null` until the first change.' },
  version: {
    output: 'Int',
    empty: undefined,
    description: 'Grows by one with every change; pass it back as `ifVersion` to refuse a lost update.',
  },
} as const;

type Shown = Readonly<Record<string, Pick<Field, 'output' | 'empty' | 'description'>>>;

type Resolve = (parent: Record<string, unknown>, args: object, context: Context) => unknown;

/** The output fields: each shows the column of its name, and in a `prismaObject` selects it. */
export function outputFields(t: object, fields: Shown): FieldMap;
/** The same fields on another type, with values that are found elsewhere. */
export function outputFields<Table extends Shown>(
  t: object,
  fields: Table,
  resolveBy: (name: keyof Table) => Resolve,
): FieldMap;
export function outputFields(t: object, fields: Shown, resolveBy?: (name: string) => Resolve): FieldMap {
  const { field } = t as AnyFieldBuilder;
  const shown = Object.entries(fields).filter(([, { output }]) => output !== undefined);
  return mapFields(Object.fromEntries(shown), (name, { output, empty, description }) =>
    field.call(t, {
      type: output,
      nullable: empty === null,
      description,
      ...(!resolveBy && { select: { [name]: true } }),
      resolve: resolveBy?.(name) ?? ((row: Record<string, unknown>) => row[name]),
    }),
  );
}

/** Which fields an input has, and whether GraphQL itself asks for the required ones. */
type Purpose = 'create' | 'upsert' | 'patch';

const DESCRIPTIONS: Record<Purpose, string> = {
  create: 'Absent fields and `null` are unknown; lists start empty.',
  upsert: 'Absent fields keep their value, `null` clears, a list is replaced whole.',
  patch: 'Leave a field out to keep it, send `null` to clear it, send a value to set it. A list is replaced whole.',
};

/** An input type for all the fields that a client may write for this purpose. */
export function inputFor(
  purpose: Purpose,
  name: string,
  fields: Fields,
  options: { description?: string; idField?: { name: string; description: string } } = {},
) {
  const { idField, description = '' } = options;
  return builder.inputType(name, {
    description: `${description} ${DESCRIPTIONS[purpose]}`.trim(),
    fields: (t) => ({
      ...(idField && { [idField.name]: t.field({ type: 'UUID', description: idField.description }) }),
      ...inputFields(t, fields, purpose),
    }),
  });
}

function inputFields(t: object, fields: Fields, purpose: Purpose): InputFieldMap {
  const { field } = t as AnyFieldBuilder;
  const asked = Object.entries(fields).filter(([, { later, fixed }]) =>
    purpose === 'create' ? !later : purpose !== 'patch' || !fixed,
  );
  return mapFields(Object.fromEntries(asked), (_, { input, empty, description }) =>
    field.call(t, {
      type: input,
      required: requiredness(input, purpose === 'create' && empty === undefined),
      description,
    }),
  );
}

/** A list may be `null`; its items may not. */
function requiredness(type: TypeName, required: boolean) {
  return typeof type === 'string' ? required : { list: required, items: true };
}

function mapFields<Of, Ref>(
  fields: Readonly<Record<string, Of>>,
  toRef: (name: string, field: Of) => Ref,
): Record<string, Ref> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, toRef(name, field)]));
}

/** An enum whose values a table describes. */
export function describedEnum<Name extends string>(
  name: string,
  description: string,
  described: Readonly<Record<Name, string>>,
) {
  const values = Object.entries<string>(described).map(([value, meaning]) => [value, { description: meaning }]);
  return builder.enumType(name, {
    description,
    values: Object.fromEntries(values) as Record<Name, { description: string }>,
  });
}

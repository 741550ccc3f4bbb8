/**
 * From a type's table of fields to its output type and its inputs. A table is data, so types go by their names here and
 * Pothos cannot infer shapes from them; the rules in the table, not these types, decide what an operation gets.
 */
import type { FieldMap, InputFieldMap } from '@pothos/core';
import { builder } from './builder.ts';
import type { Field, Fields, TypeName } from './write/fields.ts';

type AnyFieldBuilder = { field(options: object): never };

/** The output fields; each selects its own column. `t` is that of a `prismaObject`. */
export function outputFields(t: object, fields: Fields): FieldMap {
  const { field } = t as AnyFieldBuilder;
  return mapFields(fields, (name, { output, empty, description }) =>
    field.call(t, {
      type: output,
      nullable: empty === null,
      description,
      select: { [name]: true },
      resolve: (row: Record<string, unknown>) => row[name],
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
  const asked = Object.entries(fields).filter(([, { initial }]) => purpose !== 'create' || initial === undefined);
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

function mapFields<Ref>(fields: Fields, toRef: (name: string, field: Field) => Ref): Record<string, Ref> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, toRef(name, field)]));
}

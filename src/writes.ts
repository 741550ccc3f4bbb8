/** The mutations of a type and what they answer, alike for all: the record, what was done to it, and what was wrong. */
import type { InputRef, ObjectRef } from '@pothos/core';
import type { GraphQLResolveInfo } from 'graphql';
import { builder, type Context, type SchemaTypes } from './builder.ts';
import type { TenantDatabase } from './database/client.ts';
import { orRefused, Refused } from './errors.ts';
import { costs } from './field-cost.ts';
import { toGlobalId } from './global-id.ts';
import { withRelations } from './node.ts';
import { UpsertOutcome, UserErrorInterface, userErrorsOf, Warning } from './user-errors.ts';
import type { Input } from './write/fields.ts';
import type { Key } from './write/record.ts';
import type { Written } from './write/written.ts';

type Row = { id: string };
type WriteAnswer = Written<Row> | Refused;
type DeleteAnswer = Row | Refused;
type PayloadFields = PothosSchemaTypes.FieldBuilder<SchemaTypes, WriteAnswer>;

/** How a type is called in the schema and in sentences. */
export type Names = { type: string; plural: string; field: string; noun: string };

/** What RecordOperations offers for any type of record. */
type Operations = {
  create(database: TenantDatabase, input: Input, path: readonly string[]): Promise<Written<Row>>;
  upsert(database: TenantDatabase, input: Input, path: readonly string[]): Promise<Written<Row>>;
  upsertAll(database: TenantDatabase, items: readonly Input[]): Promise<(Written<Row> | Refused)[]>;
  patch(database: TenantDatabase, key: Key<never>, patch: Input, ifVersion?: number | null): Promise<Written<Row>>;
  delete(database: TenantDatabase, key: Key<never>, ifVersion?: number | null): Promise<Row>;
};

export type Writes<By> = {
  names: Names;
  record: ObjectRef<SchemaTypes, Row>;
  operations: Operations;
  /** The input of `by`, and the key in it. */
  by: { input: InputRef<By>; parse(by: By): Key<never> };
  /** With the word that begins the mutation's name; absent where a type is only ever upserted. */
  create?: { verb: string; input: InputRef<object>; description: string };
  upsert: InputRef<object>;
  patch: InputRef<object>;
  delete: { description: string };
};

/** Defines a type's mutations to create, upsert, patch and delete one, and to upsert many. */
export function defineWrites<By extends object>(writes: Writes<By>): void {
  const { names, operations, create } = writes;
  const key: InputRef<object> = writes.by.input as InputRef<object>;
  const { type, plural, noun } = names;
  const upsertPayload = defineUpsertPayload(writes);
  const ifVersion = `Refuse the write with STALE_VERSION unless the ${noun} is at this version.`;
  const which = `Which ${noun}.`;
  const parseThen = async <Answer>(by: object, run: (key: Key<never>) => Promise<Answer>) =>
    run(writes.by.parse(by as By));

  if (create) {
    const payload = defineCreatePayload(writes, create.verb);
    builder.mutationField(`${create.verb}${type}`, (t) =>
      t.field({
        type: payload,
        description: create.description,
        args: { input: t.arg({ type: create.input, required: true, description: `The new ${noun}.` }) },
        resolve: (_, { input }, context) => orRefused(operations.create(context.db, input as Input, ['input'])),
      }),
    );
  }
  builder.mutationFields((t) => ({
    [`upsert${type}`]: t.field({
      type: upsertPayload,
      description: `Creates a ${noun}, or changes the one that a key of the input names. Safe to repeat, also in parallel.`,
      args: { input: t.arg({ type: writes.upsert, required: true, description: `The ${noun}.` }) },
      resolve: (_, { input }, context) => orRefused(operations.upsert(context.db, input as Input, ['input'])),
    }),
    [`upsert${plural}`]: t.field({
      type: defineUpsertManyPayload(names, upsertPayload),
      description: `Upserts one ${noun} after the other; each item stands alone.`,
      args: {
        items: t.arg({
          type: [writes.upsert],
          required: true,
          description: 'At most 250, unless the server is set otherwise.',
        }),
      },
      ...costs({ list: { slicingArguments: ['items'], assumedSize: 1, sizedFields: ['results'] } }),
      resolve: (_, { items }, context) => operations.upsertAll(context.db, items as Input[]),
    }),
    [`patch${type}`]: t.field({
      type: definePatchPayload(writes),
      description: `Changes the fields given of one ${noun}.`,
      args: {
        by: t.arg({ type: key, required: true, description: which }),
        patch: t.arg({ type: writes.patch, required: true, description: 'What to change.' }),
        ifVersion: t.arg.int({ description: ifVersion }),
      },
      resolve: (_, { by, patch, ifVersion }, context) =>
        orRefused(parseThen(by, (key) => operations.patch(context.db, key, patch as Input, ifVersion))),
    }),
    [`delete${type}`]: t.field({
      type: defineDeletePayload(names),
      description: writes.delete.description,
      args: {
        by: t.arg({ type: key, required: true, description: which }),
        ifVersion: t.arg.int({ description: ifVersion }),
      },
      resolve: (_, { by, ifVersion }, context) =>
        orRefused(parseThen(by, (key) => operations.delete(context.db, key, ifVersion))),
    }),
  }));
}

type Described = Pick<Writes<never>, 'record' | 'names'>;

const written = (answer: WriteAnswer): Partial<Written<Row>> => (answer instanceof Refused ? {} : answer);

function defineCreatePayload(described: Described, verb: string) {
  const { names } = described;
  return builder.objectRef<WriteAnswer>(`${capitalize(verb)}${names.type}Payload`).implement({
    description: `What creating a ${names.noun} did.`,
    fields: (t) => ({
      [names.field]: recordField(t, described),
      warnings: warningsField(t),
      userErrors: userErrorsField(t),
    }),
  });
}

function defineUpsertPayload(described: Described) {
  const { names } = described;
  return builder.objectRef<WriteAnswer>(`Upsert${names.type}Payload`).implement({
    description: `What upserting a ${names.noun} did.`,
    fields: (t) => ({
      [names.field]: recordField(t, described),
      outcome: t.field({
        type: UpsertOutcome,
        nullable: true,
        description: '`null` when it was refused.',
        resolve: (answer) => written(answer).outcome,
      }),
      matchedBy: t.string({
        nullable: true,
        description: 'The input field that found the record, such as `externalId`; `null` when none did.',
        resolve: (answer) => written(answer).matchedBy,
      }),
      changedFields: changedFieldsField(t),
      warnings: warningsField(t),
      userErrors: userErrorsField(t),
    }),
  });
}

function defineUpsertManyPayload({ plural }: Names, upsertPayload: ObjectRef<SchemaTypes, WriteAnswer>) {
  return builder.objectRef<WriteAnswer[]>(`Upsert${plural}Payload`).implement({
    description: "One result for each item, in the order given; paths start at the item's position.",
    fields: (t) => ({
      results: t.field({
        type: [upsertPayload],
        description: 'What each item did.',
        resolve: (answers) => answers,
      }),
      succeeded: t.int({
        description: 'How many items were taken.',
        resolve: (answers) => answers.filter((answer) => !(answer instanceof Refused)).length,
      }),
      failed: t.int({
        description: 'How many items were refused.',
        resolve: (answers) => answers.filter((answer) => answer instanceof Refused).length,
      }),
    }),
  });
}

function definePatchPayload(described: Described) {
  const { names } = described;
  return builder.objectRef<WriteAnswer>(`Patch${names.type}Payload`).implement({
    description: `What patching a ${names.noun} did.`,
    fields: (t) => ({
      [names.field]: recordField(t, described),
      changedFields: changedFieldsField(t),
      warnings: warningsField(t),
      userErrors: userErrorsField(t),
    }),
  });
}

function defineDeletePayload({ type, noun }: Names) {
  return builder.objectRef<DeleteAnswer>(`Delete${type}Payload`).implement({
    description: `What deleting a ${noun} did.`,
    fields: (t) => ({
      deletedId: t.id({
        nullable: true,
        description: 'Global ID of the record that is gone; `null` when it was refused.',
        resolve: (answer) => (answer instanceof Refused ? null : toGlobalId(type, answer.id)),
      }),
      userErrors: t.field({
        type: [UserErrorInterface],
        description: 'What the caller can put right. When there is any, nothing was deleted.',
        resolve: userErrorsOf,
      }),
    }),
  });
}

function recordField(t: PayloadFields, { record, names: { type } }: Described) {
  return t.field({
    type: record,
    nullable: true,
    description: 'The record after the write; `null` when it was refused.',
    resolve: (answer: WriteAnswer, _: object, context: Context, info: GraphQLResolveInfo) =>
      answer instanceof Refused ? null : withRelations(type, answer.row, context, info),
  });
}

function changedFieldsField(t: PayloadFields) {
  return t.stringList({
    description: 'The input fields whose stored value changed; of a new record, those that were given.',
    resolve: (answer: WriteAnswer) => [...(written(answer).changedFields ?? [])],
  });
}

function warningsField(t: PayloadFields) {
  return t.field({
    type: [Warning],
    description: 'What is odd about the record and was accepted.',
    resolve: (answer: WriteAnswer) => [...(written(answer).warnings ?? [])],
  });
}

function userErrorsField(t: PayloadFields) {
  return t.field({
    type: [UserErrorInterface],
    description: 'What the caller can put right, all at once. When there is any, nothing was written.',
    resolve: userErrorsOf,
  });
}

function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

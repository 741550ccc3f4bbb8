/** The payloads of mutations, alike for every type: the record, what was done to it, and what was wrong instead. */
import type { ObjectRef } from '@pothos/core';
import { queryFromInfo } from '@pothos/plugin-prisma';
import type { GraphQLResolveInfo } from 'graphql';
import { builder, type Context, type SchemaTypes } from './builder.ts';
import { Refused } from './errors.ts';
import { toGlobalId } from './global-id.ts';
import { UpsertOutcome, UserErrorInterface, userErrorsOf, Warning } from './user-errors.ts';
import type { Written } from './write/written.ts';

type Row = { id: string };
type WriteAnswer = Written<Row> | Refused;
type PayloadFields = PothosSchemaTypes.FieldBuilder<SchemaTypes, WriteAnswer>;
type DeleteAnswer = Row | Refused;

/** Names for a type's payloads: `Company` and `company`, or with `plural` `Companies`. */
type Names = { type: string; field: string; plural: string };

const written = (answer: WriteAnswer): Partial<Written<Row>> => (answer instanceof Refused ? {} : answer);

/** Defines what a type's create, upsert, patch and delete answer. `createVerb` begins the first one's name. */
export function definePayloads(
  record: ObjectRef<SchemaTypes, Row>,
  { type, field, plural }: Names,
  createVerb = 'Create',
) {
  const recordField = (t: PayloadFields) =>
    t.field({
      type: record,
      nullable: true,
      description: 'The record after the write; `null` when it was refused.',
      resolve(answer: WriteAnswer, _: object, context: Context, info: GraphQLResolveInfo) {
        // Tells Pothos that the row has what is selected. It would read it again, and show a later write of someone else.
        queryFromInfo({ context, info, typeName: type });
        return written(answer).row;
      },
    });
  const userErrors = (t: PayloadFields) =>
    t.field({
      type: [UserErrorInterface],
      description: 'What the caller can put right, all at once. When there is any, nothing was written.',
      resolve: userErrorsOf,
    });
  const warnings = (t: PayloadFields) =>
    t.field({
      type: [Warning],
      description: 'What is odd about the record and was accepted.',
      resolve: (answer: WriteAnswer) => [...(written(answer).warnings ?? [])],
    });
  const changedFields = (t: PayloadFields) =>
    t.stringList({
      description: 'The input fields whose stored value changed; of a new record, those that were given.',
      resolve: (answer: WriteAnswer) => [...(written(answer).changedFields ?? [])],
    });

  const create = builder.objectRef<WriteAnswer>(`${createVerb}${type}Payload`).implement({
    description: `What creating a ${type} did.`,
    fields: (t) => ({ [field]: recordField(t), warnings: warnings(t), userErrors: userErrors(t) }),
  });
  const upsert = builder.objectRef<WriteAnswer>(`Upsert${type}Payload`).implement({
    description: `What upserting a ${type} did.`,
    fields: (t) => ({
      [field]: recordField(t),
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
      changedFields: changedFields(t),
      warnings: warnings(t),
      userErrors: userErrors(t),
    }),
  });
  const patch = builder.objectRef<WriteAnswer>(`Patch${type}Payload`).implement({
    description: `What patching a ${type} did.`,
    fields: (t) => ({
      [field]: recordField(t),
      changedFields: changedFields(t),
      warnings: warnings(t),
      userErrors: userErrors(t),
    }),
  });
  const remove = builder.objectRef<DeleteAnswer>(`Delete${type}Payload`).implement({
    description: `What deleting a ${type} did.`,
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
  const upsertMany = builder.objectRef<WriteAnswer[]>(`Upsert${plural}Payload`).implement({
    description: "One result for each item, in the order given; paths start at the item's position.",
    fields: (t) => ({
      results: t.field({ type: [upsert], description: 'What each item did.', resolve: (answers) => answers }),
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
  return { create, upsert, patch, delete: remove, upsertMany };
}

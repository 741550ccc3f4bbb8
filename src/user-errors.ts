/** How the domain's errors and the answers of writes look in the schema. */
import { builder } from './builder.ts';
import {
  ConflictError,
  InvalidInputError,
  NotFoundError,
  Refused,
  StaleVersionError,
  type UserError,
} from './errors.ts';
import { asNode, Node, withRelations } from './node.ts';
import type { Warning as WarningShape } from './write/written.ts';

const UserErrorCode = builder.enumType('UserErrorCode', {
  description: 'What kind of failure it is.',
  values: {
    INVALID: { description: 'A value breaks a rule.' },
    REQUIRED: { description: 'A value is missing, or `null` where there must be one.' },
    NOT_FOUND: { description: 'There is no such record in this tenant.' },
    CONFLICT: { description: 'A key belongs to another record, or keys belong to several.' },
    STALE_VERSION: { description: 'The record has changed since the version given as `ifVersion`.' },
  } as const,
});

export const UserErrorInterface = builder.interfaceRef<UserError>('UserError').implement({
  description: 'An expected failure that the caller can correct. `{ code message path }` is enough for most clients.',
  fields: (t) => ({
    code: t.expose('code', { type: UserErrorCode, description: 'What kind of failure it is.' }),
    message: t.exposeString('message', { description: 'One sentence that says what to do.' }),
    path: t.stringList({
      description: 'Path in the arguments, list positions as digits: `["input", "certifications", "0"]`.',
      resolve: ({ path }) => [...path],
    }),
  }),
});

builder.objectType(InvalidInputError, {
  name: 'InvalidInputError',
  isTypeOf: (error) => error instanceof InvalidInputError,
  description: 'A value is missing or breaks a rule.',
  interfaces: [UserErrorInterface],
  fields: (t) => ({
    validValues: t.stringList({
      nullable: true,
      description: 'The values that are accepted, where they are few.',
      resolve: ({ validValues }) => validValues && [...validValues],
    }),
  }),
});

builder.objectType(NotFoundError, {
  name: 'NotFoundError',
  isTypeOf: (error) => error instanceof NotFoundError,
  description: 'There is no such record; one of another tenant does not exist either.',
  interfaces: [UserErrorInterface],
});

builder.objectType(ConflictError, {
  name: 'ConflictError',
  isTypeOf: (error) => error instanceof ConflictError,
  description: 'Keys in the input already belong to records; nothing was written.',
  interfaces: [UserErrorInterface],
  fields: (t) => ({
    existing: t.field({
      type: [Node],
      description: 'The records collided with, each once.',
      resolve: ({ existing }, _, context, info) =>
        existing.map(async ({ type, row }) => asNode(type, await withRelations(type, row, context, info))),
    }),
    existingKeys: t.stringList({
      description: 'The input field that hit each of `existing`, in the same order: `externalId`.',
      resolve: ({ existing }) => existing.map(({ key }) => key),
    }),
  }),
});

builder.objectType(StaleVersionError, {
  name: 'StaleVersionError',
  isTypeOf: (error) => error instanceof StaleVersionError,
  description: 'Someone else has changed the record since it was read.',
  interfaces: [UserErrorInterface],
  fields: (t) => ({
    currentVersion: t.exposeInt('currentVersion', { description: 'The version that the record has now.' }),
  }),
});

export const Warning = builder.objectRef<WarningShape>('Warning').implement({
  description: 'Odd but accepted.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'What is odd, in one sentence.' }),
    path: t.stringList({ description: 'Path in the arguments, as in `UserError`.', resolve: ({ path }) => [...path] }),
  }),
});

export const UpsertOutcome = builder.enumType('UpsertOutcome', {
  description: 'What an upsert did.',
  values: {
    CREATED: { description: 'A new record was made.' },
    UPDATED: { description: 'The record found was changed.' },
    UNCHANGED: { description: 'The record found was already as the input says; nothing was written.' },
  } as const,
});

/** `userErrors` of a payload. */
export function userErrorsOf(answer: object): UserError[] {
  return answer instanceof Refused ? [...answer.userErrors] : [];
}

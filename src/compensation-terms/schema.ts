/** The tenant's compensation terms in the schema: on their own, and on every customer profile. */
import { batched } from '../batch.ts';
import { builder, type Context } from '../builder.ts';
import { orRefused, Refused } from '../errors.ts';
import type { CompensationTerms } from '../generated/prisma/client.ts';
import { describedEnum, inputFor, outputFields, stampFields } from '../schema-fields.ts';
import { assertScope, needsScope } from '../scopes.ts';
import { UserErrorInterface, userErrorsOf } from '../user-errors.ts';
import { compensationTermsFields, MASS_UNITS } from './input.ts';
import { patchCompensationTerms } from './operations.ts';

describedEnum('MassUnit', 'A unit of mass.', MASS_UNITS);

const CompensationTermsType = builder.objectRef<CompensationTerms>('CompensationTerms').implement({
  description:
    "Price and template contract of the tenant, set by its administrator; every customer's profile shows them.",
  fields: (t) => ({
    ...outputFields(t, compensationTermsFields),
    ...outputFields(t, { updatedAt: stampFields.updatedAt, version: stampFields.version }),
  }),
});

/** One statement for a list, however many of its profiles show the terms. */
const readTerms = batched<string, CompensationTerms>(
  async ({ db }, [tenantId = '']) => {
    const terms = await db.compensationTerms.findFirst({ where: { tenantId } });
    return new Map(terms === null ? [] : [[tenantId, terms]]);
  },
  (tenantId) => tenantId,
);

const termsOf = (context: Context) => readTerms(context, context.viewer.tenantId);

builder.queryField('compensationTerms', (t) =>
  t.field({
    type: CompensationTermsType,
    nullable: true,
    description: 'The terms of your tenant; `null` until an administrator has set them.',
    resolve: (_, __, context) => termsOf(context),
  }),
);

builder.prismaObjectFields('Co2Customer', (t) =>
  outputFields(
    t,
    compensationTermsFields,
    (name) => async (_, __, context) => (await termsOf(context))?.[name] ?? null,
  ),
);

const Payload = builder.objectRef<CompensationTerms | Refused>('PatchCompensationTermsPayload').implement({
  description: 'What patching the terms did.',
  fields: (t) => ({
    compensationTerms: t.field({
      type: CompensationTermsType,
      nullable: true,
      description: 'The terms after the write; `null` when it was refused.',
      resolve: (answer) => (answer instanceof Refused ? null : answer),
    }),
    userErrors: t.field({
      type: [UserErrorInterface],
      description: 'What the caller can put right, all at once. When there is any, nothing was written.',
      resolve: userErrorsOf,
    }),
  }),
});

builder.mutationField('patchCompensationTerms', (t) =>
  t.field({
    ...needsScope('admin'),
    type: Payload,
    description:
      "Changes the fields given of your tenant's terms, and makes them when there are none. Needs the scope `admin` as well.",
    args: {
      patch: t.arg({
        type: inputFor('patch', 'CompensationTermsPatch', compensationTermsFields),
        required: true,
        description: 'What to change.',
      }),
      ifVersion: t.arg.int({
        description:
          'Refuse the write with STALE_VERSION unless the terms are at this version; 0 while there are none.',
      }),
    },
    resolve(_, { patch, ifVersion }, context, info) {
      assertScope(context.viewer, info);
      return orRefused(patchCompensationTerms(context, patch, ifVersion));
    },
  }),
);

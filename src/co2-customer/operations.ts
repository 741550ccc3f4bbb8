/** Writes to customers: what is theirs alone; how a write goes is `write/operations.ts`. */
import { isDeepStrictEqual } from 'node:util';
import type { Transaction } from '../database/client.ts';
import { unlinkContracts } from '../energy-contract/operations.ts';
import { InvalidInputError } from '../errors.ts';
import type { Co2Customer } from '../generated/prisma/client.ts';
import { type Link, missingLinks } from '../write/links.ts';
import { RecordOperations } from '../write/operations.ts';
import { type Draft, type Manner, stamp } from '../write/record.ts';
import {
  type Co2CustomerValues,
  co2CustomerFields,
  co2CustomerWarnings,
  type ExternalReference,
  emailKey,
  MAX_REFERENCES,
  organizationNumberKey,
} from './input.ts';
import { co2CustomerKeys } from './keys.ts';

/** A customer's row with its references, in their order. */
export type Co2CustomerRow = Omit<Co2Customer, keyof Co2CustomerValues> & Co2CustomerValues;

const withReferences = {
  externalReferences: { orderBy: { position: 'asc' }, select: { reference: true, name: true } },
} as const;

/** Upsert, patch and delete customers. An upsert adds references, and never removes one. */
export const customers = new RecordOperations<typeof co2CustomerFields, Co2CustomerRow>({
  name: 'Co2Customer',
  noun: 'customer',
  idField: 'customerId',
  fields: co2CustomerFields,
  rowFields: { externalReferences: writeReferences },
  keys: co2CustomerKeys,
  async check(transaction, draft, path) {
    const { companyId } = draft.given;
    const links: Link[] = [{ field: 'companyId', noun: 'company', id: companyId }];
    return [...(await tooManyReferences(transaction, draft, path)), ...(await missingLinks(transaction, links, path))];
  },
  warnings: co2CustomerWarnings,
  values: (customer) => customer,
  find: async ({ co2Customer, tenantId }, where) =>
    (await co2Customer.findMany({
      where: { ...where, tenantId },
      include: withReferences,
      orderBy: { id: 'asc' },
    })) as Co2CustomerRow[],
  create: async ({ co2Customer, tenantId }, id, values) =>
    (await co2Customer.create({
      data: {
        ...values,
        ...keyColumns(values),
        emailKey: emailKey(values.email),
        id,
        tenantId,
        externalReferences: {},
      },
      include: withReferences,
    })) as Co2CustomerRow,
  update: async ({ co2Customer, tenantId }, { id }, changed, stamp) => {
    const { externalReferences: _, ...columns } = changed;
    return (await co2Customer.update({
      where: { tenantId_id: { tenantId, id } },
      data: { ...columns, ...keyColumns(changed), ...stamp },
      include: withReferences,
    })) as Co2CustomerRow;
  },
  async delete(transaction, { id }) {
    const { co2Customer, tenantId } = transaction;
    await unlinkContracts(transaction, { co2CustomerId: id });
    await co2Customer.delete({ where: { tenantId_id: { tenantId, id } } });
  },
});

/** The columns that the unique keys are on. */
function keyColumns({ email, organizationNumber }: Partial<Co2CustomerValues>) {
  return {
    ...(email !== undefined && { emailKey: emailKey(email) }),
    ...(organizationNumber !== undefined && {
      organizationNumberKey: organizationNumber && organizationNumberKey(organizationNumber),
    }),
  };
}

/** What an upsert adds counts with what is there. */
async function tooManyReferences(
  transaction: Transaction,
  { manner, id, given }: Draft<typeof co2CustomerFields>,
  path: readonly string[],
): Promise<InvalidInputError[]> {
  if (manner !== 'upsert' || id === undefined || given.externalReferences === undefined) return [];
  const merged = mergeReferences(await readReferences(transaction, id), given.externalReferences);
  if (merged.length <= MAX_REFERENCES) return [];
  const message = `A customer has at most ${MAX_REFERENCES} references; with these it would have ${merged.length}.`;
  return [new InvalidInputError([...path, 'externalReferences'], message)];
}

function readReferences(
  { externalReference, tenantId }: Transaction,
  customerId: string,
): Promise<ExternalReference[]> {
  const select = { reference: true, name: true };
  return externalReference.findMany({ where: { tenantId, customerId }, orderBy: { position: 'asc' }, select });
}

/** A patch replaces the list; an upsert adds to it, and refreshes the names that it gives. */
async function writeReferences(
  transaction: Transaction,
  customerId: string,
  given: readonly ExternalReference[],
  manner: Manner,
): Promise<boolean> {
  const { externalReference, tenantId } = transaction;
  const where = { tenantId, customerId };
  const before = await readReferences(transaction, customerId);
  const after = manner === 'upsert' ? mergeReferences(before, given) : given;
  if (isDeepStrictEqual(before, after)) return false;
  await externalReference.deleteMany({ where });
  await externalReference.createMany({
    data: after.map((reference, position) => ({ ...reference, ...where, position })),
  });
  return true;
}

function mergeReferences(
  before: readonly ExternalReference[],
  given: readonly ExternalReference[],
): ExternalReference[] {
  const merged = new Map(before.map((reference) => [reference.reference, reference]));
  for (const { reference, name } of given)
    merged.set(reference, { reference, name: name ?? merged.get(reference)?.name ?? null });
  return [...merged.values()];
}

/** Takes the link to a company from its customers, who stay. Counts as a change of each. */
export async function unlinkCustomers({ co2Customer, tenantId }: Transaction, companyId: string): Promise<void> {
  await co2Customer.updateMany({ where: { tenantId, companyId }, data: { companyId: null, ...stamp() } });
}
